"""One round of three providers: each scans alone, all match their watch-lists, each scans again with what came back."""

import shutil
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bench.compose import material, write
from bench.sharing.matching import Matched
from bench.sharing.worlds import PROVIDERS, Split, common_values, weeks
from stillwatch.apps.sensor.outputs import as_json, work_folder
from stillwatch.apps.sensor.quarantine import Quarantine
from stillwatch.apps.sensor.scan import Outcome, Request, scan
from stillwatch.vocabulary.peers import Sightings

#: A fixed key, so that a round repeats. Bench only.
KEY = bytes(range(32))


class Provider(NamedTuple):
    """One provider's log with its truth, and what came of its scans."""

    name: str
    folder: Path
    kinds: Mapping[str, str]  # account -> kind
    campaigns: Mapping[str, frozenset[str]]
    alone: Outcome
    sightings: Sightings
    together: Outcome


class Round(NamedTuple):
    """One seed's three providers. ``seconds``: CPU of the matching; ``bytes``: of all its messages."""

    seed: int
    splits: Sequence[Split]
    providers: Sequence[Provider]
    seconds: float
    bytes: int


def scanned(folder: Path, sightings: Path | None = None) -> Outcome:
    """One scan of one provider's log, in this process."""
    request = Request(
        logs=[str(folder / "exchanges.jsonl.zst")],
        key=KEY,
        now=datetime(2026, 6, 9, tzinfo=UTC),
        accounts=[str(folder / "accounts.jsonl")],
        permits=[str(folder / "permits.jsonl")],
        sightings=sightings,
    )
    with work_folder(folder / "out") as work, Quarantine(work / "quarantine.jsonl") as quarantine:
        return scan(request, work, quarantine, lambda *_: None, time.monotonic)


def played(seed: int, half: str, ordinary: int, splits: Sequence[Split], work: Path, *, choice: str = "auto") -> Round:
    """Compose, scan, match, scan again. ``work`` is taken away at the end."""
    populations = weeks(material(choice, half), seed, ordinary, splits)
    folders = [work / name for name in PROVIDERS]
    truths = []
    for population, folder in zip(populations, folders, strict=True):
        write(population, folder)
        truths.append(population.truth()["accounts"])
    alone = [scanned(folder) for folder in folders]
    began = time.process_time()
    lists = {name: outcome.watchlist for name, outcome in zip(PROVIDERS, alone, strict=True)}
    matched = Matched(lists, common_values(), seed)
    seconds = time.process_time() - began
    found = []
    for name, folder, truth, first in zip(PROVIDERS, folders, truths, alone, strict=True):
        file = folder / "sightings.json"
        file.write_bytes(as_json(matched.sightings[name]))
        kinds = {account: known["kind"] for account, known in truth.items()}
        own = {
            split.name: frozenset(account for account, known in truth.items() if known["campaign"] == split.name)
            for split in splits
        }
        found.append(Provider(name, folder, kinds, own, first, matched.sightings[name], scanned(folder, file)))
    shutil.rmtree(work)
    return Round(seed, splits, found, seconds, matched.bytes)
