"""The protocol from end to end, in one process: two holders, three members."""

from datetime import UTC, datetime, timedelta
from random import Random

from stillwatch.match.local import BothHoldersInOneProcess
from stillwatch.match.payload import Note
from stillwatch.match.session import Item, Session

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def world(seed: int = 1, threshold: int = 2) -> BothHoldersInOneProcess:
    """An open epoch for domains."""
    return BothHoldersInOneProcess(
        "2026-03", ("domain",), opens=NOW - timedelta(days=1), closes=NOW + timedelta(days=6),
        chance=Random(seed).randbytes, threshold=threshold,
    )  # fmt: skip


def items(*names: str) -> list[Item]:
    return [Item(name.encode(), Note.of(12, 4000, 20500, 20510)) for name in names]


def matched(session: Session) -> set[str]:
    """Which of its own identifiers a member found with others."""
    found = {one.label for one in session.found}
    return {item.value.decode() for item, label in zip(session.items, session.labels, strict=True) if label in found}


def test_three_members_learn_exactly_what_another_one_holds_too() -> None:
    parties = world()
    first = parties.match("member-1", "domain", items("a.test", "b.test", "c.test"), NOW)
    second = parties.match("member-2", "domain", items("b.test", "d.test"), NOW)
    third = parties.match("member-3", "domain", items("b.test", "c.test", "e.test"), NOW)
    assert matched(first) == set()
    assert matched(second) == {"b.test"}
    assert matched(third) == {"b.test", "c.test"}
    again = parties.send("member-1", first.asking_again().outgoing())
    assert matched(first.asking_again().received(again)) == {"b.test", "c.test"}
