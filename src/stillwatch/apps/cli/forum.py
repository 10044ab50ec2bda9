"""``stillwatch forum``: found a forum, let members in, make sharing groups, serve."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from stillwatch.apps.cli.exporting import export
from stillwatch.apps.cli.forum_match import match
from stillwatch.apps.cli.listening import BehindProxy, ClientCa, TlsCert, TlsKey
from stillwatch.apps.forum import founding

forum = typer.Typer(
    name="forum", help="Run the server between members: TAXII 2.1, guard, ledger.", no_args_is_help=True
)
member = typer.Typer(name="member", help="Let members in and keep them out.", no_args_is_help=True)
collection = typer.Typer(
    name="collection", help="Sharing groups: who shares what under which agreement.", no_args_is_help=True
)
forum.add_typer(member)
forum.add_typer(collection)
ledger = typer.Typer(name="ledger", help="What the forum can prove.", no_args_is_help=True)
forum.add_typer(ledger)
forum.add_typer(match)

Database = Annotated[
    str, typer.Option("--db", help="sqlite:///FILE or postgresql://USER@HOST/NAME.", envvar="STILLWATCH_FORUM_DB")
]


LedgerKey = Annotated[
    Path | None,
    typer.Option(
        "--ledger-key",
        help="File with the ledger's private keys, mode 0600; default: beside the database (FILE.ledger-key).",
        envvar="STILLWATCH_FORUM_LEDGER_KEY",
    ),
]


def _print(content: Any) -> None:
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False))


@forum.command()
def init(
    db: Database,
    title: Annotated[str, typer.Option("--title", help="What clients see of this forum.")] = "Stillwatch forum",
    max_content_length: Annotated[
        int, typer.Option("--max-content-length", min=1024, help="The largest request, in bytes.")
    ] = founding.MAX_CONTENT_LENGTH,
    ledger_key: LedgerKey = None,
) -> None:
    """Make the database, or bring it up to date. Prints the API root and the collections as JSON."""
    _print(founding.found(db, title, max_content_length, ledger_key))


@member.command("add")
def member_add(
    name: Annotated[str, typer.Argument(help="The member's name.")],
    db: Database,
    role: Annotated[str, typer.Option("--role", help="member, analyst, counsel, operator or auditor.")] = "member",
) -> None:
    """Let a member in. Prints its credential, once; it is kept nowhere."""
    typer.echo(founding.add_member(db, name, role))


@member.command("rotate")
def member_rotate(name: Annotated[str, typer.Argument(help="The member's name.")], db: Database) -> None:
    """Revoke a member's credential and print a new one."""
    typer.echo(founding.rotate_member(db, name))


@member.command("suspend")
def member_suspend(
    name: Annotated[str, typer.Argument(help="The member's name.")],
    db: Database,
    restore: Annotated[bool, typer.Option("--restore", help="Let it in again.")] = False,
) -> None:
    """Keep a member out. What it brought stays."""
    founding.suspend_member(db, name, restore=restore)


@member.command("witness")
def member_witness(
    name: Annotated[str, typer.Argument(help="The member's name.")],
    key: Annotated[str, typer.Argument(help="Its public witness key: NAME+ID+BASE64.")],
    db: Database,
) -> None:
    """Set the key with which a member cosigns the ledger's checkpoints."""
    founding.set_witness(db, name, key)


@collection.command("add")
def collection_add(
    title: Annotated[str, typer.Argument(help="What members see.")],
    db: Database,
    agreement: Annotated[str, typer.Option("--agreement", help="A shipped agreement's name, or a .toml file.")],
    description: Annotated[str, typer.Option("--description", help="A sentence about it.")] = "",
    private: Annotated[
        bool, typer.Option("--private", help="Only members with a grant; default: every member, by its role.")
    ] = False,
) -> None:
    """Make a sharing group. Prints its id as JSON."""
    _print(founding.add_collection(db, title, agreement, description, private=private))


@collection.command("restore")
def collection_restore(
    place: Annotated[str, typer.Argument(metavar="COLLECTION", help="The collection's id or alias.")],
    db: Database,
    agreement: Annotated[str, typer.Option("--agreement", help="The shipped agreement, or the .toml that was signed.")],
) -> None:
    """Put back an agreement that is damaged in the database."""
    founding.restore_agreement(db, place, agreement)


@collection.command("grant")
def collection_grant(
    place: Annotated[str, typer.Argument(metavar="COLLECTION", help="The collection's id or alias.")],
    name: Annotated[str, typer.Argument(metavar="MEMBER", help="The member's name.")],
    db: Database,
    read: Annotated[bool, typer.Option("--read/--no-read", help="May it read?")] = True,
    write: Annotated[bool, typer.Option("--write/--no-write", help="May it write?")] = True,
) -> None:
    """Say what one member may do here, whatever its role."""
    founding.grant(db, place, name, can_read=read, can_write=write)


@forum.command()
def government(
    state: Annotated[str, typer.Argument(metavar="on|off", help="Open or close the government route.")],
    db: Database,
    approved_by: Annotated[
        list[str] | None, typer.Option("--approved-by", help="Who approves; two names. Repeatable.")
    ] = None,
    ledger_key: LedgerKey = None,
) -> None:
    """Allow collections under the government agreement. Off by default; they have a ledger of their own."""
    if state == "off":
        founding.close_government_route(db)
        return
    names = [*(approved_by or []), "", ""]
    if state != "on":
        raise typer.BadParameter("on or off")
    founding.open_government_route(db, (names[0], names[1]), ledger_key)


@forum.command("why-can")
def why_can(
    name: Annotated[str, typer.Argument(metavar="MEMBER", help="The member's name.")],
    stix_id: Annotated[str, typer.Argument(metavar="OBJECT", help="The object's STIX id.")],
    db: Database,
) -> None:
    """Say whether a member may see an object, and why, collection by collection."""
    _print(founding.why_can(db, name, stix_id))


@ledger.command("export")
def ledger_export(
    db: Database,
    log: Annotated[str, typer.Option("--log", help="forum or government.")] = "forum",
    out: Annotated[Path | None, typer.Option("--out", help="File; default: standard output.")] = None,
    ledger_key: LedgerKey = None,
) -> None:
    """Write a log as JSON Lines, for `stillwatch ledger verify`."""
    export(db, log, out, ledger_key)


@forum.command()
def serve(
    db: Database,
    listen: Annotated[str, typer.Option("--listen", help="HOST:PORT.")] = "127.0.0.1:8443",
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    client_ca: ClientCa = None,
    behind_proxy: BehindProxy = False,
    public_url: Annotated[
        str | None, typer.Option("--public-url", help="https://… as clients reach it; default: relative.")
    ] = None,
    rate: Annotated[float, typer.Option("--rate", min=0, help="Calls a second a member may make; 0: any.")] = 1000,
    burst: Annotated[float, typer.Option("--burst", min=1, help="Calls a member may make at once.")] = 5000,
    ledger_key: LedgerKey = None,
) -> None:
    """Serve TAXII 2.1 until stopped."""
    from stillwatch.apps.forum import serving  # the server's libraries load only when it serves

    serving.serve(
        db,
        listen=serving.listening(listen, tls_cert, tls_key, client_ca, behind_proxy),
        public_url=public_url,
        rate=rate,
        burst=burst,
        ledger_key=ledger_key,
        ready=lambda address: typer.echo(f"stillwatch: the forum listens on {address}", err=True),
    )
