"""Rules for single values: what a clause may ask of a field. A rule says nothing, or what is wrong in a clause.

No rule repeats the value it refuses: refusals are recorded, and a record of what must not be told would tell it.
"""

import base64
import ipaddress
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from stillwatch.guard import known, looks
from stillwatch.guard.pattern import Check, pattern_rule
from stillwatch.vocabulary.techniques import BY_ID

__all__ = ["Check", "base64_signature", "digest", "identifier", "literal", "moment", "one_of", "pattern_rule", "whole"]

_ID = re.compile(
    r"([a-z][a-z0-9-]{2,40})--([0-9a-f]{8})-([0-9a-f]{4})-(5[0-9a-f]{3})-([89ab][0-9a-f]{3})-([0-9a-f]{12})"
).fullmatch
_MOMENT = re.compile(r"20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d{3}Z", re.ASCII).fullmatch
_HEX = re.compile("[0-9a-f]{32}|[0-9a-f]{64}").fullmatch
_SIGNATURE = re.compile("[A-Za-z0-9+/]{86}==").fullmatch
_JA4 = re.compile(r"[tqd](?:1[0-3]|s[23]|d[1-3]|00)[di][0-9]{4}(?:h[123]|00|dt|hq)_[0-9a-f]{12}_[0-9a-f]{12}").fullmatch
_VERSION = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}").fullmatch


def one_of(values: Sequence[object]) -> Check:
    """Exactly one of these values, of the same type (``true`` is no 1)."""
    allowed = {(type(one), one) for one in values}

    def check(value: object) -> str | None:
        try:
            return None if (type(value), value) in allowed else "is none of the values that the clause lists"
        except TypeError:  # a list or an object can't be looked up
            return "is none of the values that the clause lists"

    return check


def whole(low: int, high: int) -> Check:
    """A whole number in a short range."""

    def check(value: object) -> str | None:
        return None if type(value) is int and low <= value <= high else f"is no whole number from {low} to {high}"

    return check


def identifier(kinds: Sequence[str]) -> Check:
    """A computed identifier (UUIDv5) of one of these kinds of object, or one that everybody knows."""
    allowed, public = frozenset(kinds), known.MARKINGS.keys() | {known.EXTENSION_ID}

    def check(value: object) -> str | None:
        if type(value) is not str or (found := _ID(value)) is None:
            if type(value) is str and value in public and value.split("--")[0] in allowed:
                return None
            return "is no computed identifier (UUIDv5)"
        if found[1] not in allowed:
            return "is an identifier of a kind that the clause does not list"
        return "is an identifier that was written, not computed" if looks.written("".join(found.groups()[1:])) else None

    return check


def moment(value: object) -> str | None:
    """A time in UTC with milliseconds, in STIX's form."""
    if type(value) is not str or _MOMENT(value) is None:
        return "is no time in UTC with milliseconds"
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return "is a time that does not exist"
    return None


def hour(value: object) -> str | None:
    """A time on the whole hour: finer ones join two members' books, and hide figures."""
    if (fault := moment(value)) is not None:
        return fault
    return None if str(value).endswith(":00:00.000Z") else "is finer than an hour"


def digest(value: object) -> str | None:
    """A keyed digest in hexadecimal, 16 or 32 bytes."""
    if type(value) is not str or _HEX(value) is None:
        return "is no digest in hexadecimal (16 or 32 bytes)"
    return "is a digest that was written, not computed" if looks.written(value) else None


def base64_signature(value: object) -> str | None:
    """An Ed25519 signature in base64 that is not a text in disguise. Whether it holds is for its reader."""
    if type(value) is not str or _SIGNATURE(value) is None:
        return "is no Ed25519 signature in base64"
    raw = base64.b64decode(value)
    # Each half by itself: the tests know how 16 and 32 random bytes look.
    halves = (raw[:32].hex(), raw[32:].hex())
    return "is no signature but something written" if any(looks.written(half) for half in halves) else None


def technique(value: object) -> str | None:
    """One of SW-T01 to SW-T31."""
    return None if type(value) is str and value in BY_ID else "is no technique of the catalogue"


def ja4(value: object) -> str | None:
    """The shape of a TLS greeting (FoxIO, *JA4: TLS Client Fingerprinting*); many clients share one. Its two digests
    may not be written; a greeting without extensions has noughts for the second."""
    if type(value) is not str or _JA4(value) is None:
        return "is no JA4 print"
    first, second = value.split("_")[1:]
    if second == "0" * 12:
        return None
    return "is a JA4 print that was written, not computed" if looks.written(first + second) else None


def network(value: object) -> str | None:
    """A public network of at least 256 addresses (IPv4 /24, IPv6 /48), never a single address."""
    try:
        found = ipaddress.ip_network(value) if type(value) is str else None
    except ValueError:
        found = None
    if (
        found is None
        or str(found) != value
        or not found.is_global
        or found.prefixlen > (24 if found.version == 4 else 48)
    ):
        return "is no public network of a /24 (IPv6: /48) or wider"
    return None


def person(value: object) -> str | None:
    """A person's name or role, as approvals carry it."""
    return None if type(value) is str and looks.person(value) else "does not read as a person's name"


def version(value: object) -> str | None:
    """A version of three short numbers."""
    return None if type(value) is str and _VERSION(value) is not None else "is no version"


_ADDRESS = re.compile(r"https://(?:[a-z][a-z-]{0,30}\.){1,4}[a-z]{2,10}(?:/[a-z][a-z-]{0,30}){0,5}/?").fullmatch


def address(value: object) -> str | None:
    """A web page in lower-case words: no figures, query, fragment, account or escape that could carry something."""
    if type(value) is not str or _ADDRESS(value) is None:
        return "is no https address of plain words"
    return looks.text_fault(re.sub("[:./-]+", " ", value), 300)


#: Rules without settings, by the name a clause calls them by.
PLAIN: dict[str, Check] = {
    "moment": moment,
    "hour": hour,
    "digest": digest,
    "signature": base64_signature,
    "technique": technique,
    "ja4": ja4,
    "network": network,
    "person": person,
    "version": version,
    "address": address,
}


def literal(name: str, values: Sequence[object]) -> Check:
    """A rule for a literal inside a pattern, by name; ``evidence`` takes its values from the clause."""
    return one_of(values) if name == "values" else PLAIN[name]


def named(shape: str) -> Check:
    """A name made from eight digits of an identifier: ``Campaign 03bddada``. ``shape`` is the words before them."""
    start = len(shape) + 1
    digits = re.compile("[0-9a-f]{8}").fullmatch

    def check(value: object) -> str | None:
        if type(value) is not str or not value.startswith(f"{shape} ") or digits(value[start:]) is None:
            return f"is not: {shape}, and eight digits of an identifier"
        return "has digits that were written, not computed" if "0000" in value[start:] else None

    return check


def text(most: int, standard: Sequence[str]) -> tuple[Check, Callable[[str], bool]]:
    """Free text: what may never stand in it, and whether it must be held for a person (standard sentences need not)."""
    ready = frozenset(standard)

    def check(value: object) -> str | None:
        if type(value) is not str:
            return "is no text"
        return None if value in ready else looks.text_fault(value, most)

    return check, lambda value: type(value) is not str or value not in ready
