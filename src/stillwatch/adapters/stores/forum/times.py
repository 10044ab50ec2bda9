"""Times on the wire and in the tables: STIX 2.1 timestamps (section 3.16) and microseconds since 1970 in UTC."""

import re
from datetime import UTC, datetime, timedelta

_STIX = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(timestamp: str) -> int:
    """A STIX timestamp in microseconds; what is finer is cut off. Raises ``ValueError`` for anything else."""
    if not _STIX.fullmatch(timestamp):
        raise ValueError("a timestamp is written YYYY-MM-DDTHH:MM:SS[.s+]Z")
    return (datetime.fromisoformat(timestamp) - _EPOCH) // _MICROSECOND


def timestamp(us: int) -> str:
    """The STIX timestamp of ``us``, always with six digits, so that text sorts as time does."""
    return (_EPOCH + timedelta(microseconds=us)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(us: int) -> datetime:
    """``us`` as a time that rooms take for "now"."""
    return _EPOCH + timedelta(microseconds=us)
