"""A forum, a trustee and any number of members in one process, with the CPU seconds of each kept apart."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from time import process_time

from stillwatch.match.local import BothHoldersInOneProcess
from stillwatch.match.payload import Note
from stillwatch.match.session import Item, Outgoing, Session, begin

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KIND = "email"


@dataclass
class Spent:
    """CPU seconds by party, bytes by what they were for, identifiers asked and found."""

    seconds: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    found: int = 0

    @property
    def microseconds(self) -> float:
        """CPU of all parties for an identifier."""
        return sum(self.seconds.values()) / self.asked * 1e6

    def of(self, party: str) -> float:
        """CPU microseconds of one party for an identifier."""
        return self.seconds[party] / self.asked * 1e6

    @property
    def octets(self) -> float:
        """Bytes over all links for an identifier."""
        return sum(self.bytes.values()) / self.asked


def watchlists(members: int, each: int, shared: float, seed: int) -> Iterator[list[bytes]]:
    """A list for each member: ``shared`` of it drawn from one pool of ten times as many, the rest its own."""
    dice = Random(seed)
    pool = [f"pool-{number}@operator.example" for number in range(int(10 * each * shared))]
    for member in range(members):
        common = dice.sample(pool, int(each * shared))
        own = [f"own-{member}-{number}@operator.example" for number in range(each - len(common))]
        yield [name.encode() for name in (*common, *own)]


def matched(lists: Sequence[Sequence[bytes]], *, audit: bool, seed: int) -> Spent:
    """Every member in turn asks and uploads all; then all ask once more."""
    dice, spent, sessions = Random(seed), Spent(), []
    parties = BothHoldersInOneProcess(
        "bench", (KIND,), opens=NOW, closes=NOW + timedelta(days=7), chance=dice.randbytes, keep_transcript=False
    )
    for number, values in enumerate(lists):
        name = f"member-{number}"
        with _counted(spent, "member"):
            items = [Item(value, Note.of(12, 4_000, 20_500, 20_510)) for value in values]
            session = begin(
                id=dice.randbytes(16), secret=dice.randbytes(32), pseudonym=dice.randbytes(32), member_name=name,
                epoch=parties.epoch, kind=KIND, items=items, now=NOW, audit=audit,
            )  # fmt: skip
        sessions.append(_to_its_end(session, parties, spent))
        spent.asked += len(values)
    for session in sessions:
        spent.found += len(_to_its_end(session.asking_again(), parties, spent).found)
    return spent


def _to_its_end(session: Session, parties: BothHoldersInOneProcess, spent: Spent) -> Session:
    while not session.done:
        with _counted(spent, "member"):
            out: Outgoing = session.outgoing()
        with _counted(spent, out.party):
            reply = parties.send(session.member, out)
        with _counted(spent, "member"):
            session = session.received(reply)
        spent.bytes[out.step] += len(out.body) + len(reply)
    return session


@contextmanager
def _counted(spent: Spent, party: str) -> Iterator[None]:
    start = process_time()
    yield
    spent.seconds[party] += process_time() - start
