"""URL query parameters (TAXII 2.1 section 3.4) and the opaque ``next``.

``next`` holds a place in the order of ``date_added`` and a seal over it, the caller, the collection and the filters. A
token that was altered, made for another question or given to another member is refused: it is never trusted as a place
to read from (TAXII 2.1, appendix B, on the next parameter).
"""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256

from stillwatch.adapters.stores.forum.pages import Wanted
from stillwatch.adapters.stores.forum.times import microseconds
from stillwatch.apps.forum.answers import ProblemError

#: Objects of an answer where the client names no limit, and at most.
DEFAULT_LIMIT = 1_000
MOST = 10_000

#: Values that one match field may list.
MOST_VALUES = 500
MOST_TYPES = 100

_SINGLE = ("added_after", "limit", "next")
FIELDS = ("id", "type", "version", "spec_version")
_KEYWORDS = frozenset({"last", "first", "all"})
_SEAL_BYTES = 16
_SPEC = re.compile(r"\d+\.\d+", re.ASCII)


def parse(items: Iterable[tuple[str, str]], fields: tuple[str, ...] = FIELDS) -> tuple[Wanted, str | None, bytes]:
    """What is wanted, the ``next`` token as it came, and the filters in one form for its seal.

    ``fields`` are the match fields of this endpoint. Unknown parameters are ignored, as section 3.4 allows.
    """
    given = _once(items)
    for field in FIELDS:
        if field not in fields and f"match[{field}]" in given:
            raise _malformed(f"match[{field}] is no filter of this endpoint")
    keywords, exact = _versions(given.get("match[version]"))
    wanted = Wanted(
        after_us=_added_after(given.get("added_after")),
        types=_values(given, "type", MOST_TYPES),
        ids=_values(given, "id", MOST_VALUES),
        keywords=keywords,
        exact_versions=exact,
        nothing=_spec_versions_exclude(given),
        limit=_limit(given.get("limit")),
    )
    return wanted, given.get("next"), _question(given)


def token(secret: bytes, context: str, question: bytes, after_us: int) -> str:
    """``next`` for what follows ``after_us``. ``context`` names the caller and the collection."""
    place = after_us.to_bytes(8, "big")
    return base64.urlsafe_b64encode(place + _seal(secret, context, question, place)).decode().rstrip("=")


def resumed(wanted: Wanted, given: str | None, secret: bytes, context: str, question: bytes) -> Wanted:
    """``wanted`` from the place that the token names; raises 400 for a token that is not ours for this question."""
    if given is None:
        return wanted
    try:
        content = base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise _malformed("next is not a token of this server") from error
    place, seal = content[:8], content[8:]
    if len(place) != 8 or not hmac.compare_digest(seal, _seal(secret, context, question, place)):
        raise _malformed("next is not a token for this question: repeat the same filters")
    return replace(wanted, after_us=max(wanted.after_us, int.from_bytes(place, "big")))


def _seal(secret: bytes, context: str, question: bytes, place: bytes) -> bytes:
    content = b"\x00".join((context.encode(), question, place))
    return hmac.digest(secret, content, sha256)[:_SEAL_BYTES]


def _question(given: Mapping[str, str]) -> bytes:
    """The filters, without the page's own size and place."""
    return "&".join(f"{name}={given[name]}" for name in sorted(given) if name not in {"limit", "next"}).encode()


def _once(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in items:
        if not (name in _SINGLE or name.startswith("match[")):
            continue
        if name in given:
            raise _malformed(f"{name[:40]} may be given once")
        if not value or not value.isprintable():
            raise _malformed(f"{name[:40]} has no readable value")
        given[name] = value
    return given


def _added_after(value: str | None) -> int:
    if value is None:
        return 0
    try:
        return max(0, microseconds(value))
    except ValueError as error:
        raise _malformed(f"added_after: {error}") from error


def _limit(value: str | None) -> int:
    if value is None:
        return DEFAULT_LIMIT
    if not (value.isascii() and value.isdigit() and len(value) < 19 and int(value) > 0):
        raise _malformed("limit is a whole number greater than zero")
    return min(int(value), MOST)


def _values(given: Mapping[str, str], field: str, most: int) -> tuple[str, ...]:
    value = given.get(f"match[{field}]")
    if value is None:
        return ()
    found = tuple(dict.fromkeys(value.split(",")))
    if not all(found):
        raise _malformed(f"match[{field}] lists an empty value")
    if len(found) > most:
        raise _malformed(f"match[{field}] may list {most} values")
    return found


def _versions(value: str | None) -> tuple[tuple[str, ...], tuple[int, ...]]:
    if value is None:
        return ("last",), ()
    found = value.split(",")
    if len(set(found)) != len(found):
        raise _malformed("match[version] may name a version once")
    if "all" in found and len(found) > 1:
        raise _malformed("match[version]=all stands alone")
    if len(found) > MOST_VALUES:
        raise _malformed(f"match[version] may list {MOST_VALUES} values")
    try:
        exact = tuple(microseconds(item) for item in found if item not in _KEYWORDS)
    except ValueError as error:
        raise _malformed(f"match[version] is last, first, all or a timestamp: {error}") from error
    return tuple(item for item in found if item in _KEYWORDS), exact


def _spec_versions_exclude(given: Mapping[str, str]) -> bool:
    """Whether STIX 2.1, the one version kept here, is not among those asked for."""
    found = _values(given, "spec_version", MOST_VALUES)
    if not all(_SPEC.fullmatch(value) for value in found):
        raise _malformed("match[spec_version] lists versions such as 2.1")
    return bool(found) and "2.1" not in found


def _malformed(why: str) -> ProblemError:
    return ProblemError(400, "Bad request", why)
