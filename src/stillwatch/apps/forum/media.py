"""Content negotiation (TAXII 2.1 sections 1.6.8 and 3.1; RFC 7231 section 5.3.2)."""

from collections.abc import Callable, Iterator
from functools import lru_cache

from stillwatch.apps.forum.answers import TAXII, ProblemError

_NAME = "application/taxii+json"
_WIDE = frozenset({"*/*", "application/*"})
#: Longer headers are never kept: nobody may fill the memory with them.
_SHORT = 200


def check_accept(value: str | None) -> None:
    """Raises 406 unless the client takes TAXII 2.1. No header at all takes anything (RFC 7231 section 5.3.2)."""
    if value is None or not value.strip() or _kept(_accepts, value):
        return
    raise ProblemError(406, "Not acceptable", f"this server answers in {TAXII} only: ask for it in the Accept header")


def check_content_type(value: str | None, encoding: str | None) -> None:
    """Raises 415 unless the body is TAXII 2.1, not compressed."""
    if encoding and encoding.strip().lower() != "identity":
        raise ProblemError(415, "Unsupported media type", "send the body without a Content-Encoding")
    if _kept(_is_taxii, value or ""):
        return
    raise ProblemError(415, "Unsupported media type", f"send the envelope with Content-Type: {TAXII}")


def _kept(check: Callable[[str], bool], value: str) -> bool:
    """Clients send the same header with every request: what a short one means is worked out once."""
    return check(value) if len(value) <= _SHORT else check.__wrapped__(value)  # type: ignore[attr-defined]


@lru_cache(256)
def _accepts(value: str) -> bool:
    return any(
        name in _WIDE or (name == _NAME and parameters.get("version", "2.1") == "2.1")
        for name, parameters in _ranges(value)
        if not _refused(parameters)
    )


@lru_cache(256)
def _is_taxii(value: str) -> bool:
    found = list(_ranges(value))
    return len(found) == 1 and found[0][0] == _NAME and found[0][1].get("version", "2.1") == "2.1"


def _ranges(value: str) -> Iterator[tuple[str, dict[str, str]]]:
    for part in value.split(","):
        name, *rest = part.split(";")
        parameters = {}
        for item in rest:
            key, _, content = item.partition("=")
            parameters[key.strip().lower()] = content.strip().strip('"')
        yield name.strip().lower(), parameters


def _refused(parameters: dict[str, str]) -> bool:
    try:
        return float(parameters.get("q", "1")) <= 0
    except ValueError:
        return True
