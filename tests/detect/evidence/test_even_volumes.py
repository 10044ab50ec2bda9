"""Line ``even-volumes``: a load balancer gives every account the same."""

import numpy as np

from groups import bits, group, rising
from stillwatch.detect.evidence.even_volumes import EVEN_VOLUMES


def _long_tail(sigma: float) -> np.ndarray:
    draw = np.random.default_rng(3)
    return np.maximum(1, 60 * np.exp(sigma * draw.standard_normal(20))).astype(np.int64)


def test_equal_volumes_weigh_for_a_campaign() -> None:
    assert bits(EVEN_VOLUMES, group(20, 200)) == 4.5


def test_volumes_that_differ_as_people_do_weigh_against() -> None:
    found = bits(EVEN_VOLUMES, group(counts=_long_tail(1.3)))
    assert found is not None
    assert found < 0


def test_five_accounts_are_too_few_to_tell() -> None:
    assert bits(EVEN_VOLUMES, group(5, 50)) is None


def test_three_requests_each_look_even_in_any_crowd_so_nobody_can_tell() -> None:
    assert bits(EVEN_VOLUMES, group(50, 3)) is None


def test_the_less_volumes_differ_the_more_they_weigh() -> None:
    assert rising([bits(EVEN_VOLUMES, group(counts=_long_tail(sigma))) for sigma in (1.5, 0.9, 0.5, 0.3, 0.1)])


def test_a_quota_that_makes_everybody_even_makes_nobody_suspicious() -> None:
    assert bits(EVEN_VOLUMES, group(20, 50, everyone={"exchanges": 50})) == 0
