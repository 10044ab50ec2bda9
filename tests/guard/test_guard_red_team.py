"""What must never leave does not leave: not as it comes, not under a good record, not though two people said yes."""

import json
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from tests.guard.material import AGENCY, NOW, PEERS, VOICE, bases, put

from stillwatch.guard.agreement import shipped
from stillwatch.guard.clear import admissible, clear, to_approve
from stillwatch.guard.known import EXTENSION_ID
from stillwatch.guard.release import Approval, Refusal, Release

FOLDER = Path(__file__).parent / "red_team"
HIDDEN = [json.loads(line) for line in (FOLDER / "hidden.jsonl").read_text("utf-8").splitlines()]
APPROVED = [json.loads(line) for line in (FOLDER / "approved.jsonl").read_text("utf-8").splitlines()]
BASES = bases()


def spoilt(case, item):
    for path, value in case["put"]:
        item = put(item, [EXTENSION_ID if step == "OURS" else step for step in path], value)
    return item


def yes(item, *people):
    return tuple(Approval(person, NOW - timedelta(hours=1), to_approve(item)) for person in people)


def released(base):
    """The base as it leaves: its record written, nothing wrong with it."""
    item = BASES[base]
    release = clear(item, PEERS, shipped("threat-signatures"), NOW, yes(item, "Counsel 1", "Counsel 2"))
    assert isinstance(release, Release), release
    return msgspec.json.decode(release.body)


def test_the_corpus_has_three_hundred_cases_and_each_has_a_name_of_its_own():
    assert len(HIDDEN) >= 300
    assert len({case["id"] for case in HIDDEN}) == len(HIDDEN)


@pytest.mark.parametrize("base", BASES)
def test_every_base_would_leave_if_nothing_were_hidden_in_it(base):
    assert admissible(released(base), shipped("threat-signatures"), NOW) is None


@pytest.mark.parametrize("case", HIDDEN, ids=lambda case: case["id"])
def test_what_is_hidden_never_leaves(case):
    item = spoilt(case, BASES[case["base"]])
    assert isinstance(clear(item, PEERS, shipped("threat-signatures"), NOW, sender=VOICE.member), Refusal)
    assert isinstance(clear(item, AGENCY, shipped("government"), NOW, sender=VOICE.member), Refusal)


# A sender's guard looks at the recipient too; the forum keeps what the sender's own visibility rules then narrow.
FOR_THE_SENDER_ALONE = {"tlp-red", "tlp-strict", "pap-red"}


@pytest.mark.parametrize(
    "case", [one for one in HIDDEN if one["id"] not in FOR_THE_SENDER_ALONE], ids=lambda one: one["id"]
)
def test_what_is_hidden_under_a_good_record_never_arrives(case):
    item = released(case["base"])
    ours = item.get("extensions", {}).get(EXTENSION_ID, {}).get("release", {})
    ours.pop("approved_by", None)
    assert isinstance(admissible(spoilt(case, item), shipped("threat-signatures"), NOW, sender=VOICE.member), Refusal)


@pytest.mark.parametrize("case", APPROVED, ids=lambda case: case["id"])
def test_two_people_can_not_approve_what_no_text_may_say(case):
    item = spoilt(case, BASES["note"])
    approvals = () if "\\ud83d" in json.dumps(item) else yes(item, "Counsel 1", "Counsel 2")
    assert isinstance(clear(item, PEERS, shipped("threat-signatures"), NOW, approvals), Refusal)


@pytest.mark.parametrize("case", HIDDEN, ids=lambda case: case["id"])
def test_a_refusal_does_not_repeat_what_it_refuses(case):
    answer = clear(spoilt(case, BASES[case["base"]]), PEERS, shipped("threat-signatures"), NOW)
    said = " ".join(answer.reasons).casefold()
    for secret in ("northwind", "4.25", "1840000", "13610", "jane.doe", "contoso"):
        assert secret not in said
