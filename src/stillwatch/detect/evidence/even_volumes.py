"""A load balancer gives every account the same.

Sees: how much members' core volumes differ beyond chance. Wrongs: a class with one exercise sheet; everyone who
pastes a viral prompt once. Evaded by drawing volumes from a long-tailed law, as people do.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, scaled
from stillwatch.detect.group import Group

_SPREADS = (0.15, 0.35, 0.6, 0.9, 1.3)
_BITS = (3.0, 2.0, 0.7, -0.5, -1.5)
_MEANS = (4.0, 8.0, 20.0)
_MEAN_FACTORS = (0.4, 1.0, 1.5)
#: Below this mean count chance alone makes volumes look even.
FEWEST = 4.0


def assess(group: Group) -> Fact | None:
    """Null: log volumes spread by about 1 (a factor of 2.7), as single accounts do. Poisson noise is taken off."""
    mean = float(np.mean(group.counts))
    if len(group.members) < 6 or mean < FEWEST:
        return None
    logs = np.log(group.counts.astype(np.float64))
    spread = float(np.sqrt(max(0.0, float(np.var(logs)) - 1.0 / mean)))
    usual = float(np.std(np.log(np.maximum(1, group.outsiders("exchanges")))))
    bits = float(np.interp(spread, _SPREADS, _BITS)) * scaled(len(group.members))
    if bits > 0:  # three to six requests each look even in any crowd; twenty each do not
        bits *= float(np.interp(mean, _MEANS, _MEAN_FACTORS)) * _unlike_others(group, max(spread, 0.2))
    return Fact(
        observed=f"volumes differ by a factor of {np.exp(spread):.1f} (median {np.median(group.counts):.0f} exchanges)",
        ordinary=f"other accounts differ by a factor of {np.exp(usual):.1f}",
        weight_bits=bits,
        text=f"Members' volumes differ by a typical factor of {np.exp(spread):.1f} around "
        f"{np.median(group.counts):.0f}; other accounts here differ by {np.exp(usual):.1f}.",
    )


def _unlike_others(group: Group, spread: float) -> float:
    """1 where few other accounts have members' volume; 0 from two in five on: then a quota makes everybody even."""
    volume = float(np.median(group.account("exchanges")))
    others = np.log(np.maximum(1, group.outsiders("exchanges")) / max(1.0, volume))
    return float(np.interp(np.mean(np.abs(others) <= spread), (0.1, 0.4), (1.0, 0.0)))


EVEN_VOLUMES = EvidenceLine("even-volumes", "coordination", assess)
