"""What everybody has: carriers' NAT, exits of privacy networks, free mail. Matched, it would tie strangers together.

A common value costs twice: it says nothing (a million customers share it), and it makes correlation explode, since
every account behind it becomes a neighbour of every other. So it is left out *before* it is asked, by an agreed list;
what slips through is capped in what is answered (``capped``, ``everybodys``). What is left out is reported, never
silently dropped. What many of a member's own accounts show never gets on the watch-list that a scan writes.

The list that ships (``common.json``) names free-mail domains alone: they hardly change. Ranges of carriers and of
privacy networks change by the day; a member gives its own list, in the same form.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from importlib import resources
from ipaddress import ip_network
from typing import Final, Literal

import msgspec

from stillwatch.match.identifiers import Identifier, Unfit, canonical
from stillwatch.match.identifiers.reading import Listed
from stillwatch.vocabulary.quarantine import Reject

#: Why a value is common.
Kind = Literal["carrier-nat", "privacy-network", "free-mail", "cloud-egress", "reseller", "other"]
#: No count leaves or enters above this: beyond it "many" is all that a count of accounts says.
CAP: Final = 1_000
#: From this many holders on, a value that half of all members hold is everybody's.
FEW_HOLDERS: Final = 6


class Entry(msgspec.Struct, frozen=True):
    """One common value: ``value`` spelt in any way that ``canonical`` reads, or for addresses a whole ``network``."""

    kind: Kind
    type: Literal["ipv4", "ipv6", "domain", "asn", "client-shape"]
    value: str


class LeftOut(msgspec.Struct, frozen=True):
    """An identifier that is not asked, and why."""

    identifier: Identifier
    kind: Kind


class CommonValues:
    """An agreed list, ready to be asked. Immutable."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._exact: dict[Identifier, Kind] = {}
        ranges: dict[int, list[tuple[int, int, Kind]]] = {4: [], 6: []}
        faults = []
        for number, entry in enumerate(entries, 1):
            if entry.type in ("ipv4", "ipv6"):
                try:
                    network = ip_network(entry.value, strict=False)
                except ValueError:
                    faults.append(Reject(file="", line=number, reason="is no network"))
                    continue
                last = int(network.broadcast_address)
                ranges[network.version].append((int(network.network_address), last, entry.kind))
                continue
            spelt = canonical(entry.type, entry.value)
            if isinstance(spelt, Unfit):
                faults.append(Reject(file="", line=number, reason=spelt.reason))
            else:
                self._exact[spelt] = entry.kind
        self._ranges = {version: _flat(found) for version, found in ranges.items()}
        #: Entries that can't be used, by their place in the list.
        self.rejected: Final = tuple(faults)

    def kind(self, identifier: Identifier) -> Kind | None:
        """Why this identifier is common; ``None`` where the list does not know it."""
        if identifier.type in ("ipv4", "ipv4-24", "ipv6-64"):
            network = ip_network(identifier.text)
            return _within(self._ranges[network.version], int(network[0]), int(network[-1]))
        return self._exact.get(identifier)

    def split(self, listed: Iterable[Listed]) -> tuple[tuple[Listed, ...], tuple[LeftOut, ...]]:
        """What may be asked, and what is left out."""
        kept, left = [], []
        for each in listed:
            kind = self.kind(each.identifier)
            if kind is None:
                kept.append(each)
            else:
                left.append(LeftOut(each.identifier, kind))
        return tuple(kept), tuple(left)


def shipped(more: Iterable[Entry] = ()) -> CommonValues:
    """The list that ships with Stillwatch, and ``more`` of a member's own."""
    own = entries(resources.files(__package__).joinpath("common.json").read_bytes())
    return CommonValues((*more, *own))


def entries(data: bytes) -> tuple[Entry, ...]:
    """The entries of a list in JSON. Raises ``msgspec.DecodeError`` for what is none."""
    return tuple(msgspec.json.decode(data, type=_File).entries)


def capped(count: int) -> int:
    """A count as it may be used in correlation: never above ``CAP``."""
    return min(count, CAP)


def everybodys(holders: int, members: int) -> bool:
    """Whether so many members hold a value that it marks nobody. A label like this is answered "common", no more."""
    return holders >= FEW_HOLDERS and 2 * holders >= members


class _File(msgspec.Struct, forbid_unknown_fields=True):
    entries: tuple[Entry, ...]
    version: int = 1
    about: str = ""


_Ranges = tuple[list[int], list[int], list[Kind]]


def _flat(ranges: Sequence[tuple[int, int, Kind]]) -> _Ranges:
    """Firsts, lasts and kinds in rising order without overlap: networks are nested or apart, so the widest remains."""
    firsts: list[int] = []
    lasts: list[int] = []
    kinds: list[Kind] = []
    for first, last, kind in sorted(ranges, key=lambda each: (each[0], -each[1])):
        if not lasts or first > lasts[-1]:
            firsts.append(first)
            lasts.append(last)
            kinds.append(kind)
    return firsts, lasts, kinds


def _within(ranges: _Ranges, first: int, last: int) -> Kind | None:
    """The kind of a range that touches ``first`` to ``last``: one common address makes its whole /24 common."""
    firsts, lasts, kinds = ranges
    place = bisect_right(firsts, last) - 1
    return kinds[place] if place >= 0 and lasts[place] >= first else None
