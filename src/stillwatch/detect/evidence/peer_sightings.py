"""Other members look for the same cards, domains and addresses.

Sees: how many of the group's customers have an identifier that stands on another member's watch-list too, against how
often that happens to other accounts that we asked about. Wrongs: customers of several providers, who do the same at
each of them. Evaded by separate cards, domains and ways out for each provider. Somebody else's word: it may be wrong,
and it may be planted; it never counts towards ``act``.
"""

import numpy as np

from stillwatch.detect import peers
from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent
from stillwatch.detect.group import Group

MOST = 4.0
#: What innocents who moved together (a class, an association) would show as well weighs no more than this.
MOST_MOVED = 1.5
#: Fewer customers than this with a sighting are a coincidence.
FEWEST = 2


def assess(group: Group) -> Fact | None:
    """Null: each party is sighted at the rates of ordinary accounts that we asked about. Unit: the party.

    Where the group was chosen *for* its sightings, the weight is their number against an upper bound of what is
    expected.
    """
    if not peers.known(group):
        return None
    seen = peers.parties(group)
    if seen.sighted < FEWEST:
        return None
    if group.sighted:
        expected = max(group.expected, 1.0)
        bits, ordinary = np.log2(seen.sighted / expected), f"at most {expected:.0f} of those that we asked about"
    else:
        rates = peers.ordinary_rates(group.population, group.outside)
        alone = peers.ratio(seen, rates)
        bits = min(alone, max(MOST_MOVED, peers.moved(seen, rates)))
        ordinary = (
            f"at most {percent(rates[0])} of other accounts that we asked about, {percent(rates[1])} at several members"
        )
    return Fact(
        observed=f"{seen.sighted} of {seen.parties} customers, by {seen.values} identifiers; {seen.several} at several",
        ordinary=ordinary,
        weight_bits=float(np.clip(bits, 0.0, MOST)),
        text=f"{seen.sighted} of the {seen.parties} customers behind these accounts have an identifier that other "
        f"members look for too, {seen.several} of them one that several do; {ordinary}.",
    )


PEER_SIGHTINGS = EvidenceLine("peer-sightings", "peer", assess)
