"""Line ``synchronous-onset``: they begin together."""

import numpy as np
import pytest

from groups import DAY_US, bits, group, rising
from stillwatch.detect.evidence.synchronous_onset import SYNCHRONOUS_ONSET

DRAW = np.random.default_rng(11)


def _within(days: float, size: int = 20, people: int = 400) -> float | None:
    onsets = 2 * DAY_US + np.linspace(0, days * DAY_US, size).astype(np.int64)
    return bits(SYNCHRONOUS_ONSET, group(size, people=people, onsets=onsets))


def test_accounts_that_begin_within_minutes_weigh_for_a_campaign() -> None:
    found = _within(0.005)
    assert found is not None
    assert found > 4.5


def test_accounts_that_begin_like_all_others_weigh_against() -> None:
    found = bits(SYNCHRONOUS_ONSET, group(60, onsets=DRAW.integers(0, 6 * DAY_US, 60)))
    assert found is not None
    assert found < 0


def test_four_accounts_are_too_few_to_tell() -> None:
    assert _within(0.005, size=4) is None


def test_without_others_to_compare_with_nobody_can_tell() -> None:
    assert _within(0.005, size=20, people=35) is None


def test_the_closer_together_they_begin_the_more_it_weighs() -> None:
    assert rising([_within(days) for days in (4, 2, 1, 0.2, 0.01)])


def test_a_busy_morning_on_which_everybody_arrives_is_no_surprise() -> None:
    morning = DRAW.integers(2 * DAY_US, 2 * DAY_US + DAY_US // 24, 400)
    found = bits(SYNCHRONOUS_ONSET, group(60, everyone={"first_us": morning}))
    assert found is not None
    assert found < 0


@pytest.mark.parametrize("size", [5, 10, 20])
def test_strangers_seldom_seem_to_begin_together(size: int) -> None:
    """Null: onsets drawn from the population's first appearances. Unit: the group. 500 draws.

    Measured over 2,000 draws with 5 to 50 members: 0 to 0.2 % pass two bits. A fair weight may pass them in a quarter.
    """
    weights = [bits(SYNCHRONOUS_ONSET, group(size, 2, seed=seed)) for seed in range(500)]
    assert np.mean(np.array(weights, dtype=float) > 2.0) <= 0.01
