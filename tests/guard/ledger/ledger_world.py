"""A forum's ledger in memory: keys from fixed seeds, leaves from a counter, checkpoints as often as asked."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from stillwatch.guard.ledger import (
    LOG_KEY,
    WITNESS_KEY,
    Checkpoint,
    Cosigned,
    Leaf,
    Log,
    MemoryNodes,
    Signer,
    Witness,
    digest,
    encode,
    export,
    signed,
)
from stillwatch.guard.ledger.leaves import Received, Released

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
ORIGIN = "forum.example/ledger"


def signer(name: str, seed: int, *, witness: bool = False) -> Signer:
    return Signer.of(name, WITNESS_KEY if witness else LOG_KEY, bytes([seed]) * 32)


FORUM = signer(ORIGIN, 1)
STRANGER = signer(ORIGIN, 99)
WITNESSES = tuple(
    Witness(signer(f"member-{number}.example/witness", 10 + number, witness=True), FORUM.key) for number in (1, 2, 3)
)


def leaf(number: int, word: str = "") -> Leaf:
    item, body = f"indicator--{number:08d}-0000-5000-8000-000000000000", digest(f"{word}{number}".encode())
    time = NOON + timedelta(seconds=number)
    if number % 3:
        return Received(time=time, actor="member-2", item=item, body=body, collection="group-1", sender="member-1")
    return Released(
        time=time,
        actor="member-1",
        item=item,
        body=body,
        agreement="threat-signatures/1",
        clauses=("technical-types", "k-threshold"),
        legal_basis="fraud-2026",
        recipient="group-1",
        expires_at=NOON + timedelta(days=90),
    )


@dataclass
class Ledger:
    """The log's side, and what it publishes."""

    key: Signer = FORUM
    leaves: list[bytes] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    log: Log = field(default_factory=lambda: Log(MemoryNodes()))

    def grow(self, count: int, word: str = "") -> Checkpoint:
        """Append so many leaves and sign a checkpoint over them all."""
        new = [encode(leaf(len(self.leaves) + number, word)) for number in range(count)]
        self.leaves += new
        self.checkpoints.append(signed(self.log.append(new), self.key))
        return self.checkpoints[-1]

    def witnessed(self, *witnesses: Witness) -> None:
        """Have each checkpoint cosigned, in order, by each of these."""
        for witness in witnesses:
            seen: Checkpoint | None = None
            for place, checkpoint in enumerate(self.checkpoints):
                proof = self.log.consistency(seen.size if seen else 0, checkpoint.size)
                answer = witness.cosign(seen, proof, checkpoint, 1_782_900_000 + place)
                assert isinstance(answer, Cosigned), answer
                seen = answer.seen
                self.checkpoints[place] = checkpoint.with_signatures([answer.line])

    def lines(self) -> list[bytes]:
        return list(export(self.key.key, self.leaves, self.checkpoints, [each.signer.key for each in WITNESSES]))


def ledger(*sizes: int, word: str = "") -> Ledger:
    """A ledger that grew by these many leaves, with a checkpoint after each step."""
    made = Ledger()
    for size in sizes:
        made.grow(size, word)
    return made
