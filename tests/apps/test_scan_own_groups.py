"""What history is worth: five composed weeks, scanned weekly with ``--state``, and all at once without."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
from sensor_logs import write

from stillwatch.apps.sensor.outputs import work_folder
from stillwatch.apps.sensor.quarantine import Quarantine
from stillwatch.apps.sensor.scan import Outcome, Request, scan
from stillwatch.rehearse import builtin
from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.scenario import parse
from stillwatch.vocabulary.campaigns import Campaign

WEEKS = """
name = "five weeks"
about = "Ordinary accounts and every look-alike for five weeks."
start = 2026-06-01T00:00:00Z
days = 35
[ordinary]
accounts = 150
[[lookalike]]
kind = "every"
"""
FIFTH_WEEK = """
[[campaign]]
name = "operator-7"
accounts = 60
exchanges = 20
wording = "fixed"
techniques = ["SW-T16"]
payload = "maths"
infrastructure = "shared"
from_day = 28.0
for_days = 7.0
"""


@dataclass(frozen=True)
class Told:
    """The scans of one log: each week with history, and all five weeks without. ``members`` are the campaign's."""

    weekly: list[Outcome]
    without: Outcome
    members: frozenset[str]
    state: Path


def told(folder: Path, scenario: str, seed: int) -> Told:
    population = compose(parse(scenario), builtin.material(), seed)
    days = [write(folder / f"day-{day:02d}.jsonl", tuple(population.lines(day))) for day in range(35)]
    names = population.truth()["accounts"]
    members = frozenset(name for name, who in names.items() if who["campaign"])
    write_accounts(folder / "accounts.jsonl", population.accounts())
    write_accounts(folder / "permits.jsonl", population.permits())
    weekly = [run(folder, days[day : day + 7], folder / "state") for day in range(0, 35, 7)]
    return Told(weekly, run(folder, days, None), members, folder / "state")


def write_accounts(path: Path, rows: list[dict[str, object]]) -> None:
    write(path, tuple(msgspec.json.encode(row) for row in rows))


def run(folder: Path, logs: list[Path], state: Path | None) -> Outcome:
    request = Request(
        logs=[str(log) for log in logs],
        key=bytes(32),
        now=datetime(2026, 8, 1, tzinfo=UTC),
        accounts=[str(folder / "accounts.jsonl")],
        permits=[str(folder / "permits.jsonl")],
        state=state,
    )
    with work_folder(folder / "out") as work, Quarantine(work / "quarantine.jsonl") as quarantine:
        return scan(request, work, quarantine, lambda *_: None, lambda: 0.0)


def heavy(outcome: Outcome) -> list[Campaign]:
    return [campaign for campaign in outcome.scan.campaigns if campaign.level != "watch"]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return told(tmp_path_factory.mktemp("planted"), WEEKS + FIFTH_WEEK, 1)


@pytest.mark.slow
def test_four_weeks_of_history_make_a_new_campaign_rarer(planted: Told) -> None:
    with_history, without = heavy(planted.weekly[-1])[0], heavy(planted.without)[0]
    assert with_history.level == without.level == "act"
    assert {member.account for member in with_history.accounts} & planted.members
    assert with_history.p_value is not None
    assert without.p_value is not None
    assert with_history.p_value < without.p_value


@pytest.mark.slow
def test_each_scan_says_what_it_compared_with(planted: Told) -> None:
    said = [outcome.scan.scanned.notes[0] for outcome in (*planted.weekly, planted.without)]
    for note, words in zip(
        said,
        (
            "for want of earlier scans",
            "over 7 days and off composed",
            "over 14 days and off composed",
            "over 21 days and off composed",
            "over 28 days, and off composed ordinary weeks only beyond",
            "for want of earlier scans",
        ),
        strict=True,
    ):
        assert words in note
    for outcome, note in ((planted.weekly[-1], said[-2]), (planted.without, said[-1])):
        assert all(note in campaign.could_be_wrong for campaign in outcome.scan.campaigns)


@pytest.mark.slow
def test_a_week_that_is_scanned_again_adds_no_null_group_and_changes_no_p_value(planted: Told, tmp_path: Path) -> None:
    kept = sorted(planted.state.glob("parts/*/own_groups.parquet"))
    before = [file.read_bytes() for file in kept]
    folder = planted.state.parent
    again = run(folder, [folder / f"day-{day:02d}.jsonl" for day in range(28, 35)], planted.state)
    assert [file.read_bytes() for file in sorted(planted.state.glob("parts/*/own_groups.parquet"))] == before
    assert [c.p_value for c in again.scan.campaigns] == [c.p_value for c in planted.weekly[-1].scan.campaigns]


@pytest.mark.slow
def test_what_was_found_is_kept_but_is_no_null_group(planted: Told) -> None:
    table = pq.read_table(sorted(planted.state.glob("parts/*/own_groups.parquet"))[-1])
    assert 0 < sum(table["found"].to_pylist()) < 0.1 * len(table)
    earlier = pq.read_table(sorted(planted.state.glob("parts/*/own_groups.parquet"))[-2])
    assert not any(earlier["found"].to_pylist())


@pytest.mark.slow
def test_ordinary_weeks_hold_no_group_that_is_rare_with_history_or_without(tmp_path: Path) -> None:
    weeks = told(tmp_path, WEEKS, 11)
    for outcome in (*weeks.weekly, weeks.without):
        assert all(campaign.level != "act" for campaign in outcome.scan.campaigns)
        assert all((campaign.p_value or 0.0) > 0.002 for campaign in outcome.scan.campaigns)
