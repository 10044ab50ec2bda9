"""What the parties say to each other: compact binary (MessagePack arrays), items as columns of fixed width.

A column is cut by its width, so that 10,000 points cost 320,000 bytes and a handful more. ``kind`` is the identifier
type; ``since`` names the old epoch when evaluations are moved to a new key, and is empty otherwise. Nothing here says
who sends: each holder knows that from the credential it checked itself.
"""

from hashlib import sha256
from typing import TypeVar

import msgspec

from stillwatch.match.faults import MalformedError

#: Widths of the columns, in bytes.
POINT, LABEL, SHARE, NONCE, EVIDENCE, SEALED = 32, 16, 32, 12, 16, 39
#: Items in one session; the position of an item in a proof has two bytes.
MOST = 2**16 - 1
_ID = 16


class _Message(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Every message names its session: 16 bytes that the member chose, which it never uses again."""

    session: bytes

    def __post_init__(self) -> None:
        if len(self.session) != _ID:
            raise MalformedError(f"a session id has {_ID} bytes")


class Evaluate(_Message, frozen=True, tag="evaluate"):
    """Member to either holder: multiply each of these points by your key. ``consent`` is the digest of the epoch."""

    epoch: str
    kind: str
    since: str
    consent: bytes
    points: bytes
    audit: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        _column(self.points, POINT)

    @property
    def units(self) -> int:
        """What it costs of the budget: one for each point."""
        return len(self.points) // POINT


class Check(_Message, frozen=True, tag="check"):
    """Member to either holder: multiply the weighted sum too, and prove it. It costs one unit of the budget."""

    epoch: str
    kind: str
    since: str
    point: bytes

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.point) != POINT:
            raise MalformedError(f"a point has {POINT} bytes")

    @property
    def units(self) -> int:
        """What it costs of the budget."""
        return 1


class Receipt(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Where the holder's ledger holds the commitment to a request: the log's origin, the leaf's index, the digest."""

    origin: str
    index: int
    digest: bytes


class Evaluated(_Message, frozen=True, tag="evaluated"):
    """The evaluations in the order of the points; ``proof`` is empty unless an audit was asked for."""

    points: bytes
    receipt: Receipt
    proof: bytes = b""


class Checked(_Message, frozen=True, tag="checked"):
    """The weighted sum, multiplied, with its proof."""

    point: bytes
    receipt: Receipt
    proof: bytes


class Upload(_Message, frozen=True, tag="upload"):
    """Member to forum: what it holds, as columns that say nothing about the identifiers below the threshold."""

    epoch: str
    kind: str
    labels: bytes
    shares: bytes
    nonces: bytes
    evidence: bytes
    sealed: bytes

    def __post_init__(self) -> None:
        super().__post_init__()
        counts = {
            _column(self.labels, LABEL),
            _column(self.shares, SHARE),
            _column(self.nonces, NONCE),
            _column(self.evidence, EVIDENCE),
            _column(self.sealed, SEALED),
        }
        if len(counts) != 1:
            raise MalformedError("the columns of an upload differ in length")


class Uploaded(_Message, frozen=True, tag="uploaded"):
    """The forum holds so many rows of this session."""

    rows: int


class Ask(_Message, frozen=True, tag="ask"):
    """Member to forum: which labels of mine have reached the threshold? May be asked again, for nothing."""

    epoch: str
    kind: str


class Found(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """One label at or above the threshold: how many members hold it (0: two, 1: three to five, 2: six or more, the
    asker counted), and over the *others* the buckets of accounts and exchanges (0..9, powers of ten) and the first and
    last day (days since 1970-01-01)."""

    label: bytes
    members: int
    accounts: int
    exchanges: int
    first: int
    last: int

    def __post_init__(self) -> None:
        told = 0 <= self.members <= 2 and 0 <= self.accounts <= 9 and 0 <= self.exchanges <= 9
        if len(self.label) != LABEL or not told or not 0 <= self.first <= self.last < 2**16:
            raise MalformedError("what is said of a label has steps, buckets and days that can't be")


class Answers(_Message, frozen=True, tag="answers"):
    """All labels of the asker that are open, in no order that says anything."""

    epoch: str
    kind: str
    found: tuple[Found, ...]


class Refused(_Message, frozen=True, tag="refused"):
    """A party will not; ``code`` for programs, ``why`` for the person who can mend it."""

    code: str
    why: str


Request = Evaluate | Check | Upload | Ask
Reply = Evaluated | Checked | Uploaded | Answers | Refused
_R = TypeVar("_R", bound=_Message)

_ENCODER = msgspec.msgpack.Encoder()
_REQUESTS = msgspec.msgpack.Decoder(Request)
_REPLIES = msgspec.msgpack.Decoder(Reply)


def encode(message: Request | Reply) -> bytes:
    """The bytes of a message: the same message has the same bytes, so a digest may stand for it."""
    return _ENCODER.encode(message)


def request(body: bytes) -> Request:
    """What a member asks. ``MalformedError`` for anything else."""
    try:
        asked: Request = _REQUESTS.decode(body)
        return asked
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"not a request of private matching: {error}") from error


def reply(body: bytes) -> Reply:
    """What a holder answers. ``MalformedError`` for anything else."""
    try:
        said: Reply = _REPLIES.decode(body)
        return said
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"not a reply of private matching: {error}") from error


def commitment(asked: Evaluate | Check) -> bytes:
    """32 bytes that stand for a request: what the holder writes into its ledger before it answers."""
    return sha256(b"stillwatch match batch v1" + encode(asked)).digest()


def _column(data: bytes, width: int) -> int:
    """How many items a column holds. ``MalformedError`` for none, for too many, for a length that does not divide."""
    count, rest = divmod(len(data), width)
    if rest or not 0 < count <= MOST:
        raise MalformedError(f"a column of {len(data)} bytes is not 1 to {MOST} items of {width} bytes")
    return count
