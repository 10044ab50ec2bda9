"""Named Ed25519 keys as C2SP signed notes use them, and the two signatures that a ledger knows.

A *log key* (type 1) signs checkpoints. A *witness key* (type 4) cosigns them with a time. Public keys are written as
``NAME+ID+BASE64``, private ones as ``PRIVATE+KEY+NAME+ID+BASE64``; both name their type, so that neither can be taken
for the other. Sources: C2SP signed-note (key ids, verifier keys), C2SP tlog-cosignature (the signed message of type 4,
``cosignature/v1``), Go's golang.org/x/mod/sumdb/note (the written private key).
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from stillwatch.errors import UsageError

#: The signature type bytes of C2SP signed-note.
KeyType = Literal[1, 4]
LOG_KEY: KeyType = 1
WITNESS_KEY: KeyType = 4

ID_BYTES = 4
_SIGNATURE_BYTES = 64
_TIME_BYTES = 8
_PRIVATE = "PRIVATE+KEY+"
#: A name: no space of any alphabet, no plus, no control character; and no longer than a line should be.
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f-\x9f]{1,255}")
_ENCODED = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")


def base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes | None:
    """The bytes, or ``None`` where ``text`` is not exactly how they are written (a signature has one spelling)."""
    try:
        data = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return None
    return data if base64(data) == text else None


@dataclass(frozen=True)
class VerifierKey:
    """A public key under a name. ``public`` is 32 bytes (RFC 8032)."""

    name: str
    type: KeyType
    public: bytes

    @cached_property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart. No proof of anything: ids are easily made to collide."""
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:ID_BYTES]

    @cached_property
    def _ed25519(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64(bytes([self.type]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Raises ``UsageError`` for anything that is not a public log or witness key."""
        name, type_, public, key_id = _parsed(text)
        try:
            Ed25519PublicKey.from_public_bytes(public)
        except ValueError as error:
            raise UsageError(f"the key of {name} is no Ed25519 key") from error
        key = cls(name, type_, public)
        if key.id != key_id:
            raise UsageError(f"the key of {name} does not match its own id: was it copied in full?")
        return key

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether ``signature`` (without the key id) is this key's, over a note's text."""
        if self.type == WITNESS_KEY:
            if len(signature) != _TIME_BYTES + _SIGNATURE_BYTES:
                return False
            time = int.from_bytes(signature[:_TIME_BYTES], "big")
            if time >= 1 << 63:
                return False
            message, signature = _cosigned(text, time), signature[_TIME_BYTES:]
        else:
            message = text.encode()
        try:
            self._ed25519.verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key under a name. Never printed: its ``repr`` shows the public half only."""

    key: VerifierKey
    _private: Ed25519PrivateKey

    @classmethod
    def of(cls, name: str, type_: KeyType, seed: bytes) -> "Signer":
        """A key from 32 secret bytes (``secrets.token_bytes(32)`` at the door: rooms draw nothing)."""
        if _NAME.fullmatch(name) is None:
            raise UsageError(
                f"{name!r} can't name a key: a name has no spaces and no plus sign, as in example.org/forum"
            )
        if len(seed) != 32:
            raise UsageError(f"an Ed25519 key is made from 32 bytes, not {len(seed)}")
        private = Ed25519PrivateKey.from_private_bytes(seed)
        return cls(VerifierKey(name, type_, private.public_key().public_bytes_raw()), private)

    @classmethod
    def parse(cls, text: str) -> "Signer":
        """The opposite of ``secret``. Raises ``UsageError``, which never shows what was given."""
        if not text.startswith(_PRIVATE):
            raise UsageError("this is no private key: it should begin with PRIVATE+KEY+")
        name, type_, seed, key_id = _parsed(text.removeprefix(_PRIVATE))
        signer = cls.of(name, type_, seed)
        if signer.key.id != key_id:
            raise UsageError(f"the private key of {name} does not match its own id: was it copied in full?")
        return signer

    @property
    def secret(self) -> str:
        """The private key as one line of text. For the key file alone."""
        seed = self._private.private_bytes_raw()
        return f"{_PRIVATE}{self.key.name}+{self.key.id.hex()}+{base64(bytes([self.key.type]) + seed)}"

    def __repr__(self) -> str:
        return f"Signer({self.key})"

    def sign(self, text: str) -> bytes:
        """A log key's signature of a note's text (which ends in a newline)."""
        if self.key.type != LOG_KEY:
            raise UsageError(f"{self.key.name} is a witness key: it cosigns, with a time")
        return self._private.sign(text.encode())

    def cosign(self, text: str, time: int) -> bytes:
        """A witness key's signature, with the second (POSIX) at which it was given."""
        if self.key.type != WITNESS_KEY:
            raise UsageError(f"{self.key.name} is a log key: it does not cosign")
        return time.to_bytes(_TIME_BYTES, "big") + self._private.sign(_cosigned(text, time))


def cosigned_at(signature: bytes) -> int:
    """The POSIX second inside a cosignature (without the key id)."""
    return int.from_bytes(signature[:_TIME_BYTES], "big")


def _cosigned(text: str, time: int) -> bytes:
    """What a witness signs. The header line keeps it apart from all that a log key signs (domain separation)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _parsed(text: str) -> tuple[str, KeyType, bytes, bytes]:
    """Name, type, 32 bytes of key material and written id of a key."""
    match = _ENCODED.fullmatch(text.strip())
    data = from_base64(match[3]) if match else None
    if match is None or not data or _NAME.fullmatch(match[1]) is None:
        raise UsageError("this is no key: it should read NAME+ID+BASE64")
    if len(data) != 33 or data[0] not in (LOG_KEY, WITNESS_KEY):
        raise UsageError(f"the key of {match[1]} is of a type that is not known here (Ed25519 log or witness keys are)")
    return match[1], LOG_KEY if data[0] == LOG_KEY else WITNESS_KEY, data[1:], bytes.fromhex(match[2])
