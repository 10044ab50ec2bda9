"""Line ``template-continuity``: some are shut out, and others carry the template on within hours."""

from typing import Any

import numpy as np
import pytest

from groups import DAY_US, bits, group
from stillwatch.detect.evidence.template_continuity import TEMPLATE_CONTINUITY, blocked

HOUR_US = DAY_US // 24
SIZE, EACH, BAN = 20, 10, 3 * DAY_US
FIRST = np.arange(SIZE) < SIZE // 2  # the half that is shut out


def _core(code: int = 403, *, back: bool = False) -> dict[str, Any]:
    """Ten requests of each: the first half asks for three days, its last two requests are refused with ``code``."""
    place = np.tile(np.arange(EACH), SIZE)
    early = np.repeat(FIRST, EACH)
    ts = np.where(early, place * (BAN // 8), BAN + 3 * HOUR_US + place * 6 * HOUR_US)
    status = np.where(early & (ts >= BAN) & ~((place == EACH - 1) & back), code, 200)
    return {"ts_us": ts, "status": status}


def _failover(hours: float = 2.0, *, others: Any = None, **given: Any) -> float | None:
    after = BAN + (hours * HOUR_US * np.linspace(0.5, 1.5, SIZE // 2)).astype(np.int64)
    onsets = np.r_[np.linspace(0, DAY_US // 4, SIZE // 2).astype(np.int64), after]
    everyone = {} if others is None else {"first_us": others}
    return bits(TEMPLATE_CONTINUITY, group(SIZE, EACH, onsets=onsets, core=_core(**given), everyone=everyone))


def test_accounts_that_begin_within_hours_of_a_ban_weigh_for_a_campaign() -> None:
    found = _failover()
    assert found is not None
    assert found > 3.0


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_busy_or_broken_server_shuts_nobody_out(code: int) -> None:
    assert _failover(code=code) is None


def test_an_account_that_is_served_again_was_not_shut_out() -> None:
    assert _failover(back=True) is None


def test_an_account_that_was_never_served_was_not_shut_out() -> None:
    ask = group(SIZE, EACH, core={"status": np.repeat(np.where(FIRST, 403, 200), EACH)})
    assert not len(blocked(ask))


def test_who_begins_two_days_later_is_nobodys_successor() -> None:
    assert _failover(hours=40.0) is None


def test_the_later_they_begin_the_less_it_weighs() -> None:
    weights = [_failover(hours) for hours in (1.0, 4.0, 7.5)]
    assert weights == sorted(weights, key=lambda weight: -(weight or 0.0))
    assert weights[0] != weights[-1]


def test_a_template_that_spreads_anyway_gains_accounts_before_a_ban_too() -> None:
    onsets = BAN + (np.linspace(-11, 11, SIZE) * HOUR_US).astype(np.int64)
    found = bits(TEMPLATE_CONTINUITY, group(SIZE, EACH, onsets=onsets, core=_core()))
    assert found is not None
    assert found < 0.5


def test_hours_in_which_everybody_arrives_are_no_surprise() -> None:
    arrivals = np.random.default_rng(2).integers(BAN, BAN + 3 * HOUR_US, 400)
    rushed, usual = _failover(others=arrivals), _failover()
    assert rushed is not None
    assert usual is not None
    assert rushed < 0.5 < usual


def test_without_a_block_nothing_is_said() -> None:
    assert bits(TEMPLATE_CONTINUITY, group(SIZE, EACH)) is None


def test_a_status_that_is_not_known_may_have_been_served() -> None:
    core = _core()
    core["status"] = np.where(core["status"] == 403, 403, np.iinfo(np.int64).min)
    assert len(blocked(group(SIZE, EACH, core=core))) == SIZE // 2


def test_strangers_some_of_whom_are_banned_seldom_seem_to_be_followed() -> None:
    """Null: a wave of blocks at any time, a common start at any other. Unit: the group. 300 draws.

    A common start is the hard case: independent beginnings never come so close together.
    """
    draw = np.random.default_rng(8)
    weights = []
    for seed in range(300):
        shut, start = draw.integers(DAY_US, 5 * DAY_US, 2)
        ts = draw.integers(0, 6 * DAY_US, SIZE * EACH)
        status = np.where(np.repeat(FIRST, EACH) & (ts >= shut), 403, 200)
        onsets = np.where(FIRST, draw.integers(0, shut, SIZE), start + draw.integers(0, HOUR_US, SIZE))
        made = group(SIZE, EACH, seed=seed, onsets=onsets, core={"ts_us": ts, "status": status})
        weights.append(bits(TEMPLATE_CONTINUITY, made) or 0.0)
    assert np.mean(np.array(weights) > 2.0) < 0.15
    assert np.mean(np.exp2(weights)) < 2.2
