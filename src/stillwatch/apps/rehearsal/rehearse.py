"""One rehearsal: for each scenario and seed compose (or inject), scan with the real sensor, judge, and take it away.

The sketch key of a composed log comes from the seed: there is nothing to protect. That of a user's log comes from the
log itself and the seed, so that whoever steals the work folder can't search the sketches without having the log, and
the same rehearsal still gives the same result.
"""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from stillwatch.apps.rehearsal import logfiles
from stillwatch.apps.sensor import scan as sensor
from stillwatch.apps.sensor.quarantine import Quarantine
from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.judging import judge
from stillwatch.rehearse.material import Material
from stillwatch.rehearse.rehearsal import Rehearsal, Run, summed
from stillwatch.rehearse.scenario import Scenario, scaled
from stillwatch.rehearse.truth import Truth, known
from stillwatch.vocabulary.campaigns import Scan

Told = Callable[[str], None]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Plan:
    """What the person asked for. ``now`` is the present, past which no exchange of a log may lie."""

    scenarios: Sequence[Scenario]
    seeds: Sequence[int]
    material: Material
    now: datetime
    ordinary: int | None = None


def rehearse(plan: Plan, work: Path, told: Told, clock: Clock) -> Rehearsal:
    """Compose, scan and judge every scenario with every seed."""
    runs = []
    for scenario in plan.scenarios:
        for seed in plan.seeds:
            told(f"{scenario.name}, seed {seed}")
            runs.append(_composed(plan, scaled(scenario, plan.ordinary), seed, work / "run", clock))
    return summed(runs, half=plan.material.half, material=plan.material.name, log=None)


def _composed(plan: Plan, scenario: Scenario, seed: int, folder: Path, clock: Clock) -> Run:
    population = compose(scenario, plan.material, seed)
    exchanges, accounts, permits = logfiles.write(population, folder)
    truth = known(population)
    key = hashlib.sha256(f"rehearsal {seed}".encode()).digest()
    # A composed week may lie in the future: for its readers the present is its end.
    end = datetime.fromtimestamp(population.world.end_us / 1e6, tz=plan.now.tzinfo)
    request = sensor.Request(
        logs=[str(exchanges)], accounts=[str(accounts)], permits=[str(permits)], key=key, now=max(plan.now, end)
    )
    scan = _scanned(request, folder, clock)
    shutil.rmtree(folder)
    return _run(scenario.name, seed, scan, truth, scenario.days / 7)


def _scanned(request: sensor.Request, folder: Path, clock: Clock) -> Scan:
    work = folder / "work"
    work.mkdir()
    with Quarantine(work / "quarantine.jsonl") as quarantine:
        return sensor.scan(request, work, quarantine, lambda stage, done, rows: None, clock).scan


def _run(name: str, seed: int, scan: Scan, truth: Truth, weeks: float) -> Run:
    return Run(
        scenario=name,
        seed=seed,
        exchanges=scan.scanned.exchanges,
        accounts=scan.scanned.accounts,
        account_weeks=len(truth.innocent) * weeks,
        judged=judge(truth, scan),
    )


def as_json(rehearsal: Rehearsal) -> bytes:
    """``rehearsal.json``."""
    return msgspec.json.format(msgspec.json.encode(rehearsal), indent=1) + b"\n"
