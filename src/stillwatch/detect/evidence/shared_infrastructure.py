"""Accounts of strangers that pay with one card, signed up from one place, or call from one network.

Sees: members tied to other members by a value that belongs mostly to this group. What thousands share (a carrier, a
popular client) binds nobody. Wrongs: an office, a school, an agency's egress. Evaded by renting separate everything.
One line per kind of tie, so that each can be checked alone.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent
from stillwatch.detect.group import Group
from stillwatch.detect.population import UNKNOWN

#: Share of a value's accounts that must be members for the value to be the group's own.
OWN = 0.5
#: What strangers share by accident, as a share of accounts: the degree-preserving null at these group sizes is far
#: below.
BY_CHANCE = 0.02
#: Share of different payment instruments among members from which they pay apart.
APART = 0.9
#: Up to so many places an office, a school or an agency may have; many more are rented ones.
FEW_PLACES = 8


def covered(group: Group, name: str) -> tuple[int, int]:
    """Members tied to another member, of another organisation where known, by a value of the group's own; and
    values."""
    if name not in group.tied:
        group.tied[name] = _covered(group, name)
    return group.tied[name]


def _covered(group: Group, name: str) -> tuple[int, int]:
    if name not in group.ties.names:
        return 0, 0
    mine = (group.ties.name == group.ties.names.index(name)) & np.isin(group.ties.account, group.members)
    account, entity, reach = group.ties.account[mine], group.ties.entity[mine], group.ties.reach[mine]
    if not len(entity):
        return 0, 0
    organization = group.account("organization")[np.searchsorted(group.members, account)]
    who = np.where(organization == UNKNOWN, account, organization)
    values, position, inside = np.unique(entity, return_inverse=True, return_counts=True)
    parties = np.unique(np.stack([position, who], axis=1), axis=0)
    several = np.bincount(parties[:, 0], minlength=len(values)) > 1
    own = several[position] & (inside[position] >= OWN * reach)
    return len(np.unique(account[own])), len(np.unique(entity[own]))


def _line(name: str, noun: str, most: float, axis: str) -> EvidenceLine:
    def assess(group: Group) -> Fact | None:
        """Null: ties are spread over accounts with the degrees they have; then almost no value is a group's own."""
        tied, values = covered(group, name)
        if not tied:
            return None
        share = tied / len(group.members)
        bits = float(np.clip(1.2 * np.log2((share + BY_CHANCE) / (2 * BY_CHANCE)), 0.0, most)) * min(1.0, tied / 8)
        if axis == "place" and one_place(group):
            bits = 0.0
        return Fact(
            observed=f"{tied} of {len(group.members)} accounts on {values} {noun}",
            ordinary="strangers share such a value by accident in under 2 % of accounts",
            weight_bits=bits,
            text=f"{tied} of {len(group.members)} members, of different customers, share {values} {noun} "
            f"that hardly anyone else uses ({percent(share)}).",
        )

    return EvidenceLine(f"shared-{name}", "infrastructure", assess, axis)


def one_place(group: Group) -> bool:
    """Whether separate customers share few places: an office, a school, an agency."""
    return pays_apart(group) is not None and few_places(group)


def few_places(group: Group, share: float = 0.8) -> bool:
    """Whether this share of the members shares few networks, however they pay: a class that pays nothing does too."""
    shared = [covered(group, name) for name in ("network", "signup")]
    return any(tied >= share * len(group.members) and values <= FEW_PLACES for tied, values in shared)


def pays_apart(group: Group) -> Fact | None:
    """Null: campaign members pay with few instruments. Unit: members whose payment is known."""
    known = group.known("payment")
    if len(known) < max(5, len(group.members) // 2):
        return None
    share = len(np.unique(known)) / len(known)
    if share < APART:
        return None
    return Fact(
        observed=f"{len(np.unique(known))} payment instruments for {len(known)} accounts",
        ordinary="strangers each pay with their own",
        weight_bits=-1.5,
        text=f"{len(known)} members pay with {len(np.unique(known))} different instruments, as strangers do.",
    )


SHARED_PAYMENT = _line("payment", "payment instruments", 6.0, "payment")
SHARED_CREDENTIAL = _line("credential", "credentials", 4.0, "payment")
SHARED_SIGNUP = _line("signup", "sign-up networks", 3.0, "place")
SHARED_NETWORK = _line("network", "networks", 3.0, "place")
SHARED_CLIENT = _line("client", "client prints", 1.5, "place")
PAYS_APART = EvidenceLine("pays-apart", "infrastructure", pays_apart, "payment")
