"""MAY THEY NOT BE TOLD? Treating somebody otherwise without saying so: two names, an end, a record. Never a default.

Degrading answers in secret has wronged the innocent before (DOMAIN section 4), so a hidden course is no setting of a
rule. It is an order of its own that two different people sign, for one case, for at most ``LONGEST_DAYS``, with grounds
in writing. An order that names no leaf of the ledger is never in force; whether the leaf says the same is for whoever
reads the ledger (``grounds`` there is the digest of the order before it had one).

What may be ordered is what can be done unseen: throttling and refusing are visible, and falsifying an answer is not on
offer (DESIGN 10).
"""

from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from stillwatch.errors import UsageError

Treatment = Literal["hold", "reduce-reasoning"]

#: An order ends after so many days; a longer need is a new order, looked at again.
LONGEST_DAYS = 30


class CovertOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order for covert treatment of one case. Times carry their zone."""

    case: str
    treatment: Treatment
    grounds: str
    approved_by: tuple[str, str]
    issued_at: datetime
    until: datetime
    #: Where its leaf stands in the ledger; ``None``: not recorded, and so not in force.
    leaf: int | None = None


def checked(order: CovertOrder) -> CovertOrder:
    """The order, if it may be given. Raises ``UsageError`` that says what is missing."""
    first, second = (" ".join(name.split()).casefold() for name in order.approved_by)
    if not first or not second or first == second:
        raise UsageError("covert treatment needs two different people who approve it by name")
    if not order.grounds.strip():
        raise UsageError("covert treatment needs its grounds in writing")
    if order.until <= order.issued_at:
        raise UsageError("covert treatment must end after it begins")
    if order.until - order.issued_at > timedelta(days=LONGEST_DAYS):
        raise UsageError(f"covert treatment ends after {LONGEST_DAYS} days at most: give a new order then")
    return order


def in_force(order: CovertOrder, now_us: int) -> bool:
    """Whether it is recorded in the ledger, has begun and has not ended."""
    now = datetime.fromtimestamp(now_us / 1e6, tz=UTC)
    return order.leaf is not None and order.issued_at <= now < order.until
