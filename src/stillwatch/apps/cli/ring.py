"""``stillwatch ring``: which organisation stands in which access ring, when to look again, what partners owe back."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from stillwatch.adapters.stores import registry
from stillwatch.adapters.stores.received import ReceivedStore
from stillwatch.apps.cli.decide import login, now_us
from stillwatch.apps.deciding.material import rules_from
from stillwatch.apps.member.receiving import STORE
from stillwatch.decide.rings import Place, Ring, owed, read, review_due
from stillwatch.decide.times import DAY_US, day
from stillwatch.errors import UsageError

app = typer.Typer(name="ring", help="Access rings: the registry of organisations.", no_args_is_help=True)

Places = Annotated[Path, typer.Option("--rings", metavar="FILE", help="The registry: JSON Lines.")]
Rules = Annotated[Path | None, typer.Option("--rules", help="The rules that define the rings.")]
Organization = Annotated[str, typer.Argument(metavar="ORGANISATION", help="As logs and accounts name it.")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who decides. Default: the login name.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command("list")
def list_(places: Places, rules: Rules = None, json: Json = False) -> None:
    """Show every organisation that stands in a ring, and the next review."""
    known = _places(places, _rings(rules))
    if json:
        typer.echo(_json(known))
        return
    for one in known:
        typer.echo(_told(one, now_us()))


@app.command()
def put(
    organization: Organization,
    ring: Annotated[str, typer.Option("--ring", help="A ring of the rules.")],
    contact: Annotated[str, typer.Option("--contact", help="Whom to write to.")],
    places: Places,
    rules: Rules = None,
    review_by: Annotated[
        str | None, typer.Option("--review-by", metavar="DATE", help="Next review. Default: as the ring says.")
    ] = None,
    member: Annotated[str | None, typer.Option("--member", help="Its name in the forum, if it is a member.")] = None,
    note: Annotated[str, typer.Option("--note", help="For people.")] = "",
    by: By = None,
) -> None:
    """Put an organisation into a ring, or into another one. It counts from the next table on."""
    rings, moment = _rings(rules), now_us()
    wanted = next((one for one in rings if one.name == ring), None)
    if wanted is None:
        raise UsageError(f"the rules define no ring {ring}; there is {', '.join(one.name for one in rings) or 'none'}")
    if review_by is None and wanted.review_days is not None:
        review_by = day(moment + wanted.review_days * DAY_US)
    new = Place(
        organization=organization, ring=ring, since=day(moment), by=by or login(), contact=contact,
        review_by=review_by, member=member, note=note,
    )  # fmt: skip
    _change(places, rings, lambda known: [*(one for one in known if one.organization != organization), new])


@app.command()
def reviewed(organization: Organization, places: Places, rules: Rules = None, by: By = None) -> None:
    """Write down that an organisation was looked at again and stays; the next review is set as its ring says."""
    rings, moment = _rings(rules), now_us()
    days = {one.name: one.review_days for one in rings}

    def again(one: Place) -> Place:
        wait = days[one.ring]
        return msgspec.structs.replace(
            one, by=by or login(), review_by=None if wait is None else day(moment + wait * DAY_US)
        )

    def changed(known: tuple[Place, ...]) -> list[Place]:
        _held(known, organization, places)
        return [again(one) if one.organization == organization else one for one in known]

    _change(places, rings, changed)


@app.command()
def drop(organization: Organization, places: Places, rules: Rules = None) -> None:
    """Take an organisation out of the registry: it stands in the first ring again."""

    def changed(known: tuple[Place, ...]) -> list[Place]:
        _held(known, organization, places)
        return [one for one in known if one.organization != organization]

    _change(places, _rings(rules), changed)


@app.command()
def due(
    places: Places,
    rules: Rules = None,
    within: Annotated[int, typer.Option("--within", min=0, metavar="DAYS", help="Reviews due so soon.")] = 30,
) -> None:
    """Show reviews that are due soon or overdue, the most urgent first. Else prints nothing."""
    moment = now_us()
    for one in review_due(_places(places, _rings(rules)), moment, within):
        typer.echo(f"{_told(one, moment)}  contact: {one.contact}")


@app.command("owed")
def owed_(
    places: Places,
    rules: Rules = None,
    received: Annotated[Path | None, typer.Option("--received", help="What `stillwatch receive --into` wrote.")] = None,
    json: Json = False,
) -> None:
    """Show what vetted partners owe back, and when a finding of theirs last came through the forum."""
    rings = _rings(rules)
    rows = owed(_places(places, rings), rings, _last_given(received), now_us())
    if json:
        typer.echo(_json(rows))
        return
    for row in rows:
        last = "nothing received" if row.last_given_us is None else f"last {day(row.last_given_us)}"
        state = "OVERDUE since" if row.overdue else "due"
        whom = "no member of the forum is named" if row.member is None else f"as {row.member}"
        typer.echo(f"{row.organization} ({whom})  owes {', '.join(row.owes)}  {last}  {state} {day(row.due_us)}")


def _last_given(received: Path | None) -> dict[str, int]:
    """When something of each member last arrived, in microseconds, by the member's name."""
    if received is None:
        return {}
    if not (received / STORE).is_file():
        raise UsageError(f"nothing was received into {received}: name the folder of `stillwatch receive --into`")
    last: dict[str, int] = {}
    with ReceivedStore(received / STORE) as store:
        for one in store.held():
            moment = int(one.received_at.timestamp() * 1_000_000)
            last[one.member] = max(last.get(one.member, 0), moment)
    return last


def _rings(rules: Path | None) -> tuple[Ring, ...]:
    return rules_from(rules).ring


def _places(file: Path, rings: Iterable[Ring]) -> tuple[Place, ...]:
    return read(registry.lines(file), tuple(rings), file=str(file))


def _change(file: Path, rings: tuple[Ring, ...], changed: Callable[[tuple[Place, ...]], list[Place]]) -> None:
    """Change the registry; what would not be read again is never written."""

    def made(lines: list[bytes]) -> list[bytes]:
        new = [msgspec.json.encode(one) for one in changed(read(lines, rings, file=str(file)))]
        read(new, rings, file="the line")
        return new

    registry.change(file, made)


def _held(known: Iterable[Place], organization: str, file: Path) -> None:
    if not any(one.organization == organization for one in known):
        raise UsageError(f"{file} holds no organisation {organization}")


def _told(one: Place, moment: int) -> str:
    lapses = one.lapses_us()
    state = "LAPSED: counts as the first ring" if lapses is not None and moment >= lapses else ""
    review = "no review" if one.review_by is None else f"review by {one.review_by}"
    return f"{one.organization}  {one.ring}  since {one.since} by {one.by}  {review}  {state}".rstrip()


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()
