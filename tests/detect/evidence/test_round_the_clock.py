"""Line ``round-the-clock``: people sleep; a job does not."""

import numpy as np

from groups import DAY_US, bits, group, rising
from stillwatch.detect.evidence.round_the_clock import ROUND_THE_CLOCK

HOUR_US = DAY_US // 24
DRAW = np.random.default_rng(5)


def _awake(hours: float, begins: int = 0, days: int = 6) -> np.ndarray:
    """Times within the given hours of each day."""
    return DRAW.integers(0, days, 400) * DAY_US + begins * HOUR_US + DRAW.integers(0, int(hours * HOUR_US), 400)


def test_a_job_that_never_sleeps_weighs_for_a_campaign() -> None:
    found = bits(ROUND_THE_CLOCK, group(20, 20, core={"ts_us": _awake(24)}))
    assert found is not None
    assert found > 1.0


def test_people_of_one_region_sleep_and_weigh_against() -> None:
    assert bits(ROUND_THE_CLOCK, group(20, 20, core={"ts_us": _awake(12)})) == -2.0


def test_it_does_not_matter_which_hours_people_sleep() -> None:
    # No time zone is evidence: a night is a night wherever it lies.
    weights = {bits(ROUND_THE_CLOCK, group(20, 20, core={"ts_us": _awake(12, begins)})) for begins in range(0, 24, 5)}
    assert weights == {-2.0}


def test_a_log_of_one_day_says_nothing_about_nights() -> None:
    assert bits(ROUND_THE_CLOCK, group(20, 20, core={"ts_us": _awake(24, days=1)})) is None


def test_under_sixty_exchanges_nobody_can_tell() -> None:
    assert bits(ROUND_THE_CLOCK, group(10, 5)) is None


def test_the_shorter_the_night_the_more_it_weighs() -> None:
    assert rising([bits(ROUND_THE_CLOCK, group(20, 20, core={"ts_us": _awake(h)})) for h in (12, 18, 21, 24)])


def test_one_busy_account_does_not_keep_the_whole_group_awake() -> None:
    counts = np.r_[380, np.full(20, 20)]
    sleeping = np.r_[DRAW.integers(0, 6 * DAY_US, 380), _awake(12)]
    found = bits(ROUND_THE_CLOCK, group(21, counts=counts, core={"ts_us": sleeping}))
    assert found is not None
    assert found < -1.0
