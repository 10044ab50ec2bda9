"""Which format a log has, by what its first records look like; names of files say nothing."""

import msgspec
import pyarrow as pa

from stillwatch.ingest.blocks import Block
from stillwatch.ingest.formats import FORMATS
from stillwatch.ingest.formats.format import Raw

#: How many lines are looked at, and how much of them.
LINES = 50
BYTES = 16 * 1024 * 1024


def recognise(first_lines: bytes) -> str | None:
    """The name of the first format that one of the first lines matches, or ``None``. Broken lines are passed over."""
    for part in first_lines[:BYTES].split(b"\n", LINES)[:LINES]:
        try:
            raw = msgspec.json.decode(part)
        except (ValueError, RecursionError):
            continue
        name = _named(raw[0] if isinstance(raw, list) and raw else raw)
        if name is not None:
            return name
    return None


def recognise_block(block: Block) -> str | None:
    """``recognise`` for a block of either kind: rows of Parquet by the names of their columns."""
    if block.kind == "lines":
        return recognise(block.data)
    with pa.ipc.open_stream(block.data) as stream:
        return _named(dict.fromkeys(stream.schema.names))


def _named(raw: object) -> str | None:
    if not isinstance(raw, dict):
        return None
    record: Raw = raw
    return next((format_.name for format_ in FORMATS if format_.matches(record)), None)
