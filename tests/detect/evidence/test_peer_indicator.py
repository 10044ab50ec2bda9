"""Line ``peer-indicator``: members match an indicator that another member shared openly."""

from dataclasses import replace

import numpy as np

from groups import bits, group, rising
from stillwatch.detect import peers
from stillwatch.detect.evidence.peer_indicator import PEER_INDICATOR
from stillwatch.detect.group import Group


def matching(members: int, others: int, size: int = 20) -> Group:
    """A group of which so many members match an indicator, and so many of all other accounts."""
    made = group(size)
    outside = np.setdiff1d(made.population.key, made.members)
    told = np.r_[made.members[:members], outside[:others]]
    return replace(made, population=peers.indicated(made.population, told))


def test_a_scan_without_indicators_is_silent() -> None:
    assert bits(PEER_INDICATOR, group(20)) is None


def test_the_more_members_match_the_more_it_weighs() -> None:
    assert rising([bits(PEER_INDICATOR, matching(count, 10)) for count in (3, 4, 5)])


def test_an_indicator_that_everybody_matches_weighs_nothing() -> None:
    assert bits(PEER_INDICATOR, matching(20, 380)) == 0.0


def test_two_matching_accounts_are_a_coincidence() -> None:
    assert bits(PEER_INDICATOR, matching(2, 0)) is None
