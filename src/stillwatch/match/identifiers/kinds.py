"""One spelling per identifier: ``canonical(type, value)`` answers an ``Identifier``, or ``Unfit`` with a reason.

A value is refused where matching on it would wrong somebody: a card number (it must never enter), a private address
(many strangers have the same), a text that only looks like the type. The reason never repeats the value.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from stillwatch.match.identifiers import addresses, names, prints
from stillwatch.match.identifiers.spelling import Unspelt

#: Members whose rules differ would not match and not notice: an epoch's announcement names this number.
VERSION: Final = 1
#: No identifier of ours is longer as text; what is longer is something else.
LONGEST: Final = 2_048

_SPELL: Final[Mapping[str, Callable[[str], str]]] = {
    "ipv4": addresses.ipv4,
    "ipv4-24": addresses.ipv4_24,
    "ipv6-64": addresses.ipv6_64,
    "asn": addresses.asn,
    "domain": names.domain,
    "email": names.email,
    "payment-fingerprint": prints.payment,
    "client-shape": prints.client_shape,
    "signup-print": prints.signup,
    "template": prints.template,
}
#: Every type that may be matched. Each has keys of its own in every epoch.
TYPES: Final[tuple[str, ...]] = tuple(_SPELL)


class Identifier(msgspec.Struct, frozen=True, order=True):
    """A type of ``TYPES`` and its canonical spelling in ASCII."""

    type: str
    value: bytes

    @property
    def text(self) -> str:
        return self.value.decode("ascii")

    @property
    def message(self) -> bytes:
        """The private input ``x`` of the oblivious function: version and type stand in it, so no two types collide."""
        return b"stillwatch/%d/%s/%s" % (VERSION, self.type.encode("ascii"), self.value)


class Unfit(msgspec.Struct, frozen=True):
    """The value has no safe spelling. ``reason`` is one clause a person can act on; the value is not in it."""

    type: str
    reason: str


def canonical(type: str, value: str) -> Identifier | Unfit:
    """The one spelling of ``value``. Spelling a spelling again changes nothing."""
    spell = _SPELL.get(type)
    if spell is None:
        return Unfit("unknown", f"is of no type that can be matched: use one of {', '.join(TYPES)}")
    if len(value) > LONGEST:
        return Unfit(type, f"is longer than {LONGEST:,} characters")
    try:
        return Identifier(type, spell(value.strip()).encode("ascii"))
    except Unspelt as unspelt:
        return Unfit(type, str(unspelt))
