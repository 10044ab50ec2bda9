"""Line ``shared-signup``: accounts of different customers signed up from one place."""

import numpy as np

from groups import Shared, bits, group, rising
from stillwatch.detect.evidence.shared_infrastructure import SHARED_SIGNUP

#: Members that do not each pay with a card of their own.
TOGETHER = {"payment": np.arange(20) // 2}


def test_a_signup_network_that_all_members_share_weighs_for_a_campaign() -> None:
    assert bits(SHARED_SIGNUP, group(shared=[Shared("signup", 20)], members=TOGETHER)) == 3.0


def test_a_signup_network_that_many_others_use_too_says_nothing() -> None:
    assert bits(SHARED_SIGNUP, group(shared=[Shared("signup", 20, elsewhere=21)], members=TOGETHER)) is None


def test_without_any_shared_value_nothing_is_said() -> None:
    assert bits(SHARED_SIGNUP, group()) is None


def test_another_kind_of_tie_is_not_counted_here() -> None:
    assert bits(SHARED_SIGNUP, group(shared=[Shared("user_field", 20)], members=TOGETHER)) is None


def test_the_more_members_share_it_the_more_it_weighs() -> None:
    assert rising(
        [bits(SHARED_SIGNUP, group(shared=[Shared("signup", tied)], members=TOGETHER)) for tied in (2, 4, 8, 20)]
    )


def test_what_one_organisation_shares_with_itself_ties_nobody() -> None:
    one = {"organization": 3, "payment": np.arange(20) // 2}
    assert bits(SHARED_SIGNUP, group(members=one, shared=[Shared("signup", 20)])) is None


def test_separate_customers_of_one_school_weigh_nothing() -> None:
    assert bits(SHARED_SIGNUP, group(shared=[Shared("signup", 20)])) == 0
