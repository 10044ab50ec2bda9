"""Where from: IPv4 addresses and /24s, IPv6 /64s, autonomous systems.

Refused are addresses that many networks have at once, or that stand for another address: equal numbers would not mean
the same machine. Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), RFC 6598 (carrier NAT),
IANA Special-Purpose AS Numbers (RFC 7249). Ranges for documentation, 240.0.0.0/4 and 32-bit private AS numbers are let
in: no log of real traffic has them, and rehearsals need addresses that belong to nobody.
"""

import ipaddress
import re
from typing import Final

from stillwatch.match.identifiers.spelling import Unspelt

#: Range and what it is, to be read after "is".
_SHARED: Final = tuple(
    (ipaddress.IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "an address of this network, not of a sender"),
        ("10.0.0.0/8", "a private address: many networks have the same"),
        ("100.64.0.0/10", "an address inside a carrier's NAT: many networks have the same"),
        ("127.0.0.0/8", "the machine's own address"),
        ("169.254.0.0/16", "a link-local address: many networks have the same"),
        ("172.16.0.0/12", "a private address: many networks have the same"),
        ("192.0.0.0/24", "an address of a protocol, not of a sender"),
        ("192.88.99.0/24", "a relay's anycast address"),
        ("192.168.0.0/16", "a private address: many networks have the same"),
        ("198.18.0.0/15", "an address of test benches: many networks have the same"),
        ("224.0.0.0/4", "a multicast address"),
        ("255.255.255.255/32", "the broadcast address"),
    )
)
_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_PREFIX = re.compile(r"([0-9a-fA-F:.]+)(?:/([0-9]{1,3}))?", re.ASCII).fullmatch
_ASN = re.compile(r"(?:AS[N ]?\s?)?(?:([0-9]{1,10})|([0-9]{1,5})\.([0-9]{1,5}))", re.ASCII | re.IGNORECASE).fullmatch


def ipv4(value: str) -> str:
    """Four decimal numbers without leading zeros: some programs read ``010`` as eight. A /32 is the address itself."""
    return str(_v4(value.removesuffix("/32") if ":" not in value else value))


def ipv4_24(value: str) -> str:
    """The /24 of an address or of a longer prefix, as ``198.51.100.0/24``."""
    text, bits = _split(value)
    if bits is not None and (not 24 <= bits <= 32 or ":" in text):
        raise Unspelt("is wider than a /24")
    return f"{ipaddress.IPv4Address(int(_v4(text)) >> 8 << 8)}/24"


def ipv6_64(value: str) -> str:
    """The /64 of an address or of a longer prefix, spelt as RFC 5952 asks: ``2001:db8:0:1::/64``."""
    text, bits = _split(value)
    if bits is not None and not 64 <= bits <= 128:
        raise Unspelt("is wider than a /64")
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        raise Unspelt("is no IPv6 address") from None
    if address.ipv4_mapped is not None:
        raise Unspelt("is an IPv4 address in IPv6 clothes: give it as ipv4")
    if address.sixtofour is not None or address.teredo is not None:
        raise Unspelt("is a tunnel's address that stands for an IPv4 address: give that as ipv4")
    if address not in _UNICAST:
        raise Unspelt("is no global unicast address: many networks have the same")
    return f"{ipaddress.IPv6Address(int(address) >> 64 << 64)}/64"


def asn(value: str) -> str:
    """The number alone, in decimal (asplain of RFC 5396). ``AS64500``, ``asn 64500`` and ``1.10`` (asdot) are read."""
    found = _ASN(value)
    if found is None:
        raise Unspelt("is no number of an autonomous system")
    if found[1] is None and (int(found[2]) > 65_535 or int(found[3]) > 65_535):
        raise Unspelt("is no number of an autonomous system")
    number = int(found[1]) if found[1] is not None else int(found[2]) * 65_536 + int(found[3])
    if number > 4_294_967_295:
        raise Unspelt("is no number of an autonomous system")
    if number in (0, 23_456, 65_535, 4_294_967_295):
        raise Unspelt("is a number that stands for no system (RFC 7607, 6793, 7300)")
    if 64_512 <= number <= 65_534:
        raise Unspelt("is a number for private use: many networks have the same (RFC 6996)")
    return str(number)


def _v4(text: str) -> ipaddress.IPv4Address:
    """Also out of ``::ffff:198.51.100.7``: servers that listen on both protocols log IPv4 callers so (RFC 4291,
    2.5.5.2)."""
    try:
        address = ipaddress.IPv6Address(text).ipv4_mapped if ":" in text else ipaddress.IPv4Address(text)
    except ValueError:
        address = None
    if address is None:
        raise Unspelt("is no IPv4 address of four decimal numbers without leading zeros")
    for network, what in _SHARED:
        if address in network:
            raise Unspelt(f"is {what}")
    return address


def _split(value: str) -> tuple[str, int | None]:
    found = _PREFIX(value)
    if found is None:
        raise Unspelt("is no address and no prefix")
    return found[1], None if found[2] is None else int(found[2])
