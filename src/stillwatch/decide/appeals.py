"""MAY I ASK WHY? Appeals: who was touched says so, a person who did not decide answers, and the answer counts.

An appeal is a list of events and nothing else; its state is what they come to, so nobody can change what was said
before. Two rules protect whoever appeals. *Another person*: whoever put a name to the decision can't answer the appeal
against it. *Silence helps the one who waits*: an appeal that nobody answered in time suspends the course of action
until somebody does (``standing``). Deadlines are settings; the defaults are ours, and the right to such a procedure
within at least six months of the decision is that of the Digital Services Act, Article 20.

What the one who appeals may read is ``public``: state, deadlines, outcome and the message meant for them. Evidence,
staff notes and the names of staff never stand there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import msgspec

from stillwatch.decide.course import Course
from stillwatch.errors import UsageError

#: What may happen to an appeal.
Act = Literal["filed", "acknowledged", "question", "answer", "upheld", "varied", "overturned", "withdrawn", "reopened"]
State = Literal["filed", "acknowledged", "waiting-for-caller", "upheld", "varied", "overturned", "withdrawn"]
ACTS: tuple[Act, ...] = get_args(Act)
#: The decision stands as it was; a lighter course takes its place; it was wrong.
OUTCOMES: tuple[State, ...] = ("upheld", "varied", "overturned")
CLOSED: tuple[State, ...] = (*OUTCOMES, "withdrawn")
#: Acts of the one who appeals; all others are the provider's.
CALLERS: tuple[Act, ...] = ("filed", "answer", "withdrawn")

_AFTER: Mapping[State | None, Mapping[Act, State]] = {
    None: {"filed": "filed"},
    "filed": {"acknowledged": "acknowledged", "withdrawn": "withdrawn"},
    "acknowledged": {
        "question": "waiting-for-caller",
        "upheld": "upheld",
        "varied": "varied",
        "overturned": "overturned",
        "withdrawn": "withdrawn",
    },
    "waiting-for-caller": {
        "answer": "acknowledged",
        "upheld": "upheld",
        "varied": "varied",
        "overturned": "overturned",
        "withdrawn": "withdrawn",
    },
    # New facts may be heard once more; who withdrew may come back.
    "upheld": {"reopened": "acknowledged"},
    "varied": {"reopened": "acknowledged"},
    "overturned": {"reopened": "acknowledged"},
    "withdrawn": {"reopened": "acknowledged"},
}

HOUR_US = 3_600_000_000
#: Characters of a statement or message; more is for a letter.
LONGEST = 4_000


class Deadlines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours by which the provider acts, counted from the filing, and days in which an appeal may be filed."""

    acknowledge_hours: int = 48
    decide_hours: int = 14 * 24
    file_days: int = 183

    def __post_init__(self) -> None:
        if min(self.acknowledge_hours, self.decide_hours, self.file_days) < 1:
            raise ValueError("deadlines are whole numbers from 1")


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened. ``message`` is for the one who appeals, ``note`` for staff; ``actor`` is a person.

    ``course`` is what takes the place of the decision, where it was varied.
    """

    act: Act
    at_us: int
    actor: str
    message: str = ""
    note: str = ""
    course: Course | None = None


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """An appeal against one decision. ``decided_by``: rule or person whose name stands under that decision."""

    reference: str
    case: str
    account: str
    organization: str | None
    decided_by: str
    events: tuple[Event, ...]

    @property
    def state(self) -> State:
        """What the events come to. Raises ``UsageError`` where they can't have happened in this order."""
        state: State | None = None
        for event in self.events:
            state = _next(state, event.act, self.reference)
        if state is None:
            raise UsageError(f"the appeal {self.reference} has no events")
        return state

    @property
    def filed_us(self) -> int:
        """When it was filed, or reopened for the last time: deadlines run from here."""
        return max(event.at_us for event in self.events if event.act in ("filed", "reopened"))


def file(
    reference: str, case: str, account: str, organization: str | None, decided_by: str, statement: str, at_us: int
) -> Appeal:
    """A new appeal. Raises ``UsageError`` for a statement that is empty or longer than ``LONGEST``."""
    text = statement.strip()
    if not text:
        raise UsageError("an appeal needs a statement: what was refused, and why that was wrong")
    _fits(text)
    first = Event(act="filed", at_us=at_us, actor=account, message=text)
    return Appeal(
        reference=reference,
        case=case,
        account=account,
        organization=organization,
        decided_by=decided_by,
        events=(first,),
    )


def advanced(appeal: Appeal, event: Event) -> Appeal:
    """The appeal after one more event.

    Raises ``UsageError`` where that can't happen now, where time runs backwards, where the caller's acts are somebody
    else's, where the same person decided before, or where an outcome comes without a word to the one who waits.
    """
    _next(appeal.state, event.act, appeal.reference)
    if event.at_us < appeal.events[-1].at_us:
        raise UsageError(f"the appeal {appeal.reference} was touched later than that: check the clock")
    if not event.actor.strip():
        raise UsageError("every event has a name under it: say who acts")
    if event.act in CALLERS and event.actor != appeal.account:
        raise UsageError(f"only the one who appeals can say `{event.act}`")
    if event.act not in CALLERS and event.actor == appeal.account:
        raise UsageError("nobody answers their own appeal")
    if event.act in OUTCOMES and event.actor.strip().casefold() == appeal.decided_by.strip().casefold():
        raise UsageError(f"{event.actor} made the decision: another person must answer the appeal against it")
    if event.act in (*OUTCOMES, "question") and not event.message.strip():
        raise UsageError(f"`{event.act}` needs a message that the one who appeals can read")
    if (event.act == "varied") != (event.course is not None):
        raise UsageError("a decision is varied to another course: name it, and only then")
    _fits(event.message)
    _fits(event.note)
    return msgspec.structs.replace(appeal, events=(*appeal.events, event))


def due_us(appeal: Appeal, deadlines: Deadlines) -> int | None:
    """When the provider must have acted; ``None`` while it is the caller's turn, or when it is over.

    Time in which the provider waited for an answer is added.
    """
    state = appeal.state
    if state in CLOSED or state == "waiting-for-caller":
        return None
    hours = deadlines.acknowledge_hours if state == "filed" else deadlines.decide_hours
    return appeal.filed_us + hours * HOUR_US + _waited(appeal)


def overdue(appeal: Appeal, deadlines: Deadlines, now_us: int) -> bool:
    """Whether the provider is late."""
    due = due_us(appeal, deadlines)
    return due is not None and now_us > due


@dataclass(frozen=True)
class Relief:
    """What an appeal changes for an account: ``overturned`` and ``suspended`` lift the course, ``varied`` lightens
    it."""

    account: str
    organization: str | None
    case: str
    kind: Literal["overturned", "varied", "suspended"]
    course: Course
    by: str
    appeal: str


def standing(appeals: Iterable[Appeal], deadlines: Deadlines, now_us: int) -> list[Relief]:
    """What appeals change in the next table, in order of reference."""
    found = []
    for appeal in sorted(appeals, key=lambda one: one.reference):
        state = appeal.state
        kind: Literal["overturned", "varied", "suspended"]
        if state == "overturned":
            kind = "overturned"
        elif state == "varied":
            kind = "varied"
        elif overdue(appeal, deadlines, now_us):
            kind = "suspended"
        else:
            continue
        last = appeal.events[-1]
        course: Course = last.course if kind == "varied" and last.course is not None else "allow"
        by = "the deadline" if kind == "suspended" else last.actor
        found.append(Relief(appeal.account, appeal.organization, appeal.case, kind, course, by, appeal.reference))
    return found


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What an outcome teaches detection: this account was ``innocent`` in this case, or the decision was
    ``confirmed``."""

    account: str
    organization: str | None
    case: str
    label: Literal["innocent", "confirmed"]
    at_us: int
    appeal: str


def labels(appeals: Iterable[Appeal]) -> list[Label]:
    """Labels of what is decided. A varied decision says nothing of innocence; a withdrawn appeal says nothing."""
    found = []
    for appeal in appeals:
        state = appeal.state
        if state in ("upheld", "overturned"):
            found.append(
                Label(
                    account=appeal.account,
                    organization=appeal.organization,
                    case=appeal.case,
                    label="innocent" if state == "overturned" else "confirmed",
                    at_us=appeal.events[-1].at_us,
                    appeal=appeal.reference,
                )
            )
    return sorted(found, key=lambda one: (one.at_us, one.appeal))


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """All that the one who appeals can read."""

    reference: str
    case: str
    state: State
    filed_us: int
    due_us: int | None
    overdue: bool
    #: Messages meant for the caller, with the caller's own words, in order; staff stand as "provider".
    messages: tuple[tuple[str, str], ...]


def public(appeal: Appeal, deadlines: Deadlines, now_us: int) -> Told:
    """The appeal without evidence, staff notes and names."""
    said = tuple(
        ("you" if event.act in CALLERS else "provider", event.message) for event in appeal.events if event.message
    )
    return Told(
        reference=appeal.reference,
        case=appeal.case,
        state=appeal.state,
        filed_us=appeal.filed_us,
        due_us=due_us(appeal, deadlines),
        overdue=overdue(appeal, deadlines, now_us),
        messages=said,
    )


def _next(state: State | None, act: Act, reference: str) -> State:
    after = _AFTER[state]
    if act not in after:
        possible = ", ".join(after) or "nothing"
        raise UsageError(f"the appeal {reference} is {state or 'new'}: `{act}` can't happen now (possible: {possible})")
    return after[act]


def _waited(appeal: Appeal) -> int:
    """Microseconds between the provider's questions and the caller's answers since the (last) filing."""
    waited, asked = 0, None
    for event in _since(appeal.events, appeal.filed_us):
        if event.act == "question":
            asked = event.at_us
        elif event.act == "answer" and asked is not None:
            waited += event.at_us - asked
            asked = None
    return waited


def _since(events: Sequence[Event], start_us: int) -> list[Event]:
    return [event for event in events if event.at_us >= start_us]


def _fits(text: str) -> None:
    if len(text) > LONGEST:
        raise UsageError(f"that is {len(text)} characters; {LONGEST} are the most")
