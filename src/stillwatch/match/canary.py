"""Values that no honest log holds: whoever asks for one is counting through a space, not looking at its customers.

An auditor (at best a third party, at least the trustee) draws them in secret from what it controls or knows to be dark:
addresses that nobody announces, numbers that no registry gave out, mailboxes that never wrote to anyone. It runs the
protocol on them as a member would and gives the forum the *labels* alone, so that the forum learns which upload is an
alarm but not which values to avoid. Nothing is ever answered for a canary: a sighting that nobody made would be a lie.

A canary can wrong an honest member: an address that was dark yesterday may be rented today, and a fraudster may type a
mailbox at random. So one hit is a question to the member, and ``suspects`` wants ``least`` of them.
"""

import hmac
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from heapq import nsmallest
from ipaddress import IPv4Network
from typing import Final

import msgspec

from stillwatch.match.identifiers import Identifier, canonical

#: Each address is spelt and hashed before the draw: a /12 takes seconds, all of IPv4 would take hours.
MOST_ADDRESSES: Final = 2**20


class CanaryHit(msgspec.Struct, frozen=True):
    """A member uploaded the label of so many canaries in one epoch."""

    member: str
    canaries: int


def from_networks(secret: bytes, epoch: str, networks: Sequence[str], count: int) -> tuple[Identifier, ...]:
    """``count`` different IPv4 addresses of dark networks: the same for a secret and epoch, else not to be guessed.

    Raises ``ValueError`` where fewer of their addresses are fit to be matched, or they hold more than
    ``MOST_ADDRESSES``.
    """
    dark = [IPv4Network(network) for network in networks]
    if sum(network.num_addresses for network in dark) > MOST_ADDRESSES:
        raise ValueError(f"these are more than {MOST_ADDRESSES:,} addresses: nobody knows so many to be dark")
    found = [canonical("ipv4", str(address)) for network in dark for address in network]
    return from_pool(secret, epoch, [each for each in found if isinstance(each, Identifier)], count)


def from_pool(secret: bytes, epoch: str, pool: Sequence[Identifier], count: int) -> tuple[Identifier, ...]:
    """``count`` of the values that the auditor has set aside, those with the lowest keyed digests (HMAC-SHA256)."""
    if len(set(pool)) < count:
        raise ValueError(f"{len(set(pool))} values are set aside for canaries and {count} are wanted")

    def digest(identifier: Identifier) -> bytes:
        return hmac.digest(secret, b"stillwatch canary v1/" + epoch.encode() + b"/" + identifier.message, "sha256")

    return tuple(nsmallest(count, set(pool), key=digest))


def suspects(uploads: Mapping[str, Iterable[bytes]], canaries: frozenset[bytes], least: int = 2) -> list[CanaryHit]:
    """Members whose uploaded labels hold at least ``least`` canaries, most first. ``uploads``: labels by member."""
    hits = Counter({member: len(canaries.intersection(labels)) for member, labels in uploads.items()})
    return [CanaryHit(member, number) for member, number in hits.most_common() if number >= least]


def chance(space: int, canaries: int, asked: int) -> float:
    """How likely somebody who tries ``asked`` values of a ``space`` at random meets a canary at all."""
    return 1.0 - (1.0 - canaries / space) ** asked
