"""A small sketched log for the tests of detect and cases: ordinary accounts and one campaign, in a real engine.

It begins where ``sketch`` ends: numbers only. The real queries of ``profile`` make aggregates, pairs and ties of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from stillwatch.adapters.engines.duckdb import DuckDBEngine
from stillwatch.apps.sensor import standing as recorded_standing
from stillwatch.detect.permits import Permits
from stillwatch.detect.population import Accounts, Ties
from stillwatch.profile import arrivals
from stillwatch.profile.engine import Engine
from stillwatch.vocabulary.sketches import LINKS, SCORE_COLUMNS, SKETCHES

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
#: Nobody holds a permit.
NO_PERMITS = Permits([], {}, np.zeros(0, dtype=np.int64))
_RECORDED = ("account", "organization", "created_us", "programme", "payment", "signup", "verified")
#: Columns that an exchange has unless a test says otherwise.
_PLAIN: dict[str, Any] = {
    "source": 0, "line": 0, "prompt_symbols": 300, "system_symbols": 0, "content": bytes(64), "capability": 6,
    "user_turns": 1, "assistant_turns": 0, "tools_offered": 0, "tool_results": 0, "images": 0, "status": 200,
    "completion_tokens": 100, "answer": 1, "refused": False, "model": 5, **dict.fromkeys(SCORE_COLUMNS, 0),
}  # fmt: skip


@dataclass
class Log:
    """Exchanges, their links, and what an accounts file says. Accounts are small numbers; times are microseconds."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, int]] = field(default_factory=list)
    recorded: dict[int, dict[str, int]] = field(default_factory=dict)

    def say(self, account: int, ts_us: int, passages: Iterable[int] = (), **columns: Any) -> None:
        """One exchange with passages of text."""
        exchange = len(self.rows) + 1
        row = _PLAIN | {"prompt": 1_000_000 + exchange, "opening": 1_000_000 + exchange} | columns
        self.rows.append(row | {"exchange": exchange, "account": account, "ts_us": int(ts_us)})
        for entity in passages:
            link = {"exchange": exchange, "account": account, "ts_us": int(ts_us), "kind": 0, "entity": entity}
            self.links.append(link)

    def record(self, account: int, created_us: int, **known: int) -> None:
        """What the accounts file says of an account; by default it stands for itself and pays for itself."""
        own = {"organization": 50_000 + account, "payment": 60_000 + account, "programme": 0}
        self.recorded[account] = {"account": account, "created_us": int(created_us)} | own | known

    def ordinary(self, people: int = 150, *, days: float = 3.0, seed: int = 3) -> "Log":
        """Accounts 1000 and up, each with words of its own and now and then a common phrase."""
        draw = np.random.default_rng(seed)
        for account in range(1_000, 1_000 + people):
            self.record(account, -int(draw.integers(1, 700)) * DAY_US)
            begins = draw.uniform(0, days * 0.9)
            for _ in range(int(draw.integers(2, 12))):
                at = int(draw.uniform(begins, days) * DAY_US)
                words = [10_000 * account + 1, 10_000 * account + 2, *([9] if draw.random() < 0.1 else [])]
                self.say(account, at, words, assistant_turns=int(draw.integers(0, 3)), network=account)
        return self

    def campaign(
        self, accounts: int = 12, each: int = 15, *, start: float = 1.0, hours: float = 30.0, seed: int = 4, **also: Any
    ) -> "Log":
        """Accounts 1, 2, ...: made together, paying with one card; one template of eight passages, prompts divided."""
        draw = np.random.default_rng(seed)
        columns = {"t16": 100, "capability": 1, "answer": 4, "network": 7} | also
        for account in range(1, accounts + 1):
            self.record(account, int(start * DAY_US) - 2 * DAY_US + account, payment=777)
        for turn in range(each):
            for account in range(1, accounts + 1):
                at = start * DAY_US + (turn + draw.random()) / each * hours * HOUR_US
                self.say(account, int(at), range(100, 108), **columns)
        return self

    def table(self) -> pa.Table:
        """The exchanges as ``SKETCHES``."""
        names = SKETCHES.names
        return pa.Table.from_pylist([{name: row.get(name) for name in names} for row in self.rows], SKETCHES)

    def link_table(self) -> pa.Table:
        """The links as ``LINKS``."""
        return pa.Table.from_pylist(self.links, LINKS)

    def recorded_table(self) -> pa.Table:
        """The accounts file with sealed identifiers."""
        schema = pa.schema([(name, pa.int64()) for name in _RECORDED])
        rows = [self.recorded[account] for account in sorted(self.recorded)]
        return pa.Table.from_pylist([{name: row.get(name) for name in _RECORDED} for row in rows], schema)


@dataclass(frozen=True)
class Standing:
    """A log in an engine, as detection asks for it."""

    log: Log
    engine: Engine
    population: Accounts
    ties: Ties
    work: Path


def standing(log: Log, work: Path) -> Standing:
    """Put a log into an engine of its own and aggregate it as a scan does. ``work`` is an empty folder."""
    engine = DuckDBEngine(spill=work, threads=1)
    engine.hold("fresh", log.table())
    engine.hold("kept_links", log.link_table())
    engine.hold("pairs", engine.table(arrivals.pairs()))
    engine.hold("hours", engine.table(arrivals.account_hours()))
    engine.hold("ties", engine.table(arrivals.ties()))
    recorded = log.recorded_table()
    population = recorded_standing.population(engine, recorded)
    tied = recorded_standing.ties(engine, recorded, population.key)
    return Standing(log, engine, population, tied, work)
