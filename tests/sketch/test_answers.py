"""What was served and what was refused."""

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.sketch.answers import SHORT_ANSWER, answers, refused
from stillwatch.vocabulary.exchanges import EXCHANGES
from stillwatch.vocabulary.sketches import ANSWERS
from stillwatch.vocabulary.techniques import SCORED


def batch(fields: dict[str, object]) -> pa.RecordBatch:
    row = {"source": 0, "line": 1, "id": "x", "ts_us": 0, "account": "acct_17", "dialect": "openai-chat"}
    return pa.RecordBatch.from_pylist([row | fields], schema=EXCHANGES)


def kind(asked: str | None = None, **fields: object) -> str:
    scores = np.zeros((1, len(SCORED)), dtype=np.uint8)
    if asked:
        scores[0, SCORED.index(asked)] = 90
    return ANSWERS[int(answers(batch(fields), scores)[0])]


def is_refused(**fields: object) -> bool:
    return bool(refused(batch(fields))[0])


@pytest.mark.parametrize(
    ("expected", "asked"),
    [
        ("plain", None), ("graded", "SW-T22"), ("graded", "SW-T23"), ("trajectory", "SW-T25"), ("reasoning", "SW-T16"),
        ("reasoning", "SW-T17"), ("reasoning", "SW-T19"), ("plain", "SW-T24"),
    ],
)  # fmt: skip
def test_what_was_asked_for_and_served_names_the_answer(expected: str, asked: str | None) -> None:
    assert kind(asked, status=200, completion_tokens=50) == expected


def test_tool_calls_make_a_trajectory_and_reasoning_served_outranks_it() -> None:
    assert kind(tool_calls_out=1, status=200) == "trajectory"
    assert kind(tool_calls_out=1, status=200, reasoning_tokens=300) == "reasoning"
    assert kind(response_text="<think> first the units </think> 42") == "reasoning"


@pytest.mark.parametrize("fields", [{"status": 500}, {"status": 429}, {"status": 403}, {"completion_tokens": 0}])
def test_a_failed_or_empty_exchange_served_nothing(fields: dict[str, object]) -> None:
    assert kind("SW-T16", **fields) == "none"


def test_an_answer_of_which_nothing_is_known_is_taken_as_served() -> None:
    assert kind() == "plain"


def test_a_refused_request_served_nothing_whatever_it_asked() -> None:
    assert kind("SW-T16", status=200, response_text="I'm sorry, but I can't share that.") == "none"


@pytest.mark.parametrize(
    ("status", "expected"), [(400, True), (403, True), (429, False), (500, False), (200, False), (None, False)]
)
def test_only_client_errors_other_than_rate_limits_are_refusals(status: int | None, expected: bool) -> None:
    assert is_refused(status=status) is expected


@pytest.mark.parametrize(
    ("reason", "expected"), [("content_filter", True), ("refusal", True), ("stop", False), ("length", False)]
)
def test_a_finish_reason_can_say_that_it_was_refused(reason: str, expected: bool) -> None:
    assert is_refused(finish_reason=reason) is expected


@pytest.mark.parametrize(
    "words",
    [
        "I’m sorry, but I can’t help with that.", "抱歉，我无法回答这个问题。", "Lo siento, no puedo ayudarte con eso.",
        "Извините, но я не могу с этим помочь.", "申し訳ありませんが、お答えできません。",
        "죄송하지만 도와드릴 수 없습니다.",
        "عذراً، لا أستطيع مساعدتك في ذلك.",
    ],
)  # fmt: skip
def test_a_short_answer_that_declines_is_a_refusal_in_any_language(words: str) -> None:
    assert is_refused(response_text=words)


def test_a_long_answer_that_quotes_a_refusal_is_none() -> None:
    assert not is_refused(
        response_text="Here is a letter. I cannot provide more. " + "It was a fine day. " * SHORT_ANSWER
    )
    assert not is_refused(response_text="Of course. The capital of France is Paris.")
