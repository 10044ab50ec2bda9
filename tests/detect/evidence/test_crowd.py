"""Line ``crowd``: few strangers live on one template that elicits."""

import numpy as np

from groups import bits, group, rising
from stillwatch.detect.evidence.crowd import CROWD, MOST_BITS


def test_hundreds_of_accounts_on_an_eliciting_template_weigh_for_a_campaign() -> None:
    assert bits(CROWD, group(230, 4, core={"t17": 100})) == MOST_BITS


def test_a_handful_of_hobbyists_on_a_public_template_is_no_crowd() -> None:
    assert bits(CROWD, group(10, core={"t17": 100})) == 0


def test_a_crowd_on_a_template_for_work_of_its_own_says_nothing() -> None:
    own_subject = np.repeat(200 + 40 * np.arange(230), 4)
    assert bits(CROWD, group(230, 4, core={"prompt_symbols": own_subject})) is None


def test_a_crowd_whose_work_is_dealt_and_divided_counts_though_it_asks_for_nothing_known() -> None:
    assert bits(CROWD, group(230, 4)) == MOST_BITS


def test_a_crowd_that_shares_its_payload_is_a_class_and_no_campaign() -> None:
    assert bits(CROWD, group(230, 4, core={"prompt": np.tile(np.arange(4), 230)})) is None


def test_the_larger_the_crowd_the_more_it_weighs_up_to_a_cap() -> None:
    assert rising([bits(CROWD, group(size, 4, core={"t24": 60})) for size in (5, 10, 20, 40, 160, 350)])


def test_a_group_that_seldom_elicits_weighs_less_than_one_that_always_does() -> None:
    third = [100 if row % 3 == 0 else 0 for row in range(40 * 3)]
    assert rising([bits(CROWD, group(40, 3, core={"t17": third})), bits(CROWD, group(40, 3, core={"t17": 100}))])
