"""``stillwatch receive``: read what other members shared, believe what proves itself, feed it to the next scan."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from stillwatch.adapters.stores.received import ReceivedStore
from stillwatch.apps.cli.default_command import WithDefault
from stillwatch.apps.cli.member import Config, member, now
from stillwatch.apps.member import receiving
from stillwatch.apps.member.receiving import FEED, STORE, TURNED_AWAY
from stillwatch.errors import NoInputError, StateError, UnavailableError
from stillwatch.share.life.feed import Indicator


class _Receive(WithDefault):
    default_name = "read"


receive = typer.Typer(
    name="receive",
    cls=_Receive,
    help="Receive what other members shared: stillwatch receive --into DIR.",
    no_args_is_help=True,
)

Into = Annotated[Path, typer.Option("--into", help="Folder for what was received; `scan --indicators` reads it.")]


@receive.command()
def read(into: Into, config: Config = None) -> None:
    """Read what is new, check every signature, let go what has expired. (The word `read` may be left out.)"""
    us = member(config)
    with us.forum() as forum:
        done = receiving.receive(us.settings, us.key.public_key(), forum, into, now)
    if done.kept or done.retracted or done.expired:
        typer.echo(f"{done.kept} new or corrected, {done.retracted} retracted, {done.expired} expired", err=True)
    for reason, count in sorted(_counted([one.reason for one in done.rejected]).items()):
        typer.echo(f"turned away {count}: {reason}", err=True)
    if done.rejected:
        typer.echo(f"which ones: {into / TURNED_AWAY}", err=True)
    typer.echo(f"{into / FEED}")
    typer.echo(f"{done.indicators} indicators", err=True)
    if done.unavailable is not None:
        raise UnavailableError(f"{done.unavailable}; what was received before is in place")


@receive.command()
def show(into: Into) -> None:
    """List the indicators that we hold: whose word each is, until when, for whose eyes, and who doubts it."""
    try:
        indicators = [msgspec.json.decode(line, type=Indicator) for line in (into / FEED).read_bytes().splitlines()]
        with ReceivedStore(into / STORE) as store:
            turned_away = sum(1 for _ in store.turned_away())
    except OSError as error:
        raise NoInputError(f"{into} holds nothing received yet: `stillwatch receive --into {into}`") from error
    except msgspec.MsgspecError as error:
        raise StateError(f"{into / FEED} is damaged: {error}; `stillwatch receive --into {into}` mends it") from error
    table = Table("indicator", "from", "received", "until", "TLP", "PAP", "techniques", "also seen by", "doubted by")
    for one in indicators:
        table.add_row(
            one.id.removeprefix("indicator--"),
            one.member,
            one.received_at[:10],
            min(one.valid_until, one.expires_at)[:10],
            one.tlp or "–",
            one.pap or "–",
            " ".join(one.techniques) or "–",
            ", ".join(one.seen_by) or "–",
            ", ".join(f"{doubt.member} ({', '.join(doubt.reasons) or doubt.opinion})" for doubt in one.disputes) or "–",
        )
    Console().print(table)
    typer.echo(f"{len(indicators)} indicators, {turned_away} objects turned away")


def _counted(words: list[str]) -> dict[str, int]:
    return {word: words.count(word) for word in set(words)}
