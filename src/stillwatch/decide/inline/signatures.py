"""Opaque reasoning signatures: to whom each was issued, and whether it is shown where it belongs.

Some interfaces hand the model's reasoning to the caller as an opaque token, to be sent back with the next turn. It
belongs to one session of one account. Shown elsewhere it makes a model go on from reasoning that is not its own
(DOMAIN section 2, row 21). Who shows a signature that we issued to somebody else holds a copy: chance does not make
one. So this is the nearest thing to certainty that a single request can show.

**What is remembered** of a signature that the gateway sees issued: keyed hashes (BLAKE2b, RFC 7693) of the signature,
account, organisation, model, and of four places of the conversation around it. No word can be had back.

**What a session is.** These interfaces have no session id: the session is what stands before the signature. Ordinary
clients drop old turns, put a summary in their place, refresh the system prompt, shorten old results of tools, take
reminders out again that they had put in, and keep only the beginning of an answer that was interrupted. None of this
is an edit here. What must stay is the turn that the signature answers, and the words that followed it.

What is not known stays silent: a signature that was never seen issued, or forgotten since, is no sign at all.
"""

import struct
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from typing import Protocol

import msgspec

#: Bytes of a turn without spaces below which it says too little to name a session: "continue", "yes, do it".
TELLING = 24
#: An answer that was interrupted is known again by its beginnings of so many bytes.
BEGINNINGS = (
    1, 2, 4, 8, 12, 16, 24, *range(32, 1024, 32), *range(1024, 2048, 64), *range(2048, 4096, 128), 4096, 6144, 8192,
)  # fmt: skip
#: Of a longer text the head and the tail are hashed, half each.
LONGEST = 1 << 20
LONGEST_SIGNATURE = 1 << 18

#: Instead of a length: how the answer went on is not known.
UNKNOWN = 2**32 - 1

_SPACES = b" \t\n\r\x0b\x0c"
_LAYOUT = struct.Struct(f"<11QIIB{2 * len(BEGINNINGS)}s")


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Where a signature belongs. All but lengths and the flag are keyed hashes; 0 is "not known" or "nothing there".

    question     the words it answers; ``plain`` the same without blocks in tags, which clients put in and take out
    calls        ids of the tool calls whose results it answers; ``results`` what these said, ``results_length`` bytes
    before       the model's turn before that; ``opening`` the first words of the conversation
    following    words and calls after it in its message, ``following_length`` bytes; ``beginnings``: the first of them
    witnessed    this gateway saw it issued; else it only saw who showed it first
    """

    account: int
    organization: int
    asked: int
    answered: int
    question: int = 0
    plain: int = 0
    calls: int = 0
    results: int = 0
    before: int = 0
    opening: int = 0
    following: int = 0
    results_length: int = 0
    following_length: int = 0
    witnessed: bool = True
    beginnings: bytes = bytes(2 * len(BEGINNINGS))

    def packed(self) -> bytes:
        """As ``PACKED`` bytes, for a store."""
        return _LAYOUT.pack(
            self.account, self.organization, self.asked, self.answered, self.question, self.plain, self.calls,
            self.results, self.before, self.opening, self.following, self.results_length, self.following_length,
            self.witnessed, self.beginnings,
        )  # fmt: skip

    @classmethod
    def unpacked(cls, data: bytes) -> "Origin":
        """From the bytes that ``packed`` gave."""
        values = _LAYOUT.unpack(data)
        fields = [*values[:13], bool(values[13]), values[14]]
        return cls(*fields)


#: Bytes of a packed origin.
PACKED = _LAYOUT.size


class Memory(Protocol):
    """Where origins are kept: a store of fixed size that forgets the oldest. Keys are 16 bytes, never all zero."""

    def get(self, key: bytes) -> Origin | None:
        """The origin, or ``None``: never seen, or forgotten."""

    def put(self, key: bytes, origin: Origin) -> None:
        """Remember it. An origin that was witnessed is never replaced by one that was not."""


class RecentSignatures:
    """Memory of one process: the last ``most`` origins that were witnessed, and a quarter as many that were not.

    The two are kept apart, so that a caller who shows signatures of its own making can't push out real ones.
    """

    def __init__(self, most: int = 100_000) -> None:
        self._issued: OrderedDict[bytes, bytes] = OrderedDict()
        self._shown: OrderedDict[bytes, bytes] = OrderedDict()
        self._most = most

    def __len__(self) -> int:
        return len(self._issued) + len(self._shown)

    def get(self, key: bytes) -> Origin | None:
        packed = self._issued.get(key) or self._shown.get(key)
        return None if packed is None else Origin.unpacked(packed)

    def put(self, key: bytes, origin: Origin) -> None:
        kept, most = (self._issued, self._most) if origin.witnessed else (self._shown, self._most // 4)
        kept[key] = origin.packed()
        kept.move_to_end(key)
        if len(kept) > max(most, 1):
            kept.popitem(last=False)


class Hasher:
    """Keyed hashes for one gateway fleet. The secret never leaves it; another secret shares nothing."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("the secret of inline rules is at least 16 random bytes")
        self._keys = {purpose: blake2b(secret, person=purpose).digest() for purpose in (b"sign", b"name", b"text")}

    def signature(self, value: str) -> bytes:
        """The key of a signature in the memory: 16 bytes."""
        if len(value) > LONGEST_SIGNATURE:
            value = f"{value[: LONGEST_SIGNATURE // 2]}{value[-LONGEST_SIGNATURE // 2 :]}{len(value)}"
        return blake2b(value.encode("utf-8", "replace"), digest_size=16, key=self._keys[b"sign"]).digest()

    def name(self, value: str | int | None) -> int:
        """The number of an account, organisation or model; 0 for ``None``."""
        return 0 if value is None else self._number(b"name", str(value).encode("utf-8", "replace"))

    def words(self, text: bytes) -> int:
        """The number of a text without spaces; 0 for an empty one."""
        return self._number(b"text", _within(text)) if text else 0

    def beginnings(self, text: bytes) -> bytes:
        """Two bytes for each rung of ``BEGINNINGS`` that the text reaches; 0 beyond."""
        rungs = b"".join(self.beginning(text, at) for at in range(bisect_right(BEGINNINGS, len(text))))
        return rungs.ljust(2 * len(BEGINNINGS), b"\0")

    def beginning(self, text: bytes, rung: int) -> bytes:
        """Two bytes for the first ``BEGINNINGS[rung]`` bytes."""
        return blake2b(text[: BEGINNINGS[rung]], digest_size=2, key=self._keys[b"text"]).digest()

    def _number(self, purpose: bytes, data: bytes) -> int:
        return int.from_bytes(blake2b(data, digest_size=8, key=self._keys[purpose]).digest(), "little") or 1


def _within(text: bytes) -> bytes:
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST // 2] + text[-LONGEST // 2 :] + len(text).to_bytes(8, "little")


def packed_words(texts: Sequence[str]) -> bytes:
    """All texts as bytes without white space: what stays the same when a client sends a turn back in another form."""
    return "".join(texts).encode("utf-8", "replace").translate(None, _SPACES)
