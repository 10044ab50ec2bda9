"""``stillwatch decide``: what to do about campaigns, shown before it is adopted, and taken back when it was wrong."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from stillwatch.adapters.stores.cases import CaseBook
from stillwatch.adapters.stores.table_folder import TableFolder
from stillwatch.adapters.stores.table_keys import default_key, public_file, signing_key
from stillwatch.apps.deciding.material import Files, material
from stillwatch.decide.compile import compile_table
from stillwatch.decide.rules import shipped_text

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
Key = Annotated[
    Path | None,
    typer.Option("--key", envvar="STILLWATCH_TABLE_KEY", help="Key that signs tables; made on first use."),
]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who adopts it. Default: the login name.")]
Shadow = Annotated[bool, typer.Option("--shadow", help="Decide everything and carry out nothing.")]


@app.command("compile")
def compile_(
    campaigns: Campaigns,
    out: Annotated[Path, typer.Option("--out", metavar="TABLE", help="Folder of the table.")],
    rules: Rules = None,
    accounts: Accounts = None,
    permits: Permits = None,
    rings: Places = None,
    key: Key = None,
    by: By = None,
    shadow: Shadow = False,
) -> None:
    """Make a table and bring it into force at once: plan and apply in one."""
    path = key or default_key()
    secret, new = signing_key(path)
    if new:
        typer.echo(f"A new key was made: {path}. Gateways elsewhere need {public_file(path)}.", err=True)
    moment = now_us()
    files = Files(campaigns, rules, accounts or (), permits or (), rings)
    compiled = compile_table(material(files, secret, moment, shadow=shadow))
    manifest = TableFolder(out).publish(compiled, secret, moment, by or login(), shadow=shadow)
    with CaseBook(out) as book:
        book.enter(compiled.cases, manifest.version)
    typer.echo(
        f"table {manifest.version} in force: {manifest.accounts} accounts, {manifest.organizations} whole "
        f"organisations{', in shadow' if shadow else ''}"
    )


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
