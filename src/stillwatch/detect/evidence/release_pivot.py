"""A new model appears, and within a day the whole group asks it and no longer the old one (SW-T30).

Sees: members with core requests before a model's first appearance in the log, most of whose core requests go to it in
the day after, against how many other accounts try it at all in that day. Wrongs: an application whose maker changes the
model for all its customers at once; launch-day evaluators who ran the same tests on the old model. They share their
payload, which payload partition shows; still this weighs little. Evaded by waiting a week.
"""

from typing import NamedTuple

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent, scaled
from stillwatch.detect.evidence.shared_infrastructure import one_place
from stillwatch.detect.group import Group
from stillwatch.detect.population import I64, UNKNOWN, Bool

DAY_US = 86_400_000_000
#: Members that could move, and core requests before and after that a member needs to be one of them.
FEWEST, REQUESTS = 5, 2
MOST = 1.5
#: Other accounts of which a share tries a new model by accident of a small log.
BY_CHANCE = 0.05


class _Pivot(NamedTuple):
    """Which members could move to a model, which did, when it first appeared, and how many accounts tried it that day,
    members with core requests to it left out."""

    could: Bool
    moved: Bool
    release_us: int
    others: int


def assess(group: Group) -> Fact | None:
    """Null: a member moves to a new model as readily as any other account tries it. Unit: the member.

    The comparison is kind: others need only try it. A model that is there on the log's first day is not new.
    """
    pivots = _pivots(group)
    if not pivots or one_place(group):  # an agency changes the model for all its customers
        return None
    pivot = max(pivots, key=lambda one: int(one.moved.sum()))
    could, moved = int(pivot.could.sum()), int(pivot.moved.sum())
    if could < FEWEST:
        return None
    alive = (group.outsiders("first_us") < pivot.release_us + DAY_US) & (group.outsiders("last_us") >= pivot.release_us)
    share, usual = moved / could, min(1.0, pivot.others / max(1, int(alive.sum())))
    bits = float(np.clip(0.6 * np.log2((share + BY_CHANCE) / (usual + BY_CHANCE)), 0.0, MOST))
    bits *= float(np.interp(share, (0.3, 0.7), (0.0, 1.0))) * scaled(could)
    return Fact(
        observed=f"{moved} of {could} members moved most of their requests to a new model within a day",
        ordinary=f"{percent(usual)} of other accounts tried it in that day",
        weight_bits=bits,
        text=f"Of {could} members that asked before and after a new model appeared, {moved} sent most of their "
        f"requests to it within a day; {percent(usual)} of other accounts tried it at all.",
    )


def _pivots(group: Group) -> list[_Pivot]:
    """One for each model that appeared a day or more after the log began and that the core asks for."""
    if "model_first_us" not in group.core:  # the replay has no eye for all models of the log
        return []
    model, first, ts = group.core["model"], group.core["model_first_us"], group.core["ts_us"]
    began = int(group.population["first_us"].min())
    new = (model != UNKNOWN) & (first >= began + DAY_US)
    member = np.searchsorted(group.members, group.core["account"])
    found = []
    for one in np.unique(model[new]):
        mine = model == one
        release = int(first[mine][0])
        day = (ts >= release) & (ts < release + DAY_US)
        before, after, on_it = (_count(group, member[rows]) for rows in (ts < release, day, day & mine))
        could = (before >= REQUESTS) & (after >= REQUESTS)
        others = int(group.core["model_adopters"][mine][0]) - int((on_it > 0).sum())
        found.append(_Pivot(could, could & (2 * on_it > after), release, max(0, others)))
    return found


def _count(group: Group, member: I64) -> I64:
    return np.bincount(member, minlength=len(group.members)).astype(np.int64)


RELEASE_PIVOT = EvidenceLine("release-pivot", "coordination", assess)
