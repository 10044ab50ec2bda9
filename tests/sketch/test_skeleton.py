"""The skeleton of a system prompt: what changes it and what does not."""

import numpy as np
import pyarrow as pa
import pytest
from texts import ALL, SCRIPTS

from stillwatch.sketch.fold import fold
from stillwatch.sketch.skeleton import skeleton


def of(*some: str | None) -> list[int]:
    return [int(value) for value in skeleton(fold(pa.array(some, pa.string())))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("You help. Today is 2026-03-02.", "You help. Today is 2027-11-30."),
        ("You help. Today is Monday, March 2, 2026.", "You help. Today is Friday, 31 July 2026."),
        ("You help. Today is (Tue) 10:45 UTC", "You help. Today is (Sat) 7:02 am GMT"),
        ("Task 123e4567-e89b-12d3-a456-426614174000: go.", "Task 00000000-0000-4000-8000-000000000001: go."),
        ("Trace deadbeefcafe is open.", "Trace abcdefabcdef is open."),
        ("Write to ada@example.org, https://example.org/a?b=c", "Write to bo@example.com, http://example.com"),
        ("Visit www.example.org daily", "Visit www.example.com/help daily"),
        ("Heute ist Montag, 2. März. Antworte kurz.", "Heute ist Sonntag, 11. Oktober. Antworte kurz."),
        ("Сегодня 2 марта 2026, понедельник. Отвечай кратко.", "Сегодня 30 июля 2025, среда. Отвечай кратко."),
        ("今天是2026年3月2日。请简短回答。", "今天是2025年12月31日。请简短回答。"),
        ("اليوم ٢ مارس ٢٠٢٦. أجب بإيجاز.", "اليوم ١١ يوليو ٢٠٢٥. أجب بإيجاز."),
    ],
)  # fmt: skip
def test_what_is_filled_in_does_not_change_the_skeleton(one: str, other: str) -> None:
    left, right = of(one, other)
    assert left == right != 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("You are a helpful tutor.", "You are a helpful editor."),
        ("Answer, then explain.", "Explain, then answer."),
        ("请简短回答", "请详细回答"),
        ("a b", "ab"),
        ("Be brief.", "Be brief"),
    ],
)
def test_other_words_or_another_order_change_it(one: str, other: str) -> None:
    left, right = of(one, other)
    assert left != right


def test_nothing_but_numbers_and_addresses_has_no_skeleton() -> None:
    assert of("", None, "2026-03-02 10:00", "ada@example.org https://example.org", " \n") == [0] * 5


def test_every_script_keeps_its_words_apart() -> None:
    # "abcabc..." and "aaaa..." look like hexadecimal identifiers, and go.
    wordy = [text for name, text in SCRIPTS.items() if name not in {"empty", "only spaces", "repeated", "constant"}]
    assert len(set(of(*wordy))) == len(wordy)


def test_rows_do_not_depend_on_their_neighbours() -> None:
    together = skeleton(fold(pa.array(ALL)))
    alone = np.concatenate([skeleton(fold(pa.array([text], pa.string()))) for text in ALL])
    assert (together == alone).all()


def test_word_boundaries_are_part_of_the_skeleton() -> None:
    assert len(set(of("now here", "nowhere", "now  here", "no where"))) == 3
