import time

import numpy as np
import pytest
from scipy.stats import beta, poisson

from stillwatch.decide.false_alarms import Record, Touched, false_alarms

#: So many reports without a false one that the chance of a false campaign plays no part.
SURE = {"act": Record(0, 10_000_000)}


def touched(belongs: list[float], exchanges: list[float] | None = None, level: str = "act") -> Touched:
    p = np.array(belongs)
    return Touched(level, p, np.ones(len(p)), np.ones(len(p)) if exchanges is None else np.array(exchanges))  # type: ignore[arg-type]


def test_without_the_calibrations_error_it_is_the_poisson_binomial_law() -> None:
    p = np.linspace(0.5, 0.99, 40).round(3)
    law = np.ones(1)
    for one in p:
        law = np.convolve(law, [one, 1 - one])
    found = false_alarms([touched(p.tolist())], SURE, 0.0)
    assert found.mean == pytest.approx(float((1 - p).sum()), rel=1e-4)
    assert found.none == pytest.approx(float(law[0]), rel=1e-3)
    assert (found.low, found.high) == (np.searchsorted(law.cumsum(), 0.025), np.searchsorted(law.cumsum(), 0.975))


def test_the_interval_is_that_of_a_simulation_of_the_model() -> None:
    """Two campaigns, a false one now and then, memberships off together: drawn forty thousand times."""
    groups = [np.full(60, 0.95), np.full(25, 0.8)]
    record, sigma = Record(1, 12), 1.0
    draw = np.random.default_rng(5)
    times = 40_000
    total = np.zeros(times)
    chance = beta.rvs(1.5, 11.5, size=times, random_state=draw)
    for p in groups:
        odds = np.log(p[0] / (1 - p[0])) + sigma * draw.standard_normal(times)
        strangers = draw.binomial(len(p), 1 / (1 + np.exp(odds)))
        total += np.where(draw.random(times) < chance, len(p), strangers)
    found = false_alarms([touched(p.tolist()) for p in groups], {"act": record}, sigma)
    low, high = np.quantile(total, [0.025, 0.975])
    assert found.mean == pytest.approx(float(total.mean()), rel=0.03)
    assert found.low == pytest.approx(float(low), abs=1)
    assert found.high == pytest.approx(float(high), abs=2)
    assert found.none == pytest.approx(float((total == 0).mean()), abs=0.01)


def test_an_error_that_a_campaign_shares_widens_the_interval_and_a_poor_record_more_so() -> None:
    one = [touched([0.95] * 100)]
    exact, shared, poor = (
        false_alarms(one, record, sigma) for record, sigma in ((SURE, 0.0), (SURE, 1.0), ({"act": Record(0, 9)}, 1.0))
    )
    assert exact.high < shared.high < poor.high
    assert shared.low <= exact.low


def test_a_level_of_which_nothing_is_known_may_be_all_false() -> None:
    found = false_alarms([touched([0.999] * 10, level="review")], SURE, 1.0)
    assert found.high == 10
    assert found.mean == pytest.approx(5, abs=0.2)


def test_a_stated_certainty_is_not_believed() -> None:
    assert false_alarms([touched([1.0] * 1000)], SURE, 0.0).mean > 0


def test_exchanges_are_weighed_and_nothing_is_lost_on_the_lattice() -> None:
    draw = np.random.default_rng(2)
    p, exchanges = draw.uniform(0.5, 1, 3000).round(3), draw.integers(0, 5000, 3000).astype(float)
    found = false_alarms([touched(p.tolist(), exchanges.tolist())], SURE, 0.0, "exchanges")
    expected = float(((1 - np.clip(p, 1e-4, 1 - 1e-4)) * exchanges).sum())
    assert found.mean == pytest.approx(expected, rel=0.02)
    assert found.low < expected < found.high


def test_nobody_touched_is_nobody_wronged() -> None:
    found = false_alarms([], SURE, 1.0)
    assert (found.mean, found.low, found.high, found.none) == (0, 0, 0, 1)


def test_many_sure_members_make_nearly_a_poisson_law() -> None:
    found = false_alarms([touched([0.998] * 2000)], SURE, 0.0)
    assert (found.low, found.high) == (poisson.ppf(0.025, 4), poisson.ppf(0.975, 4))


def test_twenty_four_thousand_accounts_take_seconds() -> None:
    draw = np.random.default_rng(3)
    parts = [touched(draw.beta(20, 1, 8000).round(3).tolist(), draw.integers(1, 9000, 8000).tolist()) for _ in range(3)]
    begun = time.process_time()
    accounts = false_alarms(parts, {"act": Record(0, 9)}, 1.0)
    exchanges = false_alarms(parts, {"act": Record(0, 9)}, 1.0, "exchanges")
    assert accounts.low < accounts.mean < accounts.high
    assert exchanges.low < exchanges.mean < exchanges.high
    assert time.process_time() - begun < 15
