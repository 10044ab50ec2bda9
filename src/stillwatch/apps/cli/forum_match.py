"""``stillwatch forum match``: the forum's half of private matching."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from stillwatch.apps.cli.matching import Database, Keys, add_to, given, moment, show
from stillwatch.apps.forum import matching_keys, matching_watch
from stillwatch.errors import UsageError

match = typer.Typer(name="match", help="Private matching: the forum's keys and epochs.", no_args_is_help=True)
epoch = typer.Typer(name="epoch", help="Keys for a time: draw, open, close, destroy.", no_args_is_help=True)
match.add_typer(epoch)


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
        typer.Option("--threshold", min=2, help="Members that must hold an identifier before it is shown."),
    ] = 2,
) -> None:
    """Join both holders' keys into the epoch's description and open it. Prints the description, for the trustee."""
    show(
        matching_keys.describe_epoch(
            db,
            _printed(trustee),
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


add_to(match, epoch)


def _printed(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(given(path))
    except ValueError as error:
        raise UsageError(f"{path} holds no JSON: {error}") from error
    if not isinstance(found, dict):
        raise UsageError(f"{path} is not what `stillwatch trustee epoch draw` printed")
    return found
