"""Line ``passing-use``: people who paste a prompt do other things as well."""

from groups import bits, group, rising
from stillwatch.detect.evidence.passing_use import PASSING_USE


def test_members_who_live_by_the_template_weigh_for_a_campaign() -> None:
    assert bits(PASSING_USE, group()) == 1.0


def test_members_who_use_the_template_in_passing_weigh_against() -> None:
    assert bits(PASSING_USE, group(20, 2, members={"exchanges": 100})) == -2.5


def test_members_with_under_five_requests_do_not_let_anybody_tell() -> None:
    assert bits(PASSING_USE, group(20, 4)) is None


def test_the_larger_the_part_of_their_traffic_the_more_it_weighs() -> None:
    totals = (500, 100, 30, 15, 10)
    assert rising([bits(PASSING_USE, group(members={"exchanges": total})) for total in totals])
