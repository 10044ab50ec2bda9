"""Candidates from a surge: suddenly many accounts like this one, against weeks past."""

import numpy as np
import pytest
from scipy import stats

from groups import ordinary
from stillwatch.detect.candidates.surge import PERMITTED, SCALES, Reference, candidates, counted, of_weeks_past, shipped
from stillwatch.detect.population import Accounts
from stillwatch.vocabulary.sketches import SCORE_COLUMNS


def _week(people: int, graders: int, seed: int = 1, **columns: object) -> Accounts:
    """Accounts of which the first ``graders`` live by grading."""
    given = {"exchanges": 20, **columns}
    accounts = ordinary(people, seed=seed, **given)
    accounts["t22"] = np.where(np.arange(people) < graders, 15, 0).astype(np.int64)
    return Accounts(np.arange(people, dtype=np.int64) * 10, accounts)


def test_many_more_graders_than_in_weeks_past_are_a_candidate() -> None:
    (found,) = candidates(_week(2000, 120), of_weeks_past(_week(2000, 6)))
    assert found.technique == "t22"
    assert len(found.accounts) == 120
    assert found.expected < 20


def test_as_many_graders_as_ever_are_none() -> None:
    assert candidates(_week(2000, 120), of_weeks_past(_week(2000, 115))) == []


def test_a_handful_of_accounts_is_no_surge() -> None:
    assert candidates(_week(2000, 12), of_weeks_past(_week(2000, 0))) == []


def test_those_who_distil_with_permission_are_in_no_surge() -> None:
    assert candidates(_week(2000, 120, programme=PERMITTED), of_weeks_past(_week(2000, 0))) == []


def test_a_log_of_seven_times_the_accounts_is_no_surge() -> None:
    assert candidates(_week(7000, 140), of_weeks_past(_week(1000, 20))) == []


def test_ordinary_weeks_make_candidates_no_more_often_than_is_claimed() -> None:
    """Null: counts binomial with one share, now and in weeks past. The bound is 1e-6; at 300 weeks none may pass."""
    draw = np.random.default_rng(11)
    found = 0
    for _ in range(300):
        share = float(draw.choice([0.001, 0.01, 0.05]))
        now, before = (_week(2000, int(draw.binomial(2000, share))) for _ in range(2))
        found += len(candidates(now, of_weeks_past(before)))
    assert found == 0


def test_the_expected_number_is_an_upper_bound_as_often_as_is_claimed() -> None:
    draw = np.random.default_rng(4)
    share, people = 0.004, 3000
    below = 0
    for seen in draw.binomial(people, share, 2000).tolist():
        below += Reference(people, {("t22", "living"): seen}).expected("t22", "living", people) < share * people
    assert below / 2000 <= stats.binom.ppf(0.999, 2000, 0.005) / 2000


def test_the_shipped_weeks_know_every_technique_and_scale() -> None:
    reference = shipped()
    assert reference.accounts > 3000
    assert set(reference.counts) == {(technique, scale) for technique in SCORE_COLUMNS for scale in SCALES}
    assert reference.doubt > 1


@pytest.mark.parametrize("scale", SCALES)
def test_accounts_that_live_by_a_technique_also_show_it_in_passing(scale: str) -> None:
    counts = counted(_week(500, 50))
    assert counts["t22", scale] == 50
