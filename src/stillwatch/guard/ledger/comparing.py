"""Were two people shown the same ledger? Two exports of one log, leaf by leaf.

Of two honest copies the shorter is a beginning of the longer. Anything else is a split view; two signed checkpoints of
one size with different roots prove it to everyone. Each export should be verified on its own first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from stillwatch.guard.ledger.checkpoints import Checkpoint, NoteError
from stillwatch.guard.ledger.export import CheckpointLine, Header, LeafLine, LineError, read


@dataclass(frozen=True)
class Comparison:
    """``faults`` in plain words; ``first_difference`` is a leaf; ``evidence`` two checkpoints that contradict each
    other."""

    leaves: tuple[int, int]
    faults: tuple[str, ...]
    first_difference: int | None = None
    evidence: tuple[Checkpoint, Checkpoint] | None = None


def compare(one: Iterable[bytes], other: Iterable[bytes]) -> Comparison:
    """Two exports, as lines. Unreadable lines are left out: ``verify`` tells of them."""
    first, second = _Copy(), _Copy()
    difference = None
    for place, (mine, theirs) in enumerate(zip_longest(first.leaves(one), second.leaves(other))):
        if difference is None and None not in (mine, theirs) and mine != theirs:
            difference = place
    faults = []
    if first.origin != second.origin:
        faults.append(f"these are two ledgers, {first.origin!r} and {second.origin!r}")
    if difference is not None:
        faults.append(f"split view: leaf {difference} is not the same in both files")
    evidence = _contradiction(first, second)
    if evidence is not None:
        faults.append(f"split view: two checkpoints of {evidence[0].size} leaves have different roots")
    return Comparison((first.count, second.count), tuple(faults), difference, evidence)


def _contradiction(first: "_Copy", second: "_Copy") -> tuple[Checkpoint, Checkpoint] | None:
    for size in sorted(first.checkpoints.keys() & second.checkpoints.keys()):
        mine, theirs = first.checkpoints[size], second.checkpoints[size]
        if mine.root != theirs.root:
            return mine, theirs
    return None


class _Copy:
    """What is remembered of one export while its leaves pass by."""

    def __init__(self) -> None:
        self.origin: str | None = None
        self.count = 0
        self.checkpoints: dict[int, Checkpoint] = {}

    def leaves(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        for data in lines:
            try:
                line = read(data)
                if isinstance(line, CheckpointLine):
                    checkpoint = Checkpoint.parse(line.checkpoint)
                    self.checkpoints.setdefault(checkpoint.size, checkpoint)
            except (LineError, NoteError):
                continue
            if isinstance(line, Header):
                self.origin = line.origin
            elif isinstance(line, LeafLine):
                self.count += 1
                yield bytes(line.leaf)
