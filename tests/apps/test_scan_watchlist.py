"""``watchlist.jsonl``, and what a scan does with what ``stillwatch match`` and ``stillwatch receive`` brought back."""

import json
from pathlib import Path
from typing import Any

import pytest

from stillwatch.match.identifiers import TYPES, canonical

SIGHTING = {
    "members": "2", "accounts": "1-9", "exchanges": "100-999", "first_seen": "2026-06-01", "last_seen": "2026-06-02",
    "expires_at": "2099-01-01T00:00:00Z", "provenance": {"forum": "forum.example", "epoch": "e1", "label": "00"},
}  # fmt: skip
INDICATOR = {
    "id": "indicator--1", "name": "Indicator 1", "pattern_type": "stix", "valid_from": "2026-06-01T00:00:00.000Z",
    "valid_until": "2099-01-01T00:00:00.000Z", "expires_at": "2099-01-01T00:00:00.000Z", "member": "Member B",
    "received_at": "2026-06-02T00:00:00.000Z", "modified": "2026-06-02T00:00:00.000Z", "tlp": "amber", "pap": "amber",
    "agreement": None, "purpose": None, "confidence": 80, "key_epoch": None, "techniques": [], "campaigns": [],
    "seen_by": [], "disputes": [],
}  # fmt: skip


def listed(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "watchlist.jsonl").read_bytes().splitlines()]


def of_campaign(out: Path) -> list[dict[str, Any]]:
    return [line for line in listed(out) if line["level"] == "act"]


def peer_lines(result: dict[str, Any]) -> dict[str, list[float]]:
    """Weights of the lines of family ``peer``, by level of the campaign."""
    found: dict[str, list[float]] = {}
    for campaign in result["campaigns"]:
        for item in campaign["evidence"]:
            if item["family"] == "peer":
                found.setdefault(campaign["level"], []).append(item["weight_bits"])
    return found


@pytest.fixture(scope="module")
def told(sensor, logs, both_days, tmp_path_factory):
    """The same log, where others look for every card and address of the campaign and an indicator names its network."""
    folder = tmp_path_factory.mktemp("told")
    lines = of_campaign(both_days.out)
    sightings = [SIGHTING | {"type": line["type"], "value": line["value"]} for line in lines]
    sightings += [SIGHTING | {"type": "domain", "value": "gone.example", "expires_at": "2026-01-01T00:00:00Z"}]
    (folder / "sightings.json").write_text(json.dumps({"forum": "f", "epoch": "e1", "sightings": sightings}), "utf-8")
    address = next(line["value"] for line in lines if line["type"] == "ipv4" and line["accounts"] > 3)
    network = address.rpartition(".")[0] + ".0/24"
    indicators = [
        INDICATOR | {"pattern": f"[ipv4-addr:value = '{network}']"},
        INDICATOR | {"pattern": "[x-stillwatch-campaign:techniques[*] = 'SW-T16']", "techniques": ["SW-T16"]},
        INDICATOR | {"pattern": "[ipv4-addr:value = '0.0.0.0/0']", "disputes": [{"member": "C", "opinion": "no"}]},
    ]
    (folder / "indicators.jsonl").write_text("\n".join(map(json.dumps, indicators)), "utf-8")
    run = sensor.scan(
        logs.both, "--accounts", logs.accounts, "--sightings", folder / "sightings.json", "--indicators", folder,
        out=folder / "out",
    )  # fmt: skip
    assert run.code == 0, run.stderr
    return run


def test_the_watchlist_is_for_its_owner_alone(both_days):
    assert (both_days.out / "watchlist.jsonl").stat().st_mode & 0o777 == 0o600


def test_every_line_has_the_one_spelling_of_a_type_that_can_be_matched(both_days):
    for line in listed(both_days.out):
        assert line["type"] in TYPES
        assert canonical(line["type"], line["value"]).value.decode() == line["value"]


def test_the_campaign_comes_first_with_its_cards_addresses_and_templates(both_days, known):
    lines = listed(both_days.out)
    first = [line["level"] for line in lines]
    assert first == sorted(first, key=["act", "review", "watch", "below"].index)
    kinds = {line["type"] for line in of_campaign(both_days.out)}
    assert {"payment-fingerprint", "ipv4", "template"} <= kinds
    campaign = next(c["id"] for c in both_days.result["campaigns"] if c["level"] == "act")
    assert {line["campaign"] for line in of_campaign(both_days.out)} == {campaign}


def test_identifiers_of_accounts_that_nobody_suspects_are_not_on_the_list(both_days, known):
    rows = [json.loads(line) for line in known.accounts]
    values = {line["value"] for line in listed(both_days.out)}
    ordinary = {row["payment"] for row in rows if row["account"] not in known.campaign and row.get("payment")}
    assert len(ordinary & values) < 0.1 * len(ordinary)


def test_the_watchlist_holds_no_account_and_no_text(both_days, known):
    data = (both_days.out / "watchlist.jsonl").read_text("utf-8")
    assert not any(account in data for account in known.campaign)


def test_sightings_and_indicators_are_evidence_with_a_note(told):
    assert max(peer_lines(told.result)["act"]) > 0
    notes = " ".join(told.result["scanned"]["notes"])
    assert "1 sightings had expired" in notes
    assert "Other members look for" in notes
    assert "1 disputed" in notes
    assert "harvested by SW-T16" in notes


def test_a_card_or_a_domain_counts_what_its_accounts_asked(both_days):
    lines = listed(both_days.out)
    assert {"payment-fingerprint", "ipv4"} <= {line["type"] for line in lines}
    assert all(line["exchanges"] >= line["accounts"] > 0 for line in lines)


def test_without_sightings_nothing_speaks_of_other_members(both_days):
    assert peer_lines(both_days.result) == {}
    assert not any("member" in note.lower() for note in both_days.result["scanned"]["notes"])


def test_what_others_say_makes_nobody_one_to_act_on(told, both_days):
    def acted_on(run):
        return {a["account"] for c in run.result["campaigns"] if c["level"] == "act" for a in c["accounts"]}

    assert acted_on(told) == acted_on(both_days)


NO_END = json.dumps({"sightings": [SIGHTING | {"type": "ipv4", "value": "192.0.2.1", "expires_at": "soon"}]})


@pytest.mark.parametrize("text", ["", "{", "[]", '{"sightings": [{"type": "ipv4"}]}', NO_END])
def test_a_sightings_file_that_cant_be_read_stops_the_scan_before_it_starts(sensor, logs, tmp_path, text):
    (tmp_path / "sightings.json").write_text(text, "utf-8")
    run = sensor.scan(logs.days[0], "--sightings", tmp_path / "sightings.json", out=tmp_path / "out")
    assert run.code == 2
    assert "the sightings file" in run.stderr


@pytest.mark.parametrize("line", ["{", json.dumps(INDICATOR | {"pattern": "[a:b = 'c']", "valid_until": "never"})])
def test_indicators_that_cant_be_read_stop_the_scan_before_it_starts(sensor, logs, tmp_path, line):
    (tmp_path / "indicators.jsonl").write_text(line, "utf-8")
    run = sensor.scan(logs.days[0], "--indicators", tmp_path, out=tmp_path / "out")
    assert run.code == 2
    assert "indicators.jsonl can't be read" in run.stderr
