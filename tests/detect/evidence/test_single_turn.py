"""Line ``single-turn``: every request stands alone."""

import numpy as np

from groups import bits, group, rising
from stillwatch.detect.evidence.single_turn import SINGLE_TURN


def test_requests_that_all_stand_alone_weigh_a_little_for_a_campaign() -> None:
    assert bits(SINGLE_TURN, group()) == 0.7


def test_conversations_weigh_against() -> None:
    assert bits(SINGLE_TURN, group(core={"assistant_turns": 2})) == -3.0


def test_an_agent_that_reads_its_tools_results_weighs_against() -> None:
    assert bits(SINGLE_TURN, group(core={"tool_results": 1})) == -3.0


def test_under_ten_exchanges_nobody_can_tell() -> None:
    assert bits(SINGLE_TURN, group(3, 3)) is None


def test_the_more_requests_stand_alone_the_more_it_weighs() -> None:
    cores = [{"assistant_turns": np.arange(200) % 10 < talking} for talking in (10, 8, 5, 2, 0)]
    assert rising([bits(SINGLE_TURN, group(core=core)) for core in cores])
