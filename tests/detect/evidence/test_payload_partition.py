"""Line ``payload-partition``: distillers share the template and divide the payload; a class shares both."""

import numpy as np

from groups import bits, group, missing, rising
from stillwatch.detect.evidence.payload_partition import PAYLOAD_PARTITION

#: Twenty accounts with ten exchanges each; all of them send the same ten prompts.
EXERCISES = np.tile(np.arange(10), 20)


def test_work_that_is_divided_weighs_for_a_campaign() -> None:
    assert bits(PAYLOAD_PARTITION, group()) == 3.0


def test_a_class_that_shares_its_exercises_weighs_against() -> None:
    assert bits(PAYLOAD_PARTITION, group(core={"prompt": EXERCISES})) == -6.0


def test_prompts_that_are_not_known_say_nothing() -> None:
    assert bits(PAYLOAD_PARTITION, group(core={"prompt": missing(200)})) is None


def test_the_more_is_shared_the_more_it_weighs_against() -> None:
    own = np.arange(200) + 1_000
    cores = [np.where(np.arange(200) % 10 < shared, EXERCISES, own) for shared in (10, 8, 5, 3, 1, 0)]
    assert rising([bits(PAYLOAD_PARTITION, group(core={"prompt": prompt})) for prompt in cores])


def test_an_account_that_repeats_its_own_prompt_shares_nothing() -> None:
    assert bits(PAYLOAD_PARTITION, group(core={"prompt": np.repeat(np.arange(20), 10)})) == 3.0


def test_one_exercise_under_many_greetings_still_counts_as_shared() -> None:
    # Every prompt differs as a whole, but all of its passages beside the template stand with another member too.
    assert bits(PAYLOAD_PARTITION, group(reuse=np.full(200, 30))) == -6.0


def test_a_phrase_in_common_is_not_a_payload_in_common() -> None:
    assert bits(PAYLOAD_PARTITION, group(reuse=np.full(200, 5), core={"prompt_symbols": 4_000})) == 3.0


def test_three_accounts_that_divide_work_weigh_less_than_eight() -> None:
    assert rising([bits(PAYLOAD_PARTITION, group(size)) for size in (3, 5, 8)])
