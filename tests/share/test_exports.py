"""The other exports: OCSF, MISP and CSV say what may be told, in forms that other tools read."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pymisp import MISPEvent
from share_campaigns import ACCOUNTS, CAMPAIGN, OTHER, QUOTED
from typer.testing import CliRunner

from stillwatch.apps.cli.export import app
from stillwatch.errors import NoInputError, OutputError, UsageError
from stillwatch.share.misp import misp_event
from stillwatch.share.ocsf import detection_finding
from stillwatch.share.stix import problems
from stillwatch.share.table import COLUMNS, as_csv
from stillwatch.vocabulary.campaigns import Scan, Scanned

NOW = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)
#: OCSF 1.5.0, class Detection Finding: attributes that are required, with those of the objects in them.
REQUIRED = ("activity_id", "category_uid", "class_uid", "finding_info", "metadata", "severity_id", "time", "type_uid")


def _nothing_private(body: str) -> None:
    for word in (*ACCOUNTS, *QUOTED, "1361", "1187", "05:15"):
        assert word not in body, word


def test_a_detection_finding_has_every_attribute_its_class_requires() -> None:
    for campaign in (CAMPAIGN, OTHER):
        event = detection_finding(campaign, NOW, "0.1.0")
        assert all(name in event for name in REQUIRED)
        assert (event["class_uid"], event["category_uid"], event["type_uid"]) == (2004, 2, 200401)
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert event["metadata"]["version"] == "1.5.0"
        assert event["metadata"]["product"]["name"]
        assert event["finding_info"]["uid"] == campaign.id
        assert event["finding_info"]["analytic"]["type_id"] == 3
        assert json.loads(msgspec.json.encode(event)) == event


def test_a_detection_finding_names_atlas_techniques_once_and_times_in_milliseconds() -> None:
    event = detection_finding(CAMPAIGN, NOW, "0.1.0")
    assert [one["technique"]["uid"] for one in event["finding_info"]["attacks"]] == ["AML.T0024.002"]
    assert event["start_time"] == datetime(2026, 7, 7, 5, tzinfo=UTC).timestamp() * 1000
    assert (event["severity_id"], event["is_alert"]) == (4, True)
    assert detection_finding(OTHER, NOW, "0.1.0")["is_alert"] is False
    _nothing_private(json.dumps(event))


def test_pymisp_reads_the_event_and_writes_the_same_again() -> None:
    for campaign in (CAMPAIGN, OTHER):
        made = misp_event(campaign, NOW)
        event = MISPEvent()
        event.from_dict(**json.loads(json.dumps(made)))
        again: dict[str, Any] = json.loads(event.to_json())
        assert again["uuid"] == campaign.id.split("--")[1] == made["Event"]["uuid"]
        assert [one["name"] for one in again["Tag"]] == [one["name"] for one in made["Event"]["Tag"]]
        assert [(one["uuid"], one["type"], one["value"]) for one in again["Attribute"]] == [
            (one["uuid"], one["type"], one["value"]) for one in made["Event"]["Attribute"]
        ]
        assert again["distribution"] == "0"
        assert not event.published


def test_a_misp_event_carries_tlp_and_pap_and_each_attribute_once() -> None:
    made = misp_event(CAMPAIGN, NOW, "amber+strict", "red")["Event"]
    tags = [one["name"] for one in made["Tag"]]
    assert tags[:2] == ["tlp:amber+strict", "PAP:RED"]
    assert 'mitre-atlas:technique="AML.T0024.002"' in tags
    uuids = [one["uuid"] for one in made["Attribute"]]
    assert len(uuids) == len(set(uuids))
    _nothing_private(json.dumps(made))


def test_the_table_reads_back_as_it_was_written() -> None:
    body = as_csv([CAMPAIGN, OTHER])
    rows = list(csv.reader(io.StringIO(body)))
    assert tuple(rows[0]) == COLUMNS
    assert [len(row) for row in rows] == [len(COLUMNS)] * 3
    found = dict(zip(rows[0], rows[1], strict=True))
    assert (found["accounts"], found["exchanges"]) == ("10-99", "1000-9999")
    _nothing_private(body)


def test_no_cell_of_the_table_begins_like_a_formula() -> None:
    evil = msgspec.structs.replace(CAMPAIGN, id="=cmd|calc")
    cells = [cell for row in csv.reader(io.StringIO(as_csv([evil]))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@pytest.fixture
def campaigns(tmp_path: Path) -> Path:
    scanned = Scanned(exchanges=1400, accounts=24, quarantined=0, first=None, last=None, seconds=0.1)
    path = tmp_path / "campaigns.json"
    path.write_bytes(msgspec.json.encode(Scan(scanned=scanned, campaigns=(CAMPAIGN, OTHER))))
    return path


@pytest.mark.parametrize("form", ["stix", "ocsf", "misp", "csv"])
def test_the_command_writes_every_form(form: str, campaigns: Path, tmp_path: Path) -> None:
    out = tmp_path / f"out.{form}"
    done = CliRunner().invoke(app, [form, str(campaigns), "--out", str(out)], catch_exceptions=False)
    assert (done.exit_code, done.output.strip()) == (0, f"{out} (2 campaigns)")
    body = out.read_text("utf-8")
    _nothing_private(body)
    if form == "stix":
        assert problems(json.loads(body)) == []
    elif form == "ocsf":
        assert [json.loads(line)["class_uid"] for line in body.splitlines()] == [2004, 2004]
    elif form == "misp":
        assert len(json.loads(body)["response"]) == 2
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_the_marking_asked_for_is_on_every_object_of_the_campaign(campaigns: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    CliRunner().invoke(app, ["stix", str(campaigns), "--out", str(out), "--tlp", "red"], catch_exceptions=False)
    objects = json.loads(out.read_text("utf-8"))["objects"]
    ours = [one for one in objects if one["type"] in ("campaign", "indicator", "sighting", "note", "grouping")]
    red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
    assert ours
    assert all(red in one["object_marking_refs"] for one in ours)


def test_what_cannot_be_done_says_who_must_act(campaigns: Path, tmp_path: Path) -> None:
    run = CliRunner()
    for arguments, error in (
        (["stix", str(tmp_path / "none.json"), "--out", str(tmp_path / "o")], NoInputError),
        (["stix", str(campaigns), "--out", str(tmp_path / "o"), "--tlp", "purple"], UsageError),
        (["csv", str(campaigns), "--out", str(tmp_path / "no" / "o")], OutputError),
    ):
        assert isinstance(run.invoke(app, arguments).exception, error)
    (tmp_path / "other.json").write_text("[]", "utf-8")
    assert isinstance(
        run.invoke(app, ["csv", str(tmp_path / "other.json"), "--out", str(tmp_path / "o")]).exception, NoInputError
    )
