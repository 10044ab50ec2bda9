"""Composed logs with known truth, as Stillwatch reads them and as events for its peers."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import zstandard

from bench.compose import material, write
from bench.detection import events
from stillwatch.adapters.material import shipped
from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.scenario import Campaign, Scenario, scaled

CASES = ("simple", "fixed", "per-account", "per-request", "four-each", "pipelines", "ordinary")
#: The log on which thresholds are chosen: every campaign of the cases above at once. It is a case of its own.
MIXED = "mixed"
_FOUR_EACH = 400  # accounts of that campaign; the scenario has 4,000 among 20,000
_PIPELINE = 15  # accounts of each pipeline in the mixed log; the scenario has 45


class Truth(NamedTuple):
    """``campaigns``: name -> accounts; ``ordinary``: accounts of no group; ``lookalikes``: account -> kind.

    Accounts under a permit stand nowhere: any tool could leave them out by a list. ``exchanges``: campaign -> how many
    it had sent when each day ended.
    """

    campaigns: dict[str, frozenset[str]]
    ordinary: frozenset[str]
    lookalikes: dict[str, str]
    exchanges: dict[str, list[int]]

    @property
    def innocent(self) -> frozenset[str]:
        """Everyone whom an accusation would wrong."""
        return self.ordinary | self.lookalikes.keys()


class Log(NamedTuple):
    """A composed log: a file a day, the events of all days, the truth."""

    case: str
    seed: int
    days: Sequence[Path]
    events: Path
    start: float
    size: int
    truth: Truth

    @property
    def folder(self) -> Path:
        return self.events.parent

    def remove(self) -> None:
        """Take the log away again."""
        shutil.rmtree(self.folder)


def scenario(case: str, ordinary: int) -> Scenario:
    """The scenario of a case with that many ordinary accounts."""
    if case == MIXED:
        base = _small(scaled(shipped.scenario("ordinary"), ordinary))
        names = ("fixed", "per-account", "per-request", "four-each", "pipelines")
        campaigns = tuple(_renamed(name, plan) for name in names for plan in _small(shipped.scenario(name)).campaign)
        return msgspec.structs.replace(base, name=MIXED, campaign=campaigns)
    return _small(scaled(shipped.scenario(case), ordinary))


def _small(whole: Scenario) -> Scenario:
    if whole.name != "four-each":
        return whole
    plans = tuple(msgspec.structs.replace(plan, accounts=_FOUR_EACH) for plan in whole.campaign)
    return msgspec.structs.replace(whole, campaign=plans)


def _renamed(case: str, plan: Campaign) -> Campaign:
    accounts = _PIPELINE if plan.tool == "each" else plan.accounts
    return msgspec.structs.replace(plan, name=f"{case}-{plan.name}", accounts=accounts)


def made(case: str, half: str, seed: int, work: Path, *, choice: str, ordinary: int) -> Log:
    """Compose a log below ``work``."""
    plan = scenario(case, ordinary)
    population = compose(plan, material(choice, half), seed)
    folder = work / f"{case}-{half}-{seed}"
    write(population, folder, by_day=True)
    days = sorted(folder.glob("exchanges-*.jsonl.zst"))
    found = (event for day in days for event in events.of_log(day, folder / "accounts.jsonl"))
    count = events.write(found, folder / "events.jsonl")
    return Log(case, seed, days, folder / "events.jsonl", plan.start_us / 1e6, count, _truth(folder, days))


def _truth(folder: Path, days: Sequence[Path]) -> Truth:
    raw = msgspec.json.decode((folder / "truth.json").read_bytes())
    campaigns: dict[str, set[str]] = {}
    for account, known in raw["accounts"].items():
        if known["campaign"]:
            campaigns.setdefault(known["campaign"], set()).add(account)
    organizations: dict[str, str] = {}
    exchanges: dict[str, list[int]] = {name: [0] * len(days) for name in campaigns}
    for place, day in enumerate(days):
        for row in _rows(day):
            if row.id in raw["exchanges"]:
                exchanges[raw["exchanges"][row.id]][place] += 1
            if row.organization is not None:
                organizations[row.account] = row.organization
    permitted = _permitted(folder, organizations)
    others = {
        account: known
        for account, known in raw["accounts"].items()
        if not known["campaign"] and account not in permitted
    }
    return Truth(
        {name: frozenset(found) for name, found in campaigns.items()},
        frozenset(account for account, known in others.items() if not known["group"]),
        {account: known["kind"] for account, known in others.items() if known["group"]},
        {name: [sum(counts[: place + 1]) for place in range(len(counts))] for name, counts in exchanges.items()},
    )


class _Row(msgspec.Struct):
    """What the truth needs of an exchange."""

    id: str
    account: str
    organization: str | None = None


def _rows(day: Path) -> list[_Row]:
    with day.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as plain:
        decoder = msgspec.json.Decoder(_Row)
        return [decoder.decode(line) for line in plain.read().splitlines() if line]


def _permitted(folder: Path, organizations: dict[str, str]) -> set[str]:
    permits = [msgspec.json.decode(line) for line in (folder / "permits.jsonl").read_bytes().splitlines()]
    whole = {permit["organization"] for permit in permits if permit.get("accounts") is None}
    named = {account for permit in permits for account in permit.get("accounts") or ()}
    return named | {account for account, organization in organizations.items() if organization in whole}
