"""Line ``elicitation``: requests that ask for what a student model learns from."""

import numpy as np

from groups import bits, group, rising
from stillwatch.detect.evidence.elicitation import ELICITATION, MOST


def test_a_group_full_of_post_hoc_reasoning_weighs_for_a_campaign() -> None:
    assert bits(ELICITATION, group(core={"t16": 100})) == MOST["t16"]


def test_a_template_that_asks_for_ordinary_work_weighs_against() -> None:
    assert bits(ELICITATION, group()) == -2


def test_under_five_exchanges_nobody_can_tell() -> None:
    assert bits(ELICITATION, group(3, 1, core={"t16": 100})) is None


def test_the_more_requests_elicit_the_more_it_weighs() -> None:
    shares = (0.0, 0.05, 0.1, 0.3, 0.6, 0.9, 1.0)
    assert rising([bits(ELICITATION, group(core={"t17": 100 * (np.arange(200) < 200 * share)})) for share in shares])


def test_grading_weighs_less_than_reasoning_because_every_judge_grades() -> None:
    assert rising([bits(ELICITATION, group(core={name: 100})) for name in ("t25", "t22", "t16")])


def test_a_prompt_habit_that_many_accounts_live_by_weighs_next_to_nothing() -> None:
    habit = {"exchanges": 10, "t17": np.where(np.arange(400) % 2, 10, 0)}
    weights = [bits(ELICITATION, group(everyone=everyone, core={"t17": 100})) for everyone in (habit, {})]
    assert rising(weights)
    assert weights[0] is not None
    assert weights[0] < 1.0


def test_a_score_below_fifty_does_not_count_as_shown() -> None:
    assert bits(ELICITATION, group(core={"t16": 49})) == -2


def test_the_sentence_names_the_technique_that_most_requests_show() -> None:
    found = ELICITATION.of(group(core={"t16": 100 * (np.arange(200) < 30), "t24": 100 * (np.arange(200) >= 30)}))
    assert found is not None
    assert "SW-T24" in found.text
