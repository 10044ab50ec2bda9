"""The blast radius of a table before it is adopted: whom it touches, how much of the traffic, how many by mistake.

Exchanges are those of the scan that found the campaigns: what would have been touched had the table been in force then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from stillwatch.decide.compile import Compiled, Ruling
from stillwatch.decide.false_alarms import Expected, Record, Touched, false_alarms
from stillwatch.decide.permits import Permit
from stillwatch.vocabulary.campaigns import Campaign, Level


@dataclass(frozen=True)
class Traffic:
    """What was scanned: exchanges by account (``None``: not known), and of everybody.

    ``spread``: only those of whole campaigns are known, and each member got an equal part (``spread_evenly``).
    """

    by_account: Mapping[str, int] | None
    exchanges: int
    accounts: int
    spread: bool = False


def spread_evenly(campaigns: Iterable[Campaign]) -> Mapping[str, int] | None:
    """Exchanges by account where only campaigns count theirs: equal parts that add up. ``None`` where none counts."""
    found: dict[str, int] = {}
    for campaign in campaigns:
        each, over = divmod(campaign.exchanges, max(len(campaign.accounts), 1))
        for number, one in enumerate(campaign.accounts):
            found[one.account] = found.get(one.account, 0) + each + (number < over)
    return found if any(found.values()) else None


class Touch(msgspec.Struct, frozen=True, kw_only=True):
    """What one author's orders of one course touch. ``exchanges`` ``None``: not known, for want of the accounts of
    the scan."""

    author: str
    course: str
    shadow: bool
    accounts: int
    organizations: int
    exchanges: int | None


class FalseAlarms(msgspec.Struct, frozen=True, kw_only=True):
    """Innocents touched, expected and in an interval of 95 %; ``share`` is of ordinary traffic (exchanges)."""

    accounts_of: int
    accounts: float
    accounts_low: float
    accounts_high: float
    no_account: float  # the chance that nobody is wronged
    exchanges: float | None = None
    exchanges_low: float | None = None
    exchanges_high: float | None = None
    share: float | None = None
    share_low: float | None = None
    share_high: float | None = None


class Blast(msgspec.Struct, frozen=True, kw_only=True):
    """The plan's answer. ``carried_out`` counts orders in force, ``in_shadow`` those that only tell; ``by_people`` are
    accounts touched on a person's word, for which nothing is estimated: that person answers for them."""

    accounts: int
    organizations: int
    exchanges: int | None
    share_of_all: float | None
    touches: tuple[Touch, ...]
    not_named: int  # accounts that no scan named, touched since their organisation is decided as one
    by_people: int
    permitted: int  # named by an order, and left alone under a permit
    newly: int  # touched by this table and not by the one in force
    released: int
    carried_out: FalseAlarms
    in_shadow: FalseAlarms
    scanned_exchanges: int
    scanned_accounts: int
    spread: bool = False  # exchanges are estimated: those of a campaign in equal parts
    unseen: int = 0  # touched, and not among `scanned_accounts`: at least so many where only campaigns are known
    records: dict[str, tuple[int, int]] = {}  # false reports and all reports of a level, on which the estimate rests
    assumed: tuple[Level, ...] = ()  # levels whose record is the shipped one, for want of one in the rules


def blast(
    compiled: Compiled,
    campaigns: Sequence[Campaign],
    traffic: Traffic,
    now_us: int,
    records: Mapping[str, Record],
    sigma: float,
    in_force: Iterable[str] = (),
    assumed: tuple[Level, ...] = (),
) -> Blast:
    """The blast radius of ``compiled``. ``in_force``: accounts that the present table touches. ``assumed``: levels of
    ``records`` that are the shipped ones."""
    rulings, permitted = _without_permitted(compiled, now_us)
    real = [ruling for ruling in rulings if not ruling.order.shadow and ruling.order.course != "allow"]
    shadow = [ruling for ruling in rulings if ruling.order.shadow and ruling.order.course != "allow"]
    touched = {one.account for ruling in real for one in ruling.reached}
    before = set(in_force)
    levels = {campaign.id: campaign.level for campaign in campaigns}
    ordinary = _ordinary(campaigns, traffic)
    exchanges = _exchanges(touched, traffic)
    return Blast(
        accounts=len(touched),
        organizations=len({one.case.organization for one in real if one.case.organization is not None}),
        exchanges=exchanges,
        share_of_all=exchanges / traffic.exchanges if exchanges is not None and traffic.exchanges else None,
        touches=_touches((*real, *shadow), traffic),
        not_named=len(
            {one.account for ruling in real for one in ruling.reached if one.membership == 0 and ruling.case.campaign}
        ),
        by_people=len({one.account for ruling in real for one in ruling.reached if _by_hand(ruling)}),
        permitted=permitted,
        newly=len(touched - before),
        released=len(before - touched),
        carried_out=_false(real, levels, traffic, ordinary, records, sigma),
        in_shadow=_false(shadow, levels, traffic, ordinary, records, sigma),
        scanned_exchanges=traffic.exchanges,
        scanned_accounts=traffic.accounts,
        spread=traffic.spread,
        unseen=_unseen(touched, traffic),
        records={level: (record.false, record.reports) for level, record in records.items()},
        assumed=assumed,
    )


def _unseen(touched: set[str], traffic: Traffic) -> int:
    """How many touched accounts the scan can't have seen: a person named them, or their organisation is theirs.

    Who is in no campaign may be one of the scanned accounts whose names are not known; only what is left over is not.
    """
    known = traffic.by_account or {}
    nameless = max(0, traffic.accounts - len(known))
    return max(0, sum(name not in known for name in touched) - nameless) if traffic.accounts else 0


def _by_hand(ruling: Ruling) -> bool:
    return ruling.order.author.startswith("person ")


def _without_permitted(compiled: Compiled, now_us: int) -> tuple[list[Ruling], int]:
    """Rulings without the accounts that a permit covers now for every model; how many those are."""
    unlimited = [
        one for one in compiled.permits
        if one.models is None and one.standing(None, 0, now_us, compiled.manners) != "none"
    ]  # fmt: skip
    kept: list[Ruling] = []
    spared: set[str] = set()
    for ruling in compiled.rulings:
        if not ruling.order.outranks_permit:
            covered = {
                one.account for one in ruling.reached if _holds(unlimited, one.account, ruling.case.organization)
            }
            spared |= covered
            reached = tuple(one for one in ruling.reached if one.account not in covered)
            ruling = Ruling(ruling.order, ruling.case, reached)
        kept.append(ruling)
    return kept, len(spared)


def _holds(permits: Sequence[Permit], account: str, organization: str | None) -> bool:
    return any(
        account in one.accounts if one.accounts is not None else one.organization == organization for one in permits
    )


def _touches(rulings: Sequence[Ruling], traffic: Traffic) -> tuple[Touch, ...]:
    grouped: dict[tuple[str, str, bool], list[Ruling]] = {}
    for ruling in rulings:
        grouped.setdefault((ruling.order.author, ruling.order.course, ruling.order.shadow), []).append(ruling)
    rows = []
    for (author, course, shadow), members in grouped.items():
        accounts = {one.account for ruling in members for one in ruling.reached}
        organizations = {ruling.case.organization for ruling in members if ruling.case.organization is not None}
        rows.append(
            Touch(
                author=author,
                course=course,
                shadow=shadow,
                accounts=len(accounts),
                organizations=len(organizations),
                exchanges=_exchanges(accounts, traffic),
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.shadow, -row.accounts, row.author)))


def _exchanges(accounts: Iterable[str], traffic: Traffic) -> int | None:
    if traffic.by_account is None:
        return None
    return sum(traffic.by_account.get(account, 0) for account in accounts)


def _ordinary(campaigns: Sequence[Campaign], traffic: Traffic) -> float | None:
    """Expected exchanges of accounts that belong to no campaign at ``review`` or ``act``."""
    if traffic.by_account is None:
        return None
    belongs: dict[str, float] = {}
    for campaign in campaigns:
        if campaign.level != "watch":
            for one in campaign.accounts:
                belongs[one.account] = max(belongs.get(one.account, 0.0), one.membership)
    return traffic.exchanges - sum(share * traffic.by_account.get(name, 0) for name, share in belongs.items())


def _false(
    rulings: Sequence[Ruling],
    levels: Mapping[str, Level],
    traffic: Traffic,
    ordinary: float | None,
    records: Mapping[str, Record],
    sigma: float,
) -> FalseAlarms:
    touched = _coins([ruling for ruling in rulings if not _by_hand(ruling)], levels, traffic)
    accounts = false_alarms(touched, records, sigma)
    found = FalseAlarms(
        accounts_of=round(sum(float(one.accounts.sum()) for one in touched)),
        accounts=accounts.mean,
        accounts_low=accounts.low,
        accounts_high=accounts.high,
        no_account=accounts.none,
    )
    if ordinary is None:
        return found
    exchanges = false_alarms(touched, records, sigma, "exchanges")
    return msgspec.structs.replace(
        found,
        exchanges=exchanges.mean,
        exchanges_low=exchanges.low,
        exchanges_high=exchanges.high,
        **_shares(exchanges, ordinary),
    )


def _shares(exchanges: Expected, ordinary: float) -> dict[str, float]:
    if ordinary <= 0:
        return {}
    ends = {"share": exchanges.mean, "share_low": exchanges.low, "share_high": exchanges.high}
    return {name: min(1.0, value / ordinary) for name, value in ends.items()}


def _coins(rulings: Sequence[Ruling], levels: Mapping[str, Level], traffic: Traffic) -> list[Touched]:
    """By campaign: a coin for each named account, and one for all others of an organisation that is decided whole."""
    by_campaign: dict[str, list[tuple[float, float, float]]] = {}
    for ruling in rulings:
        coins = by_campaign.setdefault(ruling.case.campaign or "", [])
        named = [one for one in ruling.reached if one.membership > 0]
        others = [one for one in ruling.reached if one.membership == 0]
        coins += [(one.membership, 1.0, float(_exchanges([one.account], traffic) or 0)) for one in named]
        if others:
            many = float(_exchanges([one.account for one in others], traffic) or 0)
            coins.append((ruling.case.membership or 0.0, float(len(others)), many))
    found = []
    for campaign, coins in by_campaign.items():
        if coins:
            belongs, accounts, exchanges = np.array(coins, dtype=np.float64).T
            found.append(Touched(levels.get(campaign, "act"), belongs, accounts, exchanges))
    return found
