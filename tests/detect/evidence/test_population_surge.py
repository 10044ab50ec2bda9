"""Line ``population-surge``: suddenly many accounts ask for this, whatever their words."""

from groups import bits, group, rising
from stillwatch.detect.evidence.population_surge import POPULATION_SURGE


def test_many_times_the_expected_accounts_weigh_for_a_campaign() -> None:
    assert bits(POPULATION_SURGE, group(64, origin="surge", technique="t16", expected=4.0)) == 4


def test_the_more_accounts_against_the_expected_the_more_it_weighs() -> None:
    assert rising([bits(POPULATION_SURGE, group(64, origin="surge", technique="t22", expected=e)) for e in (40, 16, 2)])


def test_a_group_that_a_template_made_is_not_asked() -> None:
    assert bits(POPULATION_SURGE, group(64)) is None
