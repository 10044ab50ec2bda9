"""MAY THIS COME IN? Every object that is posted is read, checked under its collection's agreement, and kept as bytes.

What was checked is what is kept: the bytes stored are written from the decoded object, once, so that a key that stands
twice, of which a checker would see one and a reader the other, can't carry anything past the guard. They are never
encoded again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

import msgspec

from stillwatch.adapters.stores.forum.records import Arrival, Audience, Refused
from stillwatch.adapters.stores.forum.times import microseconds
from stillwatch.apps.forum.answers import ProblemError
from stillwatch.apps.forum.markings import audience

#: The largest object: a page holds several of them.
OBJECT_BYTES = 1024 * 1024

#: Objects of one request: each leaves a leaf, taken or refused.
MOST_OBJECTS = 50_000

#: Reasons that a status shows for one object, and their length.
_MOST_REASONS = 5
_REASON_LENGTH = 300


class _Envelope(msgspec.Struct):
    objects: list[Any]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an object may not come in under the agreement."""

    reasons: tuple[str, ...]
    clauses: tuple[str, ...] = ()
    held: bool = False


class Rule(Protocol):
    """A collection's agreement, as far as arrival is concerned. ``owned``: only who brought an object may change it."""

    owned: bool

    def objection(self, item: Mapping[str, Any], now: datetime, sender: str) -> Objection | None:
        """Why ``item`` may not come in from the member ``sender``; None where it may."""
        ...

    def expires_us(self, item: Mapping[str, Any]) -> int | None:
        """When ``item`` must be deleted."""
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    """A request after the checks, each object at its place."""

    objects: tuple[Arrival | Refused, ...]


def check(body: bytes, rule: Rule, named: frozenset[int], now: datetime, sender: str) -> Checked:
    """Read and check an envelope of the member ``sender``. Raises 422 for a body that is none."""
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProblemError(422, "Unprocessable body", f"the body is no TAXII envelope with objects: {error}") from error
    if not envelope.objects:
        raise ProblemError(422, "Unprocessable body", "the envelope holds no objects")
    if len(envelope.objects) > MOST_OBJECTS:
        raise ProblemError(422, "Unprocessable body", f"send at most {MOST_OBJECTS} objects in one request")
    return Checked(tuple(_checked(item, rule, named, now, sender) for item in envelope.objects))


def _checked(item: Any, rule: Rule, named: frozenset[int], now: datetime, sender: str) -> Arrival | Refused:
    if not isinstance(item, dict):
        return Refused("", "", b"", ("stix",), ("this is no JSON object",))
    try:
        body = msgspec.json.encode(item)
    except (OverflowError, ValueError, RecursionError):
        return _refused(item, b"", Objection(("it is nested too deeply, or holds what JSON cannot say",)))
    if len(body) > OBJECT_BYTES:
        return _refused(item, body, Objection((f"an object may have {OBJECT_BYTES} bytes, this has {len(body)}",)))
    objection = rule.objection(item, now, sender)
    if objection is None:
        try:
            return _arrival(item, body, rule, named)
        except (ValueError, TypeError, KeyError) as error:
            objection = Objection((f"it has no readable id, version or expiry: {error}",))
    return _refused(item, body, objection)


def _arrival(item: dict[str, Any], body: bytes, rule: Rule, named: frozenset[int]) -> Arrival:
    version = item.get("modified", item.get("created"))
    seen_by = audience(item)
    return Arrival(
        stix_id=item["id"],
        type=item["type"],
        version=version,
        version_us=None if version is None else microseconds(version),
        audience=seen_by,
        named=named if seen_by is Audience.NAMED else frozenset(),
        expires_us=rule.expires_us(item),
        digest=sha256(body).digest(),
        body=body,
    )


def _refused(item: Mapping[str, Any], body: bytes, objection: Objection) -> Refused:
    reasons = tuple(_printable(reason)[:_REASON_LENGTH] for reason in objection.reasons[:_MOST_REASONS])
    version = item.get("modified", item.get("created"))
    return Refused(
        _printable(item.get("id")), _printable(version), body, objection.clauses or ("stix",), reasons, objection.held
    )


def _printable(value: Any) -> str:
    """Short, and without control characters: it goes into a status and, as an id, into a leaf."""
    text = value if isinstance(value, str) else ""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:_REASON_LENGTH])


def summary(reasons: Sequence[str]) -> str:
    """The reasons as one message of a status."""
    return "; ".join(reasons)
