"""``stillwatch rehearse``: would we have caught it, on this traffic?"""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from stillwatch.adapters.material import folder, shipped
from stillwatch.apps.cli.scan import settings_from as settings_of
from stillwatch.apps.rehearsal import pages
from stillwatch.apps.rehearsal.rehearse import Plan, as_json
from stillwatch.apps.rehearsal.rehearse import rehearse as run
from stillwatch.apps.sensor.outputs import InterruptedRunError, work_folder
from stillwatch.errors import OutputError, UsageError
from stillwatch.rehearse import builtin
from stillwatch.rehearse.material import Half, halved

HALVES: dict[str, Half] = {"tuning": "tuning", "holdout": "holdout", "all": "all"}


def rehearse(
    logs: Annotated[
        list[str] | None, typer.Argument(help="Your logs, to plant campaigns in. Default: a composed week.")
    ] = None,
    scenarios: Annotated[
        list[str] | None, typer.Option("--scenario", help="A shipped scenario or a .toml file. Repeatable.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for rehearsal.json and rehearsal.md.")] = None,
    accounts: Annotated[
        list[str] | None, typer.Option("--accounts", help="File that describes accounts of your log. Repeatable.")
    ] = None,
    permits: Annotated[
        list[str] | None, typer.Option("--permits", help="File of permits to distil. Repeatable.")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="TOML file with settings.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every scenario that ships.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the scenarios that ship, and stop.")] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The first seed. Same seed, same result.")] = 1,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="How many seeds, counting up.")] = 1,
    material: Annotated[
        Path | None, typer.Option("--material", help="Folder of recorded material. Default: built-in words.")
    ] = None,
    half: Annotated[str, typer.Option("--half", help="Half of the material: tuning, holdout or all.")] = "holdout",
    ordinary: Annotated[
        int | None, typer.Option("--ordinary", min=0, help="Ordinary accounts; look-alikes grow alike.")
    ] = None,
) -> None:
    """Plant known campaigns, run the real scan, and report recall, false alarms and harvest before notice."""
    if listed:
        for name in shipped.names():
            typer.echo(f"{name:22} {shipped.scenario(name).about}")
        return
    names = _named(scenarios or [], every=every)
    if out is None:
        raise UsageError("--out is missing: where shall rehearsal.json be written?")
    if (accounts or permits or config) and not logs:
        raise UsageError("--accounts, --permits and --config describe a log: name one")
    if half not in HALVES:
        raise UsageError(f"--half {half}: it is one of {', '.join(HALVES)}")
    plan = Plan(
        scenarios=[shipped.scenario(name) for name in names],
        seeds=range(seed, seed + seeds),
        material=halved(folder.read(material) if material else builtin.material(), HALVES[half]),
        now=datetime.now(UTC),
        ordinary=ordinary,
        logs=logs or (),
        accounts=accounts or (),
        permits=permits or (),
        settings=settings_of(config),
    )
    console = Console(stderr=True)
    try:
        with work_folder(out) as work:
            found = run(plan, work, lambda line: console.print(line, highlight=False, markup=False), time.monotonic)
            _publish(out, {"rehearsal.json": as_json(found), "rehearsal.md": pages.markdown(found).encode()})
    except (KeyboardInterrupt, InterruptedRunError):
        console.print("stillwatch: stopped; nothing was written", style="bold", highlight=False)
        raise typer.Exit(130) from None
    pages.terminal(found, Console())
    typer.echo(str(out / "rehearsal.md"))


def _named(scenarios: list[str], *, every: bool) -> list[str]:
    """The scenarios that were asked for, each once."""
    names = [*scenarios, *(shipped.names() if every else ())]
    if not names:
        raise UsageError("name a scenario with --scenario, or take --all; --list shows them")
    return list(dict.fromkeys(names))


def _publish(out: Path, files: dict[str, bytes]) -> None:
    try:
        for name, data in files.items():
            part = out / f".{name}.part"
            part.write_bytes(data)
            part.replace(out / name)
    except OSError as error:
        raise OutputError(f"{out} can't be written: {(error.strerror or str(error)).lower()}") from error
