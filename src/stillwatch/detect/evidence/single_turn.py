"""Every request stands alone: no follow-up, no tool result used.

Sees: the share of core exchanges without earlier turns. Wrongs: batch work is single-turn too, so it weighs little
for, and interactive use weighs against. Evaded by replaying fake dialogues.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent
from stillwatch.detect.group import Group


def assess(group: Group) -> Fact | None:
    """Null: members converse like other accounts."""
    if len(group.core["ts_us"]) < 10:
        return None
    alone = (group.core["assistant_turns"] == 0) & (group.core["tool_results"] == 0)
    share = float(np.mean(alone))
    usual = float(group.outsiders("single_turn").sum() / max(1, group.outsiders("exchanges").sum()))
    bits = float(np.interp(share, (0.0, 0.3, 0.6, 0.9, 1.0), (-3.0, -2.0, -0.5, 0.5, 0.7)))
    return Fact(
        observed=f"{percent(share)} of the requests stand alone",
        ordinary=f"{percent(usual)} in other accounts",
        weight_bits=bits,
        text=f"{percent(share)} of the requests have no earlier turn and no tool result; {percent(usual)} elsewhere.",
    )


SINGLE_TURN = EvidenceLine("single-turn", "structure", assess)
