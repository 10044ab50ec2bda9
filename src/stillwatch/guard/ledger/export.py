"""The ledger as a file that can be checked without anybody's help: JSON Lines, readable by people.

The first line names the log and its public keys. Then come the leaves in order, each with its number and its hash, and
every checkpoint with its cosignatures right behind its last leaf::

    {"ledger":"stillwatch-ledger/1","origin":"forum.example/ledger","key":"forum.example/ledger+…","witnesses":["…"]}
    {"index":0,"hash":"…","leaf":{"actor":"member-1", …}}
    {"checkpoint":"forum.example/ledger\\n1\\n…\\n\\n— forum.example/ledger …\\n— member-2.example/witness …\\n"}

The hash beside a leaf proves nothing; it is there so that a changed leaf can be named by its number. Each line has one
spelling (keys as above, no spaces), so that no two readers can see two things in it.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from stillwatch.guard.ledger.checkpoints import Checkpoint
from stillwatch.guard.ledger.hashing import leaf_hash
from stillwatch.guard.ledger.keys import VerifierKey

#: No line of an export is longer; a reader may stop there.
MAX_LINE_BYTES = 4_000_000


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose ledger this is. What it says of keys is the file's own word."""

    ledger: Literal["stillwatch-ledger/1"] = "stillwatch-ledger/1"
    origin: str
    key: str
    witnesses: tuple[str, ...] = ()


class LeafLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``hash`` in hex; ``leaf`` holds the very bytes that were hashed."""

    index: int
    hash: str
    leaf: msgspec.Raw


class CheckpointLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``checkpoint`` is the whole note, cosignatures and all."""

    checkpoint: str


Line = Header | LeafLine | CheckpointLine

_DECODERS: tuple[tuple[bytes, msgspec.json.Decoder[Line]], ...] = (
    (b'{"index":', msgspec.json.Decoder(LeafLine)),
    (b'{"checkpoint":', msgspec.json.Decoder(CheckpointLine)),
    (b'{"ledger":', msgspec.json.Decoder(Header)),
)
_encode = msgspec.json.Encoder().encode


class LineError(ValueError):
    """This is no line of an export; the message says why."""


def export(
    key: VerifierKey, leaves: Iterable[bytes], checkpoints: Iterable[Checkpoint], witnesses: Iterable[VerifierKey] = ()
) -> Iterator[bytes]:
    """The lines of an export, each with its newline. ``checkpoints`` must come in order of size."""
    yield _encode(Header(origin=key.name, key=str(key), witnesses=tuple(str(each) for each in witnesses))) + b"\n"
    coming = iter(checkpoints)
    following = next(coming, None)
    for index, leaf in enumerate(leaves):
        while following is not None and following.size <= index:
            yield checkpoint_line(following)
            following = next(coming, None)
        yield leaf_line(index, leaf)
    while following is not None:
        yield checkpoint_line(following)
        following = next(coming, None)


def leaf_line(index: int, leaf: bytes) -> bytes:
    return _encode(LeafLine(index, leaf_hash(leaf).hex(), msgspec.Raw(leaf))) + b"\n"


def checkpoint_line(checkpoint: Checkpoint) -> bytes:
    return _encode(CheckpointLine(str(checkpoint))) + b"\n"


def read(line: bytes) -> Line:
    """Raises ``LineError``."""
    line = line.rstrip(b"\r\n")
    if len(line) > MAX_LINE_BYTES:
        raise LineError("it is longer than any line of a ledger")
    for start, decoder in _DECODERS:
        if line.startswith(start):
            try:
                read = decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise LineError(str(error)) from error
            # Two readers could see two things in a line with, say, one key twice.
            if _encode(read) != line:
                raise LineError("it is not spelt as the ledger writes it: was the file edited or reformatted?")
            return read
    raise LineError("it is neither a leaf nor a checkpoint")
