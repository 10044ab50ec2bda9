"""``stillwatch forum match``: the forum's half of private matching."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from stillwatch.apps.cli.given import given
from stillwatch.apps.cli.matching import Database, Keys, add_to, moment, show
from stillwatch.apps.forum import matching_audit, matching_keys, matching_watch
from stillwatch.errors import UsageError
from stillwatch.match.epochs import MOST_HOLDERS

match = typer.Typer(name="match", help="Private matching: the forum's keys and epochs.", no_args_is_help=True)
epoch = typer.Typer(name="epoch", help="Keys for a time: draw, open, close, destroy.", no_args_is_help=True)
match.add_typer(epoch)
audit = typer.Typer(name="audit", help="Let a member open rows of its upload, drawn at random.", no_args_is_help=True)
match.add_typer(audit)
Secret = Annotated[Path, typer.Option("--secret", help="File with the auditor's secret for this audit, mode 0600.")]


@match.command()
def init(db: Database, keys: Keys) -> None:
    """Make the matching tables beside the forum's own, and the folder for keys."""
    show(matching_keys.prepare(db, keys, "forum"))


@epoch.command("open")
def open_(
    db: Database,
    trustee: Annotated[Path, typer.Option("--trustee", help="What `stillwatch trustee epoch draw` printed.")],
    opens: Annotated[str, typer.Option("--opens", help="From when, as in 2026-11-01; UTC.")],
    closes: Annotated[str, typer.Option("--closes", help="Until when, as in 2026-11-08; UTC.")],
    agreement: Annotated[
        str, typer.Option("--agreement", help="The agreement it is under: a shipped one's name, or a .toml file.")
    ] = "threat-signatures",
    threshold: Annotated[
        int,
        typer.Option(
            "--threshold", min=2, max=MOST_HOLDERS, help="Members that must hold an identifier before it is shown."
        ),
    ] = 2,
) -> None:
    """Join both holders' keys into the epoch's description and open it. Prints the description, for the trustee."""
    show(
        matching_keys.describe_epoch(
            db,
            given(trustee),
            opens=moment(opens),
            closes=moment(closes),
            threshold=threshold,
            agreement=agreement,
        )
    )


@match.command()
def canaries(
    name: Annotated[str, typer.Argument(metavar="EPOCH", help="Its name.")],
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="A type of identifiers.")],
    labels: Annotated[Path, typer.Argument(help="The auditor's labels: hex, one a line.")],
    db: Database,
) -> None:
    """Keep the labels of values that no honest member asks about. Nothing is ever answered for them."""
    count = matching_watch.set_canaries(db, name, type_, given(labels).decode("utf-8", "replace").splitlines())
    typer.echo(f"{count:,} canaries for {type_} in {name}")


@match.command()
def watch(db: Database) -> None:
    """Print who asks as if it were searching, as JSON; what is new goes into the ledger."""
    show(matching_watch.watch(db))


@audit.command()
def commit(
    name: Annotated[str, typer.Argument(metavar="EPOCH", help="Its name.")], secret: Secret, db: Database
) -> None:
    """Draw a secret and write its digest into the ledger, before members upload."""
    matching_audit.commit(db, name, secret)


@audit.command("draw")
def draw_rows(
    member: Annotated[str, typer.Argument(help="The member's name.")],
    name: Annotated[str, typer.Argument(metavar="EPOCH", help="Its name.")],
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="A type of identifiers.")],
    secret: Secret,
    db: Database,
    size: Annotated[int, typer.Option("--size", min=1, help="Rows to open.")] = 50,
) -> None:
    """Draw rows of a member that it must open. Prints them as JSON, for the member."""
    show(msgspec.to_builtins(matching_audit.draw(db, member, name, type_, secret, size)))


@audit.command()
def check(
    drawn: Annotated[Path, typer.Argument(help="What `audit draw` printed.")],
    opened: Annotated[Path, typer.Argument(help="What the member's `stillwatch match open` printed.")],
    db: Database,
) -> None:
    """Print the rows that do not hold, as JSON; where there are any, the ledger gets an alarm."""
    try:
        asked = msgspec.json.decode(given(drawn), type=matching_audit.Drawn)
        answer = msgspec.json.decode(given(opened), type=matching_audit.Opened)
        show(matching_audit.check(db, asked, answer, datetime.now(UTC)))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"these are not the files of an audit: {error}") from error


add_to(match, epoch, "forum")
