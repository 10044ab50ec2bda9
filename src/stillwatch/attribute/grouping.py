"""Campaigns that one hand may run are judged together: links above a threshold, and what hangs together by them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from stillwatch.attribute import overlap, words
from stillwatch.attribute.overlap import Trail
from stillwatch.attribute.shape import Link, Range
from stillwatch.vocabulary.campaigns import Campaign
from stillwatch.vocabulary.times import instant

#: Two campaigns are judged as one group from this probability of one hand.
JOINS = 0.8
#: Pairs below that are still told from here on.
NEAR = 0.2
#: More campaigns than this are compared only where they share an identifier.
EVERY_PAIR = 60


@dataclass(frozen=True)
class Dossier:
    """One campaign with what is known around it: its file, its scan's span, its identifiers by type, its block."""

    campaign: Campaign
    source: str
    scan_first: str
    scan_last: str
    values: Mapping[str, frozenset[str]]
    blocked_at: str | None = None

    @property
    def trail(self) -> Trail:
        """What pairs are compared by."""
        return Trail(
            values=self.values,
            first=instant(self.campaign.first_exchange_at),
            last=instant(self.campaign.last_exchange_at),
            scan_first=instant(self.scan_first),
            scan_last=instant(self.scan_last),
            blocked_at=None if self.blocked_at is None else instant(self.blocked_at),
        )


def range_of(probability: float) -> Range:
    """The word for a probability, as the file shows it; ``beyond`` where no word reaches (``words.percent``)."""
    one = words.word(probability)
    beyond: Literal["below", "above"] | None = "below" if probability < 0.01 else None
    return Range(text=one.text, low=one.low, high=one.high, beyond="above" if probability > 0.99 else beyond)


def links(dossiers: Sequence[Dossier], prior: Mapping[str, float]) -> dict[tuple[int, int], Link]:
    """Every pair that could be told something about, by the places of its two campaigns."""
    found = {}
    trails = [dossier.trail for dossier in dossiers]
    for a, b in _pairs(dossiers):
        signs = overlap.signs(trails[a], trails[b])
        if not signs:
            continue
        probabilities = overlap.linked(signs, prior)
        found[a, b] = Link(
            one=dossiers[a].campaign.id,
            other=dossiers[b].campaign.id,
            probabilities={one: round(value, 4) for one, value in probabilities.items()},
            word=range_of(probabilities["one-hand"]),
            signs=tuple(sign.text for sign in signs),
            signs_bits=tuple(round(sign.bits["one-hand"], 2) for sign in signs),
        )
    return found


def grouped(count: int, pairs: Mapping[tuple[int, int], Link]) -> list[list[int]]:
    """Places of campaigns that hang together, each group and the list in rising order."""
    root = list(range(count))

    def find(one: int) -> int:
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    for (a, b), link in pairs.items():
        if link.probabilities["one-hand"] >= JOINS:
            root[max(find(a), find(b))] = min(find(a), find(b))
    groups: dict[int, list[int]] = {}
    for one in range(count):
        groups.setdefault(find(one), []).append(one)
    return list(groups.values())


def _pairs(dossiers: Sequence[Dossier]) -> Iterator[tuple[int, int]]:
    if len(dossiers) <= EVERY_PAIR:
        yield from combinations(range(len(dossiers)), 2)
        return
    holders: dict[tuple[str, str], list[int]] = {}
    for place, dossier in enumerate(dossiers):
        for type_, values in dossier.values.items():
            for value in values:
                holders.setdefault((type_, value), []).append(place)
    yield from sorted({pair for places in holders.values() for pair in combinations(places[:EVERY_PAIR], 2)})
