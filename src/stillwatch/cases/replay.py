"""When would this campaign first have reached ``review``? Replayed in order of time.

At each checkpoint only what had happened by then exists: links, accounts, their totals, the ordinary traffic.
Candidates are formed anew from it by the same code. What the replay takes from later: which campaign to ask about, and
the other accounts up to the end of the checkpoint's hour, the grain of the aggregates. It uses neither the second look
at payload nor the p-values of the full judgement, so it can notice a little earlier than that would.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stillwatch.detect.candidates import recombined, surge, templates
from stillwatch.detect.candidates import ties as tied
from stillwatch.detect.detection import assessed, surging
from stillwatch.detect.forming import formed
from stillwatch.detect.group import Columns, Group
from stillwatch.detect.permits import Permits
from stillwatch.detect.population import I64, Accounts, Ties
from stillwatch.vocabulary.sketches import SHOWN

#: Checkpoints: so many of the campaign's own exchanges, then by half as many again.
FIRST_CHECKPOINT = 12
GROWTH = 1.5
#: Share of a group's members whose exchanges the story must hold.
KNOWN = 0.8


@dataclass(frozen=True)
class Notice:
    """``after`` exchanges of its own the campaign was noticed, at ``ts_us``; both ``None`` where it never was.

    ``points`` are (exchanges served, weight in bits) of every checkpoint up to then.
    """

    ts_us: int | None
    after: int | None
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Story:
    """One case to replay: its links and exchanges in order of time, the ties of its accounts, and how it was found."""

    links: Columns
    core: Columns
    ties: Ties
    by_template: bool
    by_ties: bool
    recombined: bool  # of pieces that interlock
    techniques: frozenset[str]  # of the surges that found it
    reference: surge.Reference


def replayed(story: Story, population_at: Callable[[int], Accounts], permits: Permits) -> Notice:
    """Replay one case. ``population_at(ts_us)`` gives the accounts as they stood then, totals included."""
    times = story.core["ts_us"]
    points: list[tuple[int, float]] = []
    for served in _checkpoints(len(times)):
        cut = int(times[served - 1])
        bits, level = _as_of(story, cut, population_at(cut), permits)
        points.append((served, bits))
        if level in ("review", "act"):
            return Notice(cut, served, tuple(points))
    return Notice(None, None, tuple(points))


def _checkpoints(total: int) -> Sequence[int]:
    marks = []
    mark = float(FIRST_CHECKPOINT)
    while mark < total:
        marks.append(int(mark))
        mark *= GROWTH
    return [*marks, total] if total else []


def _as_of(story: Story, cut: int, population: Accounts, permits: Permits) -> tuple[float, str | None]:
    links = {name: column[story.links["ts_us"] <= cut] for name, column in story.links.items()}
    core = {name: column[story.core["ts_us"] <= cut] for name, column in story.core.items()}
    ties = story.ties.until(cut)
    best: tuple[float, str | None] = (0.0, None)
    pieces: list[recombined.Piece] = []
    found = _candidates(story, links, ties, population)
    while found:
        for candidate in found:
            group = _group(candidate, links, core, population, ties, permits)
            if group is None or not _known(group):
                continue
            evidence, weight = assessed(group)
            if weight.level is not None and weight.bits > best[0]:
                best = (weight.bits, weight.level)
            piece = recombined.piece(candidate, group.members, evidence, weight) if story.recombined else None
            if piece is not None:
                pieces.append(piece)
        found, pieces = recombined.candidates(pieces), []
    return best


def _group(
    candidate: templates.Candidate, links: Columns, core: Columns, population: Accounts, ties: Ties, permits: Permits
) -> Group | None:
    if len(candidate.entities):
        own = np.isin(links["entity"], candidate.entities)
        mine = np.isin(core["exchange"], links["exchange"][own])
        counts = _counts({name: column[own] for name, column in links.items()})
    else:
        mine = np.isin(core["account"], candidate.accounts)
        if candidate.technique:
            mine &= core[candidate.technique] >= SHOWN
        counts = _counts({name: column[mine] for name, column in core.items()})
    exchanges = {name: column[mine] for name, column in core.items()}
    matched = np.zeros(len(exchanges["exchange"]), dtype=np.int64)
    group, _ = formed(candidate, counts, {**exchanges, "matched": matched}, population, ties, permits, 1)
    return group


def _known(group: Group) -> bool:
    """Whether the story holds the exchanges of most members. Of strangers who show a template once it has none, and a
    group that consists of them can't be judged here."""
    return len(np.unique(group.core["account"])) >= KNOWN * len(group.members)


def _candidates(story: Story, links: Columns, ties: Ties, population: Accounts) -> list[templates.Candidate]:
    found = templates.candidates(_pairs(links)) if story.by_template else []
    if story.by_ties:
        seen = np.isin(ties.account, population.key)
        groups = tied.candidates(ties.only(seen), population)
        found += [templates.crowd(members) for members in groups]
    own = np.unique(story.core["account"])
    for crowd in surging(population, story.reference) if story.techniques else []:
        if crowd.technique in story.techniques:
            mine = np.intersect1d(crowd.accounts, own)
            found.append(replace(crowd, accounts=mine, showing=mine))
    return found


def _pairs(links: Columns) -> templates.Pairs:
    keys = np.stack([links["kind"].astype(np.int64), links["entity"], links["account"]], axis=1)
    distinct, counts = np.unique(keys, axis=0, return_counts=True)
    return templates.Pairs(distinct[:, 0].astype(np.int8), distinct[:, 1], distinct[:, 2], counts.astype(np.int64))


def _counts(rows: Columns) -> dict[str, I64]:
    """Exchanges and first time of each account; an exchange may stand in several rows."""
    _, once = np.unique(rows["exchange"], return_index=True)
    account, ts = rows["account"][once], rows["ts_us"][once]
    order = np.argsort(ts, kind="stable")
    accounts, first, counts = np.unique(account[order], return_index=True, return_counts=True)
    return {"account": accounts, "exchanges": counts.astype(np.int64), "first_us": ts[order][first]}
