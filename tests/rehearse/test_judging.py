"""What a scan is held against, in numbers that can be done by hand."""

import msgspec
import numpy as np
import pytest
from scipy.stats import binom, poisson

from stillwatch.rehearse.intervals import proportion, rate
from stillwatch.rehearse.judging import judge
from stillwatch.rehearse.rehearsal import Run, summed
from stillwatch.rehearse.truth import Planted, Truth
from stillwatch.vocabulary.campaigns import Campaign, Membership, Scan, Scanned

NIL = Scanned(exchanges=0, accounts=0, quarantined=0, first=None, last=None, seconds=0.0)
PLANTED = frozenset(f"planted-{number}" for number in range(20))
SECOND_US = 1_000_000


def report(name: str, level: str, accounts: set[str], noticed_at: str | None = None) -> Campaign:
    blank = dict.fromkeys(("techniques", "exposure", "evidence", "could_be_wrong"), ())
    return Campaign(
        id=name, name=name, rank=1, weight_bits=9.0, p_value=None, level=level, exchanges=0, capabilities={},  # type: ignore[arg-type]
        accounts=tuple(Membership(account=account, membership=1.0) for account in sorted(accounts)),
        first_exchange_at="", last_exchange_at="", noticed_at=noticed_at, noticed_after_exchanges=None, **blank,  # type: ignore[arg-type]
    )  # fmt: skip


def truth(*, composed: bool = True) -> Truth:
    times = np.arange(100, dtype=np.int64) * SECOND_US
    innocent = {f"pupil-{number}": ("classroom", "classroom-1") for number in range(10)}
    innocent |= {"person": ("chat", "")}
    planted = Planted(name="operator-1", accounts=PLANTED, times=times)
    return Truth(campaigns=(planted,), innocent=innocent if composed else {}, composed=composed)


def scan(*campaigns: Campaign) -> Scan:
    return Scan(scanned=NIL, campaigns=campaigns)


def test_a_campaign_that_is_reported_counts_with_its_level_recall_and_harvest() -> None:
    whole = report("c", "act", set(sorted(PLANTED)[:15]) | {"person"}, "1970-01-01T00:00:09.000Z")
    (campaign,) = judge(truth(), scan(whole)).campaigns
    assert (campaign.level, campaign.listed_act, campaign.listed_review) == ("act", 15, 15)
    assert campaign.precision == pytest.approx(15 / 16)
    assert campaign.before_notice == 10  # the exchanges of seconds 0 to 9


def test_an_undetected_campaign_is_harvested_whole() -> None:
    (campaign,) = judge(truth(), scan(report("c", "watch", set(PLANTED)))).campaigns
    assert (campaign.level, campaign.before_notice, campaign.exchanges) == ("missed", 100, 100)


def test_a_report_that_never_reached_review_in_time_is_no_notice() -> None:
    (campaign,) = judge(truth(), scan(report("c", "review", set(PLANTED), None))).campaigns
    assert (campaign.level, campaign.before_notice) == ("review", 100)


def test_one_stray_account_in_a_false_report_does_not_make_it_a_find() -> None:
    judged = judge(truth(), scan(report("c", "review", {"planted-0", *(f"pupil-{k}" for k in range(10))})))
    assert judged.campaigns[0].level == "missed"
    assert [alarm.kinds for alarm in judged.alarms] == [{"classroom": 10, "not known": 1}]
    classroom = next(kind for kind in judged.kinds if kind.kind == "classroom")
    assert (classroom.listed_act, classroom.listed_review, classroom.groups_review) == (0, 10, 1)


def test_reports_of_a_users_own_accounts_are_no_false_alarms() -> None:
    judged = judge(truth(composed=False), scan(report("c", "act", {"a", "b", "c"})))
    assert judged.alarms == ()
    assert [own.accounts for own in judged.own] == [3]


def test_a_users_accounts_inside_a_report_of_a_planted_campaign_are_counted() -> None:
    judged = judge(truth(composed=False), scan(report("c", "act", {*PLANTED, "a", "b"})))
    assert judged.own == ()
    assert judged.own_drawn_in == 2


def test_the_sum_takes_every_seed_and_counts_what_was_missed() -> None:
    found = judge(truth(), scan(report("c", "review", set(PLANTED), "1970-01-01T00:00:00.000Z")))
    missed = judge(truth(), scan())
    runs = [
        Run(scenario="s", seed=seed, exchanges=1, accounts=1, account_weeks=11.0, judged=judged)
        for seed, judged in ((1, found), (2, missed))
    ]
    rehearsal = summed(runs, half="all", material="built-in", log=None)
    (recall,) = rehearsal.recall
    assert (recall.planted, recall.found_act, recall.found_review) == (2, 0, 1)
    assert (recall.recall_act, recall.recall_review) == (0.0, 0.5)
    assert recall.harvest.median == pytest.approx(50.5)  # 1 and 100
    assert recall.harvest.p90_share == pytest.approx(0.901)
    assert [groups.groups for groups in rehearsal.false_groups] == [0, 0]
    assert msgspec.json.decode(msgspec.json.encode(rehearsal))["seeds"] == [1, 2]


@pytest.mark.parametrize(("hits", "of"), [(0, 30), (3, 40), (40, 40)])
def test_both_ends_of_a_share_leave_two_and_a_half_per_cent_outside(hits: int, of: int) -> None:
    interval = proportion(hits, of)
    assert interval is not None
    assert hits == 0 or binom.sf(hits - 1, of, interval.low) == pytest.approx(0.025)
    assert hits == of or binom.cdf(hits, of, interval.high) == pytest.approx(0.025)


def test_a_rate_after_no_event_is_bounded_above() -> None:
    interval = rate(0, 30_000, 10_000)
    assert interval is not None
    assert interval.low == 0
    assert poisson.cdf(0, interval.high * 3) == pytest.approx(0.025)


def test_nothing_tried_has_no_interval() -> None:
    assert proportion(0, 0) is None
    assert rate(0, 0.0, 1.0) is None
