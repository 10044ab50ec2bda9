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

MOST = 8.0
#: Fewer customers than this with a sighting are a coincidence.
FEWEST = 2


def assess(group: Group) -> Fact | None:
    """Null: each party is sighted at the rate of ordinary accounts that we asked about. Unit: the party.

    Where the group was chosen *for* its sightings, the weight is their number against an upper bound of what is
    expected. Places and means are one fact from two sides: the one that tells more counts.
    """
    if not peers.known(group):
        return None
    seen = peers.parties(group)
    if seen.sighted < FEWEST:
        return None
    rate = peers.ordinary_rate(group.population, group.outside)
    if group.sighted:
        expected = max(group.expected, 1.0)
        bits, ordinary = np.log2(seen.sighted / expected), f"at most {expected:.0f} of those that we asked about"
    else:
        means = peers.ordinary_rate(group.population, group.outside, strongest=2)
        bits = max(peers.ratio(seen.sighted, seen.parties, rate), peers.ratio(seen.by_means, seen.parties, means))
        ordinary = f"at most {percent(rate)} of other accounts that we asked about"
    return Fact(
        observed=f"{seen.sighted} of {seen.parties} customers, by {seen.values} identifiers",
        ordinary=ordinary,
        weight_bits=float(np.clip(bits, 0.0, MOST)),
        text=f"{seen.sighted} of the {seen.parties} customers behind these accounts have an identifier that other "
        f"members look for too ({seen.by_means} of them a card, a domain or a sign-up print); {ordinary} do.",
    )


PEER_SIGHTINGS = EvidenceLine("peer-sightings", "peer", assess)
