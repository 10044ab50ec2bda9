"""Small logs with known truth: some three hundred ordinary accounts and one campaign of twelve on a fixed template."""

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

from stillwatch.rehearse import builtin
from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.scenario import parse

#: Ordinary accounts keep between so many and four times as many exchanges a day.
LEAST_A_DAY = 5

SCENARIO = """
name = "a few"
about = "Twelve accounts ask for reasoning with one template, among three hundred ordinary ones, on two days."
start = 2026-06-01T00:00:00Z
days = 2
[ordinary]
accounts = 300
[[campaign]]
name = "operator-7"
accounts = 12
exchanges = 40
wording = "fixed"
techniques = ["SW-T16"]
payload = "maths"
infrastructure = "shared"
"""


@dataclass(frozen=True)
class Population:
    """Lines of the log by day, lines of the accounts file, and the accounts of the campaign."""

    days: tuple[tuple[bytes, ...], ...]
    accounts: tuple[bytes, ...]
    campaign: frozenset[str]

    @property
    def lines(self) -> tuple[bytes, ...]:
        return tuple(line for day in self.days for line in day)


@cache
def population(seed: int = 3) -> Population:
    """The population of ``SCENARIO``; same seed, same bytes."""
    composed = compose(parse(SCENARIO), builtin.material(), seed)
    accounts = tuple(json.dumps(row).encode() for row in composed.accounts())
    campaign = frozenset(name for name, who in composed.truth()["accounts"].items() if who["campaign"])
    first, second = (tuple(_thinned(composed.lines(day), campaign)) for day in range(2))
    return Population((first, second), accounts, campaign)


def _thinned(lines: Iterable[bytes], campaign: frozenset[str]) -> Iterator[bytes]:
    """Busy ordinary accounts are cut, each at its own number, so that a test stays short and volumes stay uneven."""
    seen: Counter[str] = Counter()
    for line in lines:
        account = json.loads(line)["account"]
        seen[account] += 1
        if account in campaign or seen[account] <= LEAST_A_DAY + crc32(account.encode()) % (3 * LEAST_A_DAY):
            yield line


def write(path: Path, lines: tuple[bytes, ...]) -> Path:
    """JSON Lines; packed where the name ends in ``.gz``."""
    data = b"".join(line + b"\n" for line in lines)
    path.write_bytes(gzip.compress(data, 1) if path.suffix == ".gz" else data)
    return path
