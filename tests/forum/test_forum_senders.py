"""Under a closed agreement the forum knows whose credential brought an object, and what everybody may bring."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from forum_world import Client, World, indicator
from test_forum_closed import SIGNATURES, by_kind, let_go

from stillwatch.apps.forum import founding
from stillwatch.share.life.advisory import advisory
from stillwatch.share.life.catalogue import catalogue
from stillwatch.share.stix.say import Voice, identity

#: Marking definitions, techniques, our extension and the identity of who sends, as every member makes them.
_PUBLIC = {"marking-definition", "attack-pattern", "extension-definition"}


def known_to_all(by: str) -> list[dict[str, Any]]:
    found = [json.loads(body) for body in catalogue([Voice(by, datetime.now(UTC))]).values()]
    return [item for item in found if item["type"] in _PUBLIC]


def own(name: str) -> dict[str, Any]:
    made: dict[str, Any] = identity(Voice(name, datetime.now(UTC)))
    return made


def test_a_member_s_own_identity_is_taken_and_another_s_refused_with_the_reason(alice: Client, bob: Client) -> None:
    alice.add(own("alice"), collection=SIGNATURES)
    refused = bob.post([own("carol")], SIGNATURES).json()
    assert refused["failure_count"] == 1
    assert "sends its own identity" in refused["failures"][0]["message"]
    assert "carol" not in refused["failures"][0]["message"]
    assert bob.objects(SIGNATURES) == [own("alice")]


def test_what_every_member_knows_is_taken_from_each_of_them(alice: Client, bob: Client) -> None:
    items = known_to_all("alice")
    assert {item["type"] for item in items} == _PUBLIC
    alice.add(*items, collection=SIGNATURES)
    again = bob.add(*known_to_all("bob"), collection=SIGNATURES)
    assert again["success_count"] == len(items)
    assert {one["message"] for one in again["successes"]} == {"already here"}
    assert len(bob.objects(SIGNATURES, limit=1000)) == len(items)


def test_the_order_of_keys_makes_no_other_object(alice: Client, bob: Client) -> None:
    item = known_to_all("alice")[0]
    alice.add(item, collection=SIGNATURES)
    bob.add(dict(reversed(item.items())), collection=SIGNATURES)
    assert alice.objects(SIGNATURES) == [item]


def test_another_object_under_a_known_id_is_still_refused(alice: Client, bob: Client) -> None:
    now = datetime.now(UTC)
    item = by_kind("alice", now)["campaign"]
    alice.add(item, collection=SIGNATURES)
    other = by_kind("bob", now)["campaign"]  # the same version of the same id
    assert other["id"] == item["id"]
    assert "another member" in bob.post([other], SIGNATURES).json()["failures"][0]["message"]
    assert bob.objects(SIGNATURES) == [item]


OTHER_S = "another's identity"


@pytest.mark.parametrize("kind", ["sighting", "opinion", "note", "grouping", "campaign", "indicator", "relationship"])
def test_what_names_another_as_its_maker_is_refused_and_its_maker_s_comes_in(
    alice: Client, bob: Client, kind: str
) -> None:
    item = by_kind("alice", datetime.now(UTC))[kind]
    answer = bob.post([item], SIGNATURES).json()
    assert (answer["success_count"], answer["failure_count"]) == (0, 1)
    assert OTHER_S in answer["failures"][0]["message"]
    assert alice.objects(SIGNATURES) == []
    alice.add(item, collection=SIGNATURES)
    assert bob.objects(SIGNATURES) == [item]


@pytest.mark.parametrize("kind", ["sighting", "opinion", "note", "grouping"])
def test_nobody_can_take_the_id_of_what_another_will_say(alice: Client, bob: Client, kind: str) -> None:
    now = datetime.now(UTC)
    theirs = by_kind("alice", now)[kind]
    squatter = {**by_kind("bob", now)[kind], "id": theirs["id"]}  # rightly signed by bob in all but the id
    message = bob.post([squatter], SIGNATURES).json()["failures"][0]["message"]
    assert "compute it from" in message
    assert "alice" not in message
    alice.add(theirs, collection=SIGNATURES)  # the dispute is not too late


def test_a_sighting_says_what_its_maker_saw_not_what_another_did(alice: Client, bob: Client) -> None:
    mine = by_kind("bob", datetime.now(UTC))["sighting"]
    item = {**mine, "where_sighted_refs": [own("alice")["id"]]}
    assert "say what you saw yourself" in bob.post([item], SIGNATURES).json()["failures"][0]["message"]
    bob.add(mine, collection=SIGNATURES)


def test_one_object_of_another_costs_only_itself(alice: Client, bob: Client) -> None:
    now = datetime.now(UTC)
    mine = list(by_kind("bob", now).values())
    answer = bob.post([*mine, by_kind("alice", now)["opinion"]], SIGNATURES).json()
    assert (answer["success_count"], answer["failure_count"]) == (len(mine), 1)


def test_general_intelligence_is_passed_on_under_its_maker_s_name(alice: Client, bob: Client) -> None:
    item = indicator(created_by_ref=own("alice")["id"])
    bob.add(item)
    assert alice.objects() == [item]


@pytest.mark.parametrize("role", ["member", "analyst"])
def test_an_advisory_comes_in_from_whoever_may_write_and_under_its_own_name(world: World, role: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    writer, other = world.member("desk", role), world.member("other")
    item = let_go(advisory(Voice("desk", now), "regulation", "A rule has changed", "It is in force now."), now)
    assert OTHER_S in other.post([item], SIGNATURES).json()["failures"][0]["message"]
    writer.add(item, collection=SIGNATURES)
    assert other.objects(SIGNATURES) == [item]


def test_a_government_s_collection_takes_a_campaign_from_its_maker_alone(
    world: World, alice: Client, bob: Client
) -> None:
    founding.open_government_route(world.db, ("Ann", "Ben"))
    place = world.collection("To the ministry", "government")
    for member in (alice, bob):
        founding.grant(world.db, place, member.name, can_read=True, can_write=True)
    item = by_kind("alice", datetime.now(UTC), "government")["campaign"]
    assert OTHER_S in bob.post([item], place).json()["failures"][0]["message"]
    alice.add(item, collection=place)
    assert bob.objects(place) == [item]
