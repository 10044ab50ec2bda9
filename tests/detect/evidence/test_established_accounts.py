"""Line ``established-accounts``: customers of long standing are seldom made for a purpose."""

import numpy as np

from groups import DAY_US, bits, group, missing, rising
from stillwatch.detect.evidence.established_accounts import ESTABLISHED_ACCOUNTS

BEGAN = 5 * DAY_US


def _aged(days: float | np.ndarray, size: int = 20) -> float | None:
    created = (BEGAN - np.asarray(days) * DAY_US).astype(np.int64)
    return bits(ESTABLISHED_ACCOUNTS, group(size, onsets=[BEGAN] * size, members={"created_us": created}))


def test_accounts_days_old_weigh_for_a_campaign() -> None:
    found = _aged(3)
    assert found is not None
    assert found > 2.5


def test_accounts_of_long_standing_weigh_against() -> None:
    assert _aged(400) == -2.5


def test_accounts_neither_young_nor_old_weigh_nothing() -> None:
    assert _aged(30) == 0


def test_missing_creation_dates_say_nothing() -> None:
    assert bits(ESTABLISHED_ACCOUNTS, group(20, members={"created_us": missing(20)})) is None
    assert bits(ESTABLISHED_ACCOUNTS, group(20, everyone={"created_us": missing(400)})) is None


def test_the_more_members_are_young_the_more_it_weighs() -> None:
    assert rising([_aged(np.where(np.arange(20) < young, 3, 400)) for young in (0, 2, 6, 12, 20)])


def test_few_accounts_weigh_less_than_many() -> None:
    assert rising([_aged(3, size) for size in (5, 7, 10)])
