"""Few strangers live on one template that elicits, or that deals out one pack of work; campaigns do by the hundred.

Sees: how many accounts repeat such a template. Wrongs: a viral prompt that elicits; a popular agent framework that asks
for tagged reasoning; many customers of a tool that does one thing. Evaded by fewer accounts with more requests each,
which volume per account then shows.
"""

import numpy as np

from stillwatch.detect.evidence import dealt_payload, payload_partition
from stillwatch.detect.evidence.elicitation import MOST
from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent
from stillwatch.detect.evidence.shared_infrastructure import one_place
from stillwatch.detect.group import Group
from stillwatch.vocabulary.sketches import SHOWN

#: Accounts up to which a crowd is no surprise: hobbyists on a public template.
USUAL = 10
MOST_BITS = 4.5
#: Weight of dealing, and of dividing, from which a crowd counts in full though it asks for nothing that we know.
DEALT, DIVIDED = 3.5, 2.0


def assess(group: Group) -> Fact | None:
    """Null: sizes of groups of strangers on one such template halve in number with every doubling of size. It is not
    the null of what was put together of pieces (ADR 12): nothing is concluded from that but a look by a person."""
    if group.origin == "surge":  # chosen for its size: population-surge says how large it is
        return None
    shown = np.stack([group.core[name] >= SHOWN for name in MOST])
    if shown.shape[1] < 5 or one_place(group):  # an agency's many customers are no crowd of strangers
        return None
    share = float(np.mean(shown.any(axis=0)))
    elicits = min(1.0, share / 0.6) if share >= 0.25 else 0.0
    dealt = _dealt(group) if elicits < 1.0 else 0.0
    if not elicits and not dealt:
        return None
    size = len(group.members)
    bits = float(np.clip(np.log2(size / USUAL), 0.0, MOST_BITS)) * max(elicits, dealt)
    what = f"elicits in {percent(share)} of its requests" if elicits >= dealt else "deals out one pack of work"
    on = f"{group.pieces} templates that interlock; the wording" if group.pieces else "one template that"
    return Fact(
        observed=f"{size} accounts on {on} {what}",
        ordinary=f"groups of strangers on such a template seldom pass {USUAL} accounts",
        weight_bits=bits,
        text=f"{size} accounts live on {on} {what}; groups of strangers on one template seldom pass {USUAL}.",
    )


def _dealt(group: Group) -> float:
    """How far the payload is both dealt and divided, 0 to 1: a technique that we don't know deals its work out too."""
    dealt, divided = dealt_payload.assess(group), payload_partition.assess(group)
    if dealt is None or divided is None:
        return 0.0
    return float(np.clip(dealt.weight_bits / DEALT, 0.0, 1.0) * np.clip(divided.weight_bits / DIVIDED, 0.0, 1.0))


CROWD = EvidenceLine("crowd", "volume", assess)
