from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.decide.appeals import (
    ACTS,
    CALLERS,
    CLOSED,
    HOUR_US,
    Appeal,
    Deadlines,
    Event,
    advanced,
    due_us,
    file,
    labels,
    overdue,
    public,
    standing,
)
from stillwatch.errors import UsageError

DEADLINES = Deadlines()


def filed(reference: str = "A-AAAAAAAAAAAA", at_us: int = 0) -> Appeal:
    return file(reference, "SW-CASE", "acct_1", "org_1", "rule: act", "We run an evaluation of our own model.", at_us)


def act(name: str, at_us: int, actor: str = "Reviewer 2", message: str = "We looked again.", note: str = "") -> Event:
    return Event(
        act=name,  # type: ignore[arg-type]
        at_us=at_us,
        actor="acct_1" if name in CALLERS else actor,
        message=message,
        note=note,
        course="notice" if name == "varied" else None,
    )


def through(*names: str) -> Appeal:
    appeal = filed()
    for step, name in enumerate(names, 1):
        appeal = advanced(appeal, act(name, step * HOUR_US))
    return appeal


def test_an_overturned_decision_is_lifted_and_teaches_detection_that_the_account_is_innocent() -> None:
    appeal = through("acknowledged", "question", "answer", "overturned")
    assert appeal.state == "overturned"
    assert [(one.kind, one.account) for one in standing([appeal], DEADLINES, 0)] == [("overturned", "acct_1")]
    assert [(one.label, one.case) for one in labels([appeal])] == [("innocent", "SW-CASE")]


def test_an_upheld_decision_stands_and_a_varied_one_says_nothing_of_innocence() -> None:
    upheld, varied = through("acknowledged", "upheld"), through("acknowledged", "varied")
    assert standing([upheld], DEADLINES, 10**15) == []
    assert [one.label for one in labels([upheld])] == ["confirmed"]
    assert [(one.kind, one.course) for one in standing([varied], DEADLINES, 0)] == [("varied", "notice")]
    assert labels([varied]) == []


@pytest.mark.parametrize(
    ("names", "hours"), [((), 48), (("acknowledged",), 14 * 24), (("acknowledged", "question", "answer"), 14 * 24 + 1)]
)
def test_silence_beyond_the_deadline_suspends_the_course(names: tuple[str, ...], hours: int) -> None:
    appeal = through(*names)
    due = hours * HOUR_US
    assert due_us(appeal, DEADLINES) == due
    assert standing([appeal], DEADLINES, due) == []
    assert [one.kind for one in standing([appeal], DEADLINES, due + 1)] == ["suspended"]


def test_nothing_is_due_while_it_is_the_callers_turn_or_when_it_is_over() -> None:
    for names in (("acknowledged", "question"), ("acknowledged", "upheld"), ("withdrawn",)):
        assert due_us(through(*names), DEADLINES) is None
        assert not overdue(through(*names), DEADLINES, 10**18)


def test_who_decided_does_not_answer_the_appeal() -> None:
    appeal = file("A-AAAAAAAAAAAA", "SW-CASE", "acct_1", None, "Reviewer 2", "That was us.", 0)
    acknowledged = advanced(appeal, act("acknowledged", 1))
    with pytest.raises(UsageError, match="another person"):
        advanced(acknowledged, act("upheld", 2, actor="reviewer 2 "))
    assert advanced(acknowledged, act("upheld", 2, actor="Reviewer 3")).state == "upheld"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (act("upheld", 1), "can't happen now"),
        (Event(act="withdrawn", at_us=1, actor="Reviewer 2"), "only the one who appeals"),
        (Event(act="acknowledged", at_us=1, actor="acct_1"), "their own appeal"),
        (Event(act="acknowledged", at_us=-1, actor="Reviewer 2"), "clock"),
        (Event(act="acknowledged", at_us=1, actor=" "), "name"),
        (Event(act="acknowledged", at_us=1, actor="Reviewer 2", note="x" * 4001), "4000 are the most"),
    ],
)
def test_what_can_not_happen_is_refused_with_its_reason(event: Event, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        advanced(filed(), event)


def test_an_outcome_needs_a_word_to_the_one_who_waits() -> None:
    with pytest.raises(UsageError, match="message"):
        advanced(through("acknowledged"), Event(act="upheld", at_us=HOUR_US * 2, actor="Reviewer 2", note="fine"))
    with pytest.raises(UsageError, match="statement"):
        file("A-AAAAAAAAAAAA", "SW-CASE", "acct_1", None, "rule", "  ", 0)


def test_the_one_who_appeals_reads_neither_notes_nor_names_nor_evidence() -> None:
    appeal = advanced(
        through("acknowledged"),
        act("overturned", 2 * HOUR_US, "Reviewer 7", "You were right.", "shared-payment 9 bits"),
    )
    told = public(appeal, DEADLINES, 0)
    assert ("provider", "You were right.") in told.messages
    assert "Reviewer" not in repr(told)
    assert "bits" not in repr(told)
    assert "org_1" not in repr(told)


@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 5)), max_size=12))
def test_whatever_is_tried_the_state_is_one_that_its_events_lead_to(tries: list[tuple[Any, int]]) -> None:
    appeal, clock = filed(), 0
    for name, step in tries:
        clock += step
        before = appeal
        try:
            appeal = advanced(appeal, act(name, clock))
        except UsageError:
            assert appeal == before
        else:
            assert len(appeal.events) == len(before.events) + 1
            assert before.state not in CLOSED or name == "reopened"
    assert len(labels([appeal])) == (appeal.state in ("upheld", "overturned"))
    assert not (appeal.state in CLOSED and overdue(appeal, DEADLINES, 10**18))
