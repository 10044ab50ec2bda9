"""``stillwatch decide``: what to do about campaigns, shown before it is adopted, and taken back when it was wrong."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.adapters.stores.table import Table
from stillwatch.adapters.stores.table_folder import TableFolder
from stillwatch.adapters.stores.table_keys import default_key, public_file, signing_key
from stillwatch.apps.deciding import planning
from stillwatch.apps.deciding.material import Files, material
from stillwatch.apps.deciding.tellings import told_blast, told_shadow
from stillwatch.apps.deciding.traffic import would_have
from stillwatch.decide.compile import compile_table
from stillwatch.decide.rules import shipped_text
from stillwatch.decide.snapshot import Manifest
from stillwatch.errors import StateError, UsageError

app = typer.Typer(
    name="decide",
    help="Decide what to do about campaigns: plan, adopt, take back, or watch in shadow.",
    no_args_is_help=True,
)

Campaigns = Annotated[list[Path], typer.Option("--campaigns", help="The campaigns.json of a scan. Repeatable.")]
Rules = Annotated[Path | None, typer.Option("--rules", help="Rules in TOML. Default: those that are shipped.")]
Accounts = Annotated[
    list[Path] | None,
    typer.Option("--accounts", help="The accounts file of the scan: who belongs to which organisation. Repeatable."),
]
Permits = Annotated[list[Path] | None, typer.Option("--permits", help="Permits to distil. Repeatable.")]
Places = Annotated[Path | None, typer.Option("--rings", help="The registry of access rings.")]
Orders = Annotated[
    list[Path] | None,
    typer.Option("--orders", help="Orders of people in JSON Lines, as appeals write them. Repeatable."),
]
Covert = Annotated[Path | None, typer.Option("--covert", help="Orders of `stillwatch covert`, two people each.")]
Key = Annotated[
    Path | None,
    typer.Option("--key", envvar="STILLWATCH_TABLE_KEY", help="Key that signs tables; made on first use."),
]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who adopts it. Default: the login name.")]
Shadow = Annotated[bool, typer.Option("--shadow", help="Decide everything and carry out nothing.")]
InForce = Annotated[Path, typer.Option("--table", metavar="TABLE", help="Folder of the table.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command()
def plan(
    campaigns: Campaigns,
    rules: Rules = None,
    accounts: Accounts = None,
    permits: Permits = None,
    rings: Places = None,
    orders: Orders = None,
    covert: Covert = None,
    table: Annotated[
        Path | None, typer.Option("--table", metavar="TABLE", help="The table in force, to compare with.")
    ] = None,
    scanned: Annotated[
        Path | None,
        typer.Option("--scanned", help="The accounts.parquet of the scan. Default: beside campaigns.json."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="PLAN", help="Write the plan here, to apply it.")] = None,
    key: Key = None,
    shadow: Shadow = False,
    json: Json = False,
) -> None:
    """Show the blast radius: whom a table would touch, how much traffic, how many by mistake. Adopts nothing."""
    files = Files(campaigns, rules, accounts or (), permits or (), rings, orders or (), covert)
    made = planning.make(files, _key(key), now_us(), table, scanned, shadow=shadow)
    if out is not None:
        try:
            out.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n")
        except OSError as error:
            raise UsageError(f"{out} can't be written: {(error.strerror or '').lower()}") from error
    typer.echo(_json(made.blast) if json else told_blast(made.blast))
    if out is not None:
        typer.echo(f"adopt it within a day: stillwatch decide apply {out} --out TABLE", err=True)


@app.command()
def apply(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="What `decide plan --out` wrote.")],
    out: Annotated[Path, typer.Option("--out", metavar="TABLE", help="Folder of the table.")],
    key: Key = None,
    by: By = None,
) -> None:
    """Bring a plan into force, exactly as it was shown."""
    try:
        made = msgspec.json.decode(plan.read_bytes(), type=planning.Plan)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{plan} is no plan: {error}") from error
    typer.echo(_in_force(planning.apply(made, _key(key), now_us(), out, by or login())))


@app.command("compile")
def compile_(
    campaigns: Campaigns,
    out: Annotated[Path, typer.Option("--out", metavar="TABLE", help="Folder of the table.")],
    rules: Rules = None,
    accounts: Accounts = None,
    permits: Permits = None,
    rings: Places = None,
    orders: Orders = None,
    covert: Covert = None,
    key: Key = None,
    by: By = None,
    shadow: Shadow = False,
) -> None:
    """Make a table and bring it into force at once: plan and apply in one, for jobs that run by the clock."""
    secret, moment = _key(key), now_us()
    files = Files(campaigns, rules, accounts or (), permits or (), rings, orders or (), covert)
    compiled = compile_table(material(files, secret, moment, shadow=shadow))
    typer.echo(_in_force(planning.publish(compiled, secret, moment, out, by or login(), shadow=shadow)))


@app.command()
def rollback(
    table: InForce,
    to: Annotated[
        str | None, typer.Option("--to", metavar="VERSION", help="As `status` lists it. Default: the one before.")
    ] = None,
    key: Key = None,
    by: By = None,
) -> None:
    """Bring an earlier table into force again, under a new number. Its orders end when they did."""
    typer.echo(_in_force(TableFolder(table).rollback(to, _held_key(key), now_us(), by or login())))


@app.command()
def status(table: InForce, key: Key = None, json: Json = False) -> None:
    """Which table is in force, who adopted it, and to which ones one can go back."""
    past = TableFolder(table).past((_held_key(key).public_key(),))
    if not past:
        raise StateError(f"{table} holds no table yet: stillwatch decide compile")
    if json:
        typer.echo(_json(past))
        return
    for place, manifest in enumerate(past):
        typer.echo(f"{'in force ' if place == 0 else '         '}{_line(manifest)}")


@app.command()
def shadow(
    logs: Annotated[list[str], typer.Argument(help="Request logs: files, folders, patterns, or -.")],
    table: InForce,
    key: Key = None,
    json: Json = False,
) -> None:
    """Report what a table would have done to the exchanges of a log, orders in shadow included."""
    trusted = (_held_key(key).public_key(),)
    report = would_have(table, lambda counter: Table.open(table, trusted, counter), logs)
    typer.echo(_json(report) if json else told_shadow(report))


@app.command()
def rules() -> None:
    """Print the rules that are shipped, to start your own from."""
    typer.echo(shipped_text(), nl=False)


def now_us() -> int:
    return int(datetime.now(UTC).timestamp() * 1_000_000)


def login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _key(path: Path | None) -> Ed25519PrivateKey:
    path = path or default_key()
    key, new = signing_key(path)
    if new:
        typer.echo(f"A new key was made: {path}. Gateways elsewhere need {public_file(path)}.", err=True)
    return key


def _held_key(path: Path | None) -> Ed25519PrivateKey:
    """The key for a table that is there: a new one would fit none."""
    path = path or default_key()
    if not path.exists():
        raise UsageError(f"there is no key {path}: name the one that the table was made with (--key)")
    return signing_key(path)[0]


def _in_force(manifest: Manifest) -> str:
    return f"in force: {_line(manifest)}"


def _line(manifest: Manifest) -> str:
    made = datetime.fromtimestamp(manifest.made_us / 1e6, UTC)
    shadow = ", all in shadow" if manifest.shadow else ""
    back = f", rolled back to {manifest.rolled_back_to}" if manifest.rolled_back_to else ""
    return (
        f"{manifest.version}, made {made:%Y-%m-%d %H:%M:%S} by {manifest.by}, rules {manifest.rules}: "
        f"{manifest.accounts:,} accounts, {manifest.organizations:,} whole organisations{shadow}{back}"
    )


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()
