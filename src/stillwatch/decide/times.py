"""Times as people write them in rules, permits and registries, as microseconds since 1970 (UTC)."""

from datetime import UTC, date, datetime, time, timedelta

DAY_US = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def start_us(text: str) -> int:
    """A date (its first moment) or a time with its zone. Raises ``ValueError``."""
    return _us(datetime.combine(date.fromisoformat(text), time.min, UTC) if len(text) == 10 else _time(text))


def end_us(text: str) -> int:
    """A date (the moment after its last) or a time with its zone: what ends then no longer holds from there on."""
    return start_us(text) + (DAY_US if len(text) == 10 else 0)


def day(us: int) -> str:
    """The day of a moment, as in ``2026-07-01``."""
    return f"{_EPOCH + timedelta(microseconds=us):%Y-%m-%d}"


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text}: a time needs its zone, as in 2026-07-01T12:00:00Z")
    return found


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
