"""What attribution reads besides ``campaigns.json`` and what members tell each other: names and blocks of our own.

Names come from a member and from nowhere else. Each says who entered it, when and on what basis, so that a reader can
weigh it; the software adds how far the evidence agrees and never a name of its own. Identifier types are a closed list:
language, nationality and time zone are not on it and can't be entered.
"""

from typing import Literal

import msgspec

#: Identifier types of private matching, by the side of an operator that they show. Within a side the most specific
#: comes first: one type a side speaks, since an address, its network and its system are one fact.
SIDES: dict[str, tuple[str, ...]] = {
    "money": ("payment-fingerprint",),
    "sign-up": ("email", "signup-print", "domain"),
    "network": ("ipv4", "ipv6-64", "ipv4-24", "asn"),
    "client": ("client-shape",),
    "words": ("template",),
}
TYPES: frozenset[str] = frozenset(one for types in SIDES.values() for one in types)
SIDE_OF: dict[str, str] = {one: side for side, types in SIDES.items() for one in types}


class Identifier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One identifier that a member ties to a name."""

    type: str
    value: str


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name that a member entered. ``role``: what the member says that it is; ``campaigns``: ids it is said to run."""

    name: str
    role: Literal["operator", "beneficiary", "reseller", "customer"]
    entered_by: str
    entered_on: str
    basis: str
    identifiers: tuple[Identifier, ...] = ()
    campaigns: tuple[str, ...] = ()


class Block(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A campaign whose accounts the member shut out, and when: its own record of a decision."""

    campaign: str
    at: str


class Names(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of the names file."""

    names: tuple[Named, ...] = ()
    blocks: tuple[Block, ...] = ()
