"""Parquet files, a piece of a row group at a time, as Arrow IPC bytes that ``ingest`` reads like lines."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.adapters.sources.lines import Lost
from stillwatch.ingest.blocks import Block

_MOST_ROWS = 16_384

#: Columns of the own format; a file that has ``occurred_at`` is read no further than these.
_OWN = (
    "id", "occurred_at", "duration_ms", "account", "organization", "credential", "surface", "endpoint", "status",
    "client", "request", "response",
)  # fmt: skip


def batches(path: Path, *, index: int, name: str, block_bytes: int, size: int) -> Iterator[Block | Lost]:
    """Blocks of a Parquet file. A row group that can't be read is one ``Lost``; the others are read all the same."""
    try:
        file = pq.ParquetFile(path, memory_map=False, pre_buffer=False)
    except (pa.ArrowException, OSError, ValueError):
        yield Lost(0, "damaged Parquet: its footer can't be read")
        return
    with file:
        names = file.schema_arrow.names
        wanted = [column for column in _OWN if column in names] if "occurred_at" in names else names
        total = max(file.metadata.num_rows, 1)
        if not file.metadata.num_rows:
            yield Lost(0, "empty file")
        row = 1
        for group in range(file.metadata.num_row_groups):
            shape = file.metadata.row_group(group)
            per_row = max(shape.total_byte_size // max(shape.num_rows, 1), 1)
            rows = max(min(block_bytes // per_row, _MOST_ROWS), 1)
            after = row + shape.num_rows
            try:
                for batch in file.iter_batches(batch_size=rows, row_groups=[group], columns=wanted):
                    consumed = size * (row - 1 + batch.num_rows) // total
                    yield Block(
                        source=index, file=name, first_line=row, data=_ipc(batch), kind="arrow", consumed=consumed
                    )
                    row += batch.num_rows
            except (pa.ArrowException, OSError, ValueError):
                yield Lost(row, f"damaged Parquet: rows {row:,} to {after - 1:,} can't be read")
            row = after


def _ipc(batch: pa.RecordBatch) -> bytes:
    batch = batch.cast(pa.schema([_in_microseconds(field) for field in batch.schema]), safe=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return bytes(sink.getvalue().to_pybytes())


def _in_microseconds(field: pa.Field) -> pa.Field:
    """Python's times end at microseconds."""
    if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
        return field.with_type(pa.timestamp("us", field.type.tz))
    return field
