"""Random tables for the suite of engines, with nulls, copies and ties wherever the schema allows them."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.profile import arrivals, standing
from stillwatch.profile.engine import Engine
from stillwatch.vocabulary.sketches import DICTIONARY, LINKS, SKETCHES

HOUR = arrivals.HOUR_US
START = 500_000 * HOUR


def _column(field: pa.Field, rows: int, dice: np.random.Generator) -> pa.Array:
    if pa.types.is_boolean(field.type):
        values: Any = dice.random(rows) < 0.3
    elif pa.types.is_fixed_size_binary(field.type) or pa.types.is_binary(field.type):
        return pa.array([dice.bytes(64) for _ in range(rows)], field.type)
    elif pa.types.is_floating(field.type):
        values = dice.integers(0, 8, rows) / 4
    elif pa.types.is_int8(field.type):
        values = dice.integers(0, 9, rows)
    elif field.name.startswith("t") and field.name[1:].isdigit():
        values = dice.integers(0, 101, rows)
    else:
        values = dice.integers(-40, 40, rows) if pa.types.is_int64(field.type) else dice.integers(0, 6, rows)
    mask = dice.random(rows) < 0.25 if field.nullable else None
    return pa.array(values, mask=mask).cast(field.type)


def _rows(schema: pa.Schema, rows: int, dice: np.random.Generator, **given: Any) -> pa.Table:
    columns = [
        pa.array(given[field.name], field.type) if field.name in given else _column(field, rows, dice)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def inputs(dice: np.random.Generator) -> dict[str, pa.Table]:
    """What ``sketch`` and the accounts file would leave: 900 exchanges of 40 accounts, some ids twice."""
    rows = 900
    exchange = dice.permutation(np.arange(-rows, rows, 2))
    exchange[-30:] = exchange[:30]
    account = dice.integers(-20, 20, rows) * 10**15
    ts_us = START + np.sort(dice.integers(0, 60 * HOUR, rows))
    status = pa.array(dice.choice([200, 403, 500], rows), mask=dice.random(rows) < 0.2)
    sketches = _rows(
        SKETCHES,
        rows,
        dice,
        exchange=exchange,
        account=account,
        ts_us=ts_us,
        line=np.arange(1, rows + 1),
        status=status,
    )
    of = dice.integers(0, rows, 6 * rows)
    entity = dice.integers(0, 16, 6 * rows) * 2**57 - 2**60
    links = _rows(LINKS, len(of), dice, exchange=exchange[of], account=account[of], ts_us=ts_us[of], entity=entity)
    names = _rows(DICTIONARY, 50, dice, kind=["account"] * 25 + ["network"] * 25, key=dice.integers(0, 20, 50),
                  name=[f"name {n}" for n in dice.integers(0, 30, 50)])  # fmt: skip
    columns = ("account", "organization", "created_us", "programme", "payment", "signup", "verified")
    recorded = pa.table({name: pa.array(dice.integers(0, 9, 30), mask=dice.random(30) < 0.3) for name in columns})
    return {
        "sketches": sketches,
        "links": links,
        "past_exchanges": pa.table({"exchange": pa.array(exchange[100:140])}),
        "dropped": pa.table(
            {
                "exchange": pa.array(exchange[-30:]),
                "source": sketches["source"].combine_chunks()[-30:],
                "line": sketches["line"].combine_chunks()[-30:],
            }
        ),
        "dictionary": names,
        "accounts": recorded,
    }


def derived(engine: Engine, given: dict[str, pa.Table], folder: Path) -> dict[str, pa.Table]:
    """The tables between, by the house's own queries: what each of them holds is judged when its query is compared."""
    tables = dict(given)

    def put(name: str, table: pa.Table) -> None:
        tables[name] = table
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=64)
        engine.attach(name, [folder / f"{name}.parquet"])

    for name, table in given.items():
        put(name, table)
    put("fresh", engine.table(arrivals.fresh_sketches(tuple(SKETCHES.names))))
    put("repeated_entities", engine.table(arrivals.repeated_entities()))
    put("kept_links", engine.table(arrivals.kept_links(once_only=True)))
    put("pairs", engine.table(arrivals.pairs()))
    # Two parts of history: merging must add what stands in both.
    put("hours", pa.concat_tables([engine.table(arrivals.account_hours())] * 2))
    put("ties", pa.concat_tables([engine.table(arrivals.ties())] * 2))
    put("entity_reach", engine.table(standing.entity_reach()))
    some = tables["kept_links"].select(["kind", "entity"]).group_by(["kind", "entity"]).aggregate([]).slice(0, 24)
    candidate = pa.array(np.arange(some.num_rows) % 4)
    put("cores", some.append_column("candidate", candidate))
    put("case_cores", some.append_column("case_number", candidate))
    put("core_links", engine.table(standing.core_links()))
    put("looked", tables["core_links"].select(["candidate", "exchange", "account"]))
    put("sampling", pa.table({"candidate": pa.array([0, 1, 2, 3]), "one_in": pa.array([1, 2, 1, 5])}))
    crowds = {"candidate": pa.array([4, 4, 5, 5]), "account": tables["pairs"]["account"].slice(0, 4)}
    put("crowds", pa.table({**crowds, "technique": pa.array([-1, -1, 3, 3])}))
    who = pa.array(np.unique(given["sketches"]["account"].to_numpy())[:20])
    put("case_accounts", pa.table({"case_number": pa.array(np.arange(20) % 3), "account": who}))
    return tables
