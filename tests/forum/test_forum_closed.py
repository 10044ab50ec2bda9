"""A collection under a closed agreement: what a member's own guard let out comes in, and nothing else."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from forum_world import Client, World, indicator

from stillwatch.guard.agreement import shipped
from stillwatch.guard.clear import clear, stating
from stillwatch.guard.release import Recipient, Release
from stillwatch.share.life.terms import Terms, with_terms
from stillwatch.share.stix.extension import EXTENSION_ID
from stillwatch.share.stix.say import Voice, sighting

SIGNATURES = "threat-signatures"
PLACE = f"/stillwatch/collections/{SIGNATURES}/"


def released(by: str, now: datetime, **changes: Any) -> dict[str, Any]:
    """A sighting as the guard of member ``by`` lets it go."""
    seen = now.strftime("%Y-%m-%dT%H:00:00.000Z")
    item: Any = sighting(
        Voice(by, now.replace(microsecond=0)), f"indicator--{uuid.uuid5(uuid.NAMESPACE_URL, str(now))}", seen, seen
    )
    item = with_terms(item, Terms("detect-adversarial-distillation", now + timedelta(days=20)))
    item = stating(item, element="control-circumvention")
    item["extensions"][EXTENSION_ID]["release"].pop("purpose", None)
    answer = clear(item, Recipient("peers"), shipped(SIGNATURES), now)
    assert isinstance(answer, Release), answer
    return {**msgspec.json.decode(answer.body), **changes}


def test_what_the_guard_released_is_taken_and_read(alice: Client, bob: Client) -> None:
    item = released("alice", datetime.now(UTC))
    alice.add(item, collection=SIGNATURES)
    assert bob.objects(SIGNATURES) == [item]


@pytest.mark.parametrize(
    "change",
    [
        {"description": "They pay us $3 for a million tokens"},
        {"x_price": 3},
        {"labels": ["customer: Acme"]},
        {"extensions": {}},
    ],
)
def test_what_no_clause_lets_through_is_refused_whatever_the_sender_s_guard_said(
    alice: Client, bob: Client, change: dict[str, Any]
) -> None:
    response = alice.post([released("alice", datetime.now(UTC), **change)], SIGNATURES)
    assert response.status_code == 202
    assert (response.json()["success_count"], response.json()["failure_count"]) == (0, 1)
    assert response.json()["failures"][0]["message"]
    assert bob.objects(SIGNATURES) == []


def test_valid_stix_without_a_release_is_refused(alice: Client) -> None:
    assert alice.post([indicator()], SIGNATURES).json()["failure_count"] == 1


def test_only_who_brought_an_object_may_bring_another_version(alice: Client, bob: Client) -> None:
    now = datetime.now(UTC) - timedelta(hours=2)
    item = released("alice", now)
    alice.add(item, collection=SIGNATURES)
    later = {**item, "modified": (now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")}
    assert "another member" in bob.post([later], SIGNATURES).json()["failures"][0]["message"]
    assert bob.objects(SIGNATURES) == [item]
    alice.add(later, collection=SIGNATURES)
    assert bob.objects(SIGNATURES) == [later]


def test_an_object_that_has_expired_is_not_taken(world: World, alice: Client) -> None:
    past = Terms("detect-adversarial-distillation", datetime.now(UTC) - timedelta(days=1))
    assert alice.post([with_terms(indicator(), past)]).json()["failure_count"] == 1
    old = released("alice", datetime.now(UTC) - timedelta(days=100))
    assert alice.post([old], SIGNATURES).json()["failure_count"] == 1
