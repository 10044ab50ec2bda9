"""The peers, as a plain list: what each is called, where it comes from, and the functions that fit and score."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bench.detection.events import Event
from bench.detection.peers import keywords, mahalanobis, mmd, opening, prada, seat, synchrotrap, volume
from bench.detection.suspicions import Variant


class Peer(NamedTuple):
    """A detector of ours, written from its paper. ``own``: the threshold of the method itself, where it has one.

    ``fit`` sees ordinary events of history and no truth; ``score`` sees the events that are judged.
    """

    name: str
    title: str
    fit: Callable[[Sequence[Event]], Any]
    score: Callable[[Sequence[Event], Any], dict[str, Variant]]
    own: float | None = None


class Package(NamedTuple):
    """A peer from the registry: it runs in an environment of its own, by ``external/with_NAME.py``."""

    name: str
    title: str
    package: str


PEERS: tuple[Peer, ...] = (
    Peer("volume", "volume threshold", volume.fit, volume.score),
    Peer("opening", "same first 50 characters", opening.fit, opening.score),
    Peer("keywords", "keywords and rate", keywords.fit, keywords.score),
    Peer("prada", "PRADA", prada.fit, prada.score),
    Peer("seat", "SEAT-style", seat.fit, seat.score),
    Peer("mahalanobis", "Mahalanobis", mahalanobis.fit, mahalanobis.score),
    Peer("mmd-shuffled", "MMD windows, null of shuffled queries", mmd.fit_shuffled, mmd.score, own=1.0),
    Peer("mmd-accounts", "MMD windows, null of accounts", mmd.fit_accounts, mmd.score, own=1.0),
    Peer("synchrotrap", "SynchroTrap-like", synchrotrap.fit, synchrotrap.score),
)

PACKAGES: tuple[Package, ...] = (
    Package("coordination", "coordination-network-toolkit", "coordination-network-toolkit"),
    Package("fraudar", "rgmining-fraudar", "rgmining-fraudar"),
    Package("unmimic", "unmimic", "unmimic"),
)

BY_NAME = {peer.name: peer for peer in PEERS}
