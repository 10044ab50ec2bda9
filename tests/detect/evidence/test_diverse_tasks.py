"""Line ``diverse-tasks``: all sorts of tasks in each account."""

import numpy as np

from groups import MATHS, bits, group, rising
from stillwatch.detect.evidence.diverse_tasks import DIVERSE_TASKS, agreement
from stillwatch.vocabulary.techniques import CAPABILITIES

SIZE, EACH = 20, 10
DRAW = np.random.default_rng(4)
#: Other accounts ask about one thing each, which is another one for each.
FOCUSED = {f"c{code}": np.where(np.arange(400) % 4 == code, 30, 2) for code in range(len(CAPABILITIES))}


def _bits(capabilities: int, size: int = SIZE) -> float | None:
    core = {"capability": DRAW.integers(0, capabilities, size * EACH)}
    return bits(DIVERSE_TASKS, group(size, EACH, core=core, everyone=FOCUSED))


def test_people_who_use_a_tool_for_everything_weigh_against() -> None:
    assert _bits(9) == -1.5


def test_a_job_with_one_kind_of_task_is_not_excused() -> None:
    assert bits(DIVERSE_TASKS, group(SIZE, EACH, core={"capability": MATHS}, everyone=FOCUSED)) == 0.0


def test_the_more_of_one_kind_the_less_it_weighs_against() -> None:
    assert rising([_bits(9), _bits(3), _bits(2), _bits(1)])


def test_a_group_that_divides_the_subjects_among_its_accounts_is_not_excused() -> None:
    # Every capability is there, but each account has one.
    core = {"capability": np.repeat(np.arange(SIZE) % len(CAPABILITIES), EACH)}
    assert bits(DIVERSE_TASKS, group(SIZE, EACH, core=core, everyone=FOCUSED)) == 0.0


def test_four_accounts_are_too_few_to_tell() -> None:
    assert _bits(9, size=4) is None


def test_where_all_accounts_are_diverse_it_is_no_explanation() -> None:
    everyone = {f"c{code}": 4 for code in range(len(CAPABILITIES))}
    core = {"capability": DRAW.integers(0, 2, SIZE * EACH)}
    assert bits(DIVERSE_TASKS, group(SIZE, EACH, core=core, everyone=everyone)) == 0.0


def test_agreement_does_not_depend_on_how_much_an_account_asks() -> None:
    few = DRAW.multinomial(2, np.full(4, 0.25), 20_000)
    many = DRAW.multinomial(200, np.full(4, 0.25), 200)
    assert abs(agreement(few) - 0.25) < 0.02
    assert abs(agreement(many) - 0.25) < 0.02
