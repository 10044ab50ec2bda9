"""The shape of ``rehearsal.json``: every run as it was judged, and the figures over all seeds.

Keys may be added, none renamed. Shares lie in 0..1; intervals are exact two-sided 95 % (``rehearse.intervals``). The
same arguments give the same file: nothing in it depends on the clock or the machine.
"""

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from stillwatch.rehearse.intervals import Interval, proportion, rate
from stillwatch.rehearse.judging import MISSED, AlarmJudged, CampaignJudged, Judged, KindJudged

#: False groups are counted per so many account-weeks.
PER = 10_000.0


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario with one seed. ``account_weeks`` are those of innocent accounts."""

    scenario: str
    seed: int
    exchanges: int
    accounts: int
    account_weeks: float
    judged: Judged


class Harvest(msgspec.Struct, frozen=True, kw_only=True):
    """Own exchanges served before notice, over campaigns and seeds; undetected campaigns count with all of theirs."""

    median: float
    p90: float
    median_share: float
    p90_share: float


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign of a scenario over all seeds (or all of a scenario's campaigns, or all of a rehearsal's).

    ``found_*`` count campaigns (one a seed), ``recall_*`` are shares of accounts. ``precision_lowest`` is over the runs
    where it was reported.
    """

    scenario: str
    campaign: str
    planted: int
    found_act: int
    found_review: int
    found_interval: Interval | None
    accounts: int
    recall_act: float
    recall_review: float
    precision: float | None
    precision_lowest: float | None
    harvest: Harvest


class FalseAlarms(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of innocent accounts over all runs: listed at ``act``, and at ``review`` or ``act``."""

    kind: str
    accounts: int
    listed_act: int
    listed_review: int
    share_act: Interval | None
    share_review: Interval | None
    groups: int
    groups_act: int
    groups_review: int
    groups_share_review: Interval | None


class FalseGroups(msgspec.Struct, frozen=True, kw_only=True):
    """Reports of no injected campaign, over all runs, per 10,000 weeks of an innocent account."""

    level: str
    groups: int
    account_weeks: float
    per_10000: float | None
    interval: Interval | None


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """All of ``rehearsal.json``. ``log``: the user's log that campaigns were injected into, or ``None``."""

    seeds: tuple[int, ...]
    half: str
    material: str
    log: "LogSeen | None"
    recall: tuple[Recall, ...]
    over_all: Recall | None
    false_alarms: tuple[FalseAlarms, ...]
    false_groups: tuple[FalseGroups, ...]
    runs: tuple[Run, ...]


class LogSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The user's log. ``found_in_your_own_traffic``: reports in it of accounts that were not injected, by seed."""

    exchanges: int
    accounts: int
    first: str = msgspec.field(name="from")
    last: str = msgspec.field(name="to")


def summed(runs: Sequence[Run], *, half: str, material: str, log: LogSeen | None) -> Rehearsal:
    """The figures over all runs."""
    keyed: dict[tuple[str, str], list[CampaignJudged]] = {}
    for run in runs:
        for campaign in run.judged.campaigns:
            keyed.setdefault((run.scenario, campaign.name), []).append(campaign)
    every = [campaign for of_one in keyed.values() for campaign in of_one]
    return Rehearsal(
        seeds=tuple(sorted({run.seed for run in runs})),
        half=half,
        material=material,
        log=log,
        recall=tuple(_recall(scenario, name, of_one) for (scenario, name), of_one in keyed.items()),
        over_all=_recall("all", "all", every) if every else None,
        false_alarms=_false_alarms(kind for run in runs for kind in run.judged.kinds),
        false_groups=() if log else tuple(_false_groups(level, runs) for level in ("act", "review")),
        runs=tuple(runs),
    )


def _recall(scenario: str, name: str, judged: Sequence[CampaignJudged]) -> Recall:
    accounts = sum(one.accounts for one in judged)
    found = sum(one.level != MISSED for one in judged)
    precisions = [one.precision for one in judged if one.precision is not None]
    return Recall(
        scenario=scenario,
        campaign=name,
        planted=len(judged),
        found_act=sum(one.level == "act" for one in judged),
        found_review=found,
        found_interval=proportion(found, len(judged)),
        accounts=accounts,
        recall_act=sum(one.listed_act for one in judged) / max(1, accounts),
        recall_review=sum(one.listed_review for one in judged) / max(1, accounts),
        precision=float(np.mean(precisions)) if precisions else None,
        precision_lowest=min(precisions, default=None),
        harvest=_harvest(judged),
    )


def _harvest(judged: Sequence[CampaignJudged]) -> Harvest:
    taken = np.array([one.before_notice for one in judged], dtype=float)
    shares = taken / np.maximum(1, [one.exchanges for one in judged])
    return Harvest(
        median=float(np.median(taken)),
        p90=float(np.quantile(taken, 0.9)),
        median_share=float(np.median(shares)),
        p90_share=float(np.quantile(shares, 0.9)),
    )


def _false_alarms(judged: Iterable[KindJudged]) -> tuple[FalseAlarms, ...]:
    kinds: dict[str, list[KindJudged]] = {}
    for one in judged:
        kinds.setdefault(one.kind, []).append(one)
    return tuple(_false_alarm(kind, kinds[kind]) for kind in sorted(kinds))


def _false_alarm(kind: str, of_it: Sequence[KindJudged]) -> FalseAlarms:
    accounts, groups = sum(one.accounts for one in of_it), sum(one.groups for one in of_it)
    act, review = sum(one.listed_act for one in of_it), sum(one.listed_review for one in of_it)
    groups_review = sum(one.groups_review for one in of_it)
    return FalseAlarms(
        kind=kind,
        accounts=accounts,
        listed_act=act,
        listed_review=review,
        share_act=proportion(act, accounts),
        share_review=proportion(review, accounts),
        groups=groups,
        groups_act=sum(one.groups_act for one in of_it),
        groups_review=groups_review,
        groups_share_review=proportion(groups_review, groups),
    )


def _false_groups(level: str, runs: Sequence[Run]) -> FalseGroups:
    groups = sum(_at(run.judged.alarms, level) for run in runs)
    weeks = sum(run.account_weeks for run in runs)
    return FalseGroups(
        level=level,
        groups=groups,
        account_weeks=weeks,
        per_10000=groups / weeks * PER if weeks else None,
        interval=rate(groups, weeks, PER),
    )


def _at(alarms: Sequence[AlarmJudged], level: str) -> int:
    return sum(alarm.level == level for alarm in alarms)
