"""What one scan made of one log whose truth is known.

A reported campaign *is* an injected one where more than half of its accounts were injected and it holds at least a
tenth of that campaign's accounts; the level of the campaign is the highest such. *Recall* counts its accounts listed in
any report at that level or above. Harvested *before notice* are the campaign's own exchanges up to the moment at which
the earliest such report would first have reached ``review``, as the scan replayed it; all of them where none did.
"""

from collections.abc import Mapping, Sequence

import msgspec

from stillwatch.rehearse.truth import Planted, Truth
from stillwatch.vocabulary.campaigns import Campaign, Scan

#: Of an injected campaign's accounts, so many at least must stand in a report for the report to be of that campaign.
HELD = 0.1
MISSED = "missed"


class CampaignJudged(msgspec.Struct, frozen=True, kw_only=True):
    """One injected campaign. ``listed_*``: its accounts in any report at ``act``, and at ``review`` or ``act``.

    ``precision`` is the share of injected accounts in the reports of it; ``None`` where there is none. ``exchanges``
    are its own, cover left out; ``before_notice`` counts the same.
    """

    name: str
    level: str
    accounts: int
    listed_act: int
    listed_review: int
    precision: float | None
    exchanges: int
    before_notice: int
    noticed_at: str | None
    reported_as: tuple[str, ...]


class KindJudged(msgspec.Struct, frozen=True, kw_only=True):
    """Innocent accounts of one kind in a run, and how many stand in a report at ``act``, and at ``review`` or ``act``.

    ``groups_*`` counts the same by group of look-alikes: a class, a fleet; a lone account is its own group.
    """

    kind: str
    accounts: int
    listed_act: int
    listed_review: int
    groups: int
    groups_act: int
    groups_review: int


class AlarmJudged(msgspec.Struct, frozen=True, kw_only=True):
    """A report, ``review`` or above, that is of no injected campaign. ``kinds``: accounts by kind."""

    id: str
    level: str
    accounts: int
    kinds: dict[str, int]
    weight_bits: float


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One run. ``own`` are reports of accounts that were in the user's log before: unknown, not false."""

    campaigns: tuple[CampaignJudged, ...]
    kinds: tuple[KindJudged, ...]
    alarms: tuple[AlarmJudged, ...]
    own: tuple[AlarmJudged, ...]
    own_drawn_in: int  # accounts of the user's log inside reports of injected campaigns


def judge(truth: Truth, scan: Scan) -> Judged:
    """Hold a scan against the truth."""
    raised = [campaign for campaign in scan.campaigns if campaign.level != "watch"]
    members = {campaign.id: frozenset(item.account for item in campaign.accounts) for campaign in raised}
    injected = frozenset().union(*(planted.accounts for planted in truth.campaigns))
    right = [campaign for campaign in raised if 2 * len(members[campaign.id] & injected) > len(members[campaign.id])]
    other = [campaign for campaign in raised if campaign not in right]
    alarms = tuple(_alarm(campaign, members[campaign.id], truth.innocent) for campaign in other)
    unknown = frozenset().union(*(members[campaign.id] for campaign in right)) - injected - set(truth.innocent)
    return Judged(
        campaigns=tuple(_campaign(planted, raised, right, members, injected) for planted in truth.campaigns),
        kinds=_kinds(truth, raised, members),
        alarms=alarms if truth.composed else (),
        own=() if truth.composed else alarms,
        own_drawn_in=len(unknown),
    )


def _campaign(
    planted: Planted,
    raised: Sequence[Campaign],
    right: Sequence[Campaign],
    members: Mapping[str, frozenset[str]],
    injected: frozenset[str],
) -> CampaignJudged:
    of_it = [
        campaign for campaign in right if len(members[campaign.id] & planted.accounts) >= HELD * len(planted.accounts)
    ]
    level = "act" if any(campaign.level == "act" for campaign in of_it) else "review" if of_it else MISSED
    listed = frozenset().union(*(members[campaign.id] for campaign in of_it))
    noticed = min((campaign.noticed_at for campaign in of_it if campaign.noticed_at is not None), default=None)
    return CampaignJudged(
        name=planted.name,
        level=level,
        accounts=len(planted.accounts),
        listed_act=_listed(planted.accounts, raised, members, ("act",)),
        listed_review=_listed(planted.accounts, raised, members, ("act", "review")),
        precision=len(listed & injected) / len(listed) if listed else None,
        exchanges=len(planted.times),
        before_notice=len(planted.times) if noticed is None else planted.until(noticed),
        noticed_at=noticed,
        reported_as=tuple(campaign.id for campaign in of_it),
    )


def _listed(
    accounts: frozenset[str], raised: Sequence[Campaign], members: Mapping[str, frozenset[str]], levels: tuple[str, ...]
) -> int:
    return len(accounts & frozenset().union(*(members[item.id] for item in raised if item.level in levels)))


def _kinds(truth: Truth, raised: Sequence[Campaign], members: Mapping[str, frozenset[str]]) -> tuple[KindJudged, ...]:
    at = {
        levels: frozenset().union(*(members[campaign.id] for campaign in raised if campaign.level in levels))
        for levels in (("act",), ("act", "review"))
    }
    act, review = at[("act",)], at[("act", "review")]
    found = []
    for kind in sorted({kind for kind, _ in truth.innocent.values()}):
        mine = {name: group or name for name, (of, group) in truth.innocent.items() if of == kind}
        found.append(
            KindJudged(
                kind=kind,
                accounts=len(mine),
                listed_act=len(act & mine.keys()),
                listed_review=len(review & mine.keys()),
                groups=len(set(mine.values())),
                groups_act=len({mine[name] for name in act & mine.keys()}),
                groups_review=len({mine[name] for name in review & mine.keys()}),
            )
        )
    return tuple(found)


def _alarm(campaign: Campaign, members: frozenset[str], innocent: Mapping[str, tuple[str, str]]) -> AlarmJudged:
    kinds: dict[str, int] = {}
    for name in sorted(members):
        kind = innocent.get(name, ("not known", ""))[0]
        kinds[kind] = kinds.get(kind, 0) + 1
    return AlarmJudged(
        id=campaign.id,
        level=campaign.level,
        accounts=len(members),
        kinds=dict(sorted(kinds.items(), key=lambda item: -item[1])),
        weight_bits=campaign.weight_bits,
    )
