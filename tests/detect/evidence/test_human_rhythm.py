"""Line ``human-rhythm``: every member keeps hours of its own."""

import numpy as np

from groups import DAY_US, bits, group
from stillwatch.detect.evidence.human_rhythm import HUMAN_RHYTHM
from stillwatch.detect.evidence.round_the_clock import ROUND_THE_CLOCK

HOUR_US = DAY_US // 24
SIZE, EACH, DAYS = 20, 30, 7
DRAW = np.random.default_rng(3)


def _times(awake: float, begins: np.ndarray) -> np.ndarray:
    """Each member is awake for so many hours of each day, from an hour of its own on."""
    rows = SIZE * EACH
    day = DRAW.integers(0, DAYS, rows) * DAY_US
    asked: np.ndarray = day + np.repeat(begins, EACH) * HOUR_US + DRAW.integers(0, int(awake * HOUR_US), rows)
    return asked


def _bits(awake: float, begins: np.ndarray) -> float | None:
    return bits(HUMAN_RHYTHM, group(SIZE, EACH, core={"ts_us": _times(awake, begins)}))


ANYWHERE = np.linspace(0, 23, SIZE).astype(np.int64)


def test_people_from_everywhere_have_no_common_night_but_one_each() -> None:
    ts = _times(12, ANYWHERE)
    crowd = group(SIZE, EACH, core={"ts_us": ts})
    never_sleeps, rhythm = bits(ROUND_THE_CLOCK, crowd), bits(HUMAN_RHYTHM, crowd)
    assert never_sleeps is not None
    assert rhythm is not None
    assert never_sleeps > 1.0
    assert never_sleeps + rhythm < -0.3


def test_a_job_that_asks_at_any_hour_is_not_excused() -> None:
    assert _bits(24, ANYWHERE) == 0.0


def test_a_timer_is_no_person() -> None:
    assert _bits(0.5, ANYWHERE) == 0.0


def test_a_common_night_is_counted_once() -> None:
    # ``round-the-clock`` has it already.
    assert _bits(10, np.zeros(SIZE, dtype=np.int64)) == 0.0


def test_it_does_not_matter_which_hours_they_are() -> None:
    # No time zone is evidence.
    core = _times(12, ANYWHERE)
    moved = [bits(HUMAN_RHYTHM, group(SIZE, EACH, core={"ts_us": core + hours * HOUR_US})) for hours in (0, 7, 13)]
    known = [weight for weight in moved if weight is not None]
    assert len(known) == 3
    assert max(known) - min(known) < 0.3


def test_a_log_of_one_day_says_nothing() -> None:
    assert bits(HUMAN_RHYTHM, group(SIZE, EACH, days=1.0)) is None


def test_one_sitting_is_no_rhythm() -> None:
    # Each member asks all it asks in two hours, on a day of its own.
    begins = np.repeat(np.linspace(0, 6 * DAY_US, SIZE).astype(np.int64), EACH)
    sitting = begins + DRAW.integers(0, 2 * HOUR_US, SIZE * EACH)
    assert bits(HUMAN_RHYTHM, group(SIZE, EACH, core={"ts_us": sitting})) is None


def test_it_never_weighs_for_a_campaign() -> None:
    for seed in range(50):
        assert (bits(HUMAN_RHYTHM, group(20, 30, seed=seed)) or 0.0) <= 0.0
