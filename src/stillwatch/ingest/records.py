"""The own format (DESIGN section 4) as types. Every other format is first rewritten into it: this is the one door.

Two ways in, one result: ``DECODER`` is strict and fast; ``mend`` takes what it refused and looks at one field at a
time, so that a wrong type in an optional field costs that field and not the row.
"""

from datetime import datetime
from typing import Any

import msgspec

Body = dict[str, Any]


class Client(msgspec.Struct, gc=False):
    """What the edge saw of the caller."""

    ip: str | None = None
    asn: int | None = None
    user_agent: str | None = None
    tls: str | None = None
    headers: list[str] | None = None


class Record(msgspec.Struct, gc=False):
    """One exchange as logged. ``request`` and ``response`` stay untyped here: ``bodies`` reads them."""

    id: str | int
    occurred_at: datetime | int | float
    account: str | int
    duration_ms: float | None = None
    organization: str | int | None = None
    credential: str | int | None = None
    surface: str | None = None
    endpoint: str | None = None
    status: int | None = None
    client: Client | None = None
    request: Body | None = None
    response: Body | None = None


class RefusedError(Exception):
    """A record can't be used; the message is the reason for quarantine. Never leaves ``ingest``."""


DECODER = msgspec.json.Decoder(Record)

REQUIRED = ("id", "occurred_at", "account")

#: Field -> (type, how a person says it). The order is that of the log.
_FIELDS: dict[str, tuple[Any, str]] = {
    "id": (str | int, "text"),
    "occurred_at": (datetime | int | float, "a time"),
    "account": (str | int, "text"),
    "duration_ms": (float | None, "a number"),
    "organization": (str | int | None, "text"),
    "credential": (str | int | None, "text"),
    "surface": (str | None, "text"),
    "endpoint": (str | None, "text"),
    "status": (int | None, "a whole number"),
    "request": (Body | None, "an object"),
    "response": (Body | None, "an object"),
}
_CLIENT_FIELDS: dict[str, tuple[Any, str]] = {
    "ip": (str | None, "text"),
    "asn": (int | None, "a whole number"),
    "user_agent": (str | None, "text"),
    "tls": (str | None, "text"),
    "headers": (list[str] | None, "a list of text"),
}
_KINDS = ((bool, "true or false"), (str, "text"), (int | float, "a number"), (list, "a list"), (dict, "an object"))


def kind(value: object) -> str:
    """How a person names the JSON type of ``value``."""
    if value is None:
        return "null"
    return next((name for type_, name in _KINDS if isinstance(value, type_)), "binary data")


def _converted(value: Any, type_: Any, name: str) -> Any:
    if name == "occurred_at" and isinstance(value, str):
        return datetime.fromisoformat(value)
    if name in ("request", "response") and isinstance(value, str):
        return msgspec.json.decode(value, type=Body)
    if name in ("status", "client.asn") and isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value[:18])
    return msgspec.convert(value, type_)


def _field(raw: dict[Any, Any], key: str, name: str, wanted: tuple[Any, str], doubts: list[str]) -> Any:
    value = raw.get(key)
    if value is None:
        return None
    try:
        return _converted(value, wanted[0], name)
    except (ValueError, TypeError, OverflowError, RecursionError):
        found = kind(value)
        doubts.append(f"{name}: expected {wanted[1]}, found {found if found != wanted[1] else 'something else'}")
        return None


def mend(raw: object) -> tuple[Record, list[str]]:
    """Read one decoded record field by field. Returns the record and a doubt for each optional field it had to drop.

    Raises ``RefusedError`` where the record is no object, or a required field is missing or wrong.
    """
    if not isinstance(raw, dict):
        raise RefusedError(f"expected an object, found {kind(raw)}")
    doubts: list[str] = []
    values = {name: _field(raw, name, name, wanted, doubts) for name, wanted in _FIELDS.items()}
    for name in REQUIRED:
        if values[name] is None:
            wrong = [doubt for doubt in doubts if doubt.startswith(name + ":")]
            raise RefusedError(wrong[0] if wrong else f"{name}: missing")
    client = raw.get("client")
    if isinstance(client, str):
        client = _field(raw, "client", "request", (Body, "an object"), doubts)
    if isinstance(client, dict):
        parts = {
            name: _field(client, name, "client." + name, wanted, doubts) for name, wanted in _CLIENT_FIELDS.items()
        }
        values["client"] = Client(**parts)
    elif client is not None:
        doubts.append(f"client: expected an object, found {kind(client)}")
    return Record(**values), [doubt + "; left out" for doubt in doubts]
