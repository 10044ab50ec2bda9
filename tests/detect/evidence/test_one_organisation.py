"""Line ``one-organisation``: one customer's own fleet of accounts is one customer."""

import numpy as np

from groups import bits, group, missing, rising
from stillwatch.detect.evidence.one_organisation import LEAST, ONE_ORGANISATION


def test_a_fleet_of_one_organisation_weighs_against_everything_it_shares() -> None:
    assert bits(ONE_ORGANISATION, group(members={"organization": 3})) == LEAST


def test_members_of_many_organisations_are_no_fleet() -> None:
    assert bits(ONE_ORGANISATION, group()) is None


def test_unknown_organisations_say_nothing() -> None:
    assert bits(ONE_ORGANISATION, group(members={"organization": missing(20)})) is None


def test_accounts_without_an_organisation_are_not_taken_for_one_organisation() -> None:
    known_of_four = np.where(np.arange(20) < 4, 3, missing(20))
    assert bits(ONE_ORGANISATION, group(members={"organization": known_of_four})) is None


def test_the_larger_the_share_of_one_organisation_the_more_it_weighs_against() -> None:
    shares = [np.where(np.arange(20) < mine, 3, np.arange(20) + 100) for mine in (20, 14, 10, 8)]
    assert rising([bits(ONE_ORGANISATION, group(members={"organization": mine})) for mine in shares])
