"""*Acted alone*: what a member decided, on which evidence of its own, and what it had heard from others by then.

Antitrust counsel asks one question of a forum of rivals: did they agree what to do? (DOMAIN section 5.) A record made
at the time, which names the member's own grounds and lists what it had received, answers it. The record stays at home,
signed and chained to the one before it, so that none can be slipped in, changed or taken out later.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args

import msgspec

from stillwatch.guard.canonical import canonical
from stillwatch.share.stix.say import timestamp
from stillwatch.vocabulary.campaigns import Campaign

Action = Literal["allow", "notice", "throttle", "challenge", "hold", "refuse"]
ACTIONS: tuple[Action, ...] = get_args(Action)

PAYLOAD_TYPE = "application/vnd.stillwatch.decision+json"

#: What the people who sign declare. Counsel may rely on these words; they change only with the record's type.
DECLARATION = (
    "This member decided alone, on the evidence listed as its own. It asked no other member to act, agreed with none "
    "on whether or how to act, and told none beforehand."
)


class OwnEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """A line of evidence from the member's own logs."""

    id: str
    family: str
    weight_bits: float


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """Something received from another member before the decision: it informed, it did not decide."""

    id: str
    member: str
    received_at: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One record. ``previous`` is the SHA-256 of the record before it in canonical form, or empty for the first."""

    type: str = "stillwatch-decision-1"
    member: str
    campaign: str
    action: Action
    decided_at: str
    decided_by: tuple[str, ...]
    own_evidence: tuple[OwnEvidence, ...]
    own_weight_bits: float
    heard: tuple[Heard, ...]
    declaration: str = DECLARATION
    previous: str = ""


def decide(
    member: str,
    campaign: Campaign,
    action: Action,
    decided_by: Sequence[str],
    heard: Sequence[Heard],
    previous: Decision | None,
    now: datetime,
) -> Decision:
    """The record of a decision about ``campaign``.

    Raises ``ValueError`` where nobody decided, or where the member has no evidence of its own for a campaign it acts
    against: then it would act on another's word.
    """
    if not decided_by:
        raise ValueError("a decision names who took it")
    own = tuple(
        OwnEvidence(id=line.id, family=line.family, weight_bits=round(line.weight_bits, 1))
        for line in campaign.evidence
        if line.family != FROM_OTHERS
    )
    if action != "allow" and not any(line.weight_bits > 0 for line in own):
        raise ValueError("there is no evidence of our own against it: to act on another's word is not to act alone")
    return Decision(
        member=member,
        campaign=campaign.id,
        action=action,
        decided_at=timestamp(now),
        decided_by=tuple(decided_by),
        own_evidence=own,
        own_weight_bits=round(sum(line.weight_bits for line in own), 1),
        heard=tuple(heard),
        previous="" if previous is None else digest(previous),
    )


#: The family of evidence that came from other members: never among a member's own grounds.
FROM_OTHERS = "received"


def payload(decision: Decision) -> bytes:
    """What is signed."""
    return canonical(msgspec.to_builtins(decision))


def digest(decision: Decision) -> str:
    return hashlib.sha256(payload(decision)).hexdigest()


def broken_link(decisions: Sequence[Decision]) -> int | None:
    """The position (from 0) of the first record that does not follow the one before it; ``None`` if all do."""
    before = ""
    for position, decision in enumerate(decisions):
        if decision.previous != before:
            return position
        before = digest(decision)
    return None
