"""Few strangers live on one template that asks for reasoning, grades or tasks; campaigns do by the hundred.

Sees: how many accounts repeat a template that elicits. Wrongs: a viral prompt of that kind; a popular agent framework
that asks for tagged reasoning. Evaded by fewer accounts with more requests each, which volume per account then shows.
"""

import numpy as np

from stillwatch.detect.evidence.elicitation import MOST
from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent
from stillwatch.detect.evidence.shared_infrastructure import one_place
from stillwatch.detect.group import Group
from stillwatch.vocabulary.sketches import SHOWN

#: Accounts up to which a crowd is no surprise: hobbyists on a public template.
USUAL = 10
MOST_BITS = 4.5


def assess(group: Group) -> Fact | None:
    """Null: sizes of groups of strangers on one eliciting template halve in number with every doubling of size."""
    if group.origin == "surge":  # chosen for its size: population-surge says how large it is
        return None
    shown = np.stack([group.core[name] >= SHOWN for name in MOST])
    if shown.shape[1] < 5:
        return None
    share = float(np.mean(shown.any(axis=0)))
    if share < 0.25 or one_place(group):  # an agency's many customers are no crowd of strangers
        return None
    size = len(group.members)
    bits = float(np.clip(np.log2(size / USUAL), 0.0, MOST_BITS)) * min(1.0, share / 0.6)
    return Fact(
        observed=f"{size} accounts on a template that elicits in {percent(share)} of its requests",
        ordinary=f"groups of strangers on such a template seldom pass {USUAL} accounts",
        weight_bits=bits,
        text=f"{size} accounts live on one template of this kind; groups of strangers seldom pass {USUAL}.",
    )


CROWD = EvidenceLine("crowd", "volume", assess)
