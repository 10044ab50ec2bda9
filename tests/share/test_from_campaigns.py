"""What we say in STIX is valid everywhere, tells no number and no account, and is the same each time it is said."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import stix2
from share_campaigns import ACCOUNTS, CAMPAIGN, OTHER, QUOTED
from stix2validator import ValidationOptions, validate_instance

from stillwatch.share.stix import EXTENSION_ID, Voice, bundle, from_campaigns, problems, say
from stillwatch.share.stix.buckets import BUCKETS, bucket
from stillwatch.share.stix.extension import Record, published_schema
from stillwatch.share.stix.markings import PAP_IDS, TLP_IDS, pap_marking, tlp_marking
from stillwatch.share.stix.techniques import attack_patterns
from stillwatch.share.stix.wire import read
from stillwatch.share.told import told
from stillwatch.vocabulary.campaigns import EvidenceShown
from stillwatch.vocabulary.techniques import TECHNIQUES

NOW = datetime(2026, 8, 1, 9, 30, 0, 123_456, tzinfo=UTC)
VOICE = Voice("Member 3", NOW)
SCHEMA = Path(say.__file__).with_name("stillwatch-extension.json")


def everything() -> list[dict[str, Any]]:
    """One of each kind of object that this software says."""
    made = from_campaigns([CAMPAIGN, OTHER], VOICE)
    marked = [tlp_marking(label) for label in TLP_IDS] + [pap_marking(label) for label in PAP_IDS]
    said = [
        say.opinion(VOICE, CAMPAIGN.id, "disagree", "This is our own test fleet."),
        say.report(VOICE, "Notice 4", [CAMPAIGN.id], "access-policy", "Keys of trial plans end in October."),
        say.relationship(VOICE, CAMPAIGN.id, "related-to", OTHER.id),
    ]
    return list({one["id"]: one for one in [*made, *marked, *attack_patterns(), *said]}.values())


@pytest.mark.parametrize("obj", everything(), ids=lambda obj: obj["id"][:40])
def test_all_that_we_say_is_valid_for_every_reader(obj: dict[str, Any]) -> None:
    assert problems(obj) == []
    result = validate_instance(obj, ValidationOptions(version="2.1"))
    assert result.is_valid, result.errors
    parsed = json.loads(stix2.parse(obj, allow_custom=False).serialize())
    assert parsed.keys() == obj.keys()
    assert parsed["id"] == obj["id"]


def test_the_whole_bundle_is_valid() -> None:
    made = bundle(everything())
    assert problems(made) == []
    assert validate_instance(made, ValidationOptions(version="2.1")).is_valid


def test_all_kinds_of_object_are_said() -> None:
    kinds = {one["type"] for one in everything()}
    assert kinds >= {
        "campaign", "indicator", "attack-pattern", "sighting", "note", "opinion", "grouping", "identity",
        "relationship", "marking-definition", "report", "extension-definition",
    }  # fmt: skip


def test_every_reference_leads_to_an_object_of_the_same_bundle() -> None:
    made = from_campaigns([CAMPAIGN, OTHER], VOICE)
    ids = {one["id"] for one in made}
    refs = set(re.findall(r'"([a-z-]+--[0-9a-f-]{36})"', json.dumps(made)))
    published_elsewhere = {one for one in refs if one.startswith("extension-definition--") and one != EXTENSION_ID}
    assert refs - ids == published_elsewhere
    assert len(published_elsewhere) == 2  # OASIS's extensions for TLP 2.0 and PAP


def test_no_account_no_number_and_no_sentence_of_the_evidence_leaves() -> None:
    body = json.dumps(bundle(from_campaigns([CAMPAIGN], VOICE)))
    for account in ACCOUNTS:
        assert account not in body
    for quoted in QUOTED:
        assert quoted not in body
    for number in (CAMPAIGN.exchanges, len(CAMPAIGN.accounts), *(one.mid for one in CAMPAIGN.exposure)):
        assert not re.search(rf"(?<![0-9a-f-]){number}(?![0-9a-f-])", body), number
    assert "05:15" not in body  # the minute of the first exchange


def test_counts_are_told_as_the_power_of_ten_they_lie_in() -> None:
    assert [bucket(count) for count in (-1, 0, 1, 9, 10, 99, 100, 1_361, 24_000, 16_000_000)] == [
        "0", "0", "1-9", "1-9", "10-99", "10-99", "100-999", "1000-9999", "10000-99999", "10000000-99999999",
    ]  # fmt: skip
    assert bucket(10**15) == BUCKETS[-1]
    campaign = next(one for one in from_campaigns([CAMPAIGN], VOICE) if one["type"] == "campaign")
    assert campaign["extensions"][EXTENSION_ID]["scale"] == {"accounts": "10-99", "exchanges": "1000-9999"}


def test_saying_it_again_later_makes_new_versions_of_the_same_objects() -> None:
    first = {one["id"]: one for one in from_campaigns([CAMPAIGN], VOICE)}
    again = {one["id"]: one for one in from_campaigns([CAMPAIGN], VOICE)}
    later = {one["id"]: one for one in from_campaigns([CAMPAIGN], Voice("Member 3", NOW + timedelta(days=2)))}
    assert first == again
    assert first.keys() == later.keys()
    for own, one in first.items():
        assert later[own]["created"] == one["created"]
    assert later[CAMPAIGN.id]["modified"] > first[CAMPAIGN.id]["modified"]


def test_an_indicator_always_ends() -> None:
    indicator = next(one for one in from_campaigns([CAMPAIGN], VOICE, timedelta(days=30)) if one["type"] == "indicator")
    assert indicator["valid_until"] == "2026-08-31T09:30:00.123Z"
    assert "SW-T16" in indicator["pattern"]


def test_the_three_claims_that_no_log_can_support_are_not_assessed() -> None:
    campaign = next(one for one in from_campaigns([CAMPAIGN], VOICE) if one["type"] == "campaign")
    claims = campaign["extensions"][EXTENSION_ID]["claims"]
    assert claims["behaviour"]["confidence"] == "almost-certain"
    assert {claims[name]["confidence"] for name in ("operator", "beneficiary", "descent")} == {"not-assessed"}


def test_a_claim_is_never_surer_than_its_campaign() -> None:
    weak = msgspec.structs.replace(CAMPAIGN, weight_bits=0.0)
    campaign = next(one for one in from_campaigns([weak], VOICE) if one["type"] == "campaign")
    claims = campaign["extensions"][EXTENSION_ID]["claims"]
    assert claims["coordination"]["confidence"] == claims["behaviour"]["confidence"] == "even-chance"
    assert campaign["confidence"] == 50


def test_every_technique_is_an_attack_pattern_with_the_id_atlas_has_for_it() -> None:
    made = attack_patterns()
    assert len(made) == len(TECHNIQUES) == 31
    for technique, one in zip(TECHNIQUES, made, strict=True):
        ids = {ref["source_name"]: ref["external_id"] for ref in one["external_references"]}
        assert ids["stillwatch"] == technique.id
        assert ids.get("mitre-atlas") == technique.atlas


def test_the_markings_are_those_that_oasis_published() -> None:
    assert TLP_IDS["red"] == "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
    assert tlp_marking("amber+strict")["name"] == "TLP:AMBER+STRICT"
    assert pap_marking("amber")["extensions"] == {
        "extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b": {
            "extension_type": "property-extension",
            "pap": "amber",
        }
    }


def test_the_published_schema_is_the_one_in_the_code() -> None:
    assert json.loads(SCHEMA.read_text("utf-8")) == published_schema()


def test_our_extension_passes_its_own_schema_and_strangers_do_not() -> None:
    check = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    jsonschema.Draft202012Validator.check_schema(check.schema)
    campaign = next(one for one in from_campaigns([CAMPAIGN], VOICE) if one["type"] == "campaign")
    record = campaign["extensions"][EXTENSION_ID]
    release = {
        "agreement": "threat-signatures", "version": "1", "clauses": ["technical-types"], "purpose": "detection",
        "expires_at": "2026-10-01T00:00:00.000Z", "approved_by": ["A. Person", "B. Person"],
        "legal_basis": {"name": "a basis", "dated": "2026-01-01", "element": "fraudulent credentials"},
        "signatures": [{"keyid": "0" * 64, "sig": "A" * 86 + "=="}],
    }  # fmt: skip
    for good in (record, {**record, "release": release}):
        check.validate(good)
        assert msgspec.convert(good, Record) is not None
    for bad in (
        {**record, "prompt": "write out your reasoning"},
        {**record, "scale": {"accounts": "23", "exchanges": "1000-9999"}},
        {**record, "evidence": [{"id": "Of 1289 prompts", "family": "structure", "bits": 3}]},
        {**record, "release": {**release, "signatures": [{"keyid": "x", "sig": "y"}]}},
        {},
    ):
        assert not check.is_valid(bad)
        if bad:
            with pytest.raises(msgspec.ValidationError):
                msgspec.convert(bad, Record)


def test_what_we_said_is_read_back_as_our_own_types_and_nothing_else_is() -> None:
    campaign = next(one for one in from_campaigns([CAMPAIGN], VOICE) if one["type"] == "campaign")
    assert read(json.dumps(campaign).encode()).id == CAMPAIGN.id
    with pytest.raises(msgspec.ValidationError):
        read(json.dumps({**campaign, "x_price": 3}).encode())
    with pytest.raises(msgspec.ValidationError):
        read(b'{"type": "tool"}')


def test_a_time_without_a_zone_is_not_told() -> None:
    with pytest.raises(ValueError, match="zone"):
        say.timestamp(datetime(2026, 1, 1))


def test_what_other_members_said_is_not_told_on_and_makes_us_no_surer() -> None:
    word = EvidenceShown(
        id="peer-sightings", family="peer", axis="peer", observed="", ordinary="", weight_bits=4.0, text=""
    )
    heard = msgspec.structs.replace(
        CAMPAIGN, evidence=(*CAMPAIGN.evidence, word), weight_bits=CAMPAIGN.weight_bits + word.weight_bits
    )
    assert told(heard) == told(CAMPAIGN)
