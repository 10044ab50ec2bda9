"""One rehearsal: for each scenario and seed compose (or inject), scan with the real sensor, judge, and take it away.

The sketch key of a composed log comes from the seed: there is nothing to protect. That of a user's log comes from the
log itself and the seed, so that whoever steals the work folder can't search the sketches without having the log, and
the same rehearsal still gives the same result.
"""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from stillwatch import ingest
from stillwatch.apps.rehearsal import logfiles
from stillwatch.apps.rehearsal.survey import Survey, recorded, survey
from stillwatch.apps.sensor import scan as sensor
from stillwatch.apps.sensor.quarantine import Quarantine
from stillwatch.cases.conclude import iso
from stillwatch.errors import UsageError
from stillwatch.ingest import IngestSettings
from stillwatch.rehearse.compose import compose, inject
from stillwatch.rehearse.judging import judge
from stillwatch.rehearse.material import Material
from stillwatch.rehearse.population import Population
from stillwatch.rehearse.rehearsal import Rehearsal, Run, summed
from stillwatch.rehearse.scenario import Scenario, scaled
from stillwatch.rehearse.seen import Recorded, Seen
from stillwatch.rehearse.truth import known
from stillwatch.vocabulary.campaigns import Scan

Told = Callable[[str], None]
Clock = Callable[[], float]

_WEEK_US = 7 * 86_400_000_000


@dataclass(frozen=True)
class Plan:
    """What the person asked for. ``now`` is the present, past which no exchange of a log may lie."""

    scenarios: Sequence[Scenario]
    seeds: Sequence[int]
    material: Material
    now: datetime
    ordinary: int | None = None
    logs: Sequence[str] = ()
    accounts: Sequence[str] = ()
    permits: Sequence[str] = ()
    settings: IngestSettings = field(default_factory=IngestSettings)


def rehearse(plan: Plan, work: Path, told: Told, clock: Clock) -> Rehearsal:
    """Compose or inject, scan and judge every scenario with every seed."""
    user = _log_of(plan, told) if plan.logs else None
    runs = []
    for scenario in plan.scenarios:
        for seed in plan.seeds:
            told(f"{scenario.name}, seed {seed}")
            runs.append(_run(plan, scaled(scenario, plan.ordinary), seed, user, work / "run", clock))
    seen = user[0].seen(iso) if user else None
    return summed(runs, half=plan.material.half, material=plan.material.name, log=seen)


def _log_of(plan: Plan, told: Told) -> tuple[Survey, list[Recorded]]:
    """The survey of the user's log, and the rows of the accounts files."""
    if "-" in plan.logs:
        raise UsageError("a rehearsal reads its logs more than once: name files, not standard input")
    if not any(scenario.campaign for scenario in plan.scenarios):
        raise UsageError("none of these scenarios holds a campaign to inject into a log")
    told("looking through the log")
    rows: list[Recorded] = []
    for file in plan.accounts:
        try:
            with Path(file).open("rb") as lines:
                rows += recorded(ingest.accounts(lines, file=file)[0])
        except OSError as error:
            raise UsageError(f"the accounts file {file} can't be read: {(error.strerror or '').lower()}") from error
    now_us = int(plan.now.timestamp() * 1e6)
    return survey(plan.logs, now_us=now_us, settings=plan.settings), rows


def _run(
    plan: Plan, scenario: Scenario, seed: int, user: tuple[Survey, list[Recorded]] | None, folder: Path, clock: Clock
) -> Run:
    if user is None:
        population = compose(scenario, plan.material, seed)
        key = hashlib.sha256(f"rehearsal {seed}".encode()).digest()
    else:
        population = _injected(plan, scenario, seed, *user)
        key = hashlib.sha256(user[0].digest + f"rehearsal {seed}".encode()).digest()
    exchanges, accounts, permits = logfiles.write(population, folder)
    # A composed week may lie in the future: for its readers the present is its end.
    end = datetime.fromtimestamp(population.world.end_us / 1e6, tz=plan.now.tzinfo)
    request = sensor.Request(
        logs=[*plan.logs, str(exchanges)],
        accounts=[*plan.accounts, *([str(accounts)] if accounts.stat().st_size else [])],
        permits=[*plan.permits, *([str(permits)] if permits.stat().st_size else [])],
        key=key,
        now=plan.now if user else max(plan.now, end),
        settings=plan.settings,
    )
    scan = _scanned(request, folder, clock)
    shutil.rmtree(folder)
    return _judged(scenario, seed, scan, population, user[0] if user else None)


def _injected(plan: Plan, scenario: Scenario, seed: int, log: Survey, rows: list[Recorded]) -> Population:
    listed = min(1.0, len(rows) / max(1, len(log.accounts)))
    outside = Seen(log.donors, log.accounts, rows, listed)
    kept = msgspec.structs.replace(scenario, extract=min(2_000, max(1, log.answer_length)))
    return inject(kept, plan.material, seed, outside, (log.first_us, log.last_us))


def _scanned(request: sensor.Request, folder: Path, clock: Clock) -> Scan:
    work = folder / "work"
    work.mkdir()
    with Quarantine(work / "quarantine.jsonl") as quarantine:
        return sensor.scan(request, work, quarantine, lambda stage, done, rows: None, clock).scan


def _judged(scenario: Scenario, seed: int, scan: Scan, population: Population, log: Survey | None) -> Run:
    truth = known(population, composed=log is None)
    if log is None:
        weeks = len(truth.innocent) * scenario.days / 7
    else:
        weeks = len(log.accounts) * (log.last_us - log.first_us) / _WEEK_US
    return Run(
        scenario=scenario.name,
        seed=seed,
        exchanges=scan.scanned.exchanges,
        accounts=scan.scanned.accounts,
        account_weeks=round(weeks, 3),
        judged=judge(truth, scan),
    )


def as_json(rehearsal: Rehearsal) -> bytes:
    """``rehearsal.json``."""
    return msgspec.json.format(msgspec.json.encode(rehearsal), indent=1) + b"\n"
