"""``stillwatch covert``: order that somebody is treated otherwise without being told. Two names, an end, a record."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from stillwatch.adapters.stores.own_ledger import append
from stillwatch.apps.deciding.material import covert_orders
from stillwatch.decide.covert import LONGEST_DAYS, CovertOrder, Treatment, checked, in_force
from stillwatch.errors import OutputError, UsageError
from stillwatch.guard.ledger import Signer, digest
from stillwatch.guard.ledger.leaves import CovertTreatment

app = typer.Typer(
    name="covert",
    help="Treat a case otherwise without saying so: never a default, two names, an end, a ledger entry.",
    no_args_is_help=True,
)

Orders = Annotated[Path, typer.Option("--orders", help="File of orders, which `decide compile --covert` reads.")]


@app.command()
def order(
    case: Annotated[str, typer.Argument(help="The case: C-…")],
    orders: Orders,
    treatment: Annotated[Treatment, typer.Option("--treatment", help="What is done unseen.")],
    grounds: Annotated[str, typer.Option("--grounds", help="Why it can't be said. Only its digest is in the ledger.")],
    approved_by: Annotated[list[str], typer.Option("--approved-by", help="Twice: two different people.")],
    days: Annotated[int, typer.Option("--days", min=1, max=LONGEST_DAYS, help="When it ends.")],
    ledger: Annotated[Path, typer.Option("--ledger", help="Your own ledger; made on first use.")],
    signing_key: Annotated[Path, typer.Option("--signing-key", help="The ledger's key (`stillwatch ledger key`).")],
    actor: Annotated[str, typer.Option("--actor", help="Your provider's name in the ledger, without spaces.")],
) -> None:
    """Give an order and record it. It comes into force with the next `decide compile --covert`."""
    if len(approved_by) != 2:
        raise UsageError("covert treatment needs two different people: give --approved-by twice")
    now = datetime.now(UTC).replace(microsecond=0)
    first, second = approved_by
    made = checked(
        CovertOrder(
            case=case, treatment=treatment, grounds=grounds, approved_by=(first, second), issued_at=now,
            until=now + timedelta(days=days),
        )
    )  # fmt: skip
    signer = _signer(signing_key)
    try:
        leaf = CovertTreatment(
            time=now,
            actor=actor,
            case=case,
            treatment=treatment,
            grounds=digest(msgspec.json.encode(made)),
            approved_by=(_id(first), _id(second)),
            until=made.until,
        )
        number = append(ledger, signer, leaf)
    except ValueError as error:
        raise UsageError(f"the ledger does not take this: {error}") from error
    recorded = msgspec.structs.replace(made, leaf=number)
    try:
        with orders.open("ab") as file:
            file.write(msgspec.json.encode(recorded) + b"\n")
    except OSError as error:
        raise OutputError(f"{orders} can't be written: {(error.strerror or '').lower()}") from error
    typer.echo(f"leaf {number}: {treatment} of {case} until {made.until.isoformat()}")


@app.command("list")
def list_(orders: Orders) -> None:
    """Orders and whether they are in force."""
    now = datetime.now(UTC)
    for one in covert_orders(orders) if orders.exists() else ():
        state = "in force" if in_force(one, int(now.timestamp() * 1e6)) else "ended"
        typer.echo(
            f"{one.case}  {one.treatment}  until {one.until.isoformat()}  {' and '.join(one.approved_by)}  {state}"
        )
    if not orders.exists():
        print("no orders", file=sys.stderr)


def _signer(path: Path) -> Signer:
    try:
        return Signer.parse(path.read_text("ascii").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"no ledger key can be read from {path}: make one with `stillwatch ledger key`") from error


def _id(name: str) -> str:
    """A name as the ledger spells it: it takes no spaces."""
    return "-".join(name.split())
