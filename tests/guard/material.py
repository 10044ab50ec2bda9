"""Objects that may leave, made by the real exporter, and the means to spoil them. Neutral names, nothing real."""

import copy
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from stillwatch.guard.clear import stating
from stillwatch.guard.release import Recipient
from stillwatch.share.life import advisory, replies
from stillwatch.share.stix import Voice, from_campaigns, say
from stillwatch.vocabulary.campaigns import Campaign, EvidenceShown, Exposure, Membership, TechniqueShare
from stillwatch.vocabulary.techniques import TECHNIQUES

NOW = datetime(2026, 11, 20, 12, 30, 5, 123_000, tzinfo=UTC)
PEERS = Recipient("peers")
AGENCY = Recipient("agency", kind="government")
VOICE = Voice(member="Member A", now=NOW)
PUBLIC = {"attack-pattern", "identity", "marking-definition", "extension-definition"}
LINES = [
    ("shared-rare-fingerprint", "structure"), ("payload-partition", "coordination"), ("elicitation", "elicitation"),
    ("replayed-signature", "replay"), ("narrow-capability", "focus"), ("shared-payment", "infrastructure"),
    ("signup-burst", "lifecycle"), ("crowd", "volume"),
]  # fmt: skip
KINDS = ["plain answers", "graded answers", "agent trajectories", "reasoning traces"]


def campaign(number: int, accounts: int = 480) -> Campaign:
    """A campaign as a scan concludes it; each number another mixture."""
    technique = TECHNIQUES[number % len(TECHNIQUES)]
    kinds = [LINES[(number + step) % len(LINES)] for step in range(1 + number % 4)]
    start = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(hours=7 * number, milliseconds=number)
    return Campaign(
        id=say.object_id("campaign", f"number {number}"),
        name=f"Campaign {number}", rank=number, weight_bits=12.0 + number, p_value=1e-6, level="review",
        accounts=tuple(Membership(account=f"acct_{one}", membership=0.9) for one in range(accounts)),
        exchanges=1_000 * (number + 1),
        first_exchange_at=say.timestamp(start), last_exchange_at=say.timestamp(start + timedelta(days=2)),
        noticed_at=None, noticed_after_exchanges=None,
        techniques=(TechniqueShare(id=technique.id, atlas=technique.atlas, share=0.7),),
        capabilities={"maths": 1.0},
        exposure=(
            Exposure(capability="maths", low=10, mid=10 * (number + 1), high=10_000,
                     unit=f"distinct {KINDS[number % 4]}", nearest_public_scale="s1 (1,000)"),
        ),
        evidence=tuple(
            EvidenceShown(id=line, family=family, axis=family, observed="-", ordinary="-", weight_bits=4.0, text="-")
            for line, family in kinds
        ),
        could_be_wrong=(),
    )  # fmt: skip


def stated(item: dict[str, Any], element: str = "fraud") -> dict[str, Any]:
    """The item with what a person must state, where it needs that."""
    return item if item["type"] in PUBLIC else stating(item, element=element)


def bases() -> dict[str, dict[str, Any]]:
    """One object of every kind, each as it may leave (texts: as they may leave once two people have read them)."""
    found = {one["type"]: stated(one) for one in from_campaigns([campaign(1)], VOICE)}
    own = found["campaign"]["id"]
    found["opinion"] = stated(replies.dispute(VOICE, own, "disagree", "reseller"))
    found["report"] = stated(advisory.advisory(VOICE, "regulation", "A rule has changed", "It is in force now."))
    return found


def put(item: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    """A copy of ``item`` with ``value`` at ``path``; missing objects on the way are made, ``-`` appends to a list."""
    made = copy.deepcopy(item)
    here: Any = made
    for step, after in itertools.pairwise(path):
        if isinstance(here, dict):
            here = here.setdefault(step, [] if after == "-" or isinstance(after, int) else {})
        else:
            here = here[step]
    if path[-1] == "-":
        here.append(value)
    else:
        here[path[-1]] = value
    return made
