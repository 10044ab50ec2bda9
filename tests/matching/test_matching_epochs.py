"""From one epoch to the next: tags move without identifiers, and what is destroyed stays destroyed."""

import pytest
from matching_world import EPOCH, Member, Party, World, addresses, opened, sighted

from stillwatch.apps.forum import matching_keys
from stillwatch.match.faults import RefusedError

NEXT = "2026-w48"
BOTH: list[Party] = ["forum", "trustee"]


@pytest.fixture
def moving(world: World, alice: Member) -> World:
    """Alice matched in one epoch; the next is open."""
    world.match(alice, addresses(0, 20), epoch=EPOCH)
    opened(world, NEXT)
    return world


def test_what_was_moved_meets_what_another_asks_anew_in_the_next_epoch(
    moving: World, alice: Member, bob: Member
) -> None:
    assert moving.move(alice, EPOCH, NEXT) == 20
    assert sighted(moving.match(bob, addresses(15, 40), epoch=NEXT)) == addresses(15, 20)
    assert sighted(moving.match(alice, addresses(0, 20), epoch=NEXT)) == addresses(15, 20)


def test_moving_costs_the_next_epochs_budget_once(moving: World, alice: Member) -> None:
    assert moving.move(alice, EPOCH, NEXT) == 20
    assert moving.move(alice, EPOCH, NEXT) == 0
    moving.match(alice, addresses(0, 20), epoch=NEXT)
    for party in BOTH:
        used = {row["epoch"]: row["used"] for row in matching_keys.status(moving.dbs[party])["used"]}
        assert used == {EPOCH: 21, NEXT: 21}


@pytest.mark.parametrize("party", BOTH)
def test_after_one_holder_destroyed_its_key_nothing_is_moved(moving: World, alice: Member, party: Party) -> None:
    matching_keys.close_epoch(moving.dbs[party], EPOCH)
    matching_keys.destroy_epoch(moving.dbs[party], EPOCH)
    with pytest.raises(RefusedError, match="can't be moved"):
        moving.move(alice, EPOCH, NEXT)


def test_tags_still_move_from_an_epoch_that_is_closed(moving: World, alice: Member) -> None:
    for party in BOTH:
        matching_keys.close_epoch(moving.dbs[party], EPOCH)
    assert moving.move(alice, EPOCH, NEXT) == 20
