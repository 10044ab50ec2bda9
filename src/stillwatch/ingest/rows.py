"""One record to one row of ``EXCHANGES``, and rows to Arrow columns, built once a block."""

import ipaddress
from datetime import datetime
from functools import lru_cache
from typing import Any

import pyarrow as pa

from stillwatch.ingest.bodies.answers import read_answer
from stillwatch.ingest.bodies.reading import Reading
from stillwatch.ingest.bodies.requests import read_request
from stillwatch.ingest.notes import Notes
from stillwatch.ingest.records import Client, Record, RefusedError
from stillwatch.ingest.times import EARLIEST_US, microseconds
from stillwatch.vocabulary.exchanges import EXCHANGES

Row = tuple[Any, ...]

#: Positions in a row that ``read`` looks at again.
LINE, TIME = 1, 3

_NOBODY = Client()


@lru_cache(maxsize=65_536)
def address(text: str) -> str | None:
    """The canonical text of an IP address, or ``None``. IPv4 inside IPv6 becomes IPv4; a port or zone is dropped."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    inner = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(inner or parsed)


def row(record: Record, *, source: int, line: int, latest_us: int, notes: Notes) -> Row:
    """The row for ``record``, in the order of ``EXCHANGES``. ``latest_us`` is the latest time that can be true.

    Raises ``RefusedError`` where a required field can't be used; doubts about other fields go to ``notes``.
    """
    ts_us = _time(record.occurred_at, latest_us, line, notes)
    id_ = record.id if type(record.id) is str else str(record.id)
    account = record.account if type(record.account) is str else str(record.account)
    if not id_ or not account:
        raise RefusedError("account: empty" if id_ else "id: empty")
    client = record.client or _NOBODY
    ip = None
    if client.ip is not None:
        ip = address(client.ip)
        if ip is None:
            notes.doubt(line, "client.ip: not an address; left out")
    reading = Reading()
    if record.request is not None:
        read_request(record.request, record.endpoint, reading)
    if record.response is not None:
        read_answer(record.response, reading)
    if reading.doubts is not None:
        for reason in reading.doubts:
            notes.doubt(line, reason)
    headers = client.headers
    return (
        source, line, id_, ts_us, _duration(record.duration_ms, line, notes), account,
        _name(record.organization), _name(record.credential),
        record.surface, record.endpoint, _bounded(record.status, 0, 999, "status", line, notes),
        ip, _bounded(client.asn, 0, 2**32 - 1, "client.asn", line, notes), client.user_agent, client.tls,
        None if headers is None else ",".join(headers).lower(),
        reading.dialect, reading.model, reading.system_text, reading.first_text, reading.last_text,
        reading.assistant_text, reading.tool_text, reading.user_turns, reading.assistant_turns, reading.tools_offered,
        reading.tool_calls_in, reading.tool_results, reading.images, reading.image_hashes, reading.signatures,
        reading.issued_signatures, reading.temperature, reading.top_p, reading.max_tokens, reading.choices,
        reading.top_logprobs, reading.stream, reading.response_format, reading.reasoning_effort,
        reading.parameter_names, reading.user_field, reading.response_model, reading.finish_reason,
        reading.prompt_tokens, reading.completion_tokens, reading.reasoning_tokens, reading.tool_calls_out,
        reading.response_text,
    )  # fmt: skip


def _time(value: datetime | int | float, latest_us: int, line: int, notes: Notes) -> int:
    ts_us = microseconds(value)
    if ts_us is None:
        raise RefusedError("occurred_at: not a time")
    if ts_us < EARLIEST_US:
        raise RefusedError("occurred_at: before 2015")
    if ts_us > latest_us:
        raise RefusedError("occurred_at: more than 24 hours in the future")
    if type(value) is datetime and value.tzinfo is None:
        notes.doubt(line, "occurred_at: no offset from UTC; read as UTC")
    return ts_us


def _duration(milliseconds: float | None, line: int, notes: Notes) -> int | None:
    if milliseconds is None:
        return None
    if milliseconds < 0:
        notes.doubt(line, "duration_ms: negative; left out")
    elif milliseconds < 1e12:
        return round(milliseconds * 1_000)
    else:
        notes.doubt(line, "duration_ms: longer than thirty years; left out")
    return None


def _bounded(value: int | None, low: int, high: int, name: str, line: int, notes: Notes) -> int | None:
    if value is None or low <= value <= high:
        return value
    notes.doubt(line, f"{name}: out of range; left out")
    return None


def _name(value: str | int | None) -> str | None:
    return value if value is None or type(value) is str else str(value)


def columns(rows: list[Row]) -> pa.RecordBatch:
    """Rows as one record batch with schema ``EXCHANGES``."""
    if not rows:
        return pa.RecordBatch.from_pylist([], schema=EXCHANGES)
    arrays = [
        pa.array(values, type=field.type) for values, field in zip(zip(*rows, strict=True), EXCHANGES, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=EXCHANGES)
