"""Times as files carry them: ISO 8601 text."""

from datetime import UTC, datetime


def instant(text: str) -> datetime:
    """The moment that a text names, in UTC; one without a zone is UTC. Raises ``ValueError`` for what is no time."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
