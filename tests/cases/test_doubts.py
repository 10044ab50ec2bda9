"""What could be wrong is said beside each case."""

import numpy as np
import pytest

from groups import group
from stillwatch.cases.doubts import compared, doubts
from stillwatch.cases.joining import Case
from stillwatch.detect.calibrate import BLOCKS, Own
from stillwatch.detect.detection import Finding
from stillwatch.detect.evidence.line import Evidence
from stillwatch.detect.weigh import Weight


def _doubts(*, permits: tuple[str, ...] = (), **weights: float) -> str:
    """Doubts about a case whose evidence weighs so much, by line (``_`` for ``-``), as one text."""
    evidence = tuple(Evidence(name.replace("_", "-"), "", "", "", "", bits, "") for name, bits in weights.items())
    keys = np.arange(3, dtype=np.int64)
    finding = Finding(group(3), evidence, Weight(15.0, "review", {}, 0.0), keys, np.ones(3), permits)
    return "\n".join(doubts(Case((finding,), keys, np.ones(3))))


def test_every_case_says_that_it_names_no_operator() -> None:
    assert "nothing about who the operator is" in _doubts().splitlines()[-1]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("even_volumes", "class"),
        ("synchronous_onset", "viral"),
        ("shared_network", "office"),
        ("elicitation", "evaluation harness"),
    ],
)
def test_a_line_that_weighs_for_brings_its_innocent_explanation(line: str, word: str) -> None:
    assert word in _doubts(**{line: 2.0})
    assert word not in _doubts(**{line: 0.5})


def test_what_the_log_does_not_know_is_said() -> None:
    assert "When these accounts were made is not in the log" in _doubts(round_the_clock=1.0)
    assert "When these accounts were made is not in the log" not in _doubts(signup_burst=-1.0)
    assert "too short to tell a job from people" in _doubts()


def test_unknown_payment_is_said_and_known_payment_is_not() -> None:
    assert "pay with is not known" in _doubts()
    assert "pay with is not known" not in _doubts(shared_payment=5.0)
    assert "pay with is not known" not in _doubts(pays_apart=-1.5)


def test_accounts_that_pay_apart_may_be_strangers() -> None:
    assert "strangers on one public template are not ruled out" in _doubts(pays_apart=-1.5)


def test_ordinary_work_may_be_an_application() -> None:
    assert "an application that many customers run" in _doubts(elicitation=-2.0)
    assert "an application that many customers run" not in _doubts(elicitation=5.0)


def test_a_permit_that_was_passed_is_repeated() -> None:
    assert "Permit P-17: traffic beyond its volume." in _doubts(permits=("Permit P-17: traffic beyond its volume.",))


def test_no_doubt_is_said_twice() -> None:
    note = "Permit P-17: traffic beyond its term."
    lines = _doubts(permits=(note, note)).splitlines()
    assert len(lines) == len(set(lines))


def _own(groups: int, days: int) -> Own:
    return Own(np.zeros((groups, len(BLOCKS))), np.zeros(0, dtype=np.int64), days)


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (None, "composed ordinary weeks, for want of earlier scans"),
        (_own(150, 40), "150 quiet groups of earlier scans over 40 days, and 200 over 7 days are needed"),
        (_own(1_500, 3), "1,500 quiet groups of earlier scans over 3 days, and 200 over 7 days are needed"),
        (_own(1_500, 14), "over 14 days and off composed ordinary weeks, whichever says less"),
        (_own(1_500, 35), "over 35 days, and off composed ordinary weeks only beyond the heaviest of them"),
    ],
)
def test_what_was_compared_with_what_is_said(own: Own | None, words: str) -> None:
    assert words in compared(own)


def test_what_was_compared_stands_with_each_case() -> None:
    keys = np.arange(3, dtype=np.int64)
    case = Case((Finding(group(3), (), Weight(15.0, "review", {}, 0.0), keys, np.ones(3), ()),), keys, np.ones(3))
    assert compared(None) in doubts(case, compared(None))
