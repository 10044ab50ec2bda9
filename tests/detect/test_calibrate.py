"""Calibration, proved: p-values uniform under the null, e-values of mean one, false discoveries bounded."""

import numpy as np
import pytest
from scipy import stats

from stillwatch.detect import calibrate
from stillwatch.detect.population import F64


def test_conformal_p_values_are_uniform_where_the_null_is_true() -> None:
    generator = np.random.default_rng(5)
    p = np.concatenate(
        [calibrate.conformal(draw[:500], draw[500:501]) for draw in generator.gamma(2.0, size=(4_000, 501))]
    )
    # 501 equally likely values: smooth them within their step, then they must be uniform.
    smooth = p - generator.random(len(p)) / 501
    assert stats.kstest(smooth, "uniform").pvalue > 0.01


def test_conformal_p_values_are_never_too_small_where_scores_are_tied() -> None:
    generator = np.random.default_rng(6)
    draws = generator.integers(0, 4, size=(4_000, 201)).astype(np.float64)
    p = np.array([calibrate.conformal(draw[:200], draw[200:])[0] for draw in draws])
    for level in (0.05, 0.2, 0.5):
        assert np.mean(p <= level) <= level + 3 * np.sqrt(level * (1 - level) / len(p))


def test_e_values_of_uniform_p_values_have_mean_one() -> None:
    grid = (np.arange(1, 9_001)) / 9_001
    assert float(calibrate.e_of(grid).mean()) <= 1.0
    assert float(calibrate.e_of(grid).mean()) > 0.85


def test_blocks_that_are_wholly_dependent_still_give_a_mean_near_one_for_the_half_that_claims_it() -> None:
    grid = np.arange(1, 9_001) / 9_001
    same = np.stack([calibrate.e_of(grid)] * 3, axis=1)
    assert float(same.mean(axis=1).mean()) <= 1.0


def test_e_bh_keeps_false_discoveries_below_its_level_though_groups_depend_on_each_other() -> None:
    """Null groups share a week's shock (they overlap in accounts), so their scores move together."""
    generator = np.random.default_rng(7)
    level, shares = 0.1, []
    null = generator.normal(size=(3_000, 3)) * np.sqrt(2.0)
    for _ in range(400):
        shock = generator.normal(size=(1, 3))
        innocent = shock + generator.normal(size=(300, 3))
        guilty = 9.0 + generator.normal(size=(6, 3))
        scores = np.concatenate([innocent, guilty])
        p = np.stack([calibrate.conformal(null[:, b], scores[:, b]) for b in range(3)], axis=1)
        rejected = calibrate.e_bh(calibrate.combined(calibrate.e_of(p)), level)
        shares.append(np.mean(rejected < 300) if len(rejected) else 0.0)
    assert float(np.mean(shares)) <= level


def test_e_bh_finds_what_is_plain() -> None:
    e = np.array([0.5] * 97 + [5_000.0, 4_000.0, 3_000.0])
    assert calibrate.e_bh(e, 0.05).tolist() == [97, 98, 99]


def test_a_run_without_anything_unusual_rejects_nothing() -> None:
    assert len(calibrate.e_bh(np.full(200, 0.9), 0.05)) == 0
    assert len(calibrate.e_bh(np.zeros(0), 0.05)) == 0


def test_the_shipped_null_groups_are_thousands_and_fit_the_blocks() -> None:
    null = calibrate.null_scores()
    assert null.shape[1] == len(calibrate.BLOCKS)
    assert len(null) >= 5_000
    assert np.all(np.diff(null, axis=0) >= 0)


def test_large_e_values_of_the_null_groups_themselves_are_as_rare_as_claimed() -> None:
    """The blocks of real groups are not independent: their joint e-values were counted when the file was written."""
    for bound, share in calibrate.null_checked().items():
        assert share <= 1.0 / bound, f"e-values of {bound} are too common among innocent groups"


@pytest.mark.parametrize("heavier", [1.0, 3.0])
def test_a_log_whose_own_groups_are_heavier_doubts_itself(heavier: float) -> None:
    generator = np.random.default_rng(9)
    null, own = generator.normal(size=5_000), generator.normal(size=2_000) + (heavier - 1.0)
    factor = calibrate.inflation(null, own)
    assert factor == pytest.approx(1.0, abs=0.3) if heavier == 1.0 else factor > 5.0
    assert calibrate.inflation(null, own[:50]) == 1.0


NOTHING = np.array([np.nan])


def _own_p(generator: np.random.Generator, times: int, **given: float) -> F64:
    """p-values of groups drawn like ``n`` own ones (gamma times ``own``), with a shipped null of scale ``shipped``."""
    n, own, found = int(given.get("n", 300)), given.get("own", 1.0), int(given.get("found", 0))
    shipped = np.sort(generator.gamma(2.0, size=9_000)) * given.get("shipped", 1.0)
    draws = generator.gamma(2.0, size=(times, n + 1)) * own
    return np.concatenate([calibrate.own_p(shipped, draw[:n], draw[n:], NOTHING, found) for draw in draws])


def _allowed(level: float, times: int) -> float:
    return level + 3.5 * float(np.sqrt(level * (1.0 - level) / times))


def test_p_values_among_own_groups_are_uniform_where_own_and_observed_are_drawn_alike() -> None:
    p = _own_p(np.random.default_rng(11), 6_000)
    for level in (0.002, 0.01, 0.03, 0.2, 0.5, 0.9):
        assert np.mean(p <= level) <= _allowed(level, len(p))
    for level in (0.2, 0.5, 0.9):
        assert np.mean(p <= level) >= level - 0.03


@pytest.mark.parametrize("shipped", [0.3, 3.0])
def test_p_values_among_own_groups_hold_down_to_one_in_their_number_whatever_the_shipped_null(shipped: float) -> None:
    p = _own_p(np.random.default_rng(12), 6_000, shipped=shipped)
    for level in (1 / 301, 0.01, 0.05, 0.3):
        assert np.mean(p <= level) <= _allowed(level, len(p))
    assert np.mean(p < 1 / 301) <= _allowed(1 / 301, len(p))


def test_p_values_among_own_groups_hold_where_scores_are_tied() -> None:
    generator = np.random.default_rng(13)
    shipped = np.sort(generator.geometric(0.5, 9_000)).astype(np.float64)
    draws = generator.geometric(0.5, (6_000, 301)).astype(np.float64)
    p = np.concatenate([calibrate.own_p(shipped, draw[:300], draw[300:], NOTHING) for draw in draws])
    for level in (0.001, 0.01, 0.05, 0.3):
        assert np.mean(p <= level) <= _allowed(level, len(p))


def test_own_groups_that_are_lighter_make_p_smaller_and_heavier_ones_larger() -> None:
    generator = np.random.default_rng(14)
    shipped, own = np.sort(generator.gamma(2.0, size=9_000)), generator.gamma(2.0, size=2_000)
    observed = np.array([3.0, 6.0, 9.0, 12.0])
    past = np.full(4, np.nan)
    plain = calibrate.conformal(shipped, observed)
    assert np.all(calibrate.own_p(shipped, own * 0.5, observed, past) < plain)
    assert np.all(calibrate.own_p(shipped, own * 2.0, observed, past) > plain)


def test_a_group_is_not_compared_with_its_own_past() -> None:
    generator = np.random.default_rng(15)
    shipped, own = np.sort(generator.gamma(2.0, size=9_000)), generator.gamma(2.0, size=500)
    own[7] = 30.0
    observed = np.array([25.0])
    assert calibrate.own_p(shipped, own, observed, np.array([30.0]))[0] < 1 / 500
    assert calibrate.own_p(shipped, own, observed, NOTHING)[0] == pytest.approx(2 / 501)


def test_a_campaign_that_nobody_found_makes_p_larger_and_one_that_was_found_does_so_a_little() -> None:
    generator = np.random.default_rng(16)
    shipped, own = np.sort(generator.gamma(2.0, size=9_000)), generator.gamma(2.0, size=500)
    observed = np.array([13.0])
    clean = calibrate.own_p(shipped, own, observed, NOTHING)[0]
    counted = calibrate.own_p(shipped, own, observed, NOTHING, found=2)[0]
    missed = calibrate.own_p(shipped, np.r_[own, np.full(30, 20.0)], observed, NOTHING)[0]
    assert clean < counted < 1.2 * clean
    assert missed > 10 * clean


def _own(scores: F64, days: int) -> calibrate.Own:
    return calibrate.Own(scores, np.full(5, -1), days)


def test_own_groups_are_heard_when_they_are_enough_and_trusted_alone_after_four_weeks() -> None:
    generator = np.random.default_rng(17)
    light = np.sort(generator.choice(calibrate.null_scores(), 400), axis=0) - 3.0
    heavy = light + 7.0
    observed = np.quantile(calibrate.null_scores(), [0.5, 0.9, 0.99, 0.999, 1.0], axis=0)
    shipped = calibrate.block_p(observed)
    assert np.array_equal(calibrate.block_p(observed, _own(light[:199], 60)), shipped)
    assert np.array_equal(calibrate.block_p(observed, _own(heavy, 6)), shipped)
    assert np.array_equal(calibrate.block_p(observed, _own(light, 27)), shipped)
    assert np.all(calibrate.block_p(observed, _own(heavy, 27))[1:] > shipped[1:])
    assert np.all(calibrate.block_p(observed, _own(light, 28))[1:] < shipped[1:])
    assert np.all(calibrate.block_p(observed, _own(heavy, 28))[1:] > shipped[1:])
