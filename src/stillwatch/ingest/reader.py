"""``read``: one block of a log to columns. Whatever the bytes, each line ends as rows or as a reject with a reason."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.ingest.blocks import Batch, Block
from stillwatch.ingest.clock import backwards_within
from stillwatch.ingest.formats import BY_NAME, Format
from stillwatch.ingest.notes import Notes
from stillwatch.ingest.records import DECODER, RefusedError, kind, mend
from stillwatch.ingest.rows import LINE, TIME, Row, columns, row
from stillwatch.ingest.settings import IngestSettings
from stillwatch.ingest.times import DAY_US

OWN = "stillwatch"

_BYTE = re.compile(r"\(byte (\d+)\)")
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_GENERIC: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class _Reading:
    """The state of one call of ``read``."""

    def __init__(self, block: Block, format_: Format, now_us: int, settings: IngestSettings) -> None:
        self.block = block
        self.format = format_
        self.latest_us = now_us + DAY_US
        self.settings = settings
        self.notes = Notes(block.file)
        self.rows: list[Row] = []
        self.lines = 0
        self.passed_over = 0

    def batch(self) -> Batch:
        exchanges = self._columns()
        newest = backwards_within([row[TIME] for row in self.rows], [row[LINE] for row in self.rows], self.notes)
        return Batch(
            exchanges=exchanges,
            rejects=self.notes.all(),
            lines=self.lines,
            passed_over=self.passed_over,
            newest_us=newest,
        )

    def _columns(self) -> pa.RecordBatch:
        try:
            return columns(self.rows)
        except (pa.ArrowException, ValueError, OverflowError, TypeError):
            kept = []
            for row_ in self.rows:
                try:
                    columns([row_])
                    kept.append(row_)
                except (pa.ArrowException, ValueError, OverflowError, TypeError) as error:
                    self.notes.reject(row_[LINE], _our_error(error))
            self.rows = kept
            return columns(kept)

    def raw(self, raw: Any, line: int) -> None:
        """Take one decoded value: a record, or a list of records (a JSON array on one line)."""
        if isinstance(raw, list):
            for item in raw:
                self.raw(item, line) if not isinstance(item, list) else self.notes.reject(line, "a list inside a list")
            if not raw:
                self.notes.reject(line, "an empty list")
            return
        if not isinstance(raw, dict):
            self.notes.reject(line, f"expected an object, found {kind(raw)}")
            return
        if self.format.name != OWN and not self.format.matches(raw):
            self.notes.reject(line, f"not a record of the format {self.format.name}")
            return
        found = 0
        try:
            for rewritten in self.format.rewrite(raw, self.settings):
                found += 1
                self._mended(rewritten, line)
        except Exception as error:  # noqa: BLE001 (one record that we fail on must not end a run)
            self.notes.reject(line, _our_error(error))
            return
        self.passed_over += not found

    def _mended(self, raw: Any, line: int) -> None:
        try:
            record, doubts = mend(raw)
            self.rows.append(
                row(record, source=self.block.source, line=line, latest_us=self.latest_us, notes=self.notes)
            )
        except RefusedError as refusal:
            reason = str(refusal)
            if reason == "account: missing" and self.format.name != OWN:
                reason = f"account: nothing stands where [{self.format.name}] account looks; the settings choose where"
            self.notes.reject(line, reason)
            return
        for doubt in doubts:
            self.notes.doubt(line, doubt)


def read(block: Block, format: str, *, now_us: int, settings: IngestSettings | None = None) -> Batch:
    """Read every record of ``block`` as ``format`` (a name in ``formats.BY_NAME``).

    ``now_us`` is the present in microseconds since 1970-01-01 UTC: a row more than 24 hours later is a broken clock.
    Nothing escapes for bad content. Raises ``KeyError`` for a format that does not exist.
    """
    reading = _Reading(block, BY_NAME[format], now_us, settings or IngestSettings())
    if block.kind == "arrow":
        _read_arrow(reading)
    elif format == OWN:
        _read_own_lines(reading)
    else:
        for line, data in _lines(reading):
            _read_slowly(reading, line, data)
    return reading.batch()


def _read_own_lines(reading: _Reading) -> None:
    """The fast way: strict types, one pass. What it refuses goes the slow way."""
    decode, append, source = DECODER.decode, reading.rows.append, reading.block.source
    latest_us, notes = reading.latest_us, reading.notes
    for line, data in _lines(reading):
        try:
            append(row(decode(data), source=source, line=line, latest_us=latest_us, notes=notes))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            _read_slowly(reading, line, data)
        except RefusedError as refusal:
            notes.reject(line, str(refusal))
        except Exception as error:  # noqa: BLE001 (one line that we fail on must not end a run over millions)
            notes.reject(line, _our_error(error))


def _our_error(error: Exception) -> str:
    return f"an error in this reader ({type(error).__name__}): please report it"


def _lines(reading: _Reading) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers. Lines that can't be text are rejected here."""
    data = reading.block.data
    clean = b"\0" not in data and _is_utf8(data)
    for line, part in enumerate(data.split(b"\n"), reading.block.first_line):
        if not part or part.isspace():
            continue
        reading.lines += 1
        if not clean:
            reason = _not_text(part)
            if reason is not None:
                reading.notes.reject(line, reason)
                continue
        yield line, part


def _is_utf8(data: bytes) -> bool:
    try:
        pc.cast(pa.array([data], pa.large_binary()), pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _not_text(part: bytes) -> str | None:
    nul = part.find(b"\0")
    if nul >= 0:
        return f"a NUL byte at byte {nul}"
    try:
        part.decode()
    except UnicodeDecodeError as error:
        return f"invalid UTF-8 at byte {error.start}"
    return None


def _read_slowly(reading: _Reading, line: int, data: bytes) -> None:
    try:
        raw = _GENERIC.decode(data)
    except RecursionError:
        reading.notes.reject(line, "nested too deeply")
        return
    except (msgspec.DecodeError, UnicodeError) as error:
        bare = data.rstrip(b", \t\r")
        if bare and b"," in data[len(bare) :]:  # an array with an element a line, too long to be read as a whole
            _read_slowly(reading, line, bare)
            return
        raw = _without_surrogates(data) if _SURROGATE_ESCAPE.search(data) else None
        if raw is None:
            reading.notes.reject(line, _broken(error))
            return
        reading.notes.doubt(line, "half of a surrogate pair, replaced by U+FFFD")
    reading.raw(raw, line)


def _broken(error: Exception) -> str:
    if "truncated" in str(error):
        return "broken JSON: ends before it is complete"
    place = _BYTE.search(str(error))
    return f"broken JSON at byte {place[1]}" if place else "broken JSON"


def _without_surrogates(data: bytes) -> Any:
    """A client that cuts text in the middle of an emoji leaves half a pair: JSON allows it, Unicode does not."""
    try:
        return _replaced(json.loads(data, parse_constant=_no_number))
    except (ValueError, RecursionError):
        return None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE_SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_replaced(item) for item in value]
    if isinstance(value, dict):
        return {_replaced(key): _replaced(item) for key, item in value.items()}
    return value


def _read_arrow(reading: _Reading) -> None:
    """Rows of Parquet. A nested column leaves ``null`` where a row lacks a field, so nulls count as missing."""
    line = reading.block.first_line
    with pa.ipc.open_stream(reading.block.data) as stream:
        for batch in stream:
            for raw in batch.to_pylist():
                reading.lines += 1
                reading.raw({name: _filled(value) for name, value in raw.items() if value is not None}, line)
                line += 1


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner) for name, inner in value.items() if inner is not None}
    return [_filled(inner) for inner in value] if isinstance(value, list) else value
