"""What innocent kinds share with campaigns, so that none of it alone can stand for guilt."""

from collections import Counter
from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.lookalikes.fashions import ELICITING
from stillwatch.rehearse.material import Material
from stillwatch.rehearse.population import Population
from stillwatch.rehearse.rhythm import DAY_US
from stillwatch.rehearse.scenario import LookAlike, Ordinary, Scenario, parse
from stillwatch.sketch.fold import fold
from stillwatch.sketch.techniques import scores
from stillwatch.vocabulary.exchanges import EXCHANGES
from stillwatch.vocabulary.sketches import SHOWN


def alone(kind: str, words: Material, groups: int = 1, seed: int = 8) -> Population:
    """A week with nobody else in it."""
    scenario = Scenario(
        name="one",
        about="One kind.",
        start=datetime.fromisoformat("2026-06-01T00:00:00Z"),
        ordinary=Ordinary(accounts=0),
        lookalike=(LookAlike(kind, groups),),
    )
    return compose(scenario, words, seed)


def test_the_wrongly_blocked_are_refused_with_403_from_one_moment_on(words: Material) -> None:
    statuses: dict[str, list[int]] = {}
    for record in alone("reopened", words, 3).records():
        statuses.setdefault(record["account"], []).append(record["status"])
    blocked = [mine for mine in statuses.values() if 403 in mine]
    assert len(blocked) > 20
    for mine in blocked:
        assert set(mine[mine.index(403) :]) == {403}


def test_some_of_the_wrongly_blocked_open_another_account_within_the_week_and_ask_with_it(words: Material) -> None:
    population = alone("reopened", words, 3)
    asked = Counter(record["account"] for record in population.records() if record["status"] == 200)
    opened = {row["account"] for row in population.accounts() if row.get("created_at", "") >= "2026-06-01"}
    assert len(opened) > 5
    assert len(opened & set(asked)) > len(opened) / 2
    first = {record["account"]: record["occurred_at"] for record in reversed(list(population.records()))}
    created = {row["account"]: row["created_at"] for row in population.accounts() if row["account"] in opened}
    assert all(created[account] <= first[account] for account in opened if account in first)


def test_adopters_of_a_new_model_change_over_days_and_never_before_its_release(words: Material) -> None:
    plan = """
name = "released"
about = "A release on the third day."
start = 2026-06-01T00:00:00Z
[ordinary]
accounts = 0
[[lookalike]]
kind = "release-adopters"
groups = 3
[[campaign]]
name = "c"
accounts = 1
exchanges = 1
release_day = 2.0
"""
    population = compose(parse(plan), words, 5)
    first: dict[str, str] = {}
    for record in population.records():
        if record["request"]["model"] == "m-next":
            first.setdefault(record["account"], record["occurred_at"][:10])
    days = Counter(first.values())
    assert min(days) == "2026-06-03"
    assert len(days) == 5
    assert max(days.values()) < 0.6 * len(first)
    assert 0.3 * len(population.actors) < len(first) < len(population.actors)


def test_a_prompt_that_goes_round_is_used_once_or_twice_around_a_question_of_ones_own(words: Material) -> None:
    population = alone("viral-template", words)
    pastes = [len(actor.scripts[0].times) for actor in population.actors]
    assert 60 <= len(pastes) <= 180
    assert set(pastes) == {1, 2}
    said = [
        repr(actor.scripts[0].ask(k, Dice(actor.seed, 0, k)).body)
        for actor in population.actors
        for k in range(len(actor.scripts[0].times))
    ]
    assert len(set(said)) == len(said)
    lengths = sorted(len(text) for text in said)
    assert lengths[-1] > lengths[0] + 300


def test_a_prompt_that_goes_round_is_forgotten_again_over_days(words: Material) -> None:
    population = alone("viral-template", words)
    days = np.concatenate([actor.scripts[0].times for actor in population.actors]) // DAY_US
    counts = np.bincount(days - days.min())
    assert len(counts) >= 3
    assert counts[-1] < counts.max() / 2


def test_more_customers_of_long_standing_take_up_a_new_tool_on_every_later_day(words: Material) -> None:
    population = alone("new-tool", words)
    start = population.world.start_us
    first = np.array([actor.scripts[0].times[0] for actor in population.actors])
    assert np.median(first - start) > 3.5 * DAY_US
    assert len(set(first // DAY_US)) >= 5
    before = [actor for actor in population.actors if actor.scripts[1].times.min() < actor.scripts[0].times[0]]
    assert len(before) > 0.6 * len(population.actors)
    created = [actor.signup.created_us for actor in population.actors if actor.signup.created_us is not None]
    assert max(created) < start - 59 * DAY_US


@pytest.mark.parametrize("first", [0, 1], ids=["tuning", "holdout"])
def test_in_each_half_most_prompts_that_go_round_ask_for_reasoning_as_plainly_as_campaigns_do(first: int) -> None:
    question = "what can I plant beside beans in a small garden? my neighbour says that onions harm them"
    shown = [
        max(_scores(line.spin(Dice(place, spun)).replace("{q}", question))) >= SHOWN
        for place, line in enumerate(ELICITING[first::2])
        for spun in range(20)
    ]
    assert sum(shown) > len(shown) / 2


def _scores(prompt: str) -> list[int]:
    row = {"source": 0, "line": 1, "id": "x", "ts_us": 0, "account": "a", "dialect": "openai-chat"}
    texts = [fold(pa.array([text], pa.string())) for text in ("", prompt, "")]
    return [int(score) for score in scores(pa.RecordBatch.from_pylist([row], schema=EXCHANGES), *texts)[0]]
