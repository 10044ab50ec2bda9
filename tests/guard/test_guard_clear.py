"""What may leave leaves, on stated grounds; each condition refuses by itself."""

import base64
import hashlib
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from tests.guard.material import AGENCY, NOW, PEERS, PUBLIC, VOICE, bases, campaign, put, stated

from stillwatch.guard.agreement import shipped
from stillwatch.guard.canonical import canonical
from stillwatch.guard.clear import admissible, clear, stating, to_approve
from stillwatch.guard.known import EXTENSION_ID
from stillwatch.guard.preview import preview
from stillwatch.guard.release import Approval, Recipient, Refusal, Release
from stillwatch.share.life import replies, revise
from stillwatch.share.stix import Voice, from_campaigns, problems, say
from stillwatch.share.stix.techniques import attack_patterns
from stillwatch.vocabulary.campaigns import Scan

THREATS = shipped("threat-signatures")
BASES = bases()


def honest():
    """Objects that members exchange: what the exporter makes of a hundred campaigns, and what they say about them."""
    made = from_campaigns([campaign(number) for number in range(60)], VOICE) + attack_patterns()
    own = BASES["campaign"]["id"]
    said = [replies.dispute(VOICE, own, view, doubt) for view in replies.OPINIONS for doubt in replies.DOUBTS]
    said += [replies.sighting(VOICE, own, NOW - timedelta(days=day), NOW - timedelta(days=1)) for day in range(1, 20)]
    said += [revise.retracted(BASES[kind], NOW) for kind in ("campaign", "indicator", "opinion")]
    said += [revise.corrected(BASES["campaign"], {"confidence": 12}, NOW)]
    elements = ("fraud", "stolen-card-or-key", "control-circumvention", "replay")
    return [stated(item, elements[place % 4]) for place, item in enumerate([*made, *said])]


HONEST = honest()


def released(item, recipient=PEERS, agreement=THREATS, now=NOW, approvals=(), **more) -> Release:
    answer = clear(item, recipient, agreement, now, approvals, **more)
    assert isinstance(answer, Release), answer
    return answer


def refused(item, recipient=PEERS, agreement=THREATS, now=NOW, approvals=(), **more) -> Refusal:
    answer = clear(item, recipient, agreement, now, approvals, **more)
    assert isinstance(answer, Refusal), answer
    return answer


def yes(item, *people, ago=timedelta(hours=1)):
    return tuple(Approval(person, NOW - ago, to_approve(item)) for person in people)


def test_everything_that_members_exchange_leaves_and_arrives_and_is_valid_stix():
    assert len(HONEST) >= 400
    assert {"campaign", "indicator", "relationship", "sighting", "note", "grouping"} <= {one["type"] for one in HONEST}
    for item in HONEST:
        release = released(item, sender=VOICE.member)
        arrived = msgspec.json.decode(release.body)
        assert admissible(arrived, THREATS, NOW, sender=VOICE.member) is None
        assert problems(arrived) == []


@pytest.mark.slow
def test_what_a_real_scan_of_the_samples_concluded_leaves(tmp_path):
    samples = Path(__file__).parents[2] / "samples"
    command = [Path(sys.executable).parent / "stillwatch", "scan", samples / "exchanges.jsonl.gz", "--out", tmp_path]
    subprocess.run([*command, "--accounts", samples / "accounts.jsonl"], check=True, capture_output=True)
    scan = msgspec.json.decode((tmp_path / "campaigns.json").read_bytes(), type=Scan)
    large = [one for one in scan.campaigns if len(one.accounts) >= 10]
    assert large
    for item in from_campaigns(large, VOICE):
        released(stated(item), sender=VOICE.member)


def test_the_body_is_the_canonical_form_of_what_it_says():
    for item in HONEST[:100]:
        body = released(item, sender=VOICE.member).body
        assert canonical(json.loads(body)) == body


def test_every_value_of_a_release_has_a_clause_that_the_agreement_has():
    ids = {clause.id for clause in THREATS.clauses}
    release = released(BASES["campaign"])
    assert set(release.grounds.values()) <= set(release.clauses) <= ids
    record = json.loads(release.body)["extensions"][EXTENSION_ID]["release"]
    assert record["clauses"] == list(release.clauses)


def test_clearing_the_same_item_a_day_later_comes_to_the_same_bytes():
    for item in HONEST[:100]:
        later = clear(item, PEERS, THREATS, NOW + timedelta(days=1), sender=VOICE.member)
        assert isinstance(later, Release)
        assert later.body == released(item, sender=VOICE.member).body


def test_what_was_released_once_can_be_cleared_again():
    body = released(BASES["campaign"]).body
    assert released(json.loads(body)).body == body


@pytest.mark.parametrize("base", BASES)
def test_the_empty_agreement_releases_nothing(base):
    assert "no clauses" in refused(BASES[base], agreement=shipped("empty")).reasons[0]
    assert admissible(BASES[base], shipped("empty"), NOW) is not None


@pytest.mark.parametrize("base", BASES)
def test_nothing_is_released_into_an_open_collection(base):
    refused(BASES[base], agreement=shipped("open-stix"))


def test_without_the_element_beyond_a_breach_of_terms_nothing_leaves():
    item = from_campaigns([campaign(1)], VOICE)
    refusal = refused(next(one for one in item if one["type"] == "campaign"))
    assert refusal.reasons == (
        "name what was seen beyond a breach of terms: fraud, stolen-card-or-key, control-circumvention, replay "
        "(clause legal-basis)",
    )


def test_a_legal_basis_that_is_past_its_date_carries_nothing():
    item = stated(revise.retracted(BASES["campaign"], NOW + timedelta(days=400)))
    refusal = refused(item, now=NOW + timedelta(days=400))
    assert refusal.reasons == (
        "the legal basis was good until 2027-10-31: counsel must date it anew (clause legal-basis)",
    )


def test_what_has_expired_neither_leaves_nor_arrives():
    arrived = json.loads(released(BASES["campaign"]).body)
    late = NOW + timedelta(days=91)
    assert "it has expired (clause expiry)" in refused(BASES["campaign"], now=late).reasons
    assert admissible(arrived, THREATS, late).reasons == ("it has expired (clause expiry)",)


def test_an_earlier_expiry_may_be_asked_for_and_a_later_one_may_not():
    item = BASES["campaign"]
    soon = stating(item, element="fraud", expires_at=NOW + timedelta(days=7))
    assert released(soon).expires_at == NOW + timedelta(days=7)
    late = stating(item, element="fraud", expires_at=NOW + timedelta(days=91))
    assert refused(late).reasons == ("it lasts longer than 90 days (clause expiry)",)


@pytest.mark.parametrize(
    ("label", "level", "leaves"),
    [
        ("green", "amber", True),
        ("amber", "amber", True),
        ("amber+strict", "amber", False),
        ("red", "amber+strict", False),
    ],
)
def test_nothing_goes_beyond_the_audience_of_its_marking(label, level, leaves):
    voice = Voice(member="Member A", now=NOW, tlp=label)
    item = next(one for one in from_campaigns([campaign(1)], voice) if one["type"] == "campaign")
    assert isinstance(clear(stated(item), Recipient("peers", tlp=level), THREATS, NOW), Release) is leaves


def test_nothing_goes_to_who_honours_less_than_its_pap_marking():
    voice = Voice(member="Member A", now=NOW, pap="red")
    item = next(one for one in from_campaigns([campaign(1)], voice) if one["type"] == "campaign")
    assert refused(stated(item)).reasons == ("it is marked PAP:RED, and the recipient honours amber at most",)
    released(stated(item), Recipient("peers", pap="red"))


def test_a_group_smaller_than_the_threshold_does_not_leave():
    item = next(one for one in from_campaigns([campaign(1, accounts=9)], VOICE) if one["type"] == "campaign")
    assert refused(stated(item)).reasons == ("it may be of fewer than 10 accounts (clause k-threshold)",)


def test_free_text_is_held_word_for_word_for_a_person():
    item = put(BASES["note"], ["content"], "Two networks look alike.")
    refusal = refused(item)
    assert [(one.path, one.text) for one in refusal.held] == [("content", "Two networks look alike.")]
    assert "Two networks" not in " ".join(refusal.reasons)


def test_two_people_let_a_text_go_and_stand_in_its_record():
    item = put(BASES["note"], ["content"], "Two networks look alike.")
    release = released(item, approvals=yes(item, "Counsel 1", "Ada Example"))
    arrived = json.loads(release.body)
    assert arrived["extensions"][EXTENSION_ID]["release"]["approved_by"] == ["Ada Example", "Counsel 1"]
    assert admissible(arrived, THREATS, NOW) is None
    assert "two-people" in release.clauses


@pytest.mark.parametrize(
    "approvals",
    [
        lambda item: yes(item, "Counsel 1"),
        lambda item: yes(item, "Counsel 1", "Counsel 1"),
        lambda item: yes(item, "Ada Example", "ada  example."),
        lambda item: yes(item, "Counsel 1", "Writer Example"),
        lambda item: yes(item, "Counsel 1", "Ada Example", ago=timedelta(hours=73)),
        lambda item: yes(item, "Counsel 1", "Ada Example", ago=timedelta(hours=-1)),
        lambda item: yes({**item, "content": "Other words."}, "Counsel 1", "Ada Example"),
        lambda item: yes(item, "Counsel 1", "jane.doe@customer.example"),
        lambda item: yes(item, "Counsel 1", ""),
    ],
    ids=[
        "one",
        "one-twice",
        "one-in-two-spellings",
        "the-author",
        "too-old",
        "not-yet",
        "other-bytes",
        "no-name",
        "empty",
    ],
)
def test_what_is_not_two_other_people_in_time_for_these_bytes_is_no_approval(approvals):
    item = put(BASES["note"], ["content"], "Two networks look alike.")
    refused(item, approvals=approvals(item), author="Writer Example")


def test_a_text_with_one_name_twice_in_its_record_does_not_arrive():
    item = put(BASES["note"], ["content"], "Two networks look alike.")
    arrived = json.loads(released(item, approvals=yes(item, "Counsel 1", "Ada Example")).body)
    once = put(arrived, ["extensions", EXTENSION_ID, "release", "approved_by"], ["Ada Example", "ada example"])
    assert admissible(once, THREATS, NOW) is not None


def test_a_government_gets_nothing_under_the_agreement_of_members_nor_members_under_its_own():
    item = stating(BASES["campaign"], element="fraud")
    assert "is for a member" in refused(item, AGENCY).reasons[0]
    assert any("is for a government" in one for one in refused(item, PEERS, shipped("government")).reasons)


def for_government():
    """A campaign of enough accounts, on the terms of that agreement, and as short-lived as it asks."""
    item = next(one for one in from_campaigns([campaign(1)], VOICE) if one["type"] == "campaign")
    return stating(item, element="fraud")


def test_every_object_for_a_government_needs_two_people():
    item = for_government()
    assert len(refused(item, AGENCY, shipped("government")).reasons) == 1
    release = released(item, AGENCY, shipped("government"), approvals=yes(item, "Counsel 1", "Counsel 2"))
    arrived = json.loads(release.body)
    assert admissible(arrived, shipped("government"), NOW) is None
    assert admissible(arrived, THREATS, NOW) is not None


@pytest.mark.parametrize("kind", ["note", "opinion", "sighting", "report", "grouping"])
def test_a_government_gets_no_texts_opinions_or_sightings(kind):
    item = BASES[kind]
    approvals = yes(item, "Counsel 1", "Counsel 2")
    assert "lists no such type" in refused(item, AGENCY, shipped("government"), approvals=approvals).reasons[0]


def test_a_members_own_name_needs_nobody_and_anothers_passes_for_nobody():
    own, other = say.identity(VOICE), say.identity(Voice(member="Northwind Traders", now=NOW))
    released(own, sender="Member A")
    assert refused(own).held[0].text == "Member A"
    refused(other, sender="Member A")
    assert admissible(own, THREATS, NOW, sender="Member A") is None
    assert admissible(other, THREATS, NOW, sender="Member A") is not None


def test_a_preview_shows_the_very_bytes_and_a_clause_for_each_value():
    release = released(BASES["indicator"])
    lines = preview(release).splitlines()
    assert lines[0].encode() == release.body
    for path, clause in release.grounds.items():
        assert any(line.split()[:2] == [path, clause] for line in lines)
    assert any(line.startswith("expires   2027-02-18") for line in lines)


def test_the_sender_s_own_identity_needs_nobody_s_approval_and_another_s_is_refused() -> None:
    mine, other = say.identity(Voice("Member A", NOW)), say.identity(Voice("Member B", NOW))
    assert isinstance(clear(mine, PEERS, THREATS, NOW, sender="Member A"), Release)
    assert admissible(mine, THREATS, NOW, sender="Member A") is None
    for answer in (
        clear(other, PEERS, THREATS, NOW, sender="Member A"),
        admissible(other, THREATS, NOW, sender="Member A"),
    ):
        assert isinstance(answer, Refusal)
        assert "each member sends its own identity" in answer.reasons[0]


SAYINGS = ("sighting", "opinion", "note", "grouping", "report")


@pytest.mark.parametrize("base", sorted(BASES.keys() - PUBLIC))
def test_what_another_made_neither_leaves_nor_arrives_in_its_name(base: str) -> None:
    item = BASES[base]
    approvals = yes(item, "Counsel 1", "Counsel 2")
    made = msgspec.json.decode(released(item, approvals=approvals, sender=VOICE.member).body)
    assert admissible(made, THREATS, NOW, sender=VOICE.member) is None
    home = refused(item, approvals=approvals, sender="Member B")
    there = admissible(made, THREATS, NOW, sender="Member B")
    assert there is not None
    assert home.reasons == there.reasons
    assert "sends what it made itself" in there.reasons[0]
    assert there.reasons[0].endswith("(clause identifiers)")


@pytest.mark.parametrize("base", SAYINGS)
def test_what_a_member_says_stands_under_the_id_that_follows_from_its_name(base: str) -> None:
    item = put(BASES[base], ["created_by_ref"], say.member_id("Member B"))
    if base == "sighting":
        item = put(item, ["where_sighted_refs"], [say.member_id("Member B")])
    reasons = refused(item, approvals=yes(item, "Counsel 1", "Counsel 2"), sender="Member B").reasons
    assert len(reasons) == 1
    assert "compute it from" in reasons[0]
    assert "docs/stix.md" in reasons[0]


@pytest.mark.parametrize("base", SAYINGS)
def test_what_a_member_takes_back_stays_under_its_id(base: str) -> None:
    later = NOW + timedelta(days=3)
    item = revise.retracted(BASES[base], later)
    approvals = [Approval(name, later, to_approve(item)) for name in ("Counsel 1", "Counsel 2")]
    released(item, now=later, approvals=approvals, sender=VOICE.member)


def test_an_indicator_s_name_is_computed_from_its_pattern_and_nobody_chooses_it() -> None:
    item = stated(BASES["indicator"])
    assert isinstance(clear(item, PEERS, THREATS, NOW, sender=VOICE.member), Release)
    chosen = {**item, "name": "Indicator 3f2a91c0"}
    borrowed = {**item, "pattern": "[x-stillwatch-campaign:techniques[*] = 'SW-T31']"}
    for other in (chosen, borrowed):
        answer = clear(other, PEERS, THREATS, NOW, sender=VOICE.member)
        assert isinstance(answer, Refusal)
        assert "follows from its pattern" in answer.reasons[0]


def test_names_of_people_arrive_only_where_people_had_to_approve() -> None:
    item = msgspec.json.decode(released(BASES["campaign"]).body)
    assert admissible(item, THREATS, NOW, sender=VOICE.member) is None
    named = put(item, ["extensions", EXTENSION_ID, "release", "approved_by"], ["Northwind Traders", "Pays Much"])
    assert isinstance(admissible(named, THREATS, NOW, sender=VOICE.member), Refusal)


def test_one_key_signs_once() -> None:
    item = msgspec.json.decode(released(BASES["campaign"]).body)
    keys = [hashlib.sha256(sign.encode()).hexdigest() for sign in "ab"]
    sign = base64.b64encode(hashlib.sha512(b"sign").digest()).decode()
    path = ["extensions", EXTENSION_ID, "release", "signatures"]
    two = put(item, path, [{"keyid": key, "sig": sign} for key in keys])
    assert admissible(two, THREATS, NOW, sender=VOICE.member) is None
    again = put(item, path, [{"keyid": keys[0], "sig": sign}] * 2)
    assert isinstance(admissible(again, THREATS, NOW, sender=VOICE.member), Refusal)
