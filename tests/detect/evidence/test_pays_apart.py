"""Line ``pays-apart``: strangers each pay with their own card."""

import numpy as np

from groups import bits, group, missing
from stillwatch.detect.evidence.shared_infrastructure import PAYS_APART


def test_a_card_for_each_account_weighs_against() -> None:
    assert bits(PAYS_APART, group()) == -1.5


def test_one_card_for_several_accounts_is_not_paying_apart() -> None:
    assert bits(PAYS_APART, group(members={"payment": np.arange(20) // 2})) is None


def test_missing_payment_says_nothing() -> None:
    assert bits(PAYS_APART, group(members={"payment": missing(20)})) is None


def test_payment_known_of_a_minority_says_nothing_about_the_others() -> None:
    some = np.where(np.arange(20) < 9, np.arange(20), missing(20))
    assert bits(PAYS_APART, group(members={"payment": some})) is None
