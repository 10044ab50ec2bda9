"""The same words in many accounts, and in nobody else's.

Sees: passages that members repeat and few others show. Wrongs: users of one framework, who share its template too;
so this line says only that the accounts have a common source, and weighs little. Evaded by private wording.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent, scaled
from stillwatch.detect.group import Group

#: Bits for a template that nobody else shows at all; every doubling of outside use takes from it.
MOST = 3.0


def assess(group: Group) -> Fact | None:
    """Null: strangers who share a public template; then those who show it now and then outnumber those who live by
    it."""
    if not len(group.entities):
        return None
    others = max(1, len(group.population) - len(group.members))
    outside = len(group.fringe) / max(1, len(group.members))
    bits = float(np.clip(MOST - 2.0 * np.log2(1.0 + outside), -1.0, MOST)) * scaled(len(group.members))
    # One common sentence is no template: people take rules for prompts from the same articles.
    bits = min(bits, float(np.interp(len(group.entities), (1, 3, 6), (-1.0, 1.0, MOST))))
    share = len(group.fringe) / others
    return Fact(
        observed=f"{len(group.members)} accounts repeat {len(group.entities)} common passages",
        ordinary=f"{len(group.fringe)} of {others} other accounts ({percent(share)}) show one in passing",
        weight_bits=bits,
        text=f"{len(group.members)} accounts repeat the same {len(group.entities)} passages; "
        f"of the {others} others, {len(group.fringe)} show them at all.",
    )


SHARED_RARE_FINGERPRINT = EvidenceLine("shared-rare-fingerprint", "structure", assess)
