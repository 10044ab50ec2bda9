"""The grid of campaigns, which part of it can be run, and in which order: a cell is one combination of five choices.

A prefix of the order is a balanced part of the grid: cells are taken one after another so that every level, and every
pair of levels of two axes, has had about the same share of its cells (a greedy fractional factorial).
"""

import zlib
from collections.abc import Sequence
from itertools import combinations, product

import msgspec
import numpy as np

from stillwatch.rehearse.scenario import Campaign

EXCHANGES = (3, 5, 10, 20, 100, 670)
ACCOUNTS = (10, 50, 200, 1000, 4000, 20000)
COVERS = (0.0, 0.5, 0.8, 0.95)
WORDINGS = ("fixed", "per-account", "per-request", "none")
INFRASTRUCTURES = ("shared", "tenth", "dispersed")
#: Exchanges of one cell, cover included, beyond which it is not run. Nothing is claimed about what was not run.
LIMIT = 60_000
#: What campaigns that share a population want and ask about. Each has a secret of its own beside.
LANES = (("SW-T16", "maths"), ("SW-T17", "code"), ("SW-T19", "other"))
#: Accounts of all campaigns in one population; a larger campaign has a population to itself.
TOGETHER = 300


class Cell(msgspec.Struct, frozen=True, order=True):
    """One cell. ``exchanges`` is the mean per account, cover included."""

    exchanges: int
    accounts: int
    cover: float
    wording: str
    infrastructure: str

    @property
    def name(self) -> str:
        """Short and unique: what results are kept under."""
        return f"e{self.exchanges}-a{self.accounts}-c{self.cover:g}-{self.wording}-{self.infrastructure}"

    @property
    def size(self) -> int:
        """Exchanges in all."""
        return self.exchanges * self.accounts

    def plan(self, lane: int) -> Campaign:
        """As a scenario has it."""
        technique, payload = LANES[lane]
        return msgspec.convert(
            {
                "name": self.name,
                "accounts": self.accounts,
                "exchanges": self.exchanges,
                "cover": self.cover,
                "wording": self.wording,
                "infrastructure": self.infrastructure,
                "techniques": (technique,),
                "payload": payload,
            },
            Campaign,
        )


def grid() -> list[Cell]:
    """All cells. Without wording there is nothing that cover would hide: ``none`` stands with no cover only."""
    made = (Cell(*choice) for choice in product(EXCHANGES, ACCOUNTS, COVERS, WORDINGS, INFRASTRUCTURES))
    return [cell for cell in made if cell.wording != "none" or cell.cover == 0]


def runnable(cells: Sequence[Cell], limit: int = LIMIT) -> list[Cell]:
    """The cells within the limit."""
    return [cell for cell in cells if cell.size <= limit]


def in_order(cells: Sequence[Cell], seed: int) -> list[Cell]:
    """The same cells, so that every beginning of the list is balanced. Other seeds begin with other cells."""
    if not cells:
        return []
    columns = [_levels([getattr(cell, name) for cell in cells]) for name in Cell.__struct_fields__]
    columns += [_levels(list(zip(one, two, strict=True))) for one, two in combinations(columns[:5], 2)]
    index = np.stack(columns, axis=1)
    offset = np.concatenate([[0], np.cumsum(index.max(axis=0) + 1)[:-1]])
    index = index + offset
    there = np.bincount(index.ravel())
    taken = np.zeros(len(there))
    rng = np.random.default_rng([seed, 5])
    score = rng.random(len(cells)) * 1e-6
    order: list[Cell] = []
    for _ in range(len(cells)):
        place = int(np.argmin((taken / there)[index].sum(axis=1) + score))
        score[place] = np.inf
        taken[index[place]] += 1
        order.append(cells[place])
    return order


def _levels(values: Sequence[object]) -> list[int]:
    known = {value: place for place, value in enumerate(dict.fromkeys(values))}
    return [known[value] for value in values]


def lane_of(cell: Cell, seed: int) -> int:
    """Which technique and payload a cell has: fixed for a seed, another one with the next."""
    return (zlib.crc32(cell.name.encode()) + seed) % len(LANES)


def batches(cells: Sequence[Cell], seed: int) -> list[list[Cell]]:
    """Cells that share a population, in order: at most one of each lane, at most ``TOGETHER`` accounts in all."""
    closed: list[list[Cell]] = []
    for cell in cells:
        lane = lane_of(cell, seed)
        for batch in closed:
            others = {lane_of(other, seed) for other in batch}
            if lane not in others and sum(other.accounts for other in batch) + cell.accounts <= TOGETHER:
                batch.append(cell)
                break
        else:
            closed.append([cell])
    return closed
