"""``stillwatch attribute``: what may stand behind campaigns, how sure that is, and what would change it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from stillwatch.adapters.reports.attribution import encoded, html, markdown
from stillwatch.apps.attribution import reading
from stillwatch.attribute.attribution import Evidence
from stillwatch.attribute.attribution import attribute as run
from stillwatch.attribute.shape import Attribution
from stillwatch.errors import OutputError, UsageError
from stillwatch.vocabulary.campaigns import LEVELS

_Readable = Annotated[list[Path], typer.Argument(help="campaigns.json files, or folders of scans.")]


def attribute(
    campaigns: _Readable,
    out: Annotated[Path, typer.Option("--out", help="Folder for attribution.json, .html and .md.")],
    sightings: Annotated[
        Path | None, typer.Option("--sightings", help="What `stillwatch match` wrote: what other members saw.")
    ] = None,
    names: Annotated[
        Path | None, typer.Option("--names", help="Your own entries: names with their basis, and blocks. JSON.")
    ] = None,
    watchlist: Annotated[
        list[Path] | None, typer.Option("--watchlist", help="Identifiers of campaigns. Default: beside each scan.")
    ] = None,
    prior: Annotated[
        Path | None, typer.Option("--prior", help="JSON: how likely each hypothesis is beforehand. Default: flat.")
    ] = None,
    level: Annotated[str, typer.Option("--level", help=f"Lowest level to read: {', '.join(LEVELS)}.")] = "review",
) -> None:
    """Weigh competing explanations of campaigns, innocent ones too, and state five claims apart. Names nobody."""
    if level not in LEVELS:
        raise UsageError(f"--level {level}: it is one of {', '.join(LEVELS)}")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entries = reading.names(names)
    read = reading.scans(campaigns, watchlist or [], entries, level)
    matched = reading.sightings(sightings)
    live, expired = reading.live(matched.sightings if matched is not None else (), now)
    if expired:
        read.notes.append(f"{expired} sightings have expired and were left out.")
    found = run(
        Evidence(
            dossiers=read.dossiers,
            sightings=live,
            asked=matched is not None,
            names=entries.names,
            prior=reading.prior(prior),
            notes=tuple(read.notes),
        )
    )
    _write(out, found, now)
    for group in found.groups:
        typer.echo(f"{group.name}: {group.conclusion}")
    if not found.groups:
        typer.echo(f"No campaign at {level} or above: there is nothing to attribute.")
    typer.echo(str(out / "attribution.html"))


def _write(out: Path, found: Attribution, now: str) -> None:
    texts = {
        "attribution.json": encoded(found),
        "attribution.html": html(found, generated_at=now).encode(),
        "attribution.md": markdown(found, generated_at=now).encode(),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, body in texts.items():
            part = out / f".{name}.part"
            part.write_bytes(body)
            part.replace(out / name)
    except OSError as error:
        raise OutputError(f"{out} can't be written: {(error.strerror or str(error)).lower()}") from error
