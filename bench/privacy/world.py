"""A forum, a trustee and members in one process, with the budgets of both holders; every byte is recorded."""

import ipaddress
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from stillwatch.match.budget import Declined, charge
from stillwatch.match.identifiers import Identifier
from stillwatch.match.local import BothHoldersInOneProcess
from stillwatch.match.payload import Note
from stillwatch.match.session import Item, Outgoing, Party, Session, begin, run
from stillwatch.match.wire import Check, Evaluate, Refused, encode, request

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
NOTE = Note.of(3, 900, 20_600, 20_630)
#: The first of the addresses that rehearsals use: nobody has them (RFC 1112 section 4).
NOBODYS = int(ipaddress.IPv4Address("240.0.0.0"))


class World:
    """One epoch. ``allowed``: units for each member, by holder, as each holder has set it for itself."""

    def __init__(
        self, seed: int, kinds: Sequence[str] = ("ipv4",), *, allowed: Mapping[Party, int], threshold: int = 2
    ):
        self.dice = Random(seed)
        self.both = BothHoldersInOneProcess(
            "w27", kinds, opens=NOW - timedelta(1), closes=NOW + timedelta(6), chance=self.dice.randbytes,
            threshold=threshold,
        )  # fmt: skip
        self.allowed = allowed
        self.spent: dict[tuple[Party, str], int] = {}
        self.sessions: list[Session] = []

    def send(self, member: str, out: Outgoing) -> bytes:
        """The reply to one message, if this holder's own count allows it."""
        asked = request(out.body)
        if isinstance(asked, Evaluate | Check):
            place = (out.party, member)
            paid = charge(self.spent.get(place, 0), asked.units, self.allowed[out.party])
            if isinstance(paid, Declined):
                return encode(Refused(asked.session, "budget", paid.reason))
            self.spent[place] = paid.spent
        return self.both.send(member, out)

    def begun(self, member: str, held: Sequence[Identifier]) -> Session:
        """A session that has sent nothing yet."""
        items = [Item(each.message, NOTE) for each in held]
        secret = self.dice.randbytes
        return begin(id=secret(16), secret=secret(32), pseudonym=secret(32), member_name=member, epoch=self.both.epoch,
                     kind=held[0].type, items=items, now=NOW)  # fmt: skip

    def match(self, member: str, held: Sequence[Identifier]) -> Session:
        """A whole session. Raises ``RefusedError`` where a holder's budget does not allow it."""
        done = run(self.begun(member, held), lambda out: self.send(member, out))
        self.sessions.append(done)
        return done

    def ask_again(self) -> None:
        """Every member asks once more, now that all have uploaded."""
        self.sessions = [
            run(each.asking_again(), lambda out, member=each.member: self.send(member, out)) for each in self.sessions
        ]

    def found(self) -> dict[str, set[bytes]]:
        """By member: the private inputs that it was told others hold too."""
        return {
            each.member: {
                item.value for item, label in zip(each.items, each.labels, strict=True) if label in _labels(each)
            }
            for each in self.sessions
        }

    def transcript(self, party: Party) -> list[bytes]:
        """Every message that this holder received or sent."""
        return [data for _, out, said in self.both.transcript if out.party == party for data in (out.body, said)]


def addresses(count: int, first: int, size: int, dice: Random) -> list[Identifier]:
    """``count`` different IPv4 addresses among ``size`` from ``first`` on."""
    return [address(first + at) for at in dice.sample(range(size), count)]


def address(number: int) -> Identifier:
    """An IPv4 address by its number, spelt as ``canonical`` spells it (some ranges here it would refuse)."""
    return Identifier("ipv4", str(ipaddress.IPv4Address(number)).encode("ascii"))


def _labels(session: Session) -> set[bytes]:
    return {one.label for one in session.found}
