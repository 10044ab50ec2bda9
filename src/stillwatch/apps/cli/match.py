"""``stillwatch match``: who else has seen these identifiers? Nobody learns of those that nobody shares."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from stillwatch.adapters.transports.matching import KeyHolder
from stillwatch.apps.matching.asking import question
from stillwatch.apps.matching.keeping import Folder
from stillwatch.apps.matching.running import Runner, outlasting
from stillwatch.apps.matching.telling import told
from stillwatch.apps.member.outbox import write_whole
from stillwatch.apps.member.secrets import credential
from stillwatch.errors import UsageError
from stillwatch.match.faults import MatchError

#: Seconds between tries where a holder does not answer, doubled each time.
PAUSE = 0.5


def match(
    forum: Annotated[str, typer.Option("--forum", help="The forum's address, as in https://forum.example/.")],
    trustee: Annotated[str, typer.Option("--trustee", help="The trustee's address.")],
    out: Annotated[Path, typer.Option("--out", help="Where the sightings go, as JSON; for `scan --sightings`.")],
    campaign: Annotated[
        Path | None, typer.Option("--campaign", help="A campaigns.json, with the scan's watch-list beside it.")
    ] = None,
    identifiers: Annotated[
        Path | None,
        typer.Option("--identifiers", help="JSON Lines or CSV with type and value, as watchlist.jsonl."),
    ] = None,
    forum_credential: Annotated[
        Path, typer.Option("--credential", help="File with the credential for the forum, mode 0600.")
    ] = Path("forum.credential"),
    trustee_credential: Annotated[
        Path, typer.Option("--trustee-credential", help="File with the credential for the trustee, mode 0600.")
    ] = Path("trustee.credential"),
    state: Annotated[
        Path | None,
        typer.Option("--state", help="Folder for sessions, which a later run goes on with; default: OUT with .match."),
    ] = None,
    epoch: Annotated[str | None, typer.Option("--epoch", help="Default: the open one that closes last.")] = None,
    ca: Annotated[Path | None, typer.Option("--ca", help="Certificates to trust besides the system's (PEM).")] = None,
    tries: Annotated[int, typer.Option("--tries", min=1, help="How often a holder is asked that is away.")] = 5,
) -> None:
    """Find which identifiers other members look for too, through two key holders of whom neither can search alone."""
    if forum.rstrip("/") == trustee.rstrip("/"):
        raise UsageError("--forum and --trustee are the same: whoever holds both keys can search every identifier")
    asked = question(identifiers, campaign)
    with (
        Folder(state or out.with_name(f"{out.name}.match")) as folder,
        KeyHolder("forum", forum, credential(forum_credential), ca=ca) as ours,
        KeyHolder("trustee", trustee, credential(trustee_credential), ca=ca) as theirs,
    ):
        runner = Runner(folder, ours, theirs, datetime.now(UTC), lambda line: typer.echo(line, err=True))
        try:
            outcome = outlasting(lambda: runner.run(asked, epoch), lambda number: time.sleep(PAUSE * 2**number), tries)
        except MatchError as error:
            raise UsageError(f"the match stopped ({error.code}): {error}") from error
    found = told(asked, outcome, forum)
    write_whole(out, json.dumps(found, indent=2, ensure_ascii=False).encode() + b"\n")
    typer.echo(
        f"{found['asked']:,} identifiers asked, {len(found['sightings']):,} looked for by others too, "
        f"{len(found['refused']):,} not asked, {len(found['left_out_common']):,} left out as common: {out}",
        err=True,
    )
