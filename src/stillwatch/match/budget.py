"""How much may be asked: a budget for each member, type and epoch, which both holders count, each for itself.

A budget is what stands between a member and a search through everything that could be guessed. So it is set by the
size of what can be guessed: there are 3,702 million public IPv4 addresses but some 75,000 autonomous systems in use,
and an allowance that is generous for the one would have read the other in a few weeks. ``years_to_search`` says how
long; a test keeps every default above ten years for one member. Members that pool their budgets divide that time among
them, and docs/identifiers.md says so. Types that can't be guessed by counting (a print, a template) need the budget
only against lists that a member got elsewhere.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

#: Units for one member in one epoch of a week. One identifier is one unit, and so is the check of a batch.
ALLOWANCES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "ipv4": 10_000,
        "ipv4-24": 2_000,
        "ipv6-64": 10_000,
        "asn": 100,
        "domain": 5_000,
        "email": 10_000,
        "payment-fingerprint": 10_000,
        "client-shape": 1_000,
        "signup-print": 10_000,
        "template": 10_000,
    }
)
#: How many values there are to try, where they can be counted: public IPv4 addresses and their /24s (what RFC 6890
#: leaves, without 240.0.0.0/4), autonomous systems that announce routes (rounded down: the order of magnitude of the
#: CIDR Report), registered domains (366.3 million at the end of 2020: Verisign, "The Domain Name Industry Brief",
#: volume 18, issue 1).
SPACES: Final[Mapping[str, int]] = MappingProxyType(
    {"ipv4": 3_702_259_200, "ipv4-24": 14_461_950, "asn": 75_000, "domain": 366_300_000}
)
#: An epoch of a week, in years.
EPOCH_YEARS: Final = 7 / 365.25


class Charged(msgspec.Struct, frozen=True):
    """The request is paid. ``left``: what this epoch still allows."""

    spent: int
    left: int


class Declined(msgspec.Struct, frozen=True):
    """Nothing was charged; ``reason`` says how to be let in. ``left`` is what a smaller request may cost."""

    reason: str
    left: int


def charge(spent: int, units: int, allowed: int) -> Charged | Declined:
    """Whole or not at all: half a batch would be answered half, and its commitment would be of another batch."""
    if units < 1:
        return Declined("asks for nothing: a request costs one unit at least", allowed - spent)
    left = allowed - spent - units
    if left < 0:
        return Declined(
            f"costs {units} units and {max(0, allowed - spent)} are left in this epoch: ask for the most "
            "important identifiers, or wait for the next epoch",
            max(0, allowed - spent),
        )
    return Charged(spent + units, left)


def years_to_search(type: str, allowed: int, *, members: int = 1, epoch_years: float = EPOCH_YEARS) -> float | None:
    """How long ``members`` who pool their budgets need for all values of a type; ``None``: they can't be counted."""
    space = SPACES.get(type)
    return None if space is None else space / (allowed * members) * epoch_years
