"""What accounts files say of an account counts once, however many scans were given the file."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.adapters.engines.duckdb import DuckDBEngine
from stillwatch.apps.sensor import standing
from stillwatch.ingest import accounts
from stillwatch.profile.engine import Engine
from stillwatch.sketch.keying import SketchKey

KEY = SketchKey.from_bytes(bytes(range(32)))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = DuckDBEngine(spill=tmp_path / "spill")
    yield engine
    engine.close()


def described(engine: Engine, folder: Path, *files: list[bytes]) -> pa.Table:
    """The accounts that these files describe, one file a scan."""
    parts = []
    for number, lines in enumerate(files):
        table, _ = accounts(lines)
        parts.append(folder / f"{number}.parquet")
        pq.write_table(standing.sealed_accounts(table, KEY), parts[-1])
    engine.attach("accounts", parts)
    return standing.recorded_accounts(engine)


def sealed(*names: str) -> list[int]:
    return KEY.identifiers(pa.array(names), "account").to_pylist()


def test_the_same_file_given_twice_says_no_more_than_once(engine: Engine, tmp_path: Path) -> None:
    lines = [b'{"account": "a", "payment": "card-1"}', b'{"account": "b", "payment": "card-2"}']
    once = described(engine, tmp_path, lines)
    assert described(engine, tmp_path, lines, lines, lines).equals(once)


def test_an_account_shares_its_payment_with_others_and_never_with_itself(engine: Engine, tmp_path: Path) -> None:
    lines = [
        b'{"account": "a", "payment": "card-1"}',
        b'{"account": "b", "payment": "card-2"}',
        b'{"account": "c", "payment": "card-2"}',
    ]
    recorded = described(engine, tmp_path, lines, lines)
    seen = np.sort(np.array(sealed("a", "b", "c")))
    numbers = {name: pa.array([], pa.int64()) for name in ("entity", "account", "exchanges", "first_us", "last_us")}
    engine.hold("ties", pa.table({"tie": pa.array([], pa.string()), **numbers}))
    engine.hold("pairs", pa.table({"kind": pa.array([], pa.int8()), **numbers}))
    ties = standing.ties(engine, recorded, seen)
    assert sorted(ties.account.tolist()) == sorted(sealed("b", "c"))
    assert set(ties.reach.tolist()) == {2}


def test_what_a_later_file_says_of_an_account_counts(engine: Engine, tmp_path: Path) -> None:
    recorded = described(
        engine,
        tmp_path,
        [b'{"account": "a", "programme": "trial"}', b'{"account": "b", "programme": "trial"}'],
        [b'{"account": "a", "programme": "research"}'],
    )
    programmes = dict(zip(recorded["account"].to_pylist(), recorded["programme"].to_pylist(), strict=True))
    assert [programmes[key] for key in sealed("a", "b")] == [
        standing.PROGRAMMES["research"],
        standing.PROGRAMMES["trial"],
    ]


def test_no_accounts_file_is_no_accounts(engine: Engine, tmp_path: Path) -> None:
    assert len(described(engine, tmp_path, [])) == 0
