"""Aggregates of parts, merged, are the aggregates of the whole: that is why a second day costs a day."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.adapters.engines.duckdb import DuckDBEngine
from stillwatch.profile import arrivals, standing
from stillwatch.profile.query import Query
from stillwatch.vocabulary.sketches import LINKS, SKETCHES

HOUR = arrivals.HOUR_US


def _column(field: pa.Field, rows: int, dice: np.random.Generator) -> pa.Array:
    if pa.types.is_binary(field.type) or pa.types.is_fixed_size_binary(field.type):
        return pa.array([b"\0" * 64] * rows, field.type)
    values = dice.integers(0, 2, rows).astype(bool) if pa.types.is_boolean(field.type) else dice.integers(0, 100, rows)
    return pa.array(values, mask=dice.random(rows) < 0.2 if field.nullable else None).cast(field.type)


def _table(schema: pa.Schema, rows: int, dice: np.random.Generator, **given: object) -> pa.Table:
    return pa.table(
        [
            pa.array(given[field.name], field.type) if field.name in given else _column(field, rows, dice)
            for field in schema
        ],
        schema=schema,
    )


@pytest.fixture(scope="module")
def fresh() -> pa.Table:
    dice = np.random.default_rng(2)
    rows = 4_000
    ts_us = 500_000 * HOUR + dice.integers(0, 30 * HOUR, rows)
    return _table(
        SKETCHES, rows, dice, exchange=np.arange(rows), account=dice.integers(0, 25, rows), ts_us=ts_us,
        capability=dice.integers(0, 9, rows),
    )  # fmt: skip


@pytest.fixture(scope="module")
def links(fresh: pa.Table) -> pa.Table:
    dice = np.random.default_rng(3)
    of = np.sort(dice.integers(0, fresh.num_rows, 20_000))
    given = {name: fresh[name].to_numpy()[of] for name in ("exchange", "account", "ts_us")}
    return _table(
        LINKS, len(of), dice, **given, kind=dice.integers(0, 8, len(of)), entity=dice.integers(0, 300, len(of))
    )


def _rows(table: pa.Table) -> list[dict[str, object]]:
    return table.sort_by([(name, "ascending") for name in table.column_names]).to_pylist()


@pytest.mark.parametrize(
    ("source", "part", "table", "whole"),
    [
        ("fresh", arrivals.account_hours, "hours", lambda: standing.accounts(until_hour=500_100)),
        ("fresh", arrivals.account_hours, "hours", lambda: standing.accounts(until_hour=500_011)),
        ("fresh", arrivals.account_hours, "hours", standing.span),
        ("fresh", arrivals.ties, "ties", standing.shared_ties),
        ("kept_links", arrivals.pairs, "pairs", standing.entity_reach),
    ],
)
@pytest.mark.parametrize("cut", [1, 1_777, 3_999])
def test_parts_cut_by_time_merge_to_the_whole(
    tmp_path, fresh, links, source: str, part: Callable[[], Query], table: str, whole: Callable[[], Query], cut: int
) -> None:
    everything = (fresh if source == "fresh" else links).sort_by("ts_us")
    engine = DuckDBEngine(spill=tmp_path)
    engine.hold(source, everything)
    engine.hold(table, engine.table(part()))
    expected = _rows(engine.table(whole()))
    parts = []
    for piece in (everything.slice(0, cut), everything.slice(cut)):
        engine.hold(source, piece)
        parts.append(engine.table(part()))
    engine.hold(table, pa.concat_tables(parts))
    merged = _rows(engine.table(whole()))
    engine.close()
    assert expected
    assert merged == expected
