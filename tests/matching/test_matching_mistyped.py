"""What a person may type wrongly at the commands of private matching ends in one line that says what to mend."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stillwatch.apps.forum import founding, matching_keys
from stillwatch.apps.matching.asking import item, question
from stillwatch.apps.matching.keeping import Folder
from stillwatch.apps.trustee import founding as trustee_founding
from stillwatch.errors import NoInputError, StateError, UsageError

DEEP = "[" * 200_000


@pytest.fixture
def dbs(tmp_path: Path) -> dict[str, str]:
    """A forum that matches and a trustee, not serving."""
    found = {party: f"sqlite:///{tmp_path / party}.db" for party in ("forum", "trustee")}
    founding.found(found["forum"], "A forum for tests")
    matching_keys.prepare(found["forum"], tmp_path / "forum-keys", "forum")
    trustee_founding.found(found["trustee"], "A trustee for tests", tmp_path / "trustee-keys")
    return found


def _refused(*words: str | Path) -> str:
    """What a command that was mistyped says; its exit code is 2."""
    command = (sys.executable, "-m", "stillwatch", *map(str, words))
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    return done.stderr


@pytest.mark.parametrize(("party", "words"), [("trustee", ["forum", "match"]), ("forum", ["trustee"])])
@pytest.mark.parametrize("command", [["epoch", "draw", "w1"], ["epoch", "destroy", "w1"], ["status"]])
def test_a_holders_commands_refuse_the_database_of_the_other(
    dbs: dict[str, str], party: str, words: list[str], command: list[str]
) -> None:
    assert "forum and trustee are never one" in _refused(*words, *command, "--db", dbs[party])
    assert matching_keys.status(dbs[party])["epochs"] == []


@pytest.mark.parametrize(
    "content", [DEEP, "[1]", '{"holder": "trustee", "epoch": "w1", "keys": {"ipv4": 7}}', '{"holder": "forum"}']
)
def test_what_no_trustee_printed_opens_no_epoch(dbs: dict[str, str], tmp_path: Path, content: str) -> None:
    (tmp_path / "printed").write_text(content)
    words = ("forum", "match", "epoch", "open", "--trustee", tmp_path / "printed", "--db", dbs["forum"])
    assert "printed" in _refused(*words, "--opens", "2026-11-01", "--closes", "2026-11-08")


def test_a_threshold_that_no_epoch_can_have_is_refused(dbs: dict[str, str], tmp_path: Path) -> None:
    theirs = matching_keys.draw_epoch(dbs["trustee"], "w1", ["ipv4"])
    matching_keys.draw_epoch(dbs["forum"], "w1", ["ipv4"])
    (tmp_path / "printed").write_text(json.dumps(theirs))
    words = ("forum", "match", "epoch", "open", "--trustee", tmp_path / "printed", "--db", dbs["forum"])
    assert "255" in _refused(*words, "--opens", "2026-11-01", "--closes", "2026-11-08", "--threshold", "999")


@pytest.mark.parametrize("content", [DEEP, "[1]", '{"labels": "zz"}', '{"labels": ["zz"]}'])
def test_what_no_audit_drew_opens_no_row(tmp_path: Path, content: str) -> None:
    (tmp_path / "drawn").write_text(content)
    (tmp_path / "state").mkdir(mode=0o700)
    assert "audit draw" in _refused("match", "open", tmp_path / "drawn", "--state", tmp_path / "state")


def test_a_damaged_letter_is_named(tmp_path: Path) -> None:
    with Folder(tmp_path / "state") as folder:
        (tmp_path / "state" / "1.letter").write_bytes(b"\x93\xc4")
        with pytest.raises(StateError, match=r"1\.letter"):
            list(folder.letters())


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ("nothing", "no list of common values"),
        ('[{"kind": "carrier-nat", "type": "ipv4", "value": "8.1.0.0/33"}]', "entry 1 is no network"),
        ('[{"kind": "nobody", "type": "ipv4", "value": "8.1.0.0/16"}]', "no list of common values"),
    ],
)
def test_a_list_of_common_values_that_can_not_be_used_is_refused(tmp_path: Path, entries: str, why: str) -> None:
    """What it stands for would be asked otherwise."""
    watched, common = tmp_path / "list.jsonl", tmp_path / "common.json"
    watched.write_text('{"type": "ipv4", "value": "8.1.0.1"}\n{"type": "ipv4", "value": "8.2.0.1"}\n')
    common.write_text(f'{{"version": 1, "about": "", "entries": {entries}}}')
    with pytest.raises(UsageError, match=why):
        question(watched, None, common)


def test_what_a_members_own_list_calls_common_is_not_asked(tmp_path: Path) -> None:
    watched, common = tmp_path / "list.csv", tmp_path / "common.json"
    watched.write_text("type,value\nipv4,8.1.0.1\nipv4,8.2.0.1\ndomain,gmail.com\n")
    entry = {"kind": "carrier-nat", "type": "ipv4", "value": "8.1.0.0/16"}
    common.write_text(json.dumps({"version": 1, "about": "", "entries": [entry]}))
    found = question(watched, None, common)
    assert [each.identifier.text for each in found.listed] == ["8.2.0.1"]
    assert {each.kind for each in found.common} == {"carrier-nat", "free-mail"}


def test_a_day_that_no_note_has_room_for_is_as_if_nothing_was_said(tmp_path: Path) -> None:
    times = {
        "8.0.0.1": ("yesterday", "2999-01-01"),
        "8.0.0.2": ("1960-01-01", "2026-11-01T00:30:00+02:00"),
        "8.0.0.3": ("2026-11-09", "2026-11-01"),
        "8.0.0.4": ("0001-01-01T00:00:00+14:00", None),
    }
    lines = [
        json.dumps({"type": "ipv4", "value": value, "first_seen": first, "last_seen": last})
        for value, (first, last) in times.items()
    ]
    path = tmp_path / "list.jsonl"
    path.write_text("\n".join(lines))
    days = {each.identifier.text: item(each, bytes(32)).note for each in question(path, None).listed}
    assert {value: (note.first, note.last) for value, note in days.items()} == {
        "8.0.0.1": (0, 0),
        "8.0.0.2": (0, 20_757),
        "8.0.0.3": (20_758, 20_758),
        "8.0.0.4": (0, 0),
    }


def test_a_list_of_nothing_that_can_be_asked_says_what_is_wrong_and_not_with_what(tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text('{"type": "payment-fingerprint", "value": "4111 1111 1111 1111"}\n')
    with pytest.raises(NoInputError, match="line 1: payment-fingerprint: is or holds a card number") as raised:
        question(path, None)
    assert "4111" not in str(raised.value)


def test_a_campaign_without_its_scans_watch_list_says_what_to_give_instead(tmp_path: Path) -> None:
    campaigns = tmp_path / "campaigns.json"
    scanned = {"exchanges": 0, "accounts": 0, "quarantined": 0, "from": "", "to": "", "seconds": 0.0}
    campaigns.write_text(json.dumps({"scanned": scanned, "campaigns": []}))
    with pytest.raises(UsageError, match=r"no watchlist\.jsonl lies beside .*--identifiers"):
        question(None, campaigns)
