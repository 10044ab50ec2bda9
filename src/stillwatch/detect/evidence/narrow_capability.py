"""One capability and no other.

Sees: how concentrated the core is on one capability, against what other accounts mix. Wrongs: any application has one
purpose. Evaded by harvesting several capabilities at once.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent, scaled
from stillwatch.detect.group import Group
from stillwatch.vocabulary.techniques import CAPABILITIES


def assess(group: Group) -> Fact | None:
    """Null: members' shares are drawn like other accounts'. Codes outside CAPABILITIES never occur."""
    codes = group.core["capability"]
    if len(codes) < 10:
        return None
    shares = np.bincount(codes, minlength=len(CAPABILITIES)) / len(codes)
    usual = np.array([group.outsiders(f"c{code}").sum() for code in range(len(CAPABILITIES))], dtype=np.float64)
    usual /= max(1.0, float(usual.sum()))
    top = int(np.argmax(shares[1:])) + 1
    ratio = float(np.log2((shares[top] + 0.02) / (usual[top] + 0.02)))
    bits = float(np.clip(0.6 * ratio - 0.5, -0.5, 1.5)) * scaled(len(group.members))
    return Fact(
        observed=f"{percent(float(shares[top]))} {CAPABILITIES[top]}",
        ordinary=f"{percent(float(usual[top]))} in other accounts",
        weight_bits=bits,
        text=f"{percent(float(shares[top]))} of the requests are about {CAPABILITIES[top]}; "
        f"{percent(float(usual[top]))} of other accounts' are.",
    )


NARROW_CAPABILITY = EvidenceLine("narrow-capability", "focus", assess)
