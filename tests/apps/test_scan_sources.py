"""A line of evidence that rests on other members' word says whose forum, which epoch, and until when."""

import json
from datetime import UTC, datetime

import msgspec

from stillwatch.apps.sensor import sightings
from stillwatch.vocabulary.campaigns import Campaign

NOW = datetime(2026, 7, 1, tzinfo=UTC)
SIGHTING = {"type": "ipv4", "value": "192.0.2.1", "members": "3-5", "expires_at": "2099-01-01T00:00:00Z"}
FROM = {"provenance": {"forum": "forum.example", "epoch": "e1", "label": "00"}}


def campaign():
    def line(name):
        return {"id": name, "axis": "peer", "observed": "", "ordinary": "", "weight_bits": 1.0, "text": "Seen."}

    return msgspec.convert(
        {
            "id": "campaign--1", "rank": 1, "weight_bits": 2.0, "p_value": 0.1, "level": "review", "accounts": [],
            "exchanges": 1, "first_exchange_at": "2026-06-01T00:00:00Z", "last_exchange_at": "2026-06-02T00:00:00Z",
            "noticed_at": None, "noticed_after_exchanges": None, "techniques": [], "capabilities": {}, "exposure": [],
            "evidence": [line("peer-sightings"), line("elicitation")], "could_be_wrong": [],
        },
        Campaign,
    )  # fmt: skip


def sourced(tmp_path, *given, **of_file):
    path = tmp_path / "sightings.json"
    path.write_text(json.dumps({"sightings": given, **of_file}))
    (found,) = sightings.sourced((campaign(),), sightings.read(path, NOW))
    return json.loads(msgspec.json.encode(found))["evidence"]


def test_forum_epoch_and_end_stand_in_the_line_of_the_sightings_and_in_no_other(tmp_path):
    peer, other = sourced(tmp_path, SIGHTING | FROM, SIGHTING | FROM | {"value": "192.0.2.2"})
    assert peer["sources"] == [{"forum": "forum.example", "epoch": "e1", "expires_at": "2099-01-01T00:00:00Z"}]
    assert peer["text"] == "Seen. Their word: epoch e1 of forum.example, until 2099-01-01T00:00:00Z."
    assert "sources" not in other
    assert other["text"] == "Seen."


def test_what_a_sighting_does_not_say_of_its_source_its_file_says(tmp_path):
    peer, _ = sourced(tmp_path, SIGHTING, forum="f.example", epoch="e2")
    assert [(one["forum"], one["epoch"]) for one in peer["sources"]] == [("f.example", "e2")]


def test_expired_sightings_are_nobodys_source(tmp_path):
    old = SIGHTING | FROM | {"expires_at": "2026-06-30T00:00:00Z"}
    assert "sources" not in sourced(tmp_path, old)[0]
