"""STIX timestamps (STIX 2.1 section 3.4) as values that can be compared: strings of unlike precision can't."""

from datetime import UTC, datetime


def instant(text: object) -> datetime | None:
    """The moment that a STIX timestamp names; ``None`` for what is none. Always UTC."""
    if not isinstance(text, str) or not text.endswith("Z"):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC)
