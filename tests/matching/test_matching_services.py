"""Two members, a forum and a trustee on real ports: what is shared is found, what is not stays unknown."""

import httpx
import pytest
from matching_world import EPOCH, Member, World, addresses, question, sighted

from stillwatch.adapters.transports.matching import KeyHolder
from stillwatch.apps.forum import matching_keys
from stillwatch.errors import UsageError
from stillwatch.guard.ledger.leaves import MatchingCommitted, MatchingKeyChanged
from stillwatch.match.faults import RefusedError


def test_what_two_members_hold_is_found_by_both_and_nothing_else(world: World, alice: Member, bob: Member) -> None:
    assert sighted(world.match(alice, addresses(0, 60))) == []
    assert sighted(world.match(bob, addresses(50, 120))) == sorted(addresses(50, 60))
    assert sighted(world.match(alice, addresses(0, 60))) == sorted(addresses(50, 60))


def test_asking_the_same_again_costs_nothing_and_new_identifiers_cost_themselves_and_a_check(
    world: World, alice: Member
) -> None:
    world.match(alice, addresses(0, 60))
    assert world.used("forum", "alice") == world.used("trustee", "alice") == 61
    world.match(alice, addresses(0, 60))
    assert world.used("forum", "alice") == world.used("trustee", "alice") == 61
    world.match(alice, addresses(0, 70))
    assert world.used("forum", "alice") == world.used("trustee", "alice") == 72


def test_each_holder_enforces_its_own_budget_and_the_member_asks_what_fits_both(world: World, alice: Member) -> None:
    matching_keys.allow(world.dbs["trustee"], "alice", "ipv4", 31)
    outcome = world.match(alice, addresses(0, 60))
    assert sum(len(session.items) for session in outcome.sessions) == 30
    assert len(outcome.unasked) == 30
    assert "budget" in outcome.unasked[0].reason
    assert world.used("trustee", "alice") == 31


def test_a_batch_beyond_the_budget_is_refused_whole_and_charges_nothing(world: World, alice: Member) -> None:
    outcome = world.match(alice, addresses(0, 10))
    for party in ("forum", "trustee"):
        matching_keys.allow(world.dbs[party], "alice", "ipv4", 12)
    session = outcome.sessions[0]
    with world.holder(alice, "forum") as forum, pytest.raises(RefusedError, match="costs 10 units and 1 are left"):
        _begun_anew(session).received(forum.ask(_begun_anew(session).outgoing().body))
    assert world.used("forum", "alice") == 11


def test_every_answer_has_its_commitment_in_the_ledger_of_each_holder(world: World, alice: Member) -> None:
    (session,) = world.match(alice, addresses(0, 20)).sessions
    for party in ("forum", "trustee"):
        found = [leaf for leaf in world.leaves(party) if isinstance(leaf, MatchingCommitted)]
        steps = {(leaf.step, leaf.units) for leaf in found if leaf.session == session.id.hex()}
        assert steps == {("evaluate", 20), ("check", 1)} | ({("upload", 0)} if party == "forum" else set())
        assert {leaf.actor for leaf in found} == {"alice"}


def test_both_ledgers_show_the_keys_of_an_epoch_and_its_description(world: World, alice: Member) -> None:
    epoch = world.match(alice, addresses(0, 2)).epoch
    for party in ("forum", "trustee"):
        shown = {leaf.type: leaf for leaf in world.leaves(party) if isinstance(leaf, MatchingKeyChanged)}
        assert {kind: leaf.key for kind, leaf in shown.items()} == {
            kind: getattr(keys, party) for kind, keys in epoch.keys.items()
        }
        assert {leaf.description for leaf in shown.values()} == {f"sha256:{epoch.digest().hex()}"}


def test_the_trustee_knows_who_may_ask_from_its_own_list_alone(world: World, alice: Member) -> None:
    with (
        KeyHolder("trustee", world.urls["trustee"], alice.credentials["forum"]) as trustee,
        pytest.raises(UsageError, match="credential"),
    ):
        trustee.announced()


def test_a_member_suspended_by_the_trustee_alone_gets_nothing(world: World, alice: Member) -> None:
    from stillwatch.apps.forum import founding

    founding.suspend_member(world.dbs["trustee"], "alice")
    with pytest.raises(UsageError, match="trustee refused our credential"):
        world.match(alice, addresses(0, 5))
    assert world.used("forum", "alice") == 0


def test_uploads_and_questions_are_not_for_the_trustee(world: World, alice: Member) -> None:
    (session,) = world.match(alice, addresses(0, 5)).sessions
    with world.holder(alice, "trustee") as trustee, pytest.raises(RefusedError, match="forum"):
        session.asking_again().received(trustee.ask(session.asking_again().outgoing().body))


def test_the_trustee_offers_nothing_of_the_forum(world: World, alice: Member) -> None:
    with httpx.Client(headers={"Authorization": f"Bearer {alice.credentials['trustee']}"}) as http:
        for path in ("/taxii2/", "/stillwatch/", "/stillwatch/collections/", "/forum/why-can/"):
            assert http.get(world.urls["trustee"] + path).status_code == 404


def test_what_no_budget_would_cover_never_reaches_a_holder(world: World, alice: Member) -> None:
    for party in ("forum", "trustee"):
        matching_keys.allow(world.dbs[party], "alice", "ipv4", 0)
    outcome = world.match(alice, addresses(0, 5))
    assert not outcome.sessions
    assert len(outcome.unasked) == 5
    assert question(addresses(0, 5)).kinds == ["ipv4"]
    assert outcome.epoch.id == EPOCH


def _begun_anew(session):  # type: ignore[no-untyped-def]
    """The same session under another id, at its first step."""
    import msgspec

    return msgspec.structs.replace(
        session, id=bytes(16), step="forum", first=b"", evaluated=b"", first_sum=b"", kept=b"", labels=(), receipts=()
    )
