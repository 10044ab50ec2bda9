"""Under a closed agreement the forum knows whose credential brought an object, and what everybody may bring."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from forum_world import Client
from test_forum_closed import SIGNATURES, released

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
    item = released("alice", datetime.now(UTC))
    alice.add(item, collection=SIGNATURES)
    before = datetime.fromisoformat(item["first_seen"]) - timedelta(hours=1)
    changed = {**item, "first_seen": before.strftime("%Y-%m-%dT%H:00:00.000Z")}  # the same version of the same id
    assert "another member" in bob.post([changed], SIGNATURES).json()["failures"][0]["message"]
    assert bob.objects(SIGNATURES) == [item]
