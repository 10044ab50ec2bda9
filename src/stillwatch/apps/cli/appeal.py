"""``stillwatch appeal``: what flagged customers say, by when they must hear, and what the answers teach."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stillwatch.adapters.stores.appeals import AppealStore
from stillwatch.adapters.stores.permit_counts import usual_state
from stillwatch.apps.deciding.appealed import reliefs
from stillwatch.decide.appeals import CLOSED, Act, Appeal, Deadlines, Event, due_us, labels, overdue
from stillwatch.decide.course import Course
from stillwatch.errors import UsageError

_USUAL = Deadlines()

app = typer.Typer(name="appeal", help="Hear those who were touched by a decision.", no_args_is_help=True)

Folder = Annotated[
    Path,
    typer.Option(
        "--appeals",
        envvar="STILLWATCH_APPEALS",
        help="Folder of appeals, as the gateway was given it. Default: the gateway's own.",
        default_factory=lambda: usual_state() / "appeals",
        show_default=False,
    ),
]
Reference = Annotated[str, typer.Argument(help="The appeal, as A-…")]
By = Annotated[str, typer.Option("--by", help="Your name: every answer stands under one.")]
Message = Annotated[str, typer.Option("--message", help="What the one who appeals can read.")]
Note = Annotated[str, typer.Option("--note", help="For staff only.")]
AcknowledgeHours = Annotated[int, typer.Option("--acknowledge-hours", min=1, help="Hours to say that it was received.")]
DecideHours = Annotated[int, typer.Option("--decide-hours", min=1, help="Hours to answer it.")]


@app.command("file")
def file_(
    appeals: Folder,
    case: Annotated[str, typer.Option("--case", help="The case reference that the caller was given.")],
    account: Annotated[str, typer.Option("--account", help="Whose appeal it is.")],
    decided_by: Annotated[str, typer.Option("--decided-by", help="Rule or person under the decision.")],
    statement: Annotated[str, typer.Option("--statement", help="The caller's own words.")],
    organization: Annotated[str | None, typer.Option("--organization", help="The account's organisation.")] = None,
) -> None:
    """File an appeal for a caller who wrote or phoned. Prints its reference."""
    found, new = AppealStore(appeals).file(case, account, organization, decided_by, statement, _now())
    if not new:
        print(f"it was filed before and is {found.state}", file=sys.stderr)
    typer.echo(found.reference)


@app.command("list")
def list_(
    appeals: Folder,
    every: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    acknowledge_hours: AcknowledgeHours = _USUAL.acknowledge_hours,
    decide_hours: DecideHours = _USUAL.decide_hours,
) -> None:
    """Appeals by when they are due, the late ones first."""
    deadlines = Deadlines(acknowledge_hours=acknowledge_hours, decide_hours=decide_hours)
    found = [one for one in AppealStore(_there(appeals)).every() if every or one.state not in CLOSED]
    if not found:
        typer.echo("No appeals." if every else "No open appeals.")
        return
    now_us = _now()
    table = Table("appeal", "case", "account", "state", "filed", "due", "", box=box.SIMPLE)
    for column in table.columns:
        column.no_wrap = True
    for one in sorted(found, key=lambda one: due_us(one, deadlines) or 2**62):
        due = due_us(one, deadlines)
        late = "late: the course is suspended" if overdue(one, deadlines, now_us) else ""
        cells = (one.reference, one.case, one.account, one.state, _said(one.filed_us), _said(due) if due else "–", late)
        table.add_row(*(escape(cell) for cell in cells))
    Console(width=None if sys.stdout.isatty() else 240).print(table)


@app.command()
def show(reference: Reference, appeals: Folder) -> None:
    """Everything that was said, staff notes too."""
    found = AppealStore(_there(appeals)).find(reference)
    if found is None:
        raise UsageError(f"there is no appeal {reference}: `stillwatch appeal list` shows those there are")
    typer.echo(f"{found.reference}: {found.state}")
    typer.echo(f"case {found.case}, account {found.account}, organisation {found.organization or 'unknown'}")
    typer.echo(f"decided by {found.decided_by}")
    for event in found.events:
        typer.echo(f"\n{_said(event.at_us)}  {event.act}  by {event.actor}")
        if event.message:
            typer.echo(f"  {event.message}")
        if event.note:
            typer.echo(f"  (note for staff: {event.note})")


@app.command()
def acknowledge(reference: Reference, appeals: Folder, by: By, message: Message = "", note: Note = "") -> None:
    """Say that it was received."""
    _do(appeals, reference, "acknowledged", by, message, note)


@app.command()
def ask(reference: Reference, appeals: Folder, by: By, message: Message, note: Note = "") -> None:
    """Ask the caller something; the clock stands still until there is an answer."""
    _do(appeals, reference, "question", by, message, note)


@app.command()
def uphold(reference: Reference, appeals: Folder, by: By, message: Message, note: Note = "") -> None:
    """The decision stands."""
    _do(appeals, reference, "upheld", by, message, note)


@app.command()
def vary(
    reference: Reference,
    appeals: Folder,
    by: By,
    message: Message,
    course: Annotated[Course, typer.Option("--course", help="What takes its place.")],
    note: Note = "",
) -> None:
    """A lighter course takes its place, at the next compile."""
    _do(appeals, reference, "varied", by, message, note, course)


@app.command()
def overturn(reference: Reference, appeals: Folder, by: By, message: Message, note: Note = "") -> None:
    """The decision was wrong: it is lifted at the next compile, and detection learns it."""
    _do(appeals, reference, "overturned", by, message, note)


@app.command()
def reopen(reference: Reference, appeals: Folder, by: By, message: Message = "", note: Note = "") -> None:
    """Hear it once more, for new facts."""
    _do(appeals, reference, "reopened", by, message, note)


@app.command("labels")
def labels_(appeals: Folder) -> None:
    """What the outcomes teach, as JSON Lines: for `stillwatch scan --labels` and for your own records."""
    for label in labels(AppealStore(_there(appeals)).every()):
        sys.stdout.buffer.write(msgspec.json.encode(label) + b"\n")


@app.command()
def orders(
    appeals: Folder,
    table: Annotated[
        Path | None, typer.Option("--table", help="Folder of the table: its book says which cases are organisations'.")
    ] = None,
    acknowledge_hours: AcknowledgeHours = _USUAL.acknowledge_hours,
    decide_hours: DecideHours = _USUAL.decide_hours,
) -> None:
    """What appeals change, as JSON Lines for `decide plan --orders`: overturned, varied, or not answered in time."""
    deadlines = Deadlines(acknowledge_hours=acknowledge_hours, decide_hours=decide_hours)
    for order in reliefs(_there(appeals), table, deadlines, _now()):
        sys.stdout.buffer.write(msgspec.json.encode(order) + b"\n")


def _do(
    appeals: Path, reference: str, act: Act, by: str, message: str, note: str, course: Course | None = None
) -> None:
    event = Event(act=act, at_us=_now(), actor=by, message=message.strip(), note=note.strip(), course=course)
    moved: Appeal = AppealStore(_there(appeals)).advance(reference, event)
    typer.echo(f"{moved.reference}: {moved.state}")


def _there(appeals: Path) -> Path:
    if not appeals.is_dir():
        raise UsageError(f"{appeals} is no folder of appeals: give the one that the gateway writes to (--appeals)")
    return appeals


def _now() -> int:
    return time.time_ns() // 1000


def _said(ts_us: int) -> str:
    return datetime.fromtimestamp(ts_us / 1e6, tz=UTC).strftime("%Y-%m-%d %H:%M")
