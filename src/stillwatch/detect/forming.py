"""From candidates to groups: which exchanges are a candidate's core, who its members are, and who shows it in passing.

Core exchanges are fetched by stretches of candidates, so that memory is bounded however many there are.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from stillwatch.detect.candidates import templates
from stillwatch.detect.candidates.templates import Candidate
from stillwatch.detect.group import Columns, Group
from stillwatch.detect.permits import Permits
from stillwatch.detect.population import I64, Accounts, Bool, Ties
from stillwatch.detect.tables import columns_of
from stillwatch.profile import standing
from stillwatch.profile.engine import Engine
from stillwatch.vocabulary.sketches import SCORE_COLUMNS, SHOWN

#: Core exchanges of one candidate that are looked at one by one; larger ones are sampled by whole prompt.
MOST_CORE = 8_000
#: Core exchanges that are held in memory at once, over all candidates of a stretch.
MOST_ROWS = 400_000
#: Accounts that show a template but once become members where there are ``SHOWN_BY``, and so many times the members.
PASSING_SHARE = 1.5
_NONE = np.zeros(0, dtype=np.int64)


def groups(
    engine: Engine,
    found: Sequence[Candidate],
    population: Accounts,
    ties: Ties,
    permits: Permits,
    work: Path,
    after: int = 0,
) -> Iterator[tuple[int, Group, tuple[str, ...]]]:
    """Every candidate that makes a group: its number, the group, and notes on permits. ``work`` may be filled.

    ``after``: so many of the candidates were formed by an earlier call, and are not again. All stand in table ``cores``
    when it is over.
    """
    new = found[after:]
    sizes = _linked(engine, new, after, work)
    one_in = np.maximum(1, -(-sizes // MOST_CORE))
    numbers = np.arange(after, len(found) + 1)
    engine.hold("sampling", pa.table({"candidate": pa.array(numbers[:-1]), "one_in": pa.array(one_in)}))
    counted = columns_of(engine.table(standing.core_counts()))
    counted_at = np.searchsorted(counted["candidate"], numbers)
    for first, last in _chunks(np.minimum(sizes, MOST_CORE)):
        core = columns_of(engine.table(standing.core_exchanges(after + first, after + last)))
        core_at = np.searchsorted(core["candidate"], np.arange(after + first, after + last + 2))
        for place in range(first, last + 1):
            mine = slice(counted_at[place], counted_at[place + 1])
            rows = slice(core_at[place - first], core_at[place - first + 1])
            counts = {name: column[mine] for name, column in counted.items()}
            exchanges = {name: column[rows] for name, column in core.items()}
            group, notes = formed(new[place], counts, exchanges, population, ties, permits, int(one_in[place]))
            if group is not None:
                yield after + place, group, notes
    if after:
        engine.hold("cores", _cores(found, 0))


def _cores(found: Sequence[Candidate], after: int) -> pa.Table:
    """The fingerprints of each candidate; the first has the number ``after``."""
    entities = np.repeat(np.arange(after, after + len(found)), [len(candidate.entities) for candidate in found])
    return pa.table(
        {
            "candidate": pa.array(entities, pa.int64()),
            "kind": pa.array(np.concatenate([candidate.kinds for candidate in found]), pa.int8()),
            "entity": pa.array(np.concatenate([candidate.entities for candidate in found]), pa.int64()),
        }
    )


def _linked(engine: Engine, found: Sequence[Candidate], after: int, work: Path) -> I64:
    """Attach ``core_links``: the core exchanges of every candidate. Returns how many each has."""
    numbers = np.arange(len(found))
    crowd = np.array([not len(candidate.entities) for candidate in found])
    accounts = np.repeat(numbers[crowd], [len(found[i].accounts) for i in numbers[crowd]])
    codes = {"": -1, **{name: code for code, name in enumerate(SCORE_COLUMNS)}}
    engine.hold("cores", _cores(found, after))
    engine.hold(
        "crowds",
        pa.table(
            {
                "candidate": pa.array(after + accounts, pa.int64()),
                "account": pa.array(np.concatenate([_NONE, *(found[i].accounts for i in numbers[crowd])]), pa.int64()),
                "technique": pa.array([codes[found[i].technique] for i in accounts.tolist()], pa.int64()),
            }
        ),
    )
    files = [work / f"core_links_{after}.parquet", work / f"crowd_links_{after}.parquet"]
    engine.store(standing.core_links(), files[0])
    engine.store(standing.crowd_links(shown=SHOWN), files[1])
    engine.attach("core_links", files)
    sizes = np.zeros(len(found), dtype=np.int64)
    table = engine.table(standing.core_sizes())
    sizes[table["candidate"].to_numpy() - after] = table["exchanges"].to_numpy()
    return sizes


def _chunks(sizes: I64) -> Iterator[tuple[int, int]]:
    """First and last candidate of each stretch that holds at most ``MOST_ROWS`` core exchanges (or one candidate)."""
    first, held = 0, 0
    for number, size in enumerate(sizes.tolist()):
        if held and held + size > MOST_ROWS:
            yield first, number - 1
            first, held = number, 0
        held += size
    yield first, len(sizes) - 1


def formed(
    candidate: Candidate,
    counts: Columns,
    core: Columns,
    population: Accounts,
    ties: Ties,
    permits: Permits,
    one_in: int,
) -> tuple[Group | None, tuple[str, ...]]:
    """The group of a candidate: permitted accounts left out, the fringe apart; ``None`` where too few remain.

    ``counts`` has (account, exchanges, first_us) of all who show the core; ``core`` the exchanges themselves.
    """
    allowed, notes = permits.cover(counts["account"], core, one_in)
    use = np.isin(counts["account"], candidate.showing) & ~np.isin(counts["account"], allowed)
    account, number, first = (counts[name][use] for name in ("account", "exchanges", "first_us"))
    totals = population["exchanges"][population.rows(account)]
    member = (number > 1) | ((2 * number >= totals) & (totals <= 3))
    if not len(candidate.entities):
        member = np.isin(account, candidate.accounts)
    passing = bool(len(candidate.entities)) and _in_passing(member)
    if passing:
        member[:] = True
    members = account[member]
    if len(members) < templates.FEWEST_ACCOUNTS:
        return None, notes
    kept = np.isin(core["account"], members)
    group = Group(
        origin="templates" if len(candidate.entities) else "surge" if candidate.technique else "ties",
        population=population,
        ties=ties.of(np.sort(account)),
        members=members,
        counts=number[member],
        onsets=first[member],
        core={name: column[kept] for name, column in core.items()},
        entities=candidate.entities,
        kinds=candidate.kinds,
        fringe=account[~member],
        fringe_counts=number[~member],
        one_in=one_in,
        passing=passing,
        technique=candidate.technique,
        expected=candidate.expected,
        sighted=candidate.sighted,
        pieces=candidate.pieces,
    )
    return group, notes


def _in_passing(member: Bool) -> bool:
    """Whether most who show the template show it but once: a campaign under much cover looks so, and so does a fad."""
    others = int((~member).sum())
    return others >= templates.SHOWN_BY and others >= PASSING_SHARE * int(member.sum())
