"""The command line. Commands are thin: they read options, run an app, print, and turn errors into exit codes."""

import sys
from typing import Annotated

import typer

import stillwatch
from stillwatch.apps.cli.export import app as export
from stillwatch.apps.cli.forum import forum
from stillwatch.apps.cli.ledger import app as ledger
from stillwatch.apps.cli.receive import receive
from stillwatch.apps.cli.rehearse import rehearse
from stillwatch.apps.cli.scan import scan
from stillwatch.apps.cli.share import share
from stillwatch.errors import (
    IntegrityError,
    NoInputError,
    OutputError,
    StateError,
    StillwatchError,
    UnavailableError,
    UsageError,
)

#: What the shell learns. 1 is for a fault of ours, 130 for Ctrl-C, as shells have it.
EXIT_CODES: dict[type[StillwatchError], int] = {
    UsageError: 2,
    NoInputError: 3,
    OutputError: 4,
    StateError: 5,
    UnavailableError: 6,
    IntegrityError: 7,
}

app = typer.Typer(
    name="stillwatch",
    help="Find, measure and answer adversarial distillation.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(scan)
app.command()(rehearse)
app.add_typer(export, name="export")
app.add_typer(forum)
app.add_typer(ledger, name="ledger")
app.add_typer(receive)
app.add_typer(share)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"stillwatch {stillwatch.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find, measure and answer adversarial distillation."""


def main() -> None:
    """Entry point of the ``stillwatch`` command."""
    try:
        app()
    except StillwatchError as error:
        print(f"stillwatch: {error}", file=sys.stderr)
        raise SystemExit(EXIT_CODES.get(type(error), 1)) from None
    except BrokenPipeError:
        raise SystemExit(141) from None
