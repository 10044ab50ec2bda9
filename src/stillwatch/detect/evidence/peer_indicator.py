"""Members match an indicator that another member shared openly.

Sees: how many of the group's accounts show an address, a domain or a TLS print that a live, undisputed indicator
names, against other accounts here. Wrongs: neighbours in a network that a campaign rents, users of a common client.
Evaded by renting elsewhere, since indicators are public among members. Somebody else's word: it never counts towards
``act``.
"""

import numpy as np

from stillwatch.detect import peers
from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent
from stillwatch.detect.group import Group

MOST = 4.0
#: Fewer matching accounts are a coincidence; fewer others tell no rate.
FEWEST, FEWEST_OTHERS = 3, 20


def assess(group: Group) -> Fact | None:
    """Null: members match as often as other accounts here, by an upper bound of those. Unit: the account."""
    if peers.INDICATED not in group.population.columns or int(group.outside.sum()) < FEWEST_OTHERS:
        return None
    matching, size = int(group.account(peers.INDICATED).sum()), len(group.members)
    if matching < FEWEST:
        return None
    others = group.outsiders(peers.INDICATED)
    rate = peers.upper(int(others.sum()), len(others))
    return Fact(
        observed=f"{matching} of {size} accounts match an indicator of another member",
        ordinary=f"at most {percent(rate)} of all other accounts here",
        weight_bits=float(np.clip(peers.excess(matching, size, rate), 0.0, MOST)),
        text=f"{matching} of {size} members show an address, a domain or a TLS print that another member's indicator "
        f"names; at most {percent(rate)} of all other accounts here do.",
    )


PEER_INDICATOR = EvidenceLine("peer-indicator", "peer", assess, "indicator")
