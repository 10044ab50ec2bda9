"""``stillwatch trustee``: the second key holder of private matching, run by somebody who is not the forum."""

from pathlib import Path
from typing import Annotated

import typer

from stillwatch.apps.cli.exporting import export
from stillwatch.apps.cli.given import given
from stillwatch.apps.cli.listening import BehindProxy, ClientCa, TlsCert, TlsKey
from stillwatch.apps.cli.matching import Database, Keys, add_to, show
from stillwatch.apps.forum import founding as forum_founding
from stillwatch.apps.forum import matching_keys
from stillwatch.apps.trustee import founding

trustee = typer.Typer(
    name="trustee", help="Hold the second key of private matching, apart from the forum.", no_args_is_help=True
)
member = typer.Typer(name="member", help="Who may ask. A list of the trustee's own.", no_args_is_help=True)
epoch = typer.Typer(name="epoch", help="Keys for a time: draw, open, close, destroy.", no_args_is_help=True)
ledger = typer.Typer(name="ledger", help="What the trustee can prove.", no_args_is_help=True)
for _group in (member, epoch, ledger):
    trustee.add_typer(_group)

Name = Annotated[str, typer.Argument(help="The member's name.")]
LedgerKey = Annotated[
    Path | None,
    typer.Option("--ledger-key", help="File of the ledger's private key; default: beside the database."),
]


@trustee.command()
def init(
    db: Database,
    keys: Keys,
    title: Annotated[str, typer.Option("--title", help="What members see of this trustee.")] = "Stillwatch trustee",
    ledger_key: LedgerKey = None,
) -> None:
    """Make the database and the folder for keys, or bring them up to date. Prints the ledger's public key."""
    show(founding.found(db, title, keys, ledger_key))


@member.command("add")
def member_add(name: Name, db: Database) -> None:
    """Let a member in. Prints its credential for the trustee, once; it is kept nowhere."""
    founding.check(db)
    typer.echo(forum_founding.add_member(db, name, "member"))


@member.command("rotate")
def member_rotate(name: Name, db: Database) -> None:
    """Revoke a member's credential and print a new one."""
    founding.check(db)
    typer.echo(forum_founding.rotate_member(db, name))


@member.command("suspend")
def member_suspend(
    name: Name, db: Database, restore: Annotated[bool, typer.Option("--restore", help="Let it in again.")] = False
) -> None:
    """Keep a member out."""
    founding.check(db)
    forum_founding.suspend_member(db, name, restore=restore)


@epoch.command("open")
def open_(
    description: Annotated[Path, typer.Argument(help="What `stillwatch forum match epoch open` printed.")],
    db: Database,
) -> None:
    """Open an epoch by the forum's description, if it names this trustee's own keys."""
    show(matching_keys.adopt_epoch(db, given(description)))


add_to(trustee, epoch, founding.HOLDER)


@ledger.command("export")
def ledger_export(
    db: Database,
    out: Annotated[Path | None, typer.Option("--out", help="File; default: standard output.")] = None,
    ledger_key: LedgerKey = None,
) -> None:
    """Write the ledger as JSON Lines, for `stillwatch ledger verify`."""
    founding.check(db)
    export(db, "forum", out, ledger_key)


@trustee.command()
def serve(
    db: Database,
    listen: Annotated[str, typer.Option("--listen", help="HOST:PORT.")] = "127.0.0.1:8444",
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    client_ca: ClientCa = None,
    behind_proxy: BehindProxy = False,
    rate: Annotated[float, typer.Option("--rate", min=0, help="Calls a second a member may make; 0: any.")] = 100,
    burst: Annotated[float, typer.Option("--burst", min=1, help="Calls a member may make at once.")] = 500,
    ledger_key: LedgerKey = None,
) -> None:
    """Serve the trustee's half until stopped."""
    from stillwatch.apps.forum.serving import listening  # the server's libraries load only when it serves
    from stillwatch.apps.trustee import serving

    serving.serve(
        db,
        listen=listening(listen, tls_cert, tls_key, client_ca, behind_proxy),
        rate=rate,
        burst=burst,
        ready=lambda address: typer.echo(f"stillwatch: the trustee listens on {address}", err=True),
        ledger_key=ledger_key,
    )
