"""Scans composed weeks and keeps what attribution would read: the campaigns of known groups, and what they hold.

Detection lists hardly any innocent group, so that a bench of listed campaigns would have no innocents in it. Here every
group that was judged is listed (the threshold of ``watch`` is taken away in this process), and the lines of evidence
are the real ones. ``python -m bench.attribution.scans --half tuning --first 1001 --seeds 24 --out FILE``.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from bench.attribution.cast import Group, cast
from bench.compose import material, write
from stillwatch.apps.sensor.quarantine import Quarantine
from stillwatch.apps.sensor.scan import Request, scan
from stillwatch.cases import conclude
from stillwatch.cases.joining import Case
from stillwatch.detect import detection, weigh
from stillwatch.detect.candidates import ties as tied
from stillwatch.detect.covered import SEVERAL, Covered
from stillwatch.detect.detection import Finding
from stillwatch.detect.group import Group as Judged
from stillwatch.detect.population import I64
from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.population import Population
from stillwatch.rehearse.scenario import Ordinary, Scenario
from stillwatch.sketch.keying import SketchKey
from stillwatch.vocabulary.campaigns import Campaign

START = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = 7
#: A campaign stands for a group where this much of it is the group's, and it holds this much of the group.
PURE, HELD = 0.6, 0.2
FEWEST = 3
KEY = b"bench-of-attribution".ljust(32, b".")
TIED, JOINED, WATCH_BITS = tied.candidates, conclude.joined, weigh.WATCH_BITS


class Item(msgspec.Struct, frozen=True):
    """One identifier of a campaign, in the types of private matching."""

    type: str
    value: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """One known group and the campaigns that stand for it; none: nothing was formed from it."""

    half: str
    seed: int
    truth: str
    variant: str
    accounts: int
    campaigns: tuple[Campaign, ...]
    identifiers: tuple[tuple[Item, ...], ...]  # of each campaign


def cases(half: str, seed: int, work: Path) -> Iterator[Known]:
    """Compose one week, scan it, and look for every group of its cast."""
    accounts = 300 if half == "tuning" else 400
    scenario = Scenario(name="cast", about="", start=START, days=DAYS, ordinary=Ordinary(accounts=accounts))
    bare = compose(scenario, material("auto", half), seed)
    groups = cast(bare.world, seed, half)
    everyone = [*bare.actors, *(member for group in groups for member in group.actors)]
    population = Population(scenario, bare.world, everyone, seed)
    names = dict(zip(map(id, population.actors), population.names, strict=True))
    found = _scanned(population, work, [[names[id(member)] for member in group.actors] for group in groups])
    held = _identifiers(population)
    for group in groups:
        mine = frozenset(names[id(member)] for member in group.actors)
        own = _of(group, mine, found)
        values = tuple(_held_by(campaign, held, group) for campaign in own)
        yield Known(half=half, seed=seed, truth=group.truth, variant=group.variant, accounts=len(mine), campaigns=own,
                   identifiers=values)  # fmt: skip


def _scanned(population: Population, work: Path, pointed: Sequence[Sequence[str]]) -> Sequence[Campaign]:
    """Every group that was judged; ``pointed``: account names of groups that are judged whether they hang together or
    not, as where another member's sightings point at them."""
    weigh.WATCH_BITS = -1e9
    detection.judged = _listed
    detection.Covered.of = lambda accounts: Covered(np.full((len(accounts), SEVERAL), -1e9))  # type: ignore[method-assign]
    key = SketchKey.from_bytes(KEY)
    sealed = [np.unique(key.identifiers(pa.array(names), "account")) for names in pointed]
    detection.tied.candidates = lambda ties, accounts: [  # type: ignore[assignment]
        *TIED(ties, accounts),
        *(known for mine in sealed if len(known := mine[np.isin(mine, accounts.key)]) >= FEWEST),
    ]
    write(population, work / "log")
    (work / "work").mkdir()
    conclude.joined = lambda findings: _apart(findings, sealed)
    request = Request(
        logs=[str(work / "log" / "exchanges.jsonl.zst")],
        key=KEY,
        now=datetime(2026, 7, 1, tzinfo=UTC),
        accounts=[str(work / "log" / "accounts.jsonl")],
        permits=[str(work / "log" / "permits.jsonl")],
    )
    with Quarantine(work / "quarantine.jsonl") as quarantine:
        return scan(request, work / "work", quarantine, lambda *_: None, time.monotonic).scan.campaigns


def _listed(group: Judged, permits: tuple[str, ...] = (), *, judge: Any = detection.judged) -> Finding | None:
    """As the sensor judges; where a light group would keep none of its accounts, it keeps those that made it."""
    finding: Finding | None = judge(group, permits)
    if finding is None or len(finding.accounts) >= FEWEST:
        return finding
    return replace(finding, accounts=group.members, probability=np.full(len(group.members), 0.5))


def _apart(findings: Sequence[Finding], groups: Sequence[I64]) -> list[Case]:
    """What the sensor would list, as it joins it; and for each known group the finding that fits it best, alone."""
    listed = JOINED([finding for finding in findings if finding.weight.bits >= WATCH_BITS])
    alone: dict[int, Finding] = {}
    for mine in groups:
        fitting = [(float(np.isin(one.accounts, mine).sum()) / len(np.union1d(one.accounts, mine)), place)
                   for place, one in enumerate(findings)]  # fmt: skip
        best, place = max(fitting, default=(0.0, 0))
        if best > 0 and not any(np.array_equal(findings[place].accounts, case.accounts) for case in listed):
            alone[place] = findings[place]
    return listed + [Case((one,), one.accounts, one.probability) for one in alone.values()]


def _of(group: Group, mine: frozenset[str], found: Sequence[Campaign]) -> tuple[Campaign, ...]:
    """The campaigns that are the group's: the best alone, or several apart where a supplier's customers stand apart."""
    fitting = []
    for campaign in found:
        accounts = {member.account for member in campaign.accounts}
        common = len(accounts & mine)
        if common >= PURE * len(accounts) and common >= max(3, HELD * len(mine)):
            fitting.append((common / len(accounts | mine), accounts, campaign))
    fitting.sort(key=lambda one: -one[0])
    chosen: list[tuple[set[str], Campaign]] = []
    for _, accounts, campaign in fitting[: 4 if group.truth in ("supplier", "one-collector") else 1]:
        if all(len(accounts & other) < 0.5 * min(len(accounts), len(other)) for other, _ in chosen):
            chosen.append((accounts, campaign))
    return tuple(campaign for _, campaign in chosen)


def _identifiers(population: Population) -> dict[str, set[Item]]:
    """What a watch-list would hold of every account: as its sign-up and the places and clients of its requests say."""
    held: dict[str, set[Item]] = {}
    for name, actor in zip(population.names, population.actors, strict=True):
        mine = held.setdefault(name, set())
        if actor.signup.payment:
            mine.add(Item("payment-fingerprint", actor.signup.payment))
        if actor.signup.signup_ip:
            mine.add(Item("signup-print", actor.signup.signup_ip))
        for place in actor.look.places:
            mine.update(Item("ipv4", address) for address in place.addresses if "." in address)
        for seen in actor.look.clients:
            if seen.tls and seen.headers:
                mine.add(Item("client-shape", f"{seen.tls} {' '.join(seen.headers)}"))
    return held


def _held_by(campaign: Campaign, held: dict[str, set[Item]], group: Group) -> tuple[Item, ...]:
    values: set[Item] = set()
    for member in campaign.accounts:
        values |= held[member.account]
    if group.words is not None:
        values.add(Item("template", group.words))
    return tuple(sorted(values, key=lambda item: (item.type, item.value)))


def read(path: Path) -> list[Known]:
    """Cases that were kept."""
    return [msgspec.json.decode(line, type=Known) for line in path.read_bytes().splitlines()]


def main() -> None:
    """Compose, scan and keep."""
    parser = argparse.ArgumentParser(prog="python -m bench.attribution.scans", description=__doc__.splitlines()[0])
    parser.add_argument("--half", choices=("tuning", "holdout"), required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--out", type=Path, required=True)
    chosen: Any = parser.parse_args()
    with chosen.out.open("ab") as out:
        for seed in range(chosen.first, chosen.first + chosen.seeds):
            began = time.perf_counter()
            with tempfile.TemporaryDirectory(prefix="stillwatch-attribution-") as folder:
                for case in cases(chosen.half, seed, Path(folder)):
                    out.write(msgspec.json.encode(case) + b"\n")
            out.flush()
            print(f"{chosen.half} {seed}: {time.perf_counter() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
