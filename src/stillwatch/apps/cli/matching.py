"""What the operators of both key holders do on the command line: epochs, allowances, how things stand."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from stillwatch.apps.forum import matching_keys
from stillwatch.errors import UsageError

Database = Annotated[str, typer.Option("--db", help="sqlite:///FILE or postgresql://USER@HOST/NAME.")]
Keys = Annotated[Path, typer.Option("--keys", help="Folder for the secret matching keys, a file an epoch.")]
EpochName = Annotated[str, typer.Argument(metavar="EPOCH", help="Its name, as in 2026-11.")]


def show(content: Any) -> None:
    """Print as JSON."""
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False, default=str))


def moment(text: str) -> datetime:
    """A time that was written, in UTC. Raises ``UsageError``."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text} is no time: write 2026-11-01 or 2026-11-01T12:00:00Z") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def add_to(app: typer.Typer, epoch: typer.Typer, holder: str) -> None:
    """What forum and trustee do alike, under ``app`` and its ``epoch`` commands, each in its own database alone."""

    @epoch.command()
    def draw(
        epoch: EpochName,
        db: Database,
        types: Annotated[
            list[str] | None, typer.Option("--type", help="A type of identifiers; default: every type. Repeatable.")
        ] = None,
    ) -> None:
        """Draw the keys of a new epoch. Prints their public halves as JSON, for the other holder."""
        matching_keys.check(db, holder)
        show(matching_keys.draw_epoch(db, epoch, types or []))

    @epoch.command()
    def close(epoch: EpochName, db: Database) -> None:
        """Take no further questions in an epoch. Tags can still be moved on from it."""
        matching_keys.check(db, holder)
        show(matching_keys.close_epoch(db, epoch))

    @epoch.command()
    def destroy(epoch: EpochName, db: Database) -> None:
        """Overwrite an epoch's keys for good, and drop all that hangs on them."""
        matching_keys.check(db, holder)
        show(matching_keys.destroy_epoch(db, epoch))

    @app.command()
    def allow(
        member: Annotated[str, typer.Argument(help="The member's name.")],
        type_: Annotated[str, typer.Argument(metavar="TYPE", help="A type of identifiers.")],
        amount: Annotated[int, typer.Argument(min=0, help="Units in an epoch.")],
        db: Database,
    ) -> None:
        """Give a member an allowance of its own."""
        matching_keys.check(db, holder)
        matching_keys.allow(db, member, type_, amount)

    @app.command()
    def status(db: Database) -> None:
        """Print epochs, keys and what members used, as JSON."""
        matching_keys.check(db, holder)
        show(matching_keys.status(db))
