"""One composed week with planted campaigns, scanned and judged as ``stillwatch rehearse`` does it.

Small campaigns share a population: each has its own technique, payload and secret wording, so that one should not help
to find another. Where a report holds accounts of two of them, each is run again alone among the same strangers: the
same campaign to the letter, since the others stay in their places without an account.
"""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from stillwatch.adapters.material import shipped
from stillwatch.apps.rehearsal.rehearse import Plan, rehearse
from stillwatch.rehearse.judging import MISSED, CampaignJudged
from stillwatch.rehearse.material import Material
from stillwatch.rehearse.scenario import Campaign, scaled

#: Ordinary accounts for each account of the largest campaign, at least: a campaign should not be everybody.
RATIO = 0.25


class Ground(NamedTuple):
    """What all weeks of a run have in common. ``ordinary`` accounts at least; look-alikes come on top."""

    material: Material
    ordinary: int
    work: Path


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign as it was judged. ``company``: campaigns in its population; ``joined``: run again alone."""

    judged: CampaignJudged
    company: int
    joined: bool = False
    false_reports: int = 0  # of the week: reports at review or act of nothing planted
    wronged: dict[str, int] = {}  # of the week: accounts in those reports, by kind
    innocent: int = 0  # of the week: innocent accounts
    seconds: float = 0.0  # of the week, over its campaigns

    @property
    def found(self) -> bool:
        """A report at review or act is of this campaign."""
        return self.judged.level != MISSED

    @property
    def noticed(self) -> bool:
        """Found, or half of its accounts stand in reports of others or of too few: it would not go on undisturbed."""
        return self.found or 2 * self.judged.listed_review >= self.judged.accounts

    @property
    def share(self) -> float:
        """Of the campaign's own exchanges, what had been served before notice; all of it where there was none."""
        return self.judged.before_notice / max(1, self.judged.exchanges)


def watched(ground: Ground, name: str, seed: int, plans: Sequence[Campaign]) -> list[Seen]:
    """Each plan as it was judged, in order; those that a report joined are judged alone."""
    found = _week(ground, name, seed, plans)
    reports = Counter(report for seen in found for report in set(seen.judged.reported_as))
    joined = [any(reports[report] > 1 for report in seen.judged.reported_as) for seen in found]
    return [
        alone(ground, name, seed, plans, place) if again else seen
        for place, (seen, again) in enumerate(zip(found, joined, strict=True))
    ]


def alone(ground: Ground, name: str, seed: int, plans: Sequence[Campaign], place: int) -> Seen:
    """One of the plans among the same strangers, without the other campaigns."""
    kept = [plan if at == place else msgspec.structs.replace(plan, accounts=0) for at, plan in enumerate(plans)]
    (seen,) = _week(ground, name, seed, kept, largest=max(plan.accounts for plan in plans))
    return msgspec.structs.replace(seen, joined=True)


def _week(ground: Ground, name: str, seed: int, plans: Sequence[Campaign], largest: int | None = None) -> list[Seen]:
    began = time.perf_counter()
    biggest = largest or max(plan.accounts for plan in plans)
    scenario = scaled(shipped.scenario("ordinary"), max(ground.ordinary, round(biggest * RATIO)))
    scenario = msgspec.structs.replace(scenario, name=name, campaign=tuple(plans))
    # The present of a composed week is its end, whenever it is run.
    asked = Plan([scenario], [seed], ground.material, now=scenario.start)
    (run,) = rehearse(asked, ground.work, lambda text: None, time.monotonic).runs
    by_name = {judged.name: judged for judged in run.judged.campaigns}
    planted = [plan for plan in plans if plan.accounts]
    wronged: Counter[str] = Counter()
    for alarm in run.judged.alarms:
        wronged.update(alarm.kinds)
    return [
        Seen(
            judged=by_name[plan.name],
            company=len(planted),
            false_reports=len(run.judged.alarms),
            wronged=dict(wronged),
            innocent=sum(kind.accounts for kind in run.judged.kinds),
            seconds=round((time.perf_counter() - began) / len(planted), 2),
        )
        for plan in planted
    ]
