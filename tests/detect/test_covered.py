"""Groups that say nothing new are let go, and no others."""

from dataclasses import replace

import numpy as np

from groups import group
from stillwatch.detect.covered import SEVERAL, Covered


def test_a_group_whose_accounts_stand_in_several_heavier_ones_is_let_go() -> None:
    campaign = group(40)
    held = Covered.of(campaign.population)
    assert [held.by_heavier(campaign, 20.0 - n) for n in range(SEVERAL)] == [False] * SEVERAL
    assert held.by_heavier(campaign, 10.0)


def test_a_heavier_group_of_the_same_accounts_is_kept() -> None:
    campaign = group(40)
    held = Covered.of(campaign.population)
    for _ in range(SEVERAL):
        held.by_heavier(campaign, 12.0)
    assert not held.by_heavier(campaign, 12.1)


def test_a_group_with_accounts_of_its_own_is_kept() -> None:
    campaign = group(40)
    held = Covered.of(campaign.population)
    for _ in range(SEVERAL):
        held.by_heavier(campaign, 20.0)
    others = np.setdiff1d(campaign.population.key, campaign.members)[:10]
    wider = replace(campaign, members=np.sort(np.r_[campaign.members, others]))
    assert not held.by_heavier(wider, 10.0)
