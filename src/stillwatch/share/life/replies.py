"""What a member says about an object of another: *seen here too* (a sighting), or *we doubt it* (a dispute).

A dispute is an opinion (STIX 2.1 section 4.14) whose reason is one of a short list, as a label: free text would have to
wait for a person, and a reason that can be counted is worth more.
"""

from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from stillwatch.share.stix import say
from stillwatch.share.stix.say import Opinion, Voice

OPINIONS: tuple[Opinion, ...] = get_args(Opinion)

#: Why a member doubts: each can be checked by the maker in its own data.
Doubt = Literal["public-framework", "permitted-use", "one-organisation", "reseller", "classroom", "stale", "not-seen"]
DOUBTS: tuple[Doubt, ...] = get_args(Doubt)


def sighting(voice: Voice, of: str, first_seen: datetime, last_seen: datetime) -> dict[str, Any]:
    """We saw ``of`` between these days. Days, not moments, and no count: more would tell how large we are.

    Raises ``ValueError`` where the last day lies before the first.
    """
    if last_seen < first_seen:
        raise ValueError("the last day lies before the first")
    return say.sighting(voice, of, say.timestamp(_day(first_seen)), say.timestamp(_day(last_seen)))


def dispute(voice: Voice, of: str, opinion: Opinion, doubt: Doubt | None) -> dict[str, Any]:
    """What we think of ``of``, and why. One opinion a member and object: a later one is a version of it."""
    said = say.opinion(voice, of, opinion)
    return said if doubt is None else {**said, "labels": [doubt]}


def _day(moment: datetime) -> datetime:
    return moment - timedelta(
        hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond
    )
