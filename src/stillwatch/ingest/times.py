"""Times as logs write them, to microseconds since 1970-01-01 UTC.

RFC 3339 (section 5.6) with any offset, or a count since 1970-01-01 UTC in seconds, milliseconds, microseconds or
nanoseconds, told apart by size: between 2015 and the year 5138 the four ranges do not meet.
"""

import math
from datetime import UTC, datetime

#: Nothing that this software reads is older; an earlier time is a broken clock or another unit.
EARLIEST_US = int(datetime(2015, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000

#: How far a log's clock may run ahead of ours.
DAY_US = 24 * 3_600 * 1_000_000

#: How far a row may lie behind the newest row before it without a note.
HOUR_US = 3_600 * 1_000_000

_SECONDS_BELOW = 1e11
_MILLISECONDS_BELOW = 1e14
_MICROSECONDS_BELOW = 1e17


def microseconds(value: datetime | int | float) -> int | None:
    """``value`` in microseconds since 1970-01-01 UTC; ``None``: no finite time. A naive time counts as UTC."""
    if type(value) is datetime:
        if value.tzinfo is None:
            value = value.replace(tzinfo=UTC)
        return round(value.timestamp() * 1_000_000)
    if isinstance(value, datetime) or not math.isfinite(value):
        return None
    size = abs(value)
    if size < _SECONDS_BELOW:
        return round(value * 1_000_000)
    if size < _MILLISECONDS_BELOW:
        return round(value * 1_000)
    if size < _MICROSECONDS_BELOW:
        return round(value)
    return int(value) // 1_000
