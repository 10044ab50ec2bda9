"""One suite for every engine: each query of the house gives the rows that a second, unrelated database gives.

The second database is SQLite, which shares no code with the engines; sqlglot writes the queries in its dialect. The
suite is run on DuckDB 1.5 as well (``make test-duckdb-1.5``).
"""

import gc
import importlib.util
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from engine_tables import derived, inputs
from sqlglot import exp

from stillwatch.adapters.engines.duckdb import DuckDBEngine
from stillwatch.errors import OutputError, StateError
from stillwatch.profile import standing
from stillwatch.profile.engine import Engine
from stillwatch.profile.query import Query
from stillwatch.vocabulary.sketches import SKETCHES

ROOT = Path(__file__).resolve().parents[2]
ENGINES: dict[str, Callable[[Path], Engine]] = {"duckdb": lambda spill: DuckDBEngine(spill=spill)}


def _house() -> dict[str, Query]:
    spec = importlib.util.spec_from_file_location("check_sql_of_engines", ROOT / "tools" / "check_sql.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return dict(module.house_queries())


HOUSE = _house()
if "profile.standing.core_exchanges" in HOUSE:  # part of the candidates, so that the bounds are seen to matter
    HOUSE["profile.standing.core_exchanges (2)"] = standing.core_exchanges(1, 2)
HOUSE["profile.standing.accounts (2)"] = standing.accounts(until_hour=500_020)


# --- the second database


def _loaded(tables: dict[str, pa.Table]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for name, table in tables.items():
        listed = ", ".join(f'"{column}"' for column in table.column_names)
        connection.execute(f'CREATE TABLE "{name}" ({listed})')
        rows = zip(*[column.to_pylist() for column in table.columns], strict=True)
        connection.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * table.num_columns)})', rows)
        connection.execute(f'CREATE INDEX "by_{name}" ON "{name}" ("{_joined_by(table)}")')
    return connection


def _joined_by(table: pa.Table) -> str:
    return next(name for name in ("entity", "exchange", "account", "candidate", "key") if name in table.column_names)


def _for_sqlite(query: Query) -> str:
    """SQLite divides whole numbers by ``/`` as we do by ``//``; the rest is written by sqlglot."""
    tree = sqlglot.parse_one(query.sql, read="duckdb")
    whole = tree.transform(
        lambda node: (
            exp.Div(this=node.this, expression=node.expression, typed=True) if isinstance(node, exp.IntDiv) else node
        )
    )
    return whole.sql(dialect="sqlite")


def _comparable(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows in one order; nulls first; true is 1."""
    plain = [tuple(int(value) if isinstance(value, bool) else value for value in row) for row in rows]
    return sorted(plain, key=lambda row: tuple((value is not None, value if value is not None else 0) for value in row))


def _tuples(table: pa.Table) -> list[tuple[Any, ...]]:
    return list(zip(*[column.to_pylist() for column in table.columns], strict=True))


@pytest.fixture(scope="module", params=sorted(ENGINES))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("tables")
    engine = ENGINES[request.param](folder / "spill")
    tables = derived(engine, inputs(np.random.default_rng(11)), folder)
    second = _loaded(tables)
    yield engine, second
    second.close()
    engine.close()


@pytest.mark.parametrize("name", HOUSE)
def test_a_query_gives_the_same_rows_in_a_second_database(world: Any, name: str) -> None:
    engine, second = world
    query = HOUSE[name]
    got = engine.table(query)
    cursor = second.execute(_for_sqlite(query), dict(query.params))
    assert got.column_names == [item[0] for item in cursor.description]
    expected = _comparable(cursor.fetchall())
    assert expected, "the fixture shows nothing of this query"
    assert _comparable(_tuples(got)) == expected


@pytest.mark.parametrize("name", HOUSE)
def test_results_are_whole_numbers_labels_and_bytes(world: Any, name: str) -> None:
    engine, _ = world
    for field in engine.table(HOUSE[name]).schema:
        plain = pa.types.is_signed_integer(field.type) or pa.types.is_boolean(field.type)
        label = field.name in ("tie", "kind", "name") and pa.types.is_string(field.type)
        kept = field.name in SKETCHES.names and field.type == SKETCHES.field(field.name).type
        assert plain or label or kept or pa.types.is_binary(field.type), field


@pytest.mark.parametrize("name", HOUSE)
def test_a_stored_result_is_the_result_in_memory(world: Any, name: str, tmp_path: Path) -> None:
    engine, _ = world
    in_memory = engine.table(HOUSE[name])
    count = engine.store(HOUSE[name], tmp_path / "stored.parquet")
    stored = pq.read_table(tmp_path / "stored.parquet")
    assert count == in_memory.num_rows
    assert stored.schema.types == in_memory.schema.types
    assert _comparable(_tuples(stored)) == _comparable(_tuples(in_memory))


# --- order, size and what Arrow tables may look like


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    opened = DuckDBEngine(spill=tmp_path / "spill")
    yield opened
    opened.close()


def _large(rows: int, seed: int = 5) -> pa.Table:
    dice = np.random.default_rng(seed)
    return pa.table(
        {
            "place": pa.array(dice.permutation(rows)),
            "account": pa.array(dice.integers(0, rows // 8, rows)),
            "small": pa.array(dice.integers(0, 100, rows), pa.int16()),
            "maybe": pa.array(dice.integers(0, 9, rows), mask=dice.random(rows) < 0.3),
            "flag": pa.array(dice.random(rows) < 0.5),
            "content": pa.array(
                [bytes(row) for row in dice.integers(0, 255, (rows, 64), dtype=np.uint8)], pa.binary(64)
            ),
        }
    )


ORDERED = {
    "plain": Query("plain", "SELECT place, account, maybe, flag, content FROM big ORDER BY place"),
    "bound": Query("bound", "SELECT place, account, maybe FROM big WHERE small < $below ORDER BY place", {"below": 60}),
    "grouped": Query(
        "grouped", "SELECT account, COUNT(*) AS place, MIN(place) AS first FROM big GROUP BY account ORDER BY account"
    ),
    "joined": Query(
        "joined",
        """
        SELECT big.place, big.account, k.label_number FROM big JOIN k ON k.account = big.account
        WHERE big.small < $below ORDER BY big.place, k.label_number
        """,
        {"below": 60},
    ),
}


@pytest.mark.parametrize("name", ORDERED)
def test_an_order_holds_under_parallel_threads_and_after_a_stored_query(
    engine: DuckDBEngine, tmp_path: Path, name: str
) -> None:
    # DuckDB 2.0.0 and 1.5.6 each lost the order of large results in one of their ways to hand them over.
    big = _large(200_000)
    pq.write_table(big, tmp_path / "big.parquet", row_group_size=10_000)
    engine.attach("big", [tmp_path / "big.parquet"])
    engine.hold("k", pa.table({"account": pa.array(np.arange(3_000)), "label_number": pa.array(np.arange(3_000) % 7)}))
    key = "account" if name == "grouped" else "place"
    first = None
    for _ in range(6):
        engine.store(Query("some", "SELECT place FROM big"), tmp_path / "some.parquet")
        got = engine.table(ORDERED[name])
        got.validate(full=True)
        assert np.all(np.diff(got[key].to_numpy()) >= 0)
        first = first or got
        assert got.equals(first)


def test_a_large_result_comes_back_whole_in_every_column(engine: DuckDBEngine) -> None:
    big = _large(300_000)
    engine.hold("big", big)
    got = engine.table(Query("all", f"SELECT {', '.join(big.column_names)} FROM big ORDER BY place"))
    assert {len(column) for column in got.columns} == {300_000}
    expected = big.sort_by("place")
    for name in big.column_names:
        assert got[name].combine_chunks().equals(expected[name].combine_chunks().cast(got[name].type)), name


def test_a_held_table_stays_when_nobody_else_holds_it(engine: DuckDBEngine) -> None:
    engine.hold("big", _large(50_000))
    gc.collect()
    pressure = [_large(50_000, seed) for seed in range(3)]
    total = engine.table(Query("t", "SELECT CAST(SUM(place) AS BIGINT) AS total, COUNT(*) AS n FROM big")).to_pylist()
    assert total == [{"total": 50_000 * 49_999 // 2, "n": 50_000}]
    assert len(pressure) == 3


def test_a_result_stays_when_the_table_it_came_from_is_replaced(engine: DuckDBEngine) -> None:
    engine.hold("t", pa.table({"a": [1, 2, 3]}))
    before = engine.table(Query("q", "SELECT a FROM t ORDER BY a"))
    engine.hold("t", pa.table({"a": [9]}))
    after = engine.table(Query("q", "SELECT a FROM t ORDER BY a"))
    assert (before["a"].to_pylist(), after["a"].to_pylist()) == ([1, 2, 3], [9])


def test_a_result_outlives_the_engine(tmp_path: Path) -> None:
    engine = DuckDBEngine(spill=tmp_path)
    engine.hold("big", _large(30_000))
    got = engine.table(Query("q", "SELECT place, content FROM big ORDER BY place"))
    engine.close()
    gc.collect()
    got.validate(full=True)
    assert got["place"].to_pylist() == list(range(30_000))


def test_chunks_slices_and_offsets_of_held_tables_are_read_as_they_are(engine: DuckDBEngine) -> None:
    whole = _large(9_000)
    cut = [0, 1, 7, 2_048, 2_049, 5_000, 9_000]
    chunked = pa.table(
        {
            name: pa.chunked_array([column.combine_chunks().slice(a, b - a) for a, b in pairwise(cut)])
            if number % 2
            else column
            for number, (name, column) in enumerate(zip(whole.column_names, whole.columns, strict=True))
        }
    )
    for name, table in (("chunked", chunked), ("sliced", whole.slice(1_003, 4_001)), ("odd", chunked.slice(13, 8_000))):
        engine.hold(name, table)
        got = engine.table(Query("q", f"SELECT place, maybe, flag, content FROM {name} ORDER BY place"))
        expected = table.select(["place", "maybe", "flag", "content"]).sort_by("place")
        assert _tuples(got) == _tuples(expected), name


def test_a_table_without_rows_keeps_its_types(engine: DuckDBEngine, tmp_path: Path) -> None:
    engine.hold("t", SKETCHES.empty_table())
    assert engine.table(Query("q", "SELECT ts_us, status, refused FROM t")).schema.types == [
        pa.int64(), pa.int16(), pa.bool_(),
    ]  # fmt: skip
    assert engine.store(Query("q", "SELECT ts_us, status FROM t"), tmp_path / "none.parquet") == 0
    engine.attach("u", [tmp_path / "none.parquet"])
    assert engine.table(Query("q", "SELECT COUNT(*) AS n FROM u")).to_pylist() == [{"n": 0}]


def test_several_files_are_one_table_and_may_lie_anywhere(engine: DuckDBEngine, tmp_path: Path) -> None:
    folder = tmp_path / "it's [one] of *many* folders"
    folder.mkdir()
    for number in range(3):
        pq.write_table(pa.table({"a": [number]}), folder / f"{number}'.parquet")
    engine.attach("t", sorted(folder.iterdir()))
    assert engine.table(Query("q", "SELECT a FROM t ORDER BY a"))["a"].to_pylist() == [0, 1, 2]
    assert engine.store(Query("q", "SELECT a FROM t"), folder / "out of 'it'.parquet") == 3


def test_no_file_to_attach_is_a_mistake_of_the_caller(engine: DuckDBEngine) -> None:
    with pytest.raises(ValueError, match="no files"):
        engine.attach("t", [])


def test_a_parameter_is_a_value_and_never_sql(engine: DuckDBEngine) -> None:
    engine.hold("t", pa.table({"a": ["x", "'; DROP VIEW t; --"]}))
    query = Query("q", "SELECT a FROM t WHERE a = $a", {"a": "'; DROP VIEW t; --"})
    assert engine.table(query).num_rows == 1
    assert engine.table(query).num_rows == 1


@pytest.mark.parametrize("data", [b"", b"PAR1", b"no parquet at all, but long enough to be looked at", None])
def test_a_file_that_is_no_parquet_is_an_error_of_the_state(
    engine: DuckDBEngine, tmp_path: Path, data: bytes | None
) -> None:
    file = tmp_path / "hours.parquet"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(StateError, match=r"hours\.parquet"):
        engine.attach("hours", [file])


def test_a_parquet_file_cut_short_is_an_error_of_the_state(engine: DuckDBEngine, tmp_path: Path) -> None:
    file = tmp_path / "hours.parquet"
    pq.write_table(_large(20_000), file)
    engine.attach("hours", [file])
    file.write_bytes(file.read_bytes()[:-2_000])
    with pytest.raises(StateError, match=r"hours\.parquet"):
        engine.table(Query("q", "SELECT place, content FROM hours"))


def test_a_place_that_can_not_be_written_is_an_error_of_the_output(engine: DuckDBEngine, tmp_path: Path) -> None:
    engine.hold("t", pa.table({"a": [1]}))
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "nowhere" / "x.parquet", tmp_path / "file" / "x.parquet"):
        with pytest.raises(OutputError, match=r"x\.parquet"):
            engine.store(Query("q", "SELECT a FROM t"), place)


@pytest.mark.parametrize(
    "ask",
    [
        "engine.table(Query('t', 'SELECT sum(hash(range)) FROM range(1000000000000)'))",
        "engine.store(Query('t', 'SELECT hash(range) AS h FROM range(1000000000000)'), Path('h'))",
        "engine.store(Query('t', 'SELECT 1 AS n FROM range(1000000000000) AS a(r) WHERE hash(r) = 1'), Path('h'))",
    ],
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_query_at_once(tmp_path: Path, ask: str, number: signal.Signals) -> None:
    program = f"""
import os, signal, threading
from pathlib import Path
from stillwatch.adapters.engines.duckdb import DuckDBEngine
from stillwatch.profile.query import Query
signal.signal({int(number)}, signal.default_int_handler)
engine = DuckDBEngine(spill=Path("."))
threading.Timer(0.5, lambda: os.kill(os.getpid(), {int(number)})).start()
try:
    {ask}
except KeyboardInterrupt:
    print("stopped")
engine.close()
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("stopped\n", "", 0)
