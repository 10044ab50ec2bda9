"""What other members' watch-lists say about our accounts, laid beside what we know ourselves.

A sighting is another member's word that it looks for the same identifier; ``several`` says that two others do, or more.
*Words* (templates) are sighted too, and tell nothing: public templates stand on every list.

Sightings are ties (``Ties`` rows of the kinds below) and two columns of the population: nothing else in the sensor
changes, and without sightings neither is there.

**Model.** Unit: the *party*, members who are one customer by record, by card, by the place they call from, or by the
sighted identifier itself: an agency's forty organisations in one network are one party, whatever their cards. Of each
party whose identifiers we asked about, none, one or several other members know something. Under the null they do at the
rates of ordinary customers who do such things, since people who ask for reasoning buy from two providers, and some from
three, and ask for it at each. Those rates are upper bounds, from our own asked accounts outside the group where there
are enough of them, else from composed ordinary weeks of three providers (``peer_shares.json``, ``python -m
bench.sharing --calibrate``). Under the other hypothesis, a campaign over several providers, any rate between
``LEAST_SHARED`` (or the ordinary one) and ``MOST_SHARED`` is as likely as another, and so is any part of it at several.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np
from scipy import sparse, stats
from scipy.sparse.csgraph import connected_components

from stillwatch.detect.group import Group
from stillwatch.detect.population import I64, UNKNOWN, Accounts, Bool, Ties
from stillwatch.vocabulary.peers import Sighting

#: Kinds of rows in ``Ties``, weakest first. The population's column ``sighted`` has their place here, counted from 1.
KINDS: tuple[str, ...] = ("sighted-words", "sighted-once", "sighted-several")
#: Ties that make members one party: who calls from one network is seen as one house, and an agency takes all of its
#: customers from one provider to another.
ONE_HOUSE = ("network", "signup", "credential")
#: Columns of the population: 1 where we asked about the account; its strongest sighting, 0 for none.
ASKED, SIGHTED = "asked", "sighted"
#: And 1 where the account matches an indicator that another member shared.
INDICATED = "indicated"
#: Of a campaign's parties at one provider, so many have something that another member looks for too.
LEAST_SHARED, MOST_SHARED = 0.1, 0.8
#: And of those, so many at two other members or more.
LEAST_SEVERAL, MOST_SEVERAL = 0.2, 0.95
#: Own accounts asked about, outside the group, from which they are the null in place of composed weeks.
ENOUGH_ASKED = 50
#: One-sided confidence of the upper bound on an ordinary rate (Clopper and Pearson 1934); doubt about composed weeks.
CONFIDENCE, DOUBT = 0.95, 1.5
_MOST_RATE = 0.95


def kind_of(sighting: Sighting) -> int:
    """The place of a sighting in ``KINDS``. ``members`` counts us: "2" is one other."""
    return 0 if sighting.type == "template" else 1 if sighting.members == "2" else 2


@dataclass(frozen=True)
class Sighted:
    """Rows of sightings on our accounts: the account's key, a number for the identifier, its place in ``KINDS``."""

    account: I64
    value: I64
    kind: I64

    def __len__(self) -> int:
        return len(self.account)


def laid_over(population: Accounts, ties: Ties, sighted: Sighted, asked: Bool) -> tuple[Accounts, Ties]:
    """The population and the ties with what others see. ``asked`` says of each account whether we asked about it.

    An account with a sighting was asked about, whatever ``asked`` says: the list may be of an earlier day.
    """
    best = np.zeros(len(population), dtype=np.int64)
    np.maximum.at(best, population.rows(sighted.account), sighted.kind + 1)
    columns = {**population.columns, ASKED: (asked | (best > 0)).astype(np.int64), SIGHTED: best}
    code = len(ties.names) + sighted.kind
    _, value, reach = np.unique(sighted.value, return_inverse=True, return_counts=True)
    unseen = np.full(len(sighted), np.iinfo(np.int64).max)  # replay asks what was known when: this was not
    rows = (
        np.r_[ties.name, code].astype(np.int8), np.r_[ties.entity, sighted.value], np.r_[ties.account, sighted.account],
        np.r_[ties.reach, reach[value]], np.r_[ties.first_us, unseen],
    )  # fmt: skip
    order = np.lexsort((rows[1], rows[0], rows[2]))
    mixed = Ties((*ties.names, *KINDS), rows[0][order], *(column[order].astype(np.int64) for column in rows[1:]))
    return replace(population, columns=columns), mixed


def indicated(population: Accounts, accounts: I64) -> Accounts:
    """The population with what other members' indicators say."""
    column = np.isin(population.key, accounts).astype(np.int64)
    return replace(population, columns={**population.columns, INDICATED: column})


def counted(population: Accounts) -> tuple[int, dict[str, int]]:
    """Accounts asked about, and how many of them are sighted by each kind or a stronger one; for calibration."""
    if SIGHTED not in population.columns:
        return 0, {}
    asked, best = int(population[ASKED].sum()), population[SIGHTED]
    return asked, {kind: int((best > place).sum()) for place, kind in enumerate(KINDS)}


def known(group: Group) -> bool:
    """Whether the scan was given sightings at all."""
    return SIGHTED in group.population.columns


@dataclass(frozen=True)
class Parties:
    """The customers that a group's members make: how many, how many of them are sighted, and at several others.

    ``values`` are the identifiers by which they are.
    """

    parties: int
    sighted: int
    several: int
    values: int


def parties(group: Group) -> Parties:
    """Members who are one customer count once: by organisation, by card, by place, or by what was sighted."""
    kinds = [group.ties.names.index(kind) for kind in KINDS[1:]]
    mine = np.isin(group.ties.name, kinds) & np.isin(group.ties.account, group.members)
    account, entity = group.ties.account[mine], group.ties.entity[mine]
    row = np.searchsorted(group.members, account)
    label = _joined(group, row, entity)
    several = group.ties.name[mine] == kinds[-1]
    return Parties(
        parties=len(np.unique(label)),
        sighted=len(np.unique(label[row])),
        several=len(np.unique(label[row[several]])),
        values=len(np.unique(entity)),
    )


def _joined(group: Group, row: I64, entity: I64) -> I64:
    """The number of the party that each member belongs to."""
    size = len(group.members)
    edges = [(row, np.unique(entity, return_inverse=True)[1])]
    at = [number for number, name in enumerate(group.ties.names) if name in ONE_HOUSE]
    placed = np.isin(group.ties.name, at) & np.isin(group.ties.account, group.members)
    value = np.unique(np.stack([group.ties.name[placed], group.ties.entity[placed]]), axis=1, return_inverse=True)[1]
    edges.append((np.searchsorted(group.members, group.ties.account[placed]), value.reshape(-1)))
    for name in ("organization", "payment"):
        value = group.account(name)
        has = np.flatnonzero(value != UNKNOWN)
        edges.append((has, np.unique(value[has], return_inverse=True)[1]))
    left, right, offset = [], [], size
    for members, values in edges:
        left.append(members)
        right.append(values + offset)
        offset += int(values.max(initial=-1)) + 1
    rows, columns = np.concatenate(left), np.concatenate(right)
    graph = sparse.coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(offset, offset))
    return np.asarray(connected_components(graph, directed=False)[1][:size], dtype=np.int64)


def ordinary_rates(population: Accounts, outside: Bool) -> tuple[float, float]:
    """Upper bounds on how often an ordinary account that we asked about is sighted at all, and at several others.

    ``outside`` are the accounts that are no part of the question.
    """
    use = outside & (population[ASKED] > 0)
    asked = int(use.sum())
    if asked >= ENOUGH_ASKED:
        best = population[SIGHTED][use]
        return upper(int((best > 1).sum()), asked), upper(int((best > 2).sum()), asked)
    asked, seen = shipped()
    any_, several = (min(_MOST_RATE, DOUBT * upper(seen[kind], asked)) for kind in KINDS[1:])
    return any_, several


def upper(seen: int, asked: int) -> float:
    """Upper bound on a rate, from how many of those asked about were seen."""
    return min(_MOST_RATE, float(stats.beta.ppf(CONFIDENCE, seen + 1, max(1, asked - seen))))


@cache
def shipped() -> tuple[int, Mapping[str, int]]:
    """Composed ordinary weeks: accounts asked about, and how many were sighted by each kind or a stronger one."""
    data = json.loads((files("stillwatch.detect") / "peer_shares.json").read_text("utf-8"))
    return int(data["asked"]), {kind: int(count) for kind, count in data["sighted"].items()}


def ratio(seen: Parties, rates: tuple[float, float]) -> float:
    """log2 of the likelihood ratio of what was sighted: a campaign over several providers against ordinary customers.

    A campaign's rates are at least the ordinary ones: fewer sightings than usual never speak for it.
    """
    any_, several = rates[0], min(rates)
    shared = np.linspace(max(LEAST_SHARED, any_), max(MOST_SHARED, any_), 24)
    parts = np.linspace(LEAST_SEVERAL, MOST_SEVERAL, 16)
    grid = [(rate, max(rate * part, several)) for rate in shared.tolist() for part in parts.tolist()]
    campaign = float(np.mean([_likelihood(seen, rate, min(rate, part)) for rate, part in grid]))
    return float(np.log2(max(campaign, 1e-300) / max(_likelihood(seen, any_, several), 1e-300)))


def moved(seen: Parties, rates: tuple[float, float]) -> float:
    """The same against innocents who moved together, a class or an association: as many sighted as may be.

    What they can't arrange is that several other members look for them: of those who are sighted, as few are known at
    several as of ordinary customers.
    """
    part = min(_MOST_RATE, rates[1] / rates[0])
    parts = np.linspace(max(LEAST_SEVERAL, part), max(MOST_SEVERAL, part), 16)
    campaign = float(np.mean(stats.binom.pmf(seen.several, seen.sighted, parts)))
    ordinary = float(stats.binom.pmf(seen.several, seen.sighted, part))
    return float(np.log2(max(campaign, 1e-300) / max(ordinary, 1e-300)))


def _likelihood(seen: Parties, any_: float, several: float) -> float:
    """Chance of so many parties sighted at several others, at one, and at none (multinomial)."""
    counts = [seen.several, seen.sighted - seen.several, seen.parties - seen.sighted]
    return float(stats.multinomial.pmf(counts, seen.parties, [several, any_ - several, 1.0 - any_]))


def excess(matching: int, size: int, rate: float) -> float:
    """log2 of the likelihood ratio of so many of a size: any higher rate against an ordinary one."""
    grid = np.linspace(max(LEAST_SHARED, rate), max(MOST_SHARED, rate), 36)
    campaign = float(np.mean(stats.binom.pmf(matching, size, grid)))
    return float(np.log2(max(campaign, 1e-300) / max(float(stats.binom.pmf(matching, size, rate)), 1e-300)))
