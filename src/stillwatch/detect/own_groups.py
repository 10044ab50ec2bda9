"""A provider's own quiet groups: what a scan keeps of the groups it judged, for later scans to measure against.

Unit: the *identity*, not the group of one scan. A fleet that shows every day is one group, however often it is
judged; counted daily, those that stay (fleets, agencies) would crowd out those that pass (a class, a viral prompt),
and scores would not be exchangeable with that of a group drawn afresh. Each identity has one row with the highest
score it ever had in each block: a provider looks every day and acts on the first day that a group is heavy, so that
is what a group under test must be compared with.

A group of today is the same as an earlier one where half of a small sample of its passages (of its accounts, where it
has no passages) is the same. Samples are the smallest values of a fixed mixing of the sealed keys (bottom-k sketches,
Cohen and Kaplan 2007), so they grow together with the group. Templates of one scan share no passage, so one identity
is not two groups of a scan unless they were one before.

The null of a run are the quiet groups that the last earlier scan judged, each with its highest score so far: a scan
judges anew what its log still holds, and no more than the most telling groups where there are too many. Groups that are
no longer among those would make the null lighter than what the same pipeline puts forward today.

Not quiet, and so no null group: what reached ``review`` or ``act``, what such a finding holds most accounts of, and the
whole past of both. They stay as rows marked ``found``, so that they are counted and do not come back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
import pyarrow as pa
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from stillwatch.detect.calibrate import BLOCKS, Own, scoring
from stillwatch.detect.group import Group
from stillwatch.detect.population import F64, I64, Accounts, Bool

VERSION = 1
#: Passages (or accounts) by which a group is known again, and accounts by which a campaign is.
PRINTS = 8
MEMBERS = 16
#: A group that was not judged for so long tells little of what is ordinary now.
KEPT_US = 91 * 86_400_000_000
DAY_US = 86_400_000_000
_ABSENT = 0

SCHEMA = pa.schema(
    [
        *((name, pa.float64()) for name in BLOCKS),
        ("found", pa.bool_()),
        ("accounts", pa.int64()),
        ("last_us", pa.int64()),
        ("prints", pa.list_(pa.int64())),
        ("members", pa.list_(pa.int64())),
    ]
)


@dataclass(frozen=True)
class Seen:
    """Groups that were judged, one row each, over a log of ``population`` accounts from ``first_us`` to ``last_us``.

    scores    F64[rows, blocks]
    found     Bool[rows]          no null group
    accounts  I64[rows]           members
    judged_us I64[rows]           end of the log when it was last judged
    prints    I64[rows, PRINTS]   ``_ABSENT`` fills up
    members   I64[rows, MEMBERS]  a sample of the accounts
    """

    scores: F64
    found: Bool
    accounts: I64
    judged_us: I64
    prints: I64
    members: I64
    first_us: int
    last_us: int
    population: int

    def __len__(self) -> int:
        return len(self.found)


def judged(groups: Sequence["Known"], scores: F64, found: Mapping[int, I64], population: Accounts) -> Seen:
    """What one scan saw: its groups with their scores. ``found``: rows of findings at ``review`` or ``act``, with the
    accounts of each."""
    taken = np.concatenate([np.zeros(0, dtype=np.int64), *found.values()])
    last_us = int(population["last_us"].max())
    mine = np.zeros(len(groups), dtype=np.bool_)
    mine[list(found)] = True
    members = _stacked([group.members for group in groups], MEMBERS)
    inside = np.isin(members, _mixed(taken, 0)) & (members != _ABSENT)
    mine |= 2 * inside.sum(axis=1) >= np.maximum(1, (members != _ABSENT).sum(axis=1))
    return Seen(
        scores=scores,
        found=mine,
        accounts=np.array([group.accounts for group in groups], dtype=np.int64),
        judged_us=np.full(len(groups), last_us, dtype=np.int64),
        prints=_stacked([group.prints for group in groups], PRINTS),
        members=members,
        first_us=int(population["first_us"].min()),
        last_us=last_us,
        population=len(population),
    )


@dataclass(frozen=True)
class Known:
    """By what a group is known again: samples of its passages and accounts, and how many accounts it has."""

    prints: I64
    members: I64
    accounts: int


def known(group: Group) -> Known:
    """By what a group is known again."""
    members = _smallest(_mixed(group.members, 0), MEMBERS)
    if len(group.entities):
        prints = _smallest(_mixed(group.entities, 1 + group.kinds.astype(np.int64)), PRINTS)
    else:
        # A salt: the same accounts put forward by another direction are another group.
        prints = _smallest(_mixed(group.members, 1_000 + crc32(group.origin.encode())), PRINTS)
    return Known(prints, members, len(group.members))


def null(past: Seen | None, now: Sequence[Known]) -> Own | None:
    """The own null of a run whose groups are ``now``; ``None`` without history. Days are those that the log touches."""
    if past is None:
        return None
    _, label = _identities(past, _stacked([group.prints for group in now], PRINTS))
    before, mine = label[: len(past)], label[len(past) :]
    quiet = np.setdiff1d(before[past.judged_us == past.last_us], before[past.found])
    scores = np.full((len(quiet), len(BLOCKS)), -np.inf)
    rows = np.searchsorted(quiet, before)
    kept = np.isin(before, quiet)
    np.maximum.at(scores, rows[kept], past.scores[kept])
    at = np.searchsorted(quiet, mine)
    own = np.where(np.isin(mine, quiet), at, -1).astype(np.int64)
    days = past.last_us // DAY_US - past.first_us // DAY_US + 1
    return Own(scores, own, days, _campaigns(past.members[past.found]))


def cleared(past: Seen, innocent: I64) -> Seen:
    """History in which groups that people found innocent count as ordinary ones.

    ``innocent`` are keys of accounts whose appeal was won. A found group is cleared where at least half of its sampled
    accounts are among them; from then on it is part of the null that others are measured against, with its scores.
    """
    sampled = past.members != _ABSENT
    among = (np.isin(past.members, _mixed(innocent, 0)) & sampled).sum(axis=1)
    freed = past.found & (2 * among >= np.maximum(1, sampled.sum(axis=1)))
    return replace(past, found=past.found & ~freed)


def merged(past: Seen | None, now: Seen) -> Seen:
    """History with a scan added: one row for each identity. Adding the same scan again changes nothing."""
    if past is None:
        past = only(now, np.zeros(0, dtype=np.int64))
    count, label = _identities(past, now.prints)
    scores = np.full((count, len(BLOCKS)), -np.inf)
    np.maximum.at(scores, label, np.concatenate([past.scores, now.scores]))
    found = np.zeros(count, dtype=np.bool_)
    np.logical_or.at(found, label, np.concatenate([past.found, now.found]))
    latest = np.zeros(count, dtype=np.int64)
    latest[label] = np.arange(len(label))  # the last row of an identity describes it
    both = {name: np.concatenate([getattr(past, name), getattr(now, name)])[latest] for name in _DESCRIBING}
    whole = Seen(
        scores=scores,
        found=found,
        first_us=min(past.first_us, now.first_us),
        last_us=max(past.last_us, now.last_us),
        population=now.population,
        **both,
    )
    return only(whole, np.flatnonzero(whole.judged_us >= whole.last_us - KEPT_US))


_DESCRIBING = ("accounts", "judged_us", "prints", "members")


def only(seen: Seen, rows: I64) -> Seen:
    """Only these rows."""
    return Seen(
        scores=seen.scores[rows],
        found=seen.found[rows],
        **{name: getattr(seen, name)[rows] for name in _DESCRIBING},
        first_us=seen.first_us,
        last_us=seen.last_us,
        population=seen.population,
    )


def to_table(seen: Seen) -> pa.Table:
    """For keeping: ``SCHEMA`` with version, scoring and span in its metadata."""
    columns = [
        *(pa.array(seen.scores[:, block], pa.float64()) for block in range(len(BLOCKS))),
        pa.array(seen.found),
        pa.array(seen.accounts),
        pa.array(seen.judged_us),
        pa.array([row[row != _ABSENT].tolist() for row in seen.prints], pa.list_(pa.int64())),
        pa.array([row[row != _ABSENT].tolist() for row in seen.members], pa.list_(pa.int64())),
    ]
    about = {
        "version": str(VERSION),
        "scoring": scoring(),
        "first_us": str(seen.first_us),
        "last_us": str(seen.last_us),
        "accounts": str(seen.population),
    }
    return pa.table(columns, schema=SCHEMA.with_metadata(about))


def from_table(table: pa.Table) -> Seen | None:
    """What was kept; ``None`` where it was written by another version or under other weights, and can't be used."""
    about = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    if about.get("version") != str(VERSION) or about.get("scoring") != scoring():
        return None
    scores = np.stack([table[name].to_numpy() for name in BLOCKS], axis=1)
    return Seen(
        scores=scores.reshape(-1, len(BLOCKS)).astype(np.float64),
        found=np.asarray(table["found"].to_numpy(zero_copy_only=False), dtype=np.bool_),
        accounts=table["accounts"].to_numpy().astype(np.int64),
        judged_us=table["last_us"].to_numpy().astype(np.int64),
        prints=_stacked([np.array(row, dtype=np.int64) for row in table["prints"].to_pylist()], PRINTS),
        members=_stacked([np.array(row, dtype=np.int64) for row in table["members"].to_pylist()], MEMBERS),
        first_us=int(about["first_us"]),
        last_us=int(about["last_us"]),
        population=int(about["accounts"]),
    )


def _identities(past: Seen, prints: I64) -> tuple[int, I64]:
    """Identities over past rows and then the rows of ``prints``: how many, and which each row has.

    Past rows meet only through a row of now that is the same as both: they were told apart when they were added.
    """
    total = len(past) + len(prints)
    values, column = np.unique(np.concatenate([past.prints, prints]), return_inverse=True)
    row = np.repeat(np.arange(total), PRINTS)
    column = column.reshape(-1)
    use = np.concatenate([past.prints, prints]).reshape(-1) != _ABSENT
    matrix = sparse.csr_matrix((np.ones(int(use.sum()), np.int32), (row[use], column[use])), (total, len(values)))
    sizes = np.diff(matrix.indptr)
    common = (matrix[len(past) :] @ matrix[: len(past)].T).tocoo()
    same = 2 * common.data >= np.minimum(sizes[len(past) + common.row], sizes[common.col])
    graph = sparse.coo_matrix(
        (np.ones(int(same.sum())), (len(past) + common.row[same], common.col[same])), (total, total)
    )
    count, label = connected_components(graph, directed=False)
    return int(count), np.asarray(label, dtype=np.int64)


def _campaigns(members: I64) -> int:
    """How many campaigns the found groups make: groups that share a sampled account are one."""
    if not len(members):
        return 0
    values, column = np.unique(members, return_inverse=True)
    use = members.reshape(-1) != _ABSENT
    rows = np.repeat(np.arange(len(members)), members.shape[1])[use]
    shape = (len(members) + len(values),) * 2
    edges = (rows, len(members) + column.reshape(-1)[use])
    _, label = connected_components(sparse.coo_matrix((np.ones(len(rows)), edges), shape), directed=False)
    return len(np.unique(label[: len(members)]))


def _mixed(keys: I64, salt: I64 | int) -> I64:
    """A fixed mixing of 64-bit keys (the finaliser of SplitMix64, Steele, Lea, Flood 2014), never ``_ABSENT``."""
    salts = np.atleast_1d(salt).astype(np.uint64) + np.uint64(1)  # an array: scalars warn where they wrap around
    value = keys.astype(np.uint64) + salts * np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    value ^= value >> np.uint64(31)
    return np.where(value == 0, np.uint64(1), value).view(np.int64)


def _smallest(values: I64, count: int) -> I64:
    return np.unique(values)[:count]


def _stacked(rows: Sequence[I64], width: int) -> I64:
    stacked = np.full((len(rows), width), _ABSENT, dtype=np.int64)
    for number, row in enumerate(rows):
        stacked[number, : len(row)] = row
    return stacked
