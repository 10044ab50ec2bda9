"""Where requests come from: homes, carriers that share addresses, rented servers, offices, exits of privacy networks.

All addresses are from ranges nobody has: 240.0.0.0/4 (RFC 1112 section 4, reserved) and 2001:db8::/32 (RFC 3849,
documentation); autonomous systems are from the private-use range of RFC 6996. Some sharing is natural: many people
behind one carrier address, many strangers on one exit, many applications in one cloud.
"""

import ipaddress

import msgspec
import numpy as np

_FIRST_AS = 4_200_000_000
_RANGE = int(ipaddress.IPv4Address("240.0.0.0"))
_V6 = int(ipaddress.IPv6Address("2001:db8::"))


class Place(msgspec.Struct, frozen=True):
    """Addresses an account uses, most used first, and the autonomous system they belong to."""

    addresses: tuple[str, ...]
    asn: int


def v4(asn_index: int, host: int) -> str:
    """Address ``host`` of a system: each has its own /16 (systems beyond 4,095 share)."""
    return str(ipaddress.IPv4Address(_RANGE + ((asn_index % 4095) << 16) + (host % 65_534) + 1))


def _zipf(rng: np.random.Generator, count: int, exponent: float = 1.0) -> int:
    """An index below ``count``, low ones commoner."""
    weights = 1.0 / np.arange(1, count + 1) ** exponent
    return int(rng.choice(count, p=weights / weights.sum()))


def home(rng: np.random.Generator) -> Place:
    """A line at home: one address, or a few over the week; one in four speaks IPv6."""
    system = _zipf(rng, 120)
    if rng.random() < 0.25:
        net = _V6 + (system << 80) + (int(rng.integers(1 << 16)) << 64)
        addresses = tuple(str(ipaddress.IPv6Address(net + int(rng.integers(1 << 60)))) for _ in range(3))
        return Place(addresses, _FIRST_AS + system)
    count = 1 if rng.random() < 0.6 else int(rng.integers(2, 5))
    return Place(tuple(v4(system, int(rng.integers(60_000))) for _ in range(count)), _FIRST_AS + system)


def carrier(rng: np.random.Generator) -> Place:
    """A phone: behind a few addresses that hundreds of strangers share."""
    system = 200 + _zipf(rng, 12)
    return Place(tuple(v4(system, int(rng.integers(48))) for _ in range(int(rng.integers(2, 8)))), _FIRST_AS + system)


def exit_node(rng: np.random.Generator) -> Place:
    """An exit of a privacy network: few addresses, popular with strangers."""
    system = 300 + _zipf(rng, 8)
    return Place(tuple(v4(system, int(rng.integers(24))) for _ in range(int(rng.integers(1, 5)))), _FIRST_AS + system)


def cloud(rng: np.random.Generator) -> Place:
    """A rented server in one of a few very large clouds: an address of one's own, or two."""
    system = 400 + _zipf(rng, 10)
    return Place(
        tuple(v4(system, int(rng.integers(65_000))) for _ in range(int(rng.integers(1, 4)))), _FIRST_AS + system
    )


def office(rng: np.random.Generator) -> Place:
    """A firm's or a school's way out: one address of its own."""
    system = 600 + int(rng.integers(3_000))
    return Place((v4(system, int(rng.integers(60_000))),), _FIRST_AS + system)


def egress_pool(rng: np.random.Generator, addresses: int, systems: int = 1) -> tuple[Place, ...]:
    """The way out of one proxy operator: ``addresses`` addresses over ``systems`` rented networks."""
    chosen = [400 + _zipf(rng, 10) if rng.random() < 0.5 else 500 + int(rng.integers(80)) for _ in range(systems)]
    first = int(rng.integers(50_000))
    return tuple(
        Place((v4(chosen[place % systems], first + place * 3),), _FIRST_AS + chosen[place % systems])
        for place in range(addresses)
    )


def person(rng: np.random.Generator) -> Place:
    """Where a person sits: home, phone, work, or behind a privacy network."""
    kind = rng.choice(4, p=(0.55, 0.22, 0.13, 0.10))
    return (home, carrier, office, exit_node)[int(kind)](rng)


def machine(rng: np.random.Generator) -> Place:
    """Where a program runs: mostly clouds, some offices and homes, a few behind privacy networks."""
    kind = rng.choice(4, p=(0.68, 0.16, 0.13, 0.03))
    return (cloud, office, home, exit_node)[int(kind)](rng)
