"""Two unlike modes in one account, mixed in the same proportion in all: a template, and cover around it.

Sees: in members with other traffic too, how alike the template's share is beyond chance, and how unlike the rest.
Wrongs: customers on one plan with the same application beside their chats; so it weighs little. Evaded by drawing the
share of cover anew for every account, or by having no cover.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent, scaled
from stillwatch.detect.group import Group
from stillwatch.detect.population import I64
from stillwatch.vocabulary.techniques import CAPABILITIES

#: Shares of the template in a typical member between which it has two modes.
SMALLEST, LARGEST = 0.03, 0.7
#: Exchanges of either mode that an account of its volume would have at the typical share: fewer tell no share.
FEWEST_OF_EACH = 3
FEWEST_MEMBERS = 8
MOST, LEAST = 2.0, -1.0
#: Spread of the log-odds of the share, chance taken off -> share of the whole weight. Strangers' spread is above 1.
_SPREADS = (0.25, 0.5, 0.8, 1.2)
_ALIKE = (1.0, 0.6, 0.0, 0.0)
_UNLIKE = (0.25, 0.6)


def assess(group: Group) -> Fact | None:
    """Null: each stranger needs the template as often as it likes: log-odds of its share spread by 1 or more.

    Unit: members of a volume that would hold three exchanges of either mode. Binomial noise is taken off.
    """
    core, totals = group.counts, group.account("exchanges")
    share = core / totals
    typical = float(np.median(share))
    # Chosen by volume alone: a cut on members' own shares would make any crowd look even.
    two = totals * min(typical, 1.0 - typical) >= FEWEST_OF_EACH
    if int(two.sum()) < FEWEST_MEMBERS or not SMALLEST <= typical <= LARGEST:
        return None
    inside, beside = core[two] + 0.5, totals[two] - core[two] + 0.5
    odds = np.log(inside / beside)
    noise = float(np.mean(1.0 / (totals[two] * typical * (1.0 - typical))))
    spread = float(np.sqrt(max(0.0, float(np.var(odds)) - noise)))
    apart, many = unlike(group, two), float(np.mean(two))
    bits = MOST * float(np.interp(spread, _SPREADS, _ALIKE)) * float(np.interp(apart, _UNLIKE, (0.0, 1.0)))
    bits += LEAST * float(np.interp(spread, (0.9, 1.3), (0.0, 1.0)))
    bits *= float(np.interp(many, (0.3, 0.7), (0.0, 1.0))) * scaled(int(two.sum()), 20)
    return Fact(
        observed=f"in {int(two.sum())} members the template is {percent(float(np.median(share[two])))} of the traffic, "
        f"give or take a factor of {np.exp(spread):.1f}",
        ordinary="among strangers who use one template the factor is 3 and more",
        weight_bits=bits,
        text=f"{int(two.sum())} of {len(group.members)} members mix the template with other traffic, in shares that "
        f"differ by a factor of {np.exp(spread):.1f}; template and rest differ in {percent(apart)} of what they ask.",
    )


def unlike(group: Group, rows: np.ndarray) -> float:
    """Total variation distance between what core and rest of these members are about, or in how far they elicit."""
    mine = rows[np.searchsorted(group.members, group.core["account"])]
    scale = float(group.counts[rows].sum()) / max(1, int(mine.sum()))  # the core may be a sample
    core = scale * np.bincount(group.core["capability"][mine], minlength=len(CAPABILITIES))
    whole: I64 = np.array([group.account(f"c{code}")[rows].sum() for code in range(len(CAPABILITIES))])
    rest = np.maximum(0.0, whole - core)
    if not core.sum() or not rest.sum():
        return 0.0
    return float(np.abs(core / core.sum() - rest / rest.sum()).sum() / 2.0)


TWO_MODE = EvidenceLine("two-mode", "structure", assess)
