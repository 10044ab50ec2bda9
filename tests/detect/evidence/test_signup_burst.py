"""Line ``signup-burst``: accounts made for the purpose are made together."""

import numpy as np
import pytest

from groups import DAY_US, bits, group, missing, rising
from stillwatch.detect.evidence.signup_burst import SIGNUP_BURST


def _within(days: float, size: int = 20) -> float | None:
    created = -30 * DAY_US - np.linspace(0, days * DAY_US, size).astype(np.int64)
    return bits(SIGNUP_BURST, group(size, members={"created_us": created}))


def test_accounts_made_within_a_day_weigh_for_a_campaign() -> None:
    found = _within(1)
    assert found is not None
    assert found > 4.5


def test_accounts_made_over_the_years_weigh_against() -> None:
    found = bits(SIGNUP_BURST, group(60))
    assert found is not None
    assert found < 0


def test_missing_creation_dates_say_nothing() -> None:
    assert bits(SIGNUP_BURST, group(members={"created_us": missing(20)})) is None


def test_with_few_dates_to_compare_with_nobody_can_tell() -> None:
    assert bits(SIGNUP_BURST, group(20, people=60)) is None


def test_the_closer_together_they_were_made_the_more_it_weighs() -> None:
    assert rising([_within(days) for days in (700, 300, 100, 20, 1)])


def test_a_few_accounts_made_apart_do_not_hide_a_burst() -> None:
    created = np.where(np.arange(20) < 6, np.arange(20) * -40 * DAY_US, -30 * DAY_US)
    found = bits(SIGNUP_BURST, group(members={"created_us": created}))
    assert found is not None
    assert found > 4.5


@pytest.mark.parametrize("size", [5, 10, 20])
def test_strangers_seldom_seem_made_together(size: int) -> None:
    """Null: creation dates drawn from the population's. Unit: the group. 500 draws.

    Measured over 2,000 draws with 5 to 50 members: 0 to 1.1 % pass two bits. A fair weight may pass them in a quarter.
    """
    weights = [bits(SIGNUP_BURST, group(size, 2, seed=seed)) for seed in range(500)]
    assert np.mean(np.array(weights, dtype=float) > 2.0) <= 0.02
