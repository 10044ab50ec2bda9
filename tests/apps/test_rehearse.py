"""``stillwatch rehearse``, from the command's outside."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from stillwatch.adapters.material import shipped
from stillwatch.apps.cli.main import app
from stillwatch.apps.rehearsal.logfiles import write
from stillwatch.errors import StillwatchError
from stillwatch.rehearse import builtin
from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.scenario import parse

PLAN = """
name = "small"
about = "One loud campaign among a few people."
start = 2026-06-01T00:00:00Z
[ordinary]
accounts = 120
[[campaign]]
name = "operator-1"
accounts = 30
exchanges = 15
infrastructure = "dispersed"
[[lookalike]]
kind = "classroom"
"""


def rehearse(*arguments: object) -> Any:
    done = CliRunner().invoke(app, ["rehearse", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("plan") / "small.toml"
    file.write_text(PLAN)
    return file


def test_a_composed_rehearsal_finds_a_loud_campaign_and_says_what_it_cost(plan: Path, tmp_path: Path) -> None:
    done = rehearse("--scenario", plan, "--out", tmp_path / "out", "--seed", 3)
    assert done.exit_code == 0
    found = json.loads((tmp_path / "out" / "rehearsal.json").read_bytes())
    (recall,) = found["recall"]
    assert recall["found_review"] == recall["planted"] == 1
    assert recall["recall_review"] > 0.9
    assert 0 < recall["harvest"]["median"] < 450
    assert {kind["kind"] for kind in found["false_alarms"]} >= {"classroom", "chat"}
    assert found["log"] is None
    assert "operator-1" in (tmp_path / "out" / "rehearsal.md").read_text()
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["rehearsal.json", "rehearsal.md"]


def test_the_same_seed_gives_the_same_files_and_another_seed_does_not(plan: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 4), ("b", 4), ("c", 5)):
        assert rehearse("--scenario", plan, "--out", tmp_path / name, "--seed", seed).exit_code == 0
    for file in ("rehearsal.json", "rehearsal.md"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert (tmp_path / "a" / "rehearsal.json").read_bytes() != (tmp_path / "c" / "rehearsal.json").read_bytes()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ordinary = parse(PLAN.replace("accounts = 30", "accounts = 1").replace("accounts = 120", "accounts = 300"))
    folder = tmp_path_factory.mktemp("log") / "log"
    write(compose(ordinary, builtin.material(), 8), folder)
    return folder


def test_campaigns_planted_in_a_log_are_found_in_it_and_the_log_is_left_alone(
    plan: Path, log: Path, tmp_path: Path
) -> None:
    before = {file.name: file.read_bytes() for file in log.iterdir()}
    options = ("--accounts", log / "accounts.jsonl", "--scenario", plan)
    for name in ("a", "b"):
        assert rehearse(log / "exchanges.jsonl.zst", *options, "--out", tmp_path / name).exit_code == 0
    assert {file.name: file.read_bytes() for file in log.iterdir()} == before
    assert (tmp_path / "a" / "rehearsal.json").read_bytes() == (tmp_path / "b" / "rehearsal.json").read_bytes()
    found = json.loads((tmp_path / "a" / "rehearsal.json").read_bytes())
    assert found["log"]["accounts"] == 346  # 300, one lone member, and a class of 45
    assert found["recall"][0]["found_review"] == 1
    assert found["false_alarms"] == []
    assert found["false_groups"] == []
    (run,) = found["runs"]
    assert run["accounts"] == 346 + 30
    assert run["judged"]["alarms"] == []


def test_the_list_names_every_scenario_that_ships() -> None:
    printed = rehearse("--list").stdout
    assert all(name in printed and shipped.scenario(name).about in printed for name in shipped.names())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "x"), "--scenario"),
        (("--scenario", "simple"), "--out"),
        (("--scenario", "no-such", "--out", "x"), "no scenario is called no-such"),
        (("--scenario", "simple", "--out", "x", "--half", "third"), "tuning, holdout, all"),
        (("--scenario", "simple", "--out", "x", "--accounts", "a.jsonl"), "describe a log"),
        (("-", "--scenario", "simple", "--out", "x"), "standard input"),
        (("no-such.jsonl", "--scenario", "ordinary", "--out", "x"), "no campaign|none of these scenarios"),
    ],
)
def test_a_rehearsal_that_can_not_be_is_refused_with_the_reason(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StillwatchError, match=said):
        rehearse(*arguments)
    assert list(tmp_path.iterdir()) == []


def test_the_page_about_rehearsals_lists_every_scenario_that_ships() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "rehearse.md").read_text(encoding="utf-8")
    assert [name for name in shipped.names() if f"| `{name}` |" not in page] == []
