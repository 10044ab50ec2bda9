"""Versions, decisions and replies: what may follow what."""

import json
from base64 import b64decode, b64encode
from datetime import timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from member_world import NOW, indicator

from stillwatch.apps.member.outbox import Outbox
from stillwatch.apps.member.records import DECISIONS, read_decisions, record_decision
from stillwatch.apps.member.settings import Settings
from stillwatch.errors import IntegrityError
from stillwatch.share.life.decision import DECLARATION, FROM_OTHERS, Heard
from stillwatch.share.life.replies import dispute, sighting
from stillwatch.share.life.revise import corrected, following, retracted
from stillwatch.share.stix import problems
from stillwatch.share.stix.say import Voice, timestamp
from stillwatch.vocabulary.campaigns import Campaign, EvidenceShown

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
US = Settings(name="Ada", forum="https://forum.example/", credential="c", signing_key="k")
LATER = NOW + timedelta(hours=1)


def evidence(family: str, bits: float) -> EvidenceShown:
    words = {"axis": "structure", "observed": "x", "ordinary": "y", "text": "z"}
    return EvidenceShown(id=f"{family}-line", family=family, weight_bits=bits, **words)


def campaign(*lines: EvidenceShown) -> Campaign:
    return Campaign(
        id="campaign--47e91d0d-9f11-5557-9ca8-a31b4719576d", name="Campaign 1", rank=1, weight_bits=20.0,
        p_value=None, level="act", accounts=(), exchanges=100, first_exchange_at=timestamp(NOW),
        last_exchange_at=timestamp(NOW), noticed_at=None, noticed_after_exchanges=None, techniques=(),
        capabilities={}, exposure=(), evidence=lines, could_be_wrong=(),
    )  # fmt: skip


def test_a_correction_keeps_when_it_was_made_and_moves_when_it_was_changed():
    before = indicator("Ada", NOW, confidence=80)
    after = corrected(before, {"confidence": 30}, LATER)
    assert (after["created"], after["modified"]) == (before["created"], timestamp(LATER))
    assert after["confidence"] == 30
    assert problems(after) == []


def test_a_clock_that_was_set_back_still_makes_a_newer_version():
    before = indicator("Ada", LATER)
    assert retracted(before, NOW)["modified"] == timestamp(LATER + timedelta(milliseconds=1))
    assert following(before, indicator("Ada", NOW))["modified"] == timestamp(LATER + timedelta(milliseconds=1))


@pytest.mark.parametrize("name", ["id", "created_by_ref", "created", "modified", "type", "extensions", "revoked"])
def test_what_makes_it_this_object_can_not_be_corrected(name):
    with pytest.raises(ValueError, match="can't be corrected"):
        corrected(indicator("Ada", NOW), {name: "other"}, LATER)


def test_nothing_follows_a_retraction():
    gone = retracted(indicator("Ada", NOW), LATER)
    for revise in (lambda: retracted(gone, LATER), lambda: corrected(gone, {"confidence": 1}, LATER)):
        with pytest.raises(ValueError, match="retracted"):
            revise()


def test_a_correction_that_changes_nothing_is_none():
    with pytest.raises(ValueError, match="already"):
        corrected(indicator("Ada", NOW, confidence=80), {"confidence": 80}, LATER)


def test_a_sighting_tells_days_and_no_numbers():
    said = sighting(Voice("Ada", NOW), indicator("Bea", NOW)["id"], NOW - timedelta(days=3, minutes=7), NOW)
    assert (said["first_seen"], said["last_seen"]) == ("2026-11-17T00:00:00.000Z", "2026-11-20T00:00:00.000Z")
    assert "count" not in said
    assert problems(said) == []


def test_a_dispute_is_valid_stix_and_its_reason_can_be_counted():
    said = dispute(Voice("Ada", NOW), indicator("Bea", NOW)["id"], "strongly-disagree", "reseller")
    assert said["labels"] == ["reseller"]
    assert problems(said) == []


@pytest.fixture
def outbox(tmp_path):
    return Outbox(tmp_path)


def decide(outbox: Outbox, made: Campaign, action="throttle", by=("Counsel 2",), heard=()):
    return record_decision(outbox, US, KEY, made, action, by, heard, NOW)


def test_a_decision_record_lists_our_own_evidence_what_we_had_heard_and_that_we_acted_alone(outbox):
    heard = [Heard(id="indicator--x", member="Bea", received_at=timestamp(NOW))]
    made = decide(outbox, campaign(evidence("structure", 9.4), evidence(FROM_OTHERS, 3.0)), heard=heard)
    assert [line.family for line in made.own_evidence] == ["structure"]
    assert made.own_weight_bits == 9.4
    assert made.heard[0].member == "Bea"
    assert made.declaration == DECLARATION


def test_to_act_on_the_word_of_others_alone_can_not_be_recorded_as_acting_alone(outbox):
    with pytest.raises(ValueError, match="evidence of our own"):
        decide(outbox, campaign(evidence(FROM_OTHERS, 30.0), evidence("explanation", -2.0)))
    assert not (outbox.folder / DECISIONS).exists()


def test_a_decision_names_who_took_it(outbox):
    with pytest.raises(ValueError, match="names who"):
        decide(outbox, campaign(evidence("structure", 9.4)), by=())


def test_decisions_are_signed_and_chained_so_that_none_can_be_changed_added_or_taken_out(outbox):
    for action in ("notice", "throttle", "refuse"):
        decide(outbox, campaign(evidence("structure", 9.4)), action)
    path = outbox.folder / DECISIONS
    lines = path.read_bytes().splitlines(keepends=True)
    assert [one.action for one in read_decisions(path, KEY.public_key())] == ["notice", "throttle", "refuse"]
    envelope = json.loads(lines[1])
    payload = b64decode(envelope["payload"]).replace(b'"throttle"', b'"allow"')
    changed = json.dumps({**envelope, "payload": b64encode(payload).decode()}).encode() + b"\n"
    for tampered in ([lines[0], changed, lines[2]], [lines[0], lines[2]], lines[1:], [lines[1], lines[0], lines[2]]):
        path.write_bytes(b"".join(tampered))
        with pytest.raises(IntegrityError, match="line"):
            read_decisions(path, KEY.public_key())


def test_a_decision_holds_no_account(outbox):
    made = decide(outbox, campaign(evidence("structure", 9.4)))
    assert "accounts" not in msgspec.to_builtins(made)
