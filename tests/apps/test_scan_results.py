"""What a scan finds and writes, from the command's outside."""

import json
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sensor_logs import write


def without_clock(result: dict[str, Any]) -> dict[str, Any]:
    result["scanned"].pop("seconds")
    return result


def the_campaign(result: dict[str, Any], known: Any) -> dict[str, Any]:
    """The one that holds most of the true accounts."""
    return max(result["campaigns"], key=lambda c: len(known.campaign & {a["account"] for a in c["accounts"]}))


def test_the_campaign_is_found_with_its_accounts_and_nobody_else_is_to_be_acted_on(both_days, known):
    found = [c for c in both_days.result["campaigns"] if c["level"] == "act"]
    assert [frozenset(a["account"] for a in c["accounts"]) for c in found] == [known.campaign]
    assert found[0]["rank"] == 1
    assert found[0]["techniques"][0]["id"] == "SW-T16"


def test_every_exchange_and_account_is_counted(both_days, known):
    scanned = both_days.result["scanned"]
    assert scanned["exchanges"] == len(known.lines)
    assert scanned["accounts"] == len({json.loads(line)["account"] for line in known.lines})
    assert scanned["quarantined"] == 0


def test_only_five_files_are_left(both_days):
    assert sorted(path.name for path in both_days.out.iterdir()) == [
        "accounts.parquet",
        "campaigns.json",
        "quarantine.jsonl",
        "report.html",
        "watchlist.jsonl",
    ]
    assert both_days.stdout.splitlines()[-1] == str(both_days.out / "report.html")


KEYS = {
    "id": str, "name": str, "rank": int, "weight_bits": float, "p_value": (float, type(None)), "level": str,
    "accounts": list, "exchanges": int, "first_exchange_at": str, "last_exchange_at": str,
    "noticed_at": (str, type(None)), "noticed_after_exchanges": (int, type(None)), "techniques": list,
    "capabilities": dict, "exposure": list, "evidence": list, "could_be_wrong": list,
}  # fmt: skip


def test_campaigns_have_the_keys_and_types_that_other_tools_rely_on(both_days):
    result = both_days.result
    assert {"exchanges", "accounts", "quarantined", "from", "to", "seconds"} <= set(result["scanned"])
    for campaign in result["campaigns"]:
        for key, kind in KEYS.items():
            assert isinstance(campaign[key], kind), key
        assert uuid.UUID(campaign["id"].removeprefix("campaign--")).version == 5
        assert campaign["level"] in ("act", "review", "watch")
        for account in campaign["accounts"]:
            assert 0 <= account["membership"] <= 1
        for line in campaign["evidence"]:
            assert {"id", "axis", "observed", "ordinary", "weight_bits", "text"} <= set(line)
        for exposure in campaign["exposure"]:
            assert {"capability", "low", "mid", "high", "unit", "nearest_public_scale"} == set(exposure)
            assert 0 <= exposure["low"] <= exposure["mid"] <= exposure["high"]
        for technique in campaign["techniques"]:
            assert set(technique) == {"id", "atlas", "share"}
            assert 0 <= technique["share"] <= 1


def test_times_and_counts_of_a_campaign_agree_with_each_other(both_days):
    scanned = both_days.result["scanned"]
    for campaign in both_days.result["campaigns"]:
        times = [scanned["from"], campaign["first_exchange_at"], campaign["last_exchange_at"], scanned["to"]]
        assert times == sorted(times)
        assert all(datetime.fromisoformat(time).tzinfo is not None for time in times)
        if campaign["noticed_at"] is None:
            assert campaign["noticed_after_exchanges"] is None
        else:
            assert campaign["first_exchange_at"] <= campaign["noticed_at"] <= campaign["last_exchange_at"]
            assert 0 < campaign["noticed_after_exchanges"] <= campaign["exchanges"]


def test_ranks_follow_the_weights(both_days):
    campaigns = both_days.result["campaigns"]
    assert [c["rank"] for c in campaigns] == list(range(1, len(campaigns) + 1))
    assert [c["weight_bits"] for c in campaigns] == sorted((c["weight_bits"] for c in campaigns), reverse=True)


def test_each_account_has_its_row_and_its_campaign(both_days, known):
    rows = pq.read_table(both_days.out / "accounts.parquet").to_pylist()
    assert sum(row["exchanges"] for row in rows) == len(known.lines)
    campaign = the_campaign(both_days.result, known)
    assert {row["account"] for row in rows if row["campaign"] == campaign["id"]} == known.campaign


def test_the_same_log_gives_the_same_result_and_ids_under_any_key(sensor, logs, both_days, groups, tmp_path):
    # Without --state each run draws a key of its own, so this compares two keys.
    again = sensor.scan(logs.both, "--accounts", logs.accounts, out=tmp_path / "out")
    assert groups(again.result) == groups(both_days.result)
    ids = [{c["id"] for c in run.result["campaigns"]} for run in (again, both_days)]
    assert ids[0] == ids[1]


def test_the_same_log_under_the_same_key_gives_the_same_bytes(sensor, logs, tmp_path):
    key = tmp_path / "key"
    runs = [
        sensor.scan(
            logs.both, "--accounts", logs.accounts, "--state", tmp_path / name, "--key", key, out=tmp_path / f"{name}o"
        )
        for name in ("one", "two")
    ]
    assert without_clock(runs[0].result) == without_clock(runs[1].result)
    assert (runs[0].out / "accounts.parquet").read_bytes() == (runs[1].out / "accounts.parquet").read_bytes()


def test_the_order_of_files_changes_nothing(sensor, logs, both_days, groups, tmp_path):
    run = sensor.scan(logs.days[1], logs.days[0], "--accounts", logs.accounts, out=tmp_path / "out")
    assert groups(run.result) == groups(both_days.result)


@pytest.mark.slow
def test_worker_processes_give_what_one_process_gives(sensor, logs, known, both_days, groups, tmp_path):
    # The log is made longer than the size from which workers are used by spaces that no reader minds.
    padded = write(tmp_path / "padded.jsonl", tuple(line + b" " * 4_000 for line in known.lines))
    assert padded.stat().st_size > 12 * 1024 * 1024
    run = sensor.scan(padded, "--accounts", logs.accounts, out=tmp_path / "out")
    assert groups(run.result) == groups(both_days.result)


def test_being_noticed_is_told_without_hindsight(sensor, logs, both_days, known, tmp_path):
    """What follows the notice must not move it: the log is cut after it, and the notice stays where it was."""
    campaign = the_campaign(both_days.result, known)
    assert campaign["noticed_at"] is not None
    moment = campaign["noticed_at"]
    at = max(i for i, line in enumerate(known.lines) if json.loads(line)["occurred_at"] <= moment)
    shorter = write(tmp_path / "shorter.jsonl", known.lines[: at + (len(known.lines) - at) // 3])
    run = sensor.scan(shorter, "--accounts", logs.accounts, out=tmp_path / "out")
    earlier = the_campaign(run.result, known)
    assert run.result["scanned"]["exchanges"] < both_days.result["scanned"]["exchanges"]
    assert earlier["exchanges"] < campaign["exchanges"]
    assert (earlier["noticed_at"], earlier["noticed_after_exchanges"]) == (moment, campaign["noticed_after_exchanges"])


def test_an_accounts_file_that_names_strangers_changes_nothing(sensor, logs, both_days, groups, known, tmp_path):
    strangers = tuple(
        json.dumps({"account": f"stranger-{n}", "payment": "fp_same", "created_at": "2026-05-31T00:00:00Z"}).encode()
        for n in range(30)
    )
    more = write(tmp_path / "more.jsonl", (*known.accounts, *strangers))
    run = sensor.scan(logs.both, "--accounts", more, out=tmp_path / "out")
    assert groups(run.result) == groups(both_days.result)


def test_without_an_accounts_file_the_campaign_is_found_all_the_same(sensor, logs, known, tmp_path):
    run = sensor.scan(logs.both, out=tmp_path / "out")
    assert the_campaign(run.result, known)["level"] in ("act", "review")


@pytest.fixture(scope="module")
def report(both_days) -> str:
    return (both_days.out / "report.html").read_text("utf-8")


def test_the_report_names_every_campaign_and_asks_nothing_of_the_network(both_days, report):
    for campaign in both_days.result["campaigns"]:
        assert campaign["id"] in report
    for reach in ("<script src", '<link rel="stylesheet', "@import", 'src="http', "url(http"):
        assert reach not in report


def test_out_may_hold_older_results_and_other_files(sensor, logs, tmp_path):
    out = Path(tmp_path / "out")
    out.mkdir()
    (out / "campaigns.json").write_text("old")
    (out / "notes.txt").write_text("mine")
    run = sensor.scan(logs.days[0], out=out)
    assert run.result["scanned"]["exchanges"] > 0
    assert (out / "notes.txt").read_text() == "mine"
