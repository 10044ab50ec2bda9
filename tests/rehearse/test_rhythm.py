"""People sleep, each in a night of their own; programs do not; a crowd of people never sleeps as a whole."""

from datetime import datetime

import numpy as np
import pytest

from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.material import Material
from stillwatch.rehearse.population import Population
from stillwatch.rehearse.rhythm import HOUR_US, by_weights, day_weights, human, own_day
from stillwatch.rehearse.scenario import Ordinary, Scenario, parse

PACED = """
name = "paced"
about = "One campaign at people's hours."
start = 2026-06-01T00:00:00Z
[ordinary]
accounts = 0
[[campaign]]
name = "c"
accounts = 30
exchanges = 300
pacing = "human"
"""


def longest_pause(times: np.ndarray) -> int:
    """Hours in a row, round the clock, in which next to nothing was ever asked (one in a hundred)."""
    by_hour = np.bincount(times // HOUR_US % 24, minlength=24)
    quiet, longest = 0, 0
    for count in [*by_hour, *by_hour]:
        quiet = quiet + 1 if count <= 0.01 * by_hour.sum() else 0
        longest = max(longest, quiet)
    return longest


def test_every_person_pauses_for_four_to_ten_hours_at_the_same_hours_of_every_day() -> None:
    rng = np.random.default_rng(3)
    pauses = [longest_pause(human(rng, np.full(200, 3), 0, 7)) for _ in range(100)]
    assert min(pauses) >= 4
    assert np.median(pauses) == pytest.approx(7, abs=1.5)


def test_the_nights_of_a_population_are_spread_over_the_whole_clock() -> None:
    rng = np.random.default_rng(4)
    times = np.concatenate([by_weights(rng, day_weights(rng, own_day(rng), 7), 40, 0) for _ in range(2_000)])
    by_hour = np.bincount(times // HOUR_US % 24, minlength=24)
    assert by_hour.min() > 0.85 * by_hour.mean()
    assert by_hour.max() < 1.15 * by_hour.mean()


def test_every_account_of_a_campaign_at_peoples_hours_sleeps_in_a_night_of_its_own(words: Material) -> None:
    population = compose(parse(PACED), words, 5)
    pauses = [longest_pause(_times(population, who)) for who in range(30)]
    assert min(pauses) >= 4
    phases = {int(np.bincount(_times(population, who) // HOUR_US % 24, minlength=24).argmax()) for who in range(30)}
    assert len(phases) > 8


def test_services_do_not_sleep(words: Material) -> None:
    plan = Scenario(
        name="services",
        about="Applications alone.",
        start=datetime.fromisoformat("2026-06-01T00:00:00Z"),
        ordinary=Ordinary(accounts=60, shares={"application": 1.0}),
    )
    population = compose(plan, words, 5)
    busy = [times for times in (_times(population, who) for who in range(60)) if len(times) > 400]
    assert busy
    assert np.median([longest_pause(times) for times in busy]) <= 6


def _times(population: Population, who: int) -> np.ndarray:
    return np.concatenate([script.times for script in population.actors[who].scripts])
