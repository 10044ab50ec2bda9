"""Line ``release-pivot``: all move to a new model within a day."""

from dataclasses import replace
from typing import Any

import numpy as np

from groups import DAY_US, Shared, bits, group, rising
from stillwatch.detect.evidence.release_pivot import RELEASE_PIVOT

SIZE, EACH, RELEASE = 20, 20, 3 * DAY_US
OLD, NEW = 5, 9
#: Every member asks all through the week.
TIMES = np.tile(np.linspace(0, 6 * DAY_US, EACH).astype(np.int64), SIZE)
MEMBER = np.repeat(np.arange(SIZE), EACH)


def _core(moving: float = 1.0, *, after: int = 0, adopters: int = 30, first_us: int = RELEASE) -> dict[str, Any]:
    """This share of the members asks for the new model from ``after`` microseconds past its release on."""
    model = np.where((RELEASE + after <= TIMES) & (moving * SIZE > MEMBER), NEW, OLD)
    return {
        "ts_us": TIMES,
        "model": model,
        "model_first_us": np.where(model == NEW, first_us, 0),
        "model_adopters": np.where(model == NEW, adopters, 300),
    }


def _bits(moving: float = 1.0, *, shared: tuple[Shared, ...] = (), **given: Any) -> float | None:
    everyone = {"first_us": np.linspace(0, DAY_US, 400), "last_us": 6 * DAY_US}
    return bits(RELEASE_PIVOT, group(SIZE, EACH, core=_core(moving, **given), everyone=everyone, shared=shared))


def test_a_group_that_moves_as_one_on_the_day_of_a_release_weighs_for_a_campaign() -> None:
    found = _bits()
    assert found is not None
    assert found > 1.2


def test_where_everybody_tries_the_new_model_moving_is_no_surprise() -> None:
    found = _bits(adopters=380)
    assert found is not None
    assert found < 0.2


def test_members_who_move_two_days_later_have_not_pivoted() -> None:
    assert _bits(after=2 * DAY_US) == 0.0


def test_a_model_that_was_there_on_the_first_day_is_not_new() -> None:
    assert _bits(first_us=DAY_US // 2) is None


def test_evaluators_who_begin_on_launch_day_have_not_moved() -> None:
    # All they send with the template comes after the release: there is no old habit that they left.
    core = _core() | {"ts_us": RELEASE + TIMES // 8, "model": np.full(SIZE * EACH, NEW)}
    core["model_first_us"] = np.full(SIZE * EACH, RELEASE)
    assert bits(RELEASE_PIVOT, group(SIZE, EACH, core=core)) is None


def test_an_agency_that_changes_the_model_for_its_customers_is_left_alone() -> None:
    assert _bits(shared=(Shared("network", SIZE, values=2),)) is None


def test_without_the_models_of_the_whole_log_nothing_is_said() -> None:
    made = group(SIZE, EACH, core=_core())
    core = {name: column for name, column in made.core.items() if name != "model_first_us"}
    assert bits(RELEASE_PIVOT, replace(made, core=core)) is None


def test_the_more_members_move_the_more_it_weighs() -> None:
    assert rising([_bits(moving) for moving in (0.2, 0.5, 0.65, 1.0)])
