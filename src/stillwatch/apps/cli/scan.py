"""``stillwatch scan``: which accounts work together to distil the model, and why we think so."""

import secrets
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import platformdirs
import typer
from rich.console import Console

from stillwatch.adapters.reports.html import html
from stillwatch.adapters.reports.terminal import terminal
from stillwatch.adapters.stores.keyfile import KEY_BYTES, load_or_create
from stillwatch.apps.cli.progress import progress_on
from stillwatch.apps.sensor.outputs import InterruptedRunError, as_json, lines, publish, work_folder
from stillwatch.apps.sensor.quarantine import Quarantine
from stillwatch.apps.sensor.scan import Outcome, Request
from stillwatch.apps.sensor.scan import scan as run
from stillwatch.errors import UsageError
from stillwatch.ingest import FORMATS, IngestSettings, read_settings

_FORMAT_NAMES = ", ".join(format_.name for format_ in FORMATS)


def scan(
    logs: Annotated[list[str], typer.Argument(help="Log files, folders, patterns, or - for standard input.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for campaigns.json, report.html and accounts.parquet.")],
    accounts: Annotated[
        list[str] | None, typer.Option("--accounts", help="File that describes accounts. Repeatable.")
    ] = None,
    permits: Annotated[
        list[str] | None, typer.Option("--permits", help="File of permits to distil. Repeatable.")
    ] = None,
    sightings: Annotated[
        Path | None, typer.Option("--sightings", help="What `stillwatch match` wrote: who else looks for our suspects.")
    ] = None,
    indicators: Annotated[
        Path | None, typer.Option("--indicators", help="Folder that `stillwatch receive --into` filled.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="What `stillwatch appeal labels` wrote: whom we had wronged.")
    ] = None,
    state: Annotated[Path | None, typer.Option("--state", help="Folder that keeps history between scans.")] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            "--key", envvar="STILLWATCH_KEY", help="Key file for --state; made on first use.", show_default=False
        ),
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help=f"Read every log as one of: {_FORMAT_NAMES}. Default: by content.")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="TOML file with settings.")] = None,
    max_line_mb: Annotated[int, typer.Option("--max-line-mb", min=1, help="Longer lines are left out.")] = 64,
) -> None:
    """Find campaigns in request logs, say why, and measure what was served."""
    if format_ is not None and format_ not in {known.name for known in FORMATS}:
        raise UsageError(f"--format {format_}: not known here; it is one of {_FORMAT_NAMES}")
    console = Console(stderr=True)
    secret = _key(state, key, console)
    request = Request(
        logs=logs,
        key=secret,
        now=datetime.now(UTC),
        accounts=accounts or [],
        permits=permits or [],
        state=state,
        format_=format_,
        settings=settings_from(config),
        max_line_bytes=max_line_mb * 1024 * 1024,
        sightings=sightings,
        indicators=indicators,
        labels=labels,
    )
    _told(_published(request, out, console), console, out)


def _published(request: Request, out: Path, console: Console) -> Outcome:
    """Scan and write every result."""
    try:
        with work_folder(out) as work, progress_on(console, request.logs) as progress:
            with Quarantine(work / "quarantine.jsonl") as quarantine:
                outcome = run(request, work, quarantine, progress, time.monotonic)
            progress("drawing", 0, outcome.scan.scanned.exchanges)
            page = html(outcome.scan, outcome.figures, generated_at=request.now.isoformat(timespec="seconds"))
            texts = {"campaigns.json": as_json(outcome.scan), "report.html": page.encode()}
            publish(work, out, texts, outcome.accounts, {"watchlist.jsonl": lines(outcome.watchlist)})
    except (KeyboardInterrupt, InterruptedRunError):
        console.print("stillwatch: stopped; nothing was written", style="bold", highlight=False)
        raise typer.Exit(130) from None
    return outcome


def _told(outcome: Outcome, console: Console, out: Path) -> None:
    terminal(outcome.scan, Console())
    for line in outcome.quarantine:
        console.print(f"  left out or noted: {line}", highlight=False, markup=False)
    print(f"{out / 'report.html'}", file=sys.stdout)


def _key(state: Path | None, key: Path | None, console: Console) -> bytes:
    """A key from a file where history is kept; else one that is drawn for this run and forgotten."""
    if state is None:
        if key is not None:
            console.print("--key is of no use without --state: this run draws a key and forgets it.", highlight=False)
        return secrets.token_bytes(KEY_BYTES)
    path = key or platformdirs.user_config_path("stillwatch") / "sketch.key"
    if state.resolve() in path.resolve().parents:
        raise UsageError(
            f"the key file {path} lies inside the state folder that it protects: keep it elsewhere (--key)"
        )
    secret, new = load_or_create(path)
    if new:
        console.print(
            f"A new sketch key was made: {path}. Without it the history is of no use: keep it safe.", highlight=False
        )
    return secret


def settings_from(config: Path | None) -> IngestSettings:
    if config is None:
        return IngestSettings()
    try:
        return read_settings(config.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"the settings file {config} can't be read: {(error.strerror or '').lower()}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"the settings file {config} can't be read: it is not UTF-8") from error
