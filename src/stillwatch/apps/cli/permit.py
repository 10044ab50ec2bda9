"""``stillwatch permit``: written permission to distil: who has it, for what, how much of it is used, when it ends."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from stillwatch.adapters.stores import registry
from stillwatch.adapters.stores.permit_counts import FILE, counted, usual_state
from stillwatch.apps.cli.decide import login, now_us
from stillwatch.apps.deciding.material import rules_from
from stillwatch.decide.permits import Line, Manners, read, written
from stillwatch.decide.rules import manners
from stillwatch.decide.times import day
from stillwatch.errors import UsageError

app = typer.Typer(name="permit", help="Written permission to distil: the registry.", no_args_is_help=True)

Permits = Annotated[Path, typer.Option("--permits", metavar="FILE", help="The registry: JSON Lines.")]
Reference = Annotated[str, typer.Argument(metavar="REFERENCE", help="The permit, by its reference.")]
TableOf = Annotated[
    Path | None, typer.Option("--table", metavar="TABLE", help="The table's folder, to see what was counted there.")
]
StateOf = Annotated[
    list[Path] | None,
    typer.Option(
        "--state", metavar="STATE", help="A gateway's folder of state, to see what it counted. Repeatable: added up."
    ),
]
Rules = Annotated[Path | None, typer.Option("--rules", help="The rules that say when a permit warns.")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who gives it. Default: the login name.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
Models = Annotated[list[str] | None, typer.Option("--model", help="For this model only. Repeatable.")]
Most = Annotated[int | None, typer.Option("--max-exchanges", min=0, help="Volume over the whole term.")]
_STATES = {
    "covers": "covers",
    "ends-soon": "ENDS SOON",
    "nearly-used": "NEARLY USED",
    "ended": "ENDED, still covers",
    "used-up": "USED UP",
    "none": "no longer covers",
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A permit as it stands now. ``models`` and ``capabilities`` as in the file."""

    permit: Line
    state: str
    used: int


@app.command("list")
def list_(
    permits: Permits, state: StateOf = None, table: TableOf = None, rules: Rules = None, json: Json = False
) -> None:
    """Show every permit: its holder, its term, its volume, how it stands now."""
    rows = _rows(permits, state, table, rules)
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(rows), indent=1).decode())
        return
    for row in rows:
        typer.echo(_told(row))


@app.command()
def due(permits: Permits, state: StateOf = None, table: TableOf = None, rules: Rules = None) -> None:
    """Show whom to write to: permits that end soon, are nearly used, or have lapsed. Else prints nothing."""
    for row in _rows(permits, state, table, rules):
        if row.state not in ("covers", "not begun"):
            typer.echo(f"{_told(row)}  contact: {row.permit.contact or 'none is named'}")


@app.command()
def add(
    reference: Reference,
    permits: Permits,
    contact: Annotated[str, typer.Option("--contact", help="Whom to write to before it ends.")],
    organization: Annotated[str | None, typer.Option("--organization", help="For this organisation.")] = None,
    account: Annotated[list[str] | None, typer.Option("--account", help="Only for this account. Repeatable.")] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="Last day (UTC).")] = None,
    model: Models = None,
    capability: Annotated[list[str] | None, typer.Option("--capability", help="For this only. Repeatable.")] = None,
    max_exchanges: Most = None,
    note: Annotated[str, typer.Option("--note", help="For people.")] = "",
    by: By = None,
) -> None:
    """Write a permit into the registry. It counts from the next table on."""
    new = Line(
        reference=reference,
        organization=organization,
        accounts=tuple(account) if account else None,
        from_=from_,
        until=until,
        models=tuple(model) if model else None,
        capabilities=tuple(capability) if capability else None,
        max_exchanges=max_exchanges,
        contact=contact,
        issued_by=by or login(),
        note=note,
    )

    def added(lines: tuple[Line, ...]) -> tuple[Line, ...]:
        if any(line.reference == reference for line in lines):
            raise UsageError(f"there is a permit {reference}: stillwatch permit change {reference}")
        return (*lines, new)

    _change(permits, added)


@app.command()
def change(
    reference: Reference,
    permits: Permits,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="Its new last day.")] = None,
    max_exchanges: Most = None,
    contact: Annotated[str | None, typer.Option("--contact", help="Whom to write to.")] = None,
    by: By = None,
) -> None:
    """Renew a permit, give more volume, end it early. It counts from the next table on."""
    changes = {"until": until, "max_exchanges": max_exchanges, "contact": contact}
    set_ = {name: value for name, value in changes.items() if value is not None}
    if not set_:
        raise UsageError("say what to change: --until, --max-exchanges or --contact")

    def changed(lines: tuple[Line, ...]) -> tuple[Line, ...]:
        if not any(line.reference == reference for line in lines):
            raise UsageError(f"{permits} holds no permit {reference}")
        return tuple(
            msgspec.structs.replace(line, issued_by=by or login(), **set_) if line.reference == reference else line
            for line in lines
        )

    _change(permits, changed)


def _change(file: Path, changed: Callable[[tuple[Line, ...]], tuple[Line, ...]]) -> None:
    """Change the registry; what would not be read again is never written."""

    def made(lines: list[bytes]) -> list[bytes]:
        new = [written(line) for line in changed(read(lines, file=str(file)))]
        read(new, file="the permit")
        return new

    registry.change(file, made)


def _rows(file: Path, states: Sequence[Path] | None, table: Path | None, rules: Path | None) -> list[Row]:
    places = [usual_state()] if states is None else states
    used: Counter[str] = Counter()
    for place in (*places, *([] if table is None else [table])):
        used.update(counted(place / FILE))
    moment, how = now_us(), manners(rules_from(rules))
    lines = read(registry.lines(file), file=str(file))
    return [
        Row(permit=line, state=_state(line, used[line.reference], moment, how), used=used[line.reference])
        for line in lines
    ]


def _state(line: Line, used: int, moment: int, how: Manners) -> str:
    permit = line.permit()
    if permit.from_us is not None and moment < permit.from_us:
        return "not begun"
    model = permit.models[0] if permit.models else None
    return permit.standing(model, used, moment, how)


def _told(row: Row) -> str:
    permit, plain = row.permit.permit(), row.permit
    holder = f"organisation {plain.organization}" if plain.accounts is None else f"accounts {', '.join(plain.accounts)}"
    begins = "-" if permit.from_us is None else day(permit.from_us)
    ends = "no end" if permit.until_us is None else f"to {day(permit.until_us - 1)}"
    volume = f"{row.used:,} of {'any number' if permit.max_exchanges is None else f'{permit.max_exchanges:,}'}"
    models = "every model" if permit.models is None else ", ".join(permit.models)
    return f"{plain.reference}  {holder}  {begins} {ends}  {volume}  {models}  {_STATES.get(row.state, row.state)}"
