"""Small logs for the tests of inputs, and how to read them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from stillwatch.adapters.sources import Source, blocks, expand
from stillwatch.ingest import Block, read, recognise_block
from stillwatch.vocabulary.quarantine import Reject

NOW_US = 1_783_000_000_000_000


def record(number: int, **changes: Any) -> dict[str, Any]:
    made = {
        "id": f"x-{number}",
        "occurred_at": 1_782_907_200 + number,
        "account": f"a-{number % 7}",
        "request": {"messages": [{"role": "user", "content": f"question {number}"}]},
    }
    return {**made, **changes}


def log(count: int) -> bytes:
    return b"".join(json.dumps(record(number)).encode() + b"\n" for number in range(count))


def opened(path: Path, **sizes: int) -> tuple[list[Block], list[Reject]]:
    (source,) = expand([str(path)])
    assert isinstance(source, Source)
    found = list(blocks(source, index=0, **sizes))
    return (
        [item for item in found if isinstance(item, Block)],
        [item for item in found if isinstance(item, Reject)],
    )


def ids(found: list[Block]) -> list[str]:
    read_ids: list[str] = []
    for block in found:
        name = recognise_block(block)
        assert name == "stillwatch"
        batch = read(block, name, now_us=NOW_US)
        assert batch.rejects == []
        read_ids += batch.exchanges.column("id").to_pylist()
    return read_ids


def expected(count: int, start: int = 0) -> list[str]:
    return [f"x-{number}" for number in range(start, count)]


def table(count: int, *, nested: bool) -> pa.Table:
    rows = [record(number, occurred_at=datetime.fromtimestamp(1_782_907_200 + number, UTC)) for number in range(count)]
    for row in rows:
        row["client"] = {"ip": "203.0.113.7", "headers": ["Host"]}
    if not nested:
        rows = [{**row, "request": json.dumps(row["request"]), "client": json.dumps(row["client"])} for row in rows]
    return pa.Table.from_pylist(rows)
