"""A member opens rows drawn at random: evidence is what it committed to when it uploaded, or it is noticed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from matching_world import EPOCH, Member, World, addresses

from stillwatch.apps.forum import matching_audit
from stillwatch.apps.forum.matching_audit import Drawn, Opened
from stillwatch.apps.matching.keeping import Folder
from stillwatch.apps.matching.opening import openings
from stillwatch.errors import NoInputError, UsageError
from stillwatch.guard.ledger.leaves import MatchingAlarmed


@pytest.fixture
def drawn(world: World, alice: Member, tmp_path: Path) -> Drawn:
    matching_audit.commit(world.dbs["forum"], EPOCH, tmp_path / "audit.key")
    world.match(alice, addresses(0, 30))
    return matching_audit.draw(world.dbs["forum"], "alice", EPOCH, "ipv4", tmp_path / "audit.key", 7)


def _opened(member: Member, drawn: Drawn) -> dict[str, tuple[str, str]]:
    with Folder(member.folder / "sessions") as folder:
        found = openings(folder, [bytes.fromhex(label) for label in drawn.labels])
    return {label.hex(): (each.seal.hex(), each.record.hex()) for label, each in found.items()}


def test_a_member_that_holds_what_it_uploaded_opens_every_row_and_shows_no_identifier(
    world: World, alice: Member, drawn: Drawn
) -> None:
    shown = _opened(alice, drawn)
    assert len(shown) == 7
    assert matching_audit.check(world.dbs["forum"], drawn, Opened(openings=shown), datetime.now(UTC)) == []
    text = str(shown)
    assert not any(value.encode().hex() in text for value in addresses(0, 30))


def test_a_row_that_is_not_opened_or_opened_to_something_else_rings(world: World, alice: Member, drawn: Drawn) -> None:
    shown = _opened(alice, drawn)
    first, second, *_ = drawn.labels
    del shown[first]
    shown[second] = (shown[second][0], shown[drawn.labels[2]][1])
    failed = matching_audit.check(world.dbs["forum"], drawn, Opened(openings=shown), datetime.now(UTC))
    assert {each["label"] for each in failed} == {first, second}
    alarms = [leaf for leaf in world.leaves("forum") if isinstance(leaf, MatchingAlarmed)]
    assert [(leaf.member, leaf.rule) for leaf in alarms] == [("alice", "audit")]


def test_a_draw_by_a_secret_that_was_not_committed_to_is_refused(world: World, alice: Member, tmp_path: Path) -> None:
    world.match(alice, addresses(0, 5))
    with pytest.raises(UsageError, match="not committed to"):
        matching_audit.draw(world.dbs["forum"], "alice", EPOCH, "ipv4", tmp_path / "late.key", 3)
    assert not (tmp_path / "late.key").exists()  # or `audit commit` would refuse it as one that was used


def test_rows_of_another_member_are_nothing_to_open(world: World, bob: Member, drawn: Drawn) -> None:
    world.match(bob, addresses(500, 505))
    with pytest.raises(NoInputError):
        _opened(bob, drawn)
