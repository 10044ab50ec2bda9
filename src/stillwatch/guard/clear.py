"""May this leave? (thin path: everything is refused until the agreement's clauses are read)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from stillwatch.guard.agreement import Agreement
from stillwatch.guard.release import Approval, Recipient, Refusal, Release


def clear(
    item: Mapping[str, Any],
    recipient: Recipient,
    agreement: Agreement,
    now: datetime,
    approvals: Sequence[Approval] = (),
) -> Release | Refusal:
    """Whether ``item`` may go to ``recipient`` under ``agreement`` at ``now`` (aware, UTC)."""
    return Refusal(str(item.get("id")), ("nothing is released yet",))


def admissible(item: Mapping[str, Any], agreement: Agreement, now: datetime) -> Refusal | None:
    """What the forum applies again on arrival: closed schema, expiry, markings; not approvals. ``None``: welcome."""
    return Refusal(str(item.get("id")), ("nothing is admissible yet",))


def to_approve(item: Mapping[str, Any]) -> str:
    """The digest (SHA-256, hex) that an ``Approval`` of this item names."""
    raise NotImplementedError
