"""Line ``new-tool``: customers of long standing take a tool up, a few more every day."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from groups import DAY_US, Shared, bits, group
from stillwatch.detect.evidence.new_tool import NEW_TOOL

SIZE, EACH = 30, 10
OLD = -200 * DAY_US
#: The template comes on the second day, and its users double every day.
CURVE = np.sort(2 * DAY_US + (4.5 * DAY_US * np.log2(1 + np.linspace(0, 1, SIZE))).astype(np.int64))


def _bits(
    *,
    onsets: np.ndarray = CURVE,
    created: int = OLD,
    members: Mapping[str, Any] | None = None,
    parameters: Any = None,
    shared: tuple[Shared, ...] = (),
    people: int = 400,
) -> float | None:
    settings = np.repeat(np.arange(SIZE), EACH) if parameters is None else parameters
    ts = np.repeat(onsets, EACH) + np.tile(np.arange(EACH), SIZE) * DAY_US // 20
    made = group(
        SIZE,
        EACH,
        people=people,
        onsets=onsets,
        members={"created_us": created, "first_us": onsets, **(members or {})},
        core={"ts_us": ts, "parameters": settings},
        shared=shared,
    )  # fmt: skip
    return bits(NEW_TOOL, made)


def test_old_customers_who_take_a_tool_up_one_by_one_weigh_against() -> None:
    found = _bits()
    assert found is not None
    assert found < -1.2


def test_a_wave_is_no_adoption() -> None:
    onsets = np.sort(np.r_[CURVE[: SIZE // 2], np.full(SIZE // 2, 5 * DAY_US)])
    assert _bits(onsets=onsets) == 0.0


def test_accounts_made_for_it_are_no_customers_of_long_standing() -> None:
    assert _bits(created=1 * DAY_US) == 0.0


def test_accounts_that_are_set_alike_are_not_many_customers() -> None:
    assert _bits(parameters=np.full(SIZE * EACH, 3)) == 0.0


def test_one_organisation_does_not_adopt() -> None:
    assert _bits(members={"organization": 5}) == 0.0


def test_accounts_on_one_network_do_not_adopt() -> None:
    assert _bits(shared=(Shared("network", SIZE, values=2),)) == 0.0


def test_a_template_that_was_there_when_the_log_began_may_be_of_any_age() -> None:
    assert _bits(onsets=CURVE - 2 * DAY_US) is None


def test_users_who_come_at_first_and_no_more_are_no_growing_crowd() -> None:
    ends = 2 * DAY_US + np.r_[np.linspace(0, 1.2, SIZE - 1), 4.5] * DAY_US
    assert _bits(onsets=ends.astype(np.int64)) == 0.0


def test_it_never_weighs_for_a_campaign() -> None:
    for seed in range(50):
        assert (bits(NEW_TOOL, group(20, 10, seed=seed)) or 0.0) <= 0.0
