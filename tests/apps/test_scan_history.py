"""What ``--state`` keeps: a second day adds to the first, and the same log again changes nothing."""

import json
import os
import signal
import time

import pyarrow.parquet as pq
import pytest


def without_clock(result):
    result["scanned"].pop("seconds")
    result["scanned"].pop("notes")
    return result


def volumes(run):
    rows = pq.read_table(run.out / "accounts.parquet").to_pylist()
    return {row["account"]: (row["exchanges"], row["first_exchange_at"], row["last_exchange_at"]) for row in rows}


def strongest(run):
    return {a["account"] for a in run.result["campaigns"][0]["accounts"]}


@pytest.fixture(scope="module")
def daily(sensor, logs, tmp_path_factory):
    """Day one, day two, and day two again, on one history."""
    folder = tmp_path_factory.mktemp("daily")
    arguments = ("--accounts", logs.accounts, "--state", folder / "state", "--key", folder / "key")
    runs = [
        sensor.scan(log, *arguments, out=folder / name)
        for log, name in ((logs.days[0], "one"), (logs.days[1], "two"), (logs.days[1], "again"))
    ]
    assert [run.code for run in runs] == [0, 0, 0], [run.stderr for run in runs]
    return runs, folder / "state"


def test_two_daily_scans_count_what_one_scan_of_both_days_counts(daily, both_days):
    (_, two, _), _ = daily
    for key in ("exchanges", "accounts", "from", "to"):
        assert two.result["scanned"][key] == both_days.result["scanned"][key]
    assert volumes(two) == volumes(both_days)


def test_two_daily_scans_find_the_campaign_that_one_scan_finds(daily, both_days, known):
    (one, two, _), _ = daily
    assert strongest(one) == strongest(two) == strongest(both_days) == known.campaign
    assert two.result["campaigns"][0]["level"] == both_days.result["campaigns"][0]["level"] == "act"


def test_a_campaign_keeps_its_id_from_day_to_day(daily):
    (one, two, again), _ = daily
    assert len({run.result["campaigns"][0]["id"] for run in (one, two, again)}) == 1


def test_a_second_day_does_not_move_the_notice_of_the_first(daily):
    (one, two, _), _ = daily
    first, second = one.result["campaigns"][0], two.result["campaigns"][0]
    assert second["exchanges"] > first["exchanges"]
    assert (second["noticed_at"], second["noticed_after_exchanges"]) == (
        first["noticed_at"],
        first["noticed_after_exchanges"],
    )


def test_the_same_log_again_changes_nothing_and_says_so(daily, known):
    (_, two, again), state = daily
    assert f"{len(known.days[1]):,} exchanges were in the history already" in " ".join(again.result["scanned"]["notes"])
    assert without_clock(again.result) == without_clock(two.result)
    assert sorted(path.name for path in (state / "parts").iterdir()) == ["000001", "000002"]


def test_history_keeps_numbers_and_names_of_accounts_only(daily):
    _, state = daily
    for file in state.rglob("*.parquet"):
        for field in pq.read_schema(file):
            texts = field.name in ("kind", "name") and file.name == "dictionary.parquet"
            assert texts or (file.name, field.name) == ("ties.parquet", "tie") or str(field.type) != "string", (
                file,
                field,
            )


def test_days_in_the_other_order_give_the_same_accounts(sensor, logs, both_days, known, tmp_path):
    arguments = ("--accounts", logs.accounts, "--state", tmp_path / "state", "--key", tmp_path / "key")
    assert sensor.scan(logs.days[1], *arguments, out=tmp_path / "out").code == 0
    run = sensor.scan(logs.days[0], *arguments, out=tmp_path / "out")
    assert volumes(run) == volumes(both_days)
    assert strongest(run) == known.campaign


def test_a_log_that_overlaps_history_adds_only_what_is_new(sensor, logs, both_days, groups, tmp_path):
    arguments = ("--accounts", logs.accounts, "--state", tmp_path / "state", "--key", tmp_path / "key")
    assert sensor.scan(logs.days[0], *arguments, out=tmp_path / "out").code == 0
    run = sensor.scan(logs.both, *arguments, out=tmp_path / "out")
    assert volumes(run) == volumes(both_days)
    assert run.result["scanned"]["exchanges"] == both_days.result["scanned"]["exchanges"]


def test_a_second_scan_at_the_same_time_is_refused(sensor, logs, tmp_path):
    arguments = (logs.both, "--state", tmp_path / "state", "--key", tmp_path / "key")
    first = sensor.start(*arguments, out=tmp_path / "first")
    try:
        while not (tmp_path / "state" / "state.json").exists() and first.poll() is None:
            time.sleep(0.005)
        os.kill(first.pid, signal.SIGSTOP)  # it holds the history for as long as we look
        second = sensor.scan(*arguments, out=tmp_path / "second")
        assert second.code == 5
        state = tmp_path / "state"
        assert second.stderr == f"stillwatch: the state folder {state} is in use by another scan: wait for it to end\n"
        assert not (tmp_path / "second").exists()
    finally:
        os.kill(first.pid, signal.SIGCONT)
        first.communicate(timeout=120)
    assert first.returncode == 0
    assert json.loads((tmp_path / "first" / "campaigns.json").read_bytes())["scanned"]["exchanges"] > 0


def test_without_state_nothing_is_kept(sensor, logs, tmp_path):
    run = sensor.scan(logs.days[0], out=tmp_path / "out")
    assert run.code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert not (sensor.home / "config").exists()


def test_the_key_is_made_once_for_its_owner_alone(sensor, logs, tmp_path):
    key = tmp_path / "deep" / "key"
    arguments = ("--state", tmp_path / "state", "--key", key)
    first = sensor.scan(logs.days[0], *arguments, out=tmp_path / "out")
    secret = key.read_bytes()
    again = sensor.scan(logs.days[0], *arguments, out=tmp_path / "out")
    assert (len(secret), key.stat().st_mode & 0o777) == (32, 0o600)
    assert key.read_bytes() == secret
    assert "A new sketch key was made" in first.stderr
    assert "A new sketch key was made" not in again.stderr
    for path in (tmp_path / "state").rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes()
