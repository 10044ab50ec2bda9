"""Searching shows in what is found, and honest members are all but never asked why."""

import numpy as np

from stillwatch.match.alarm import CLUSTER, LEVEL, Asked, low_hit_rates
from stillwatch.match.budget import ALLOWANCES

BUDGET = 10_000


def test_a_member_that_counts_through_addresses_is_named_and_the_others_are_not():
    epoch = {f"member-{number}": Asked(units, BUDGET, units // 20) for number, units in enumerate((9_000, 800, 6_000))}
    (alarm,) = low_hit_rates(epoch | {"counting": Asked(BUDGET, BUDGET, 1)})
    assert alarm.member == "counting"
    assert alarm.ordinary == 0.05


def test_an_epoch_of_honest_members_rings_in_no_more_than_its_level_of_cases():
    """Rates differ between members by a factor of four, and identifiers are found in clusters, as the page says."""
    dice = np.random.default_rng(11)
    rung = 0
    for _ in range(2_000):
        epoch = {}
        for member in range(8):
            units = int(dice.integers(5_000, BUDGET))
            rate = 0.05 * dice.choice((0.5, 1.0, 2.0))
            epoch[str(member)] = Asked(units, BUDGET, CLUSTER * int(dice.binomial(units // CLUSTER, rate)))
        rung += bool(low_hit_rates(epoch))
    assert rung <= 2_000 * LEVEL


def test_a_member_at_the_floor_itself_rings_no_more_than_its_level():
    dice = np.random.default_rng(12)
    others = {str(number): Asked(8_000, BUDGET, 800) for number in range(7)}
    at_floor = (Asked(8_000, BUDGET, CLUSTER * int(dice.binomial(800, 0.025))) for _ in range(4_000))
    rung = sum(any(alarm.member == "it" for alarm in low_hit_rates(others | {"it": one})) for one in at_floor)
    assert rung <= 4_000 * LEVEL


def test_nobody_is_judged_on_little_or_where_there_is_nothing_ordinary():
    others = {str(number): Asked(8_000, BUDGET, 800) for number in range(3)}
    assert not low_hit_rates(others | {"small": Asked(4_999, BUDGET, 0)})
    assert not low_hit_rates({"one": Asked(9_000, BUDGET, 0), "two": Asked(9_000, BUDGET, 900)})
    assert not low_hit_rates({str(number): Asked(BUDGET, BUDGET, 0) for number in range(5)})


def test_the_page_says_how_many_misses_it_takes_and_that_autonomous_systems_are_too_few():
    def rings(asked, found_by_others):
        others = {str(number): Asked(1_000, 1_500, found_by_others) for number in range(3)}
        return any(alarm.member == "it" for alarm in low_hit_rates(others | {"it": Asked(asked, asked, 0)}))

    assert [rings(asked, 500) for asked in (440, 450)] == [False, True]
    assert [rings(asked, 50) for asked in (4_700, 4_800)] == [False, True]
    assert not rings(ALLOWANCES["asn"], 1_000)
