"""Content negotiation (TAXII 2.1 sections 1.6.8 and 3.1; RFC 7231 section 5.3.2)."""

from collections.abc import Iterator

from stillwatch.apps.forum.answers import TAXII, ProblemError

_NAME = "application/taxii+json"
_WIDE = frozenset({"*/*", "application/*"})


def check_accept(value: str | None) -> None:
    """Raises 406 unless the client takes TAXII 2.1. No header at all takes anything (RFC 7231 section 5.3.2)."""
    if value is None or not value.strip():
        return
    for name, parameters in _ranges(value):
        if _refused(parameters):
            continue
        if name in _WIDE or (name == _NAME and parameters.get("version", "2.1") == "2.1"):
            return
    raise ProblemError(406, "Not acceptable", f"this server answers in {TAXII} only: ask for it in the Accept header")


def check_content_type(value: str | None, encoding: str | None) -> None:
    """Raises 415 unless the body is TAXII 2.1, not compressed."""
    if encoding and encoding.strip().lower() != "identity":
        raise ProblemError(415, "Unsupported media type", "send the body without a Content-Encoding")
    found = list(_ranges(value or ""))
    if len(found) == 1:
        name, parameters = found[0]
        if name == _NAME and parameters.get("version", "2.1") == "2.1":
            return
    raise ProblemError(415, "Unsupported media type", f"send the envelope with Content-Type: {TAXII}")


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
