"""The accounts file and the permits file (DESIGN section 4): JSON Lines beside the log."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa

from stillwatch.ingest.notes import Notes
from stillwatch.ingest.records import RefusedError, kind
from stillwatch.ingest.rows import address
from stillwatch.ingest.times import microseconds
from stillwatch.vocabulary.exchanges import ACCOUNTS, PERMITS
from stillwatch.vocabulary.quarantine import Reject
from stillwatch.vocabulary.techniques import CAPABILITIES

Raw = dict[str, Any]


def accounts(lines: Iterable[bytes], *, file: str = "accounts") -> tuple[pa.Table, list[Reject]]:
    """Read an accounts file into ``ACCOUNTS``; of two lines about one account the later counts, with a note."""
    notes = Notes(file)
    found: dict[str, Raw] = {}
    for line, raw in _objects(lines, notes):
        account = _text(raw, "account")
        if not account:
            notes.reject(line, "account: missing or not text")
            continue
        doubts: list[str] = []
        entry: Raw = {
            name: _optional(raw, name, _text, "text", doubts)
            for name in ("organization", "plan", "programme", "payment", "email_domain", "declared_use", "signup_ip")
        }
        if entry["signup_ip"] is not None and address(entry["signup_ip"]) is None:
            doubts.append("signup_ip: not an address; left out")
        entry["signup_ip"] = entry["signup_ip"] and address(entry["signup_ip"])
        entry["created_us"] = _optional(raw, "created_at", _start, "a time", doubts)
        entry["verified"] = _optional(raw, "verified", _flag, "true or false", doubts)
        if account in found:
            doubts.append("account: described before; this line counts")
        for doubt in doubts:
            notes.doubt(line, doubt)
        found[account] = {"account": account, **entry}
    return pa.Table.from_pylist(list(found.values()), schema=ACCOUNTS), notes.all()


def permits(lines: Iterable[bytes], *, file: str = "permits") -> tuple[pa.Table, list[Reject]]:
    """Read a permits file into ``PERMITS``.

    A permit protects its holder, so a line with any wrong field is refused as a whole: half of a limit is not a limit.
    It must say for whom it is (``organization`` or ``accounts``). ``until`` as a bare date is the end of that day, UTC.
    """
    notes = Notes(file)
    found: list[Raw] = []
    for line, raw in _objects(lines, notes):
        doubts: list[str] = []
        entry: Raw = {
            "organization": _optional(raw, "organization", _text, "text", doubts),
            "accounts": _optional(raw, "accounts", _texts, "a list of text", doubts),
            "from_us": _optional(raw, "from", _start, "a date or a time", doubts),
            "until_us": _optional(raw, "until", _end, "a date or a time", doubts),
            "models": _optional(raw, "models", _texts, "a list of text", doubts),
            "capabilities": _optional(
                raw, "capabilities", _capabilities, f"a list of {', '.join(CAPABILITIES)}", doubts
            ),
            "max_exchanges": _optional(raw, "max_exchanges", _count, "a whole number", doubts),
            "reference": _optional(raw, "reference", _text, "text", doubts),
        }
        if doubts:
            notes.reject(line, doubts[0].removesuffix("; left out"))
        elif entry["organization"] is None and entry["accounts"] is None:
            notes.reject(line, "neither organization nor accounts: a permit must say for whom it is")
        elif None not in (entry["from_us"], entry["until_us"]) and entry["until_us"] < entry["from_us"]:
            notes.reject(line, "until: before from")
        else:
            found.append(entry)
    return pa.Table.from_pylist(found, schema=PERMITS), notes.all()


def _objects(lines: Iterable[bytes], notes: Notes) -> Iterable[tuple[int, Raw]]:
    for line, data in enumerate(lines, 1):
        if not data.strip():
            continue
        try:
            raw = msgspec.json.decode(data)
        except (ValueError, RecursionError):
            notes.reject(line, "broken JSON")
            continue
        if isinstance(raw, dict):
            yield line, raw
        else:
            notes.reject(line, f"expected an object, found {kind(raw)}")


def _optional(raw: Raw, name: str, convert: Any, wanted: str, doubts: list[str]) -> Any:
    value = raw.get(name)
    if value is None:
        return None
    try:
        converted = convert(raw, name)
    except (ValueError, OverflowError, RefusedError):
        converted = None
    if converted is None:
        found = kind(value)
        doubts.append(f"{name}: expected {wanted}, found {found if found != wanted else 'something else'}; left out")
    return converted


def _text(raw: Raw, name: str) -> str | None:
    value = raw.get(name)
    return str(value) if type(value) in (str, int) else None


def _texts(raw: Raw, name: str) -> list[str] | None:
    value = raw[name]
    if type(value) is list and all(type(item) in (str, int) for item in value):
        return [str(item) for item in value]
    return None


def _capabilities(raw: Raw, name: str) -> list[str] | None:
    """A name that nothing is ever read as would be a limit that all traffic passes."""
    named = _texts(raw, name)
    return named if named is not None and set(named) <= set(CAPABILITIES) else None


def _flag(raw: Raw, name: str) -> bool | None:
    value = raw[name]
    return value if type(value) is bool else None


def _count(raw: Raw, name: str) -> int | None:
    value = raw[name]
    return value if type(value) is int and 0 <= value < 2**63 else None


def _start(raw: Raw, name: str) -> int | None:
    value = raw[name]
    if type(value) is str:
        return microseconds(datetime.fromisoformat(value))
    return microseconds(value) if type(value) in (int, float) else None


def _end(raw: Raw, name: str) -> int | None:
    value = raw[name]
    if type(value) is str and len(value) == 10:
        whole_day = datetime.combine(date.fromisoformat(value), datetime.min.time()) + timedelta(days=1)
        after = microseconds(whole_day)
        return None if after is None else after - 1
    return _start(raw, name)
