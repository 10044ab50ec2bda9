"""One customer's own fleet of accounts is one customer.

Sees: members of one organisation. Weighs against: a fleet that shares a template, a network and a start is an ordinary
deployment. Wrongs (lets through): a campaign inside one organisation, which is a matter of contract with that customer.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent
from stillwatch.detect.group import Group
from stillwatch.detect.population import UNKNOWN

LEAST = -14.0


def assess(group: Group) -> Fact | None:
    """Null: campaign members pose as strangers, so no organisation holds most of them."""
    organization = group.known("organization")
    organization = organization[organization != UNKNOWN]
    if len(organization) < 2:
        return None
    _, counts = np.unique(organization, return_counts=True)
    share = float(counts.max() / len(group.members))
    bits = float(np.interp(share, (0.3, 0.5, 0.8), (0.0, -4.0, LEAST)))
    if bits == 0.0:
        return None
    return Fact(
        observed=f"{percent(share)} of the accounts belong to one organisation",
        ordinary="members of a campaign pose as strangers",
        weight_bits=bits,
        text=f"{percent(share)} of the accounts belong to one organisation: one customer's fleet explains what "
        "they share.",
    )


ONE_ORGANISATION = EvidenceLine("one-organisation", "explanation", assess)
