"""Does an exported ledger hold, and if not, where? Everything is computed anew; nothing in the file is believed.

The argument, in order:

1. every leaf is of a known kind, in its one spelling, in its place, and matches the hash beside it;
2. the tree over the leaves has, at the size of each checkpoint, the root that the checkpoint signs;
3. each checkpoint is of this log and signed by its key; no two of one size differ (a split view);
4. what the reader holds from elsewhere (an earlier checkpoint) lies in this log: otherwise the log was cut short, is an
   old copy, or tells this reader another story;
5. enough witnesses cosigned the newest checkpoint, where the reader asks for a quorum.

What it can't show: that the log holds everything that happened, and, without a checkpoint from elsewhere and without
witnesses, that nobody is shown another log or a longer one.

One pass in order of the file, in memory that grows with the logarithm of the leaves.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from stillwatch.errors import UsageError
from stillwatch.guard.ledger.checkpoints import Checkpoint, NoteError
from stillwatch.guard.ledger.export import CheckpointLine, Header, LeafLine, LineError, read
from stillwatch.guard.ledger.hashing import leaf_hash
from stillwatch.guard.ledger.keys import LOG_KEY, WITNESS_KEY, VerifierKey
from stillwatch.guard.ledger.leaves import LeafError, decode
from stillwatch.guard.ledger.tree import Frontier

#: More faults are counted but not told: the file may be hostile.
MAX_FAULTS = 100
#: So many leaf hashes wait until they are put into the tree together.
_BATCH = 4096

Kind = Literal[
    "unreadable", "leaf", "rewritten", "order", "root", "truncated", "misplaced", "split-view", "origin", "signature",
    "held", "quorum", "unsigned",
]  # fmt: skip


@dataclass(frozen=True)
class Trust:
    """What the reader knows from elsewhere. Keys not given are taken from the file, and the report says so."""

    logs: tuple[VerifierKey, ...] = ()
    witnesses: tuple[VerifierKey, ...] = ()
    quorum: int | None = None
    #: Checkpoints of this log that the reader kept from before.
    held: tuple[Checkpoint, ...] = ()

    def __post_init__(self) -> None:
        if any(key.type != LOG_KEY for key in self.logs):
            raise UsageError("a witness key was given as the ledger's key")
        if any(key.type != WITNESS_KEY for key in self.witnesses):
            raise UsageError("a key that was given for a witness is no witness key")
        # The keys in the file are its maker's own: as many witnesses as anyone likes.
        if self.quorum is not None and not self.witnesses:
            raise UsageError("a quorum needs the keys of the witnesses that you trust (--witness-key)")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. ``leaves`` is the first and last leaf it may concern, ``line`` counts from 1."""

    kind: Kind
    text: str
    line: int | None = None
    leaves: tuple[int, int] | None = None


@dataclass(frozen=True)
class Report:
    """``notes`` are what a reader must know about a ledger that holds."""

    origin: str | None
    leaves: int
    kinds: dict[str, int]
    checkpoints: int
    newest: Checkpoint | None
    witnesses: tuple[str, ...]
    faults: tuple[Fault, ...]
    faults_in_all: int
    notes: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.faults


def verify(lines: Iterable[bytes], trust: Trust | None = None) -> Report:
    """Read an export (its lines, with or without newlines) and say what is wrong with it."""
    audit = _Audit(trust or Trust())
    for number, line in enumerate(lines, 1):
        audit.number = number
        audit.take(line)
    return audit.report()


def distinct_witnesses(
    checkpoint: Checkpoint, witnesses: Iterable[VerifierKey], logs: Iterable[VerifierKey]
) -> dict[bytes, str]:
    """Who cosigned, by public key: two names for one key are one witness, and the log's own key is none."""
    own = {log.public for log in logs}
    found, _ = checkpoint.signers(witnesses)
    return {key.public: key.name for key, _ in found if key.public not in own}


@dataclass
class _Audit:
    """The state of one reading."""

    trust: Trust
    number: int = 0
    header: Header | None = None
    count: int = 0
    frontier: Frontier = field(default_factory=Frontier)
    waiting: list[bytes] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    #: Up to how many leaves the tree was shown to be what the log signed.
    proved: int = 0
    #: How far the numbers in the file are ahead of the place where they stand.
    shift: int = 0
    #: Signed checkpoints that the leaves before them do not fit: size and line of each.
    unfitting: list[tuple[int, int]] = field(default_factory=list)
    seen: dict[int, bytes] = field(default_factory=dict)
    newest: Checkpoint | None = None
    checkpoints: int = 0
    faults: list[Fault] = field(default_factory=list)
    faults_in_all: int = 0

    def __post_init__(self) -> None:
        self.logs, self.witnesses = self.trust.logs, self.trust.witnesses
        self.held = sorted(self.trust.held, key=lambda checkpoint: checkpoint.size, reverse=True)

    def fault(self, kind: Kind, text: str, leaves: tuple[int, int] | None = None, line: int | None = None) -> None:
        self.faults_in_all += 1
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(kind, text, line or self.number, leaves))

    def take(self, data: bytes) -> None:
        try:
            line = read(data)
        except LineError as error:
            self.fault("unreadable", f"line {self.number} can't be read: {error}")
            return
        if self.number == 1 and not isinstance(line, Header):
            self.fault("unreadable", "the file does not begin with the line that names its log: its beginning is gone")
        match line:
            case Header():
                self.take_header(line)
            case LeafLine():
                self.take_leaf(line)
            case CheckpointLine():
                self.take_checkpoint(line)

    def take_header(self, header: Header) -> None:
        if self.header is not None or self.number > 1:
            self.fault("unreadable", f"line {self.number} names the log again: two exports were joined")
            return
        self.header = header
        try:
            own = VerifierKey.parse(header.key)
            witnesses = tuple(VerifierKey.parse(key) for key in header.witnesses)
            Trust((own,), witnesses)
        except UsageError as error:
            self.fault("unreadable", f"the file's first line holds a bad key: {error}")
            return
        self.logs, self.witnesses = self.logs or (own,), self.witnesses or witnesses
        if header.origin not in {log.name for log in self.logs}:
            names = " or ".join(sorted({log.name for log in self.logs}))
            self.fault("origin", f"wrong origin: this is the ledger {header.origin!r}, not {names!r}")

    def take_leaf(self, line: LeafLine) -> None:
        place, data = self.count, bytes(line.leaf)
        if line.index - place != self.shift:
            self.shift = line.index - place
            text = f"leaf {line.index} stands where leaf {place} belongs: leaves are missing, doubled or out of order"
            self.fault("order", text, (place, max(place, line.index)))
        try:
            self.kinds[str(type(decode(data)).__struct_config__.tag)] += 1
        except LeafError as error:
            self.fault("leaf", f"leaf {place} is no leaf of this ledger: {error}", (place, place))
        found = leaf_hash(data)
        if found.hex() != line.hash:
            self.fault("rewritten", f"leaf {place} was rewritten: it does not match the hash beside it", (place, place))
            found = self.recorded(line.hash, found)
        self.waiting.append(found)
        self.count += 1
        if len(self.waiting) == _BATCH:
            self.grown()
        while self.held and self.held[-1].size <= self.count:
            self.compare_held(self.held.pop())

    @staticmethod
    def recorded(text: str, found: bytes) -> bytes:
        """The hash as the file records it: if the tree then fits, the named leaves are all that was changed."""
        try:
            return bytes.fromhex(text) if len(text) == 2 * len(found) else found
        except ValueError:
            return found

    def grown(self) -> Frontier:
        self.frontier, self.waiting = self.frontier.extended(self.waiting)[0], []
        return self.frontier

    def take_checkpoint(self, line: CheckpointLine) -> None:
        self.checkpoints += 1
        try:
            checkpoint = Checkpoint.parse(line.checkpoint)
        except NoteError as error:
            self.fault("signature", f"line {self.number} holds no checkpoint: {error}")
            return
        if not self.genuine(checkpoint):
            return
        if self.seen.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            text = f"split view: the log signed two checkpoints of {checkpoint.size} leaves with different roots"
            self.fault("split-view", text)
        elif self.stands_in_place(checkpoint) and self.fits(checkpoint):
            self.proved, self.newest = checkpoint.size, checkpoint

    def genuine(self, checkpoint: Checkpoint) -> bool:
        fault = checkpoint.fault(*self.logs)
        if fault is not None:
            kind: Kind = "origin" if fault.startswith("wrong origin") else "signature"
            self.fault(kind, f"line {self.number}, checkpoint of {checkpoint.size} leaves: {fault}")
        _, forged = checkpoint.signers(self.witnesses)
        for text in forged:
            self.fault("signature", f"line {self.number}, checkpoint of {checkpoint.size} leaves: {text}")
        return fault is None and not forged

    def stands_in_place(self, checkpoint: Checkpoint) -> bool:
        if checkpoint.size == self.count:
            return True
        known = f"a checkpoint of {checkpoint.size} leaves stands behind {self.count} leaves"
        if checkpoint.size > self.count:
            gone = checkpoint.size - self.count
            text = f"{known}: {gone} of the leaves from {self.proved} on were cut out before it"
            self.fault("truncated", text, (self.proved, checkpoint.size - 1))
        else:
            text = f"{known}: an old checkpoint was replayed, or leaves from {self.proved} on were inserted before it"
            self.fault("misplaced", text, (min(self.proved, checkpoint.size), max(self.count - 1, 0)))
        return False

    def fits(self, checkpoint: Checkpoint) -> bool:
        if self.grown().head.root != checkpoint.root:
            self.unfitting.append((checkpoint.size, self.number))
            return False
        # The leaves are what the log signed here, and so are those before: then it once signed something else.
        for size, line in self.unfitting:
            text = f"split view: the log signed a checkpoint of {size} leaves that contradicts one of {checkpoint.size}"
            self.fault("split-view", text, line=line)
        self.unfitting.clear()
        return True

    def somewhere(self, what: str, size: int) -> tuple[str, tuple[int, int]]:
        first, last = self.proved, max(size - 1, self.proved)
        place = f"leaf {first} was" if first == last else f"one or more of the leaves {first} to {last} were"
        return (
            f"the first {size} leaves do not have {what}: {place} rewritten, inserted, dropped or moved",
            (first, last),
        )

    def compare_held(self, held: Checkpoint) -> None:
        """Is what the reader kept from before a beginning of this log? (``held`` has as many leaves as were read.)"""
        fault = held.fault(*self.logs)
        if fault is not None:
            self.fault("held", f"the checkpoint you hold can't be used: {fault}")
        elif self.grown().head.root != held.root:
            text, leaves = self.somewhere(
                "the root of the checkpoint you hold (this log tells another story)", held.size
            )
            self.fault("held", text, leaves)
        else:
            self.proved = held.size

    def report(self) -> Report:
        if self.unfitting:  # and so is every later one
            size, line = self.unfitting[0]
            self.fault("root", *self.somewhere("the root that the log signed", size), line=line)
        while self.held and self.held[-1].size == 0:
            self.held.pop()
        for held in self.held:
            text = (
                f"you hold a checkpoint of {held.size} leaves, and this file has {self.count}: the log was cut short,"
                " or this is an old copy of it"
            )
            self.fault("truncated", text, (self.count, held.size - 1))
        if self.newest is None:
            self.fault("unsigned", "no checkpoint in this file holds: nobody vouches for any of its leaves")
        elif self.count > self.proved and not self.faults:
            text = (
                f"leaves {self.proved} to {self.count - 1} stand behind the last checkpoint, and nobody vouches for"
                " them: an export ends with a checkpoint, so this one was cut short, or they were put in"
            )
            self.fault("truncated", text, (self.proved, self.count - 1))
        names = self.judge_quorum()
        return Report(
            origin=self.header.origin if self.header else None,
            leaves=self.count,
            kinds=dict(sorted(self.kinds.items())),
            checkpoints=self.checkpoints,
            newest=self.newest,
            witnesses=names,
            faults=tuple(sorted(self.faults, key=lambda fault: fault.line or 0)),
            faults_in_all=self.faults_in_all,
            notes=tuple(self.notes(names)),
        )

    def judge_quorum(self) -> tuple[str, ...]:
        """The witnesses of the newest checkpoint."""
        found = distinct_witnesses(self.newest, self.witnesses, self.logs) if self.newest else {}
        names = tuple(sorted(found.values()))
        quorum = self.trust.quorum
        if quorum is not None and len(names) < quorum:
            text = f"{len(names)} of the {quorum} witnesses that you ask for cosigned the newest checkpoint"
            self.fault("quorum", text)
        return names

    def notes(self, names: tuple[str, ...]) -> Iterable[str]:
        if not self.trust.logs:
            yield "no key was given: the signatures were checked against the key in the file, which anyone could write"
        if self.witnesses and not self.trust.witnesses:
            yield "no witness key was given: cosignatures were checked against the keys in the file"
        if not names and not self.trust.held:
            yield "no witness and no checkpoint of your own: others may be shown another log, or a longer one"
