"""Which accounts belong: strangers are not dragged in, and the odd one out is seen."""

import numpy as np

from groups import DAY_US, Shared, missing, ties
from stillwatch.detect.membership import (
    LISTED,
    WORDS_MOST,
    in_burst,
    memberships,
    odd_ones_out,
    probability,
    tied_to,
)

WEIGHT = 20.0
MEMBERS = np.arange(10, dtype=np.int64) * 10
OTHERS = np.arange(100, 160, dtype=np.int64) * 10


def _chance(count: int, total: int, *, tied: bool = False, weight: float = WEIGHT) -> float:
    bits = memberships(np.array([count]), np.array([total]), np.array([tied]), weight)
    return float(probability(bits)[0])


def test_an_account_that_lives_by_the_template_is_listed() -> None:
    assert _chance(40, 42) > 0.9


def test_a_stranger_who_pasted_the_template_once_is_not_listed() -> None:
    assert _chance(1, 80) < LISTED


def test_a_stranger_who_pasted_the_template_once_is_rather_listed_if_tied_to_members() -> None:
    assert _chance(1, 80) < _chance(1, 80, tied=True)


def test_an_account_whose_only_request_is_the_template_is_listed() -> None:
    assert _chance(1, 1) >= LISTED


def test_the_more_an_account_repeats_the_surer_it_belongs() -> None:
    chances = [_chance(count, 80) for count in (1, 2, 4, 8, 40)]
    assert chances == sorted(chances)
    assert chances[0] < chances[-1]


def test_the_less_else_an_account_does_the_surer_it_belongs() -> None:
    chances = [_chance(4, total, weight=6.0) for total in (800, 80, 20, 8, 4)]
    assert chances == sorted(chances)
    assert chances[0] < chances[-1]


def test_words_alone_never_make_an_account_nearly_sure() -> None:
    assert _chance(10_000, 10_000, weight=1_000) == float(probability(np.array([WORDS_MOST]))[0]) < 0.97


def test_the_one_account_without_the_card_of_all_others_is_the_odd_one_out() -> None:
    has = np.arange(20) > 0
    bits = odd_ones_out(has, np.ones(20, dtype=bool))
    assert bits[0] < -3.0
    assert np.all(bits[1:] > 1.5)


def test_a_trait_that_half_of_them_lack_speaks_against_nobody() -> None:
    bits = odd_ones_out(np.arange(20) < 10, np.ones(20, dtype=bool))
    assert np.all(bits >= 0)


def test_an_account_of_which_the_trait_is_not_known_is_neither_helped_nor_harmed() -> None:
    known = np.arange(20) > 0
    assert odd_ones_out(known, known)[0] == 0.0


def test_of_fewer_than_eight_accounts_nobody_is_odd() -> None:
    assert np.all(odd_ones_out(np.arange(7) > 0, np.ones(7, dtype=bool)) == 0)


def test_an_account_made_years_before_the_burst_is_not_in_it() -> None:
    created = np.r_[-900 * DAY_US, np.arange(19) * DAY_US // 24]
    assert in_burst(created).tolist() == [False, *[True] * 19]


def test_an_account_of_unknown_age_is_not_in_a_burst() -> None:
    created = np.r_[missing(1), np.arange(19) * DAY_US // 24]
    assert not in_burst(created)[0]


def test_a_stranger_with_the_members_card_is_tied_to_them() -> None:
    shared = ties([Shared("payment", 10, elsewhere=1)], MEMBERS, OTHERS)
    assert tied_to(np.r_[MEMBERS, OTHERS[:2]], MEMBERS, shared).tolist() == [*[True] * 10, True, False]


def test_a_card_that_mostly_others_use_ties_nobody() -> None:
    shared = ties([Shared("payment", 10, elsewhere=11)], MEMBERS, OTHERS)
    assert not tied_to(np.r_[MEMBERS, OTHERS], MEMBERS, shared).any()


def test_a_network_or_a_client_ties_nobody_personally() -> None:
    shared = ties([Shared("network", 10), Shared("client", 10), Shared("address", 10)], MEMBERS, OTHERS)
    assert not tied_to(MEMBERS, MEMBERS, shared).any()


def test_even_odds_are_one_half() -> None:
    assert probability(np.array([0.0, 1.0, -1.0])).tolist() == [0.5, 2 / 3, 1 / 3]
