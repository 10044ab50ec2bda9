"""What was served: distinct answers, with an interval, beside the public scale."""

from typing import Any

import numpy as np
import pytest

from groups import MATHS, exchanges, missing
from stillwatch.cases.exposure import SURE, exposures, nearest
from stillwatch.detect.group import Columns
from stillwatch.vocabulary.campaigns import Exposure
from stillwatch.vocabulary.sketches import ANSWERS
from stillwatch.vocabulary.techniques import CAPABILITIES

ACCOUNTS = np.arange(10, dtype=np.int64)
SURELY = np.full(10, 0.99)
NONE, PLAIN, REASONING = (ANSWERS.index(kind) for kind in ("none", "plain", "reasoning"))


def _core(each: int = 20, **columns: Any) -> Columns:
    made = {"capability": MATHS, "answer": REASONING} | columns
    return exchanges(np.repeat(ACCOUNTS, each), np.random.default_rng(0), 1.0, made)


def _one(core: Columns, everything: Columns | None = None, chance: Any = SURELY) -> Exposure:
    [found] = exposures(core, core if everything is None else everything, ACCOUNTS, np.asarray(chance))
    return found


def test_distinct_answers_to_sure_members_are_the_lower_end() -> None:
    found = _one(_core())
    assert (found.capability, found.unit) == ("maths", "distinct reasoning traces")
    assert (found.low, found.high) == (200, 200)


def test_duplicates_count_once() -> None:
    assert _one(_core(prompt=np.arange(200) % 50)).high == 50


def test_prompts_that_are_not_known_each_count_for_themselves() -> None:
    assert _one(_core(prompt=missing(200))).high == 200


def test_refused_and_failed_exchanges_served_nothing() -> None:
    assert _one(_core(refused=np.arange(200) < 150)).high == 50
    assert _one(_core(answer=np.where(np.arange(200) < 150, NONE, REASONING))).high == 50
    assert exposures(_core(refused=True), _core(refused=True), ACCOUNTS, SURELY) == ()


def test_low_leaves_out_accounts_that_may_be_strangers() -> None:
    chance = np.where(ACCOUNTS < 4, SURE, SURE - 0.01)
    assert _one(_core(), chance=chance).low == 80


def test_mid_weighs_each_answer_by_the_chance_that_its_sender_belongs() -> None:
    assert _one(_core(), chance=np.where(ACCOUNTS < 5, 1.0, 0.6)).mid == 160


def test_a_prompt_of_several_senders_counts_by_the_surest_of_them() -> None:
    prompt = np.tile(np.arange(20), 10)
    assert _one(_core(prompt=prompt), chance=np.where(ACCOUNTS < 1, 1.0, 0.5)).mid == 20


def test_high_counts_cover_traffic_of_that_capability_too() -> None:
    found = _one(_core(), everything=_core(each=30))
    assert (found.low, found.high) == (200, 300)


def test_low_mid_and_high_are_always_in_order() -> None:
    draw = np.random.default_rng(2)
    for _ in range(50):
        core = _core(
            capability=draw.integers(0, 3, 200),
            answer=draw.integers(0, 5, 200),
            refused=draw.random(200) < 0.2,
            prompt=draw.integers(0, 150, 200),
        )
        for found in exposures(core, core, ACCOUNTS, draw.uniform(0.5, 1.0, 10)):
            assert 0 <= found.low <= found.mid <= found.high


def test_each_capability_is_its_own_line_largest_first() -> None:
    code = CAPABILITIES.index("code")
    core = _core(capability=np.where(np.arange(200) < 60, code, MATHS))
    found = exposures(core, core, ACCOUNTS, SURELY)
    assert [(line.capability, line.high) for line in found] == [("maths", 140), ("code", 60)]


def test_the_unit_is_the_kind_of_answer_that_most_were() -> None:
    assert _one(_core(answer=np.where(np.arange(200) < 120, PLAIN, REASONING))).unit == "distinct plain answers"


@pytest.mark.parametrize(
    ("count", "scale"),
    [
        (0, "LIMO (817)"),
        (700, "LIMO (817)"),
        (1_100, "s1 (1,000)"),
        (9_000, "17k long reasoning traces (17,000)"),
        (50_000, "Alpaca (52,000)"),
        (72_000, "Lion (70,000)"),
        (20_000_000, "reported campaigns (150,000 to 151,000,000)"),
    ],
)
def test_the_nearest_public_scale_is_the_one_nearest_by_ratio(count: int, scale: str) -> None:
    assert nearest(count) == scale
