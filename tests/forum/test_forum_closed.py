"""A collection under a closed agreement: what a member's own guard let out comes in, and nothing else."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from forum_world import Client, World, indicator
from tests.guard.material import campaign

from stillwatch.guard.agreement import shipped
from stillwatch.guard.clear import clear, stating, to_approve
from stillwatch.guard.release import Approval, Recipient, Release
from stillwatch.share.life.replies import dispute
from stillwatch.share.life.terms import Terms, with_terms
from stillwatch.share.stix import from_campaigns
from stillwatch.share.stix.extension import EXTENSION_ID
from stillwatch.share.stix.say import Voice, sighting, timestamp

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


def by_kind(by: str, now: datetime, agreement: str = SIGNATURES) -> dict[str, dict[str, Any]]:
    """What member ``by`` says about one campaign, one object a kind, as its guard lets it go; its doubt in it too."""
    start, end = (timestamp(now - timedelta(days=ago)) for ago in (3, 1))
    found = msgspec.structs.replace(campaign(1), first_exchange_at=start, last_exchange_at=end)
    voice = Voice(by, now.replace(microsecond=0))
    items = [*from_campaigns([found], voice, timedelta(days=20)), dispute(voice, found.id, "disagree", "reseller")]
    known = shipped(agreement).tree.keys() - shipped(agreement).public
    return {item["type"]: let_go(item, now, agreement) for item in items if item["type"] in known}


def let_go(item: dict[str, Any], now: datetime, agreement: str = SIGNATURES) -> dict[str, Any]:
    """``item`` as the guard releases it once two people have read it, though it knows no sender."""
    terms = shipped(agreement)
    stated = stating(item, element="fraud")
    people = [Approval(name, now, to_approve(stated)) for name in ("Counsel One", "Counsel Two")]
    answer = clear(stated, Recipient("readers", terms.recipients), terms, now, people)
    assert isinstance(answer, Release), answer
    body: dict[str, Any] = msgspec.json.decode(answer.body)
    return body


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
    item = by_kind("alice", now)["campaign"]
    alice.add(item, collection=SIGNATURES)
    later = {**item, "modified": (now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")}
    theirs = {**by_kind("bob", now)["campaign"], "modified": later["modified"]}
    assert theirs["id"] == item["id"]
    assert "another member" in bob.post([theirs], SIGNATURES).json()["failures"][0]["message"]
    assert bob.objects(SIGNATURES) == [item]
    alice.add(later, collection=SIGNATURES)
    assert bob.objects(SIGNATURES) == [later]


def test_an_object_that_has_expired_is_not_taken(world: World, alice: Client) -> None:
    past = Terms("detect-adversarial-distillation", datetime.now(UTC) - timedelta(days=1))
    assert alice.post([with_terms(indicator(), past)]).json()["failure_count"] == 1
    old = released("alice", datetime.now(UTC) - timedelta(days=100))
    assert alice.post([old], SIGNATURES).json()["failure_count"] == 1
