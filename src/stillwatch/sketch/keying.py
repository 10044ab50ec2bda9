"""The provider's own key, under which everything that a sketch keeps of words and names is written (ADR 0006).

Two needs pull apart. Whoever steals a sketch table must not be able to search it: so no public hash is ever stored.
And two members that saw the same template must later be able to match it without text: so the owner of the key must be
able to get the few public hashes of a finding back, to put them through the forum's oblivious function. A keyed
*permutation* of 64-bit values does both; a keyed one-way function would do only the first.

The permutation is a balanced Feistel network over two halves of 32 bits with AES-256 as its round function and seven
rounds. For halves of ``n`` bits it can't be told from a random permutation by chosen plaintexts with fewer than about
2**n queries from five rounds on, nor by chosen plaintexts and ciphertexts from six (Patarin, "Security of Random
Feistel Schemes with 5 or More Rounds", CRYPTO 2004; an earlier proof needed seven: "Luby-Rackoff: 7 Rounds Are Enough
for 2^n(1-eps) Security", CRYPTO 2003). Four rounds would stop at 2**16 values, which an hour of traffic exceeds.

0 means "absent" everywhere and stays 0: should another value come out as 0, it takes the place that 0 would have had,
so the rest is still a permutation.
"""

from hashlib import blake2b
from typing import Final, final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR, ECB
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from stillwatch.errors import UsageError
from stillwatch.sketch.kernels import I64, U8, U64

KEY_BYTES: Final = 32
ROUNDS: Final = 7
#: Values sealed at once: their blocks stay in the processor's cache.
_CHUNK: Final = 16_384
_BLOCK: Final = 16
_HALF = np.dtype("<u4")


@final
class SketchKey:
    """32 random bytes and what is derived from them, a sub-key for each purpose. Printing it never shows the key."""

    __slots__ = ("__secret", "check")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise UsageError(f"a sketch key is {KEY_BYTES} random bytes, not {len(secret)}")
        self.__secret = bytes(secret)
        #: A public name of the key (16 hexadecimal digits): a state folder says under which key it was written.
        self.check: Final[str] = self._derive("check", 8).hex()

    @classmethod
    def from_bytes(cls, secret: bytes) -> "SketchKey":
        """The key made of exactly these 32 bytes. They must come from a random source: a passphrase can be guessed."""
        return cls(secret)

    def __repr__(self) -> str:
        return f"SketchKey(check={self.check!r})"

    def seal(self, values: U64, domain: str) -> I64:
        """Public 64-bit hashes (any shape) as the numbers that may be stored. Another domain, other numbers."""
        cipher = self._rounds(f"seal:{domain}")
        return _without_zero(cipher, np.asarray(values, dtype=np.uint64), forward=True).view(np.int64)

    def unseal(self, sealed: I64, domain: str) -> U64:
        """The public hashes again: for the few fingerprints of a finding that the owner puts before the forum."""
        values = np.asarray(sealed, dtype=np.int64).view(np.uint64)
        return _without_zero(self._rounds(f"seal:{domain}"), values, forward=False)

    def identifiers(self, values: pa.Array, domain: str) -> pa.Array:
        """Keyed 64-bit numbers of names (accounts, addresses, models ...): Arrow int64, null where the name is null.

        One way: BLAKE2b (RFC 7693) with a key and 8 bytes of output, once for each distinct name. Never 0.
        """
        if pa.types.is_null(values.type):
            return pa.nulls(len(values), pa.int64())
        secret = self._derive(f"identifiers:{domain}", 32)
        encoded = pc.dictionary_encode(values)
        numbers = [_identifier(secret, name) for name in encoded.dictionary.to_pylist()]
        return pa.array(numbers, pa.int64()).take(encoded.indices)

    def table(self, domain: str, size: int) -> U8:
        """A secret table of independent random bytes: uint8[size], the same at every call with this key and domain."""
        stream = Cipher(AES(self._derive(f"table:{domain}", 32)), CTR(bytes(_BLOCK))).encryptor()
        return np.frombuffer(stream.update(bytes(size)), dtype=np.uint8)

    def _derive(self, purpose: str, size: int) -> bytes:
        """A sub-key that tells nothing of the key or of the others (HKDF, RFC 5869; the key is random, so no salt)."""
        info = f"stillwatch/sketch/1/{purpose}".encode()
        return HKDF(algorithm=SHA256(), length=size, salt=None, info=info).derive(self.__secret)

    def _rounds(self, purpose: str) -> CipherContext:
        # ECB here is no encryption of a message: one call evaluates the block cipher at many points, each used alone.
        return Cipher(AES(self._derive(purpose, 32)), ECB()).encryptor()  # noqa: S305


def _identifier(secret: bytes, name: str) -> int:
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8, key=secret).digest()
    return int.from_bytes(digest, "little", signed=True) or 1


def _without_zero(cipher: CipherContext, values: U64, *, forward: bool) -> U64:
    flat = np.ascontiguousarray(values).reshape(-1)
    out = np.empty_like(flat)
    for start in range(0, flat.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        out[part] = _permuted(cipher, flat[part], forward=forward)
    moved = out == 0
    if moved.any():
        out[moved] = _permuted(cipher, np.zeros(1, dtype=np.uint64), forward=forward)[0]
    out[flat == 0] = 0
    return out.reshape(values.shape)


def _permuted(cipher: CipherContext, values: U64, *, forward: bool) -> U64:
    """The Feistel network over the two halves of each value: ``left, right = right, left ^ F(round, right)``."""
    count = values.size
    blocks = np.zeros((count, 4), dtype=_HALF)  # half | round | 0 | 0
    cipher_out = np.empty(count * _BLOCK + _BLOCK - 1, dtype=np.uint8)  # update_into asks for a block's slack
    left, right = (values >> np.uint64(32)).astype(_HALF), values.astype(_HALF)
    if not forward:
        left, right = right, left
    for number in range(ROUNDS) if forward else reversed(range(ROUNDS)):
        blocks[:, 0] = right
        blocks[:, 1] = number
        cipher.update_into(blocks.data.cast("B"), cipher_out.data)
        left ^= cipher_out[: count * _BLOCK].view(_HALF)[::4]
        left, right = right, left
    if not forward:
        left, right = right, left
    joined: U64 = (left.astype(np.uint64) << np.uint64(32)) | right.astype(np.uint64)
    return joined
