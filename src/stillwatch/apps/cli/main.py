"""The command line. Commands are thin: they read options, run an app, print, and turn errors into exit codes.

A command is loaded when it is asked for: whoever checks a ledger need not wait for what draws a report.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

import stillwatch
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

#: Commands in the order of their help: module below ``apps.cli`` and name there of a function or a group of commands.
COMMANDS: dict[str, tuple[str, str]] = {
    "scan": ("scan", "scan"),
    "rehearse": ("rehearse", "rehearse"),
    "export": ("export", "app"),
    "forum": ("forum", "forum"),
    "ledger": ("ledger", "app"),
    "match": ("match", "match"),
    "receive": ("receive", "receive"),
    "share": ("share", "share"),
    "trustee": ("trustee", "trustee"),
    "decide": ("decide", "app"),
    "permit": ("permit", "app"),
    "ring": ("ring", "app"),
    "appeal": ("appeal", "app"),
    "attribute": ("attribute", "attribute"),
    "gateway": ("gateway", "app"),
    "explain": ("explain", "explain"),
    "covert": ("covert", "app"),
}


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"stillwatch {stillwatch.__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find, measure and answer adversarial distillation."""


def build(names: Sequence[str] = tuple(COMMANDS)) -> typer.Typer:
    """The command line with these commands."""
    built = typer.Typer(
        name="stillwatch",
        help="Find, measure and answer adversarial distillation.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    built.callback()(_root)
    for name in names:
        module, attribute = COMMANDS[name]
        command = getattr(import_module(f"stillwatch.apps.cli.{module}"), attribute)
        if isinstance(command, typer.Typer):
            built.add_typer(command, name=name)
        else:
            built.command(name)(command)
    return built


def __getattr__(name: str) -> Any:
    """``app``: all of it, for whoever asks for the whole."""
    if name == "app":
        return build()
    raise AttributeError(name)


def exit_code(error: StillwatchError) -> int:
    """What the shell learns: a kind of error that has no code of its own has that of the kind it belongs to."""
    return next((EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES), 1)


def main() -> None:
    """Entry point of the ``stillwatch`` command."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        build((wanted,) if wanted in COMMANDS else tuple(COMMANDS) if wanted != "--version" else ())()
    except StillwatchError as error:
        print(f"stillwatch: {error}", file=sys.stderr)
        raise SystemExit(exit_code(error)) from None
    except BrokenPipeError:
        raise SystemExit(141) from None
