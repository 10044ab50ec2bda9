"""Small groups for the tests of detect and cases: some hundred ordinary accounts, and members with given properties.

What a test does not name is as in the simplest campaign: members live by a template, each with its own prompts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stillwatch.detect.evidence.line import EvidenceLine
from stillwatch.detect.group import Group
from stillwatch.detect.population import I64, UNKNOWN, Accounts, Ties
from stillwatch.vocabulary.sketches import SCORE_COLUMNS
from stillwatch.vocabulary.techniques import CAPABILITIES

DAY_US = 86_400_000_000
NAMES = ("address", "network", "client", "credential", "user_field", "payment", "signup", "signature")
NO_TIES = Ties(NAMES, np.zeros(0, dtype=np.int8), *(np.zeros(0, dtype=np.int64) for _ in range(4)))
WRITING, MATHS = CAPABILITIES.index("writing"), CAPABILITIES.index("maths")

#: A value for every row, or one for all of them.
Given = Mapping[str, Any]


@dataclass(frozen=True)
class Shared:
    """``members`` of the group share ``values`` values of a kind evenly; ``elsewhere`` others show each of them too."""

    name: str
    members: int
    values: int = 1
    elsewhere: int = 0


def ordinary(people: int = 400, *, seed: int = 7, days: float = 6.0, **given: Any) -> dict[str, I64]:
    """Columns of accounts that have nothing in common: long-tailed volumes, up to two years old, all of them apart."""
    draw = np.random.default_rng(seed)
    totals = np.maximum(1, draw.lognormal(2.0, 1.2, people)).astype(np.int64)
    first = draw.integers(0, int(days * DAY_US), people)
    columns: dict[str, I64] = {
        "exchanges": totals,
        "first_us": first,
        "last_us": first + 2 * DAY_US,
        "created_us": first - draw.integers(0, 730 * DAY_US, people),
        "payment": np.arange(people) + 10_000,
        "organization": np.arange(people) + 20_000,
        "programme": np.zeros(people, dtype=np.int64),
        "single_turn": totals // 2,
        "eliciting": totals // 50,
        **{f"c{code}": totals // len(CAPABILITIES) for code in range(len(CAPABILITIES))},
        **{name: np.zeros(people, dtype=np.int64) for name in SCORE_COLUMNS},
    }
    return columns | {name: np.broadcast_to(value, people).astype(np.int64) for name, value in given.items()}


def group(
    size: int = 20,
    each: int = 10,
    *,
    people: int = 400,
    seed: int = 7,
    days: float = 6.0,
    counts: npt.ArrayLike | None = None,
    onsets: npt.ArrayLike | None = None,
    members: Given | None = None,
    everyone: Given | None = None,
    core: Given | None = None,
    shared: Sequence[Shared] = (),
    passages: int = 8,
    fringe: int = 0,
    **given: Any,
) -> Group:
    """A group of ``size`` accounts with ``each`` core exchanges, among ``people`` accounts.

    ``members``, ``everyone`` and ``core`` give columns of the members' accounts, of all accounts, and of the core
    exchanges (``size * each`` of them, account after account).
    """
    draw = np.random.default_rng(seed)
    keys = np.arange(people, dtype=np.int64) * 10
    inside = np.sort(draw.choice(people, size, replace=False))
    sent = np.full(size, each, dtype=np.int64) if counts is None else np.asarray(counts, dtype=np.int64)
    columns = ordinary(people, seed=seed, days=days, **(everyone or {}))
    for name, value in ({"exchanges": sent} | dict(members or {})).items():
        columns[name][inside] = value
    outside = np.setdiff1d(keys, keys[inside])
    return Group(
        origin=given.pop("origin", "templates"),
        population=Accounts(keys, columns),
        ties=ties(shared, keys[inside], outside),
        members=keys[inside],
        counts=sent,
        onsets=columns["first_us"][inside] if onsets is None else np.asarray(onsets, dtype=np.int64),
        core=exchanges(np.repeat(keys[inside], sent), draw, days, core or {}),
        entities=np.arange(passages, dtype=np.int64),
        kinds=np.zeros(passages, dtype=np.int8),
        fringe=outside[:fringe],
        fringe_counts=np.ones(fringe, dtype=np.int64),
        **given,
    )


def exchanges(account: I64, draw: np.random.Generator, days: float, given: Given) -> dict[str, npt.NDArray[Any]]:
    """Columns of exchanges: a plain answer to a prompt of its own, at any time of the day."""
    rows = len(account)
    columns: dict[str, npt.NDArray[Any]] = {
        "exchange": np.arange(rows),
        "ts_us": draw.integers(0, int(days * DAY_US), rows),
        "account": account,
        "prompt": np.arange(rows) + 1_000_000,
        "prompt_symbols": np.full(rows, 400),
        "matched": np.full(rows, 8),
        "capability": np.full(rows, WRITING),
        "assistant_turns": np.zeros(rows, dtype=np.int64),
        "tool_results": np.zeros(rows, dtype=np.int64),
        "answer": np.ones(rows, dtype=np.int64),
        "refused": np.zeros(rows, dtype=bool),
        "model": np.full(rows, 5),
        "model_first_us": np.zeros(rows, dtype=np.int64),
        "model_adopters": np.full(rows, 50),
        "status": np.full(rows, 200),
        "parameters": np.full(rows, 3),
        **{name: np.zeros(rows, dtype=np.int64) for name in SCORE_COLUMNS},
    }
    return columns | {name: np.broadcast_to(value, rows) for name, value in given.items()}


def ties(shared: Sequence[Shared], members: I64, others: I64) -> Ties:
    """Who shows which shared value, in order of account."""
    rows: list[tuple[int, int, int, int]] = []
    for number, tie in enumerate(shared):
        for value in range(tie.values):
            holders = [*members[: tie.members][value :: tie.values].tolist(), *others[: tie.elsewhere].tolist()]
            entity = 1_000 * (number + 1) + value
            rows += [(NAMES.index(tie.name), entity, account, len(holders)) for account in holders]
    if not rows:
        return NO_TIES
    columns = np.array(sorted(rows, key=lambda row: row[2]), dtype=np.int64).T
    name, entity, account, reach = (columns[number] for number in range(4))
    return Ties(NAMES, name.astype(np.int8), entity, account, reach, np.zeros(len(rows), dtype=np.int64))


def bits(line: EvidenceLine, group: Group) -> float | None:
    """The weight a line gives to a group; ``None`` where it can't tell."""
    found = line.of(group)
    return None if found is None else found.weight_bits


def rising(weights: Sequence[float | None]) -> bool:
    """Whether weights never fall, and end above where they began. All must be known."""
    known = [weight for weight in weights if weight is not None]
    return len(known) == len(weights) and known == sorted(known) and known[0] < known[-1]


def missing(size: int) -> I64:
    """Nothing known of so many accounts."""
    return np.full(size, UNKNOWN)
