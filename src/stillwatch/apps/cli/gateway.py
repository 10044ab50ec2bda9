"""``stillwatch gateway``: decisions over HTTP for whatever stands in the request path."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import httpx
import msgspec
import typer

from stillwatch.adapters.gateways.envoy import EnvoySettings, configuration
from stillwatch.adapters.gateways.exchanges import Naming
from stillwatch.adapters.stores.keyfile import load_or_create
from stillwatch.adapters.stores.permit_counts import usual_state
from stillwatch.apps.gateway.serving import serve as run
from stillwatch.apps.gateway.wiring import SHIPPED, GateSettings
from stillwatch.apps.gateway.wiring import sketch_key as key_file
from stillwatch.decide.course import Course
from stillwatch.decide.inline.rules import Template, shipped_text, written
from stillwatch.decide.inline.templates import fingerprints_of
from stillwatch.errors import UnavailableError, UsageError
from stillwatch.sketch.keying import SketchKey


class _Health(msgspec.Struct):
    """Of what ``/healthz`` answers, what a monitor needs."""

    alarms: list[str]


app = typer.Typer(name="gateway", help="Answer in the request path.", no_args_is_help=True)


@app.command()
def serve(
    table: Annotated[Path, typer.Option("--table", help="Folder of the table of decisions.")],
    listen: Annotated[str, typer.Option("--listen", metavar="HOST:PORT")] = "127.0.0.1:8085",
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that answer.")] = 1,
    key: Annotated[
        list[Path] | None, typer.Option("--key", help="Public key that may sign tables (.pub). Repeatable.")
    ] = None,
    fail: Annotated[
        Literal["open", "closed"], typer.Option("--fail", help="What can't be decided: let it go on, or answer 503.")
    ] = "open",
    shadow: Annotated[bool, typer.Option("--shadow", help="Decide and count everything, carry out nothing.")] = False,
    inline: Annotated[str, typer.Option("--inline", help="Inline rules: shipped, off, or a TOML file.")] = SHIPPED,
    tap: Annotated[
        Path | None, typer.Option("--tap", help="Folder for exchange records, as `scan` reads them.")
    ] = None,
    state: Annotated[Path | None, typer.Option("--state", help="Folder for counts and memory of this gateway.")] = None,
    sketch_key: Annotated[
        Path | None, typer.Option("--sketch-key", envvar="STILLWATCH_KEY", help="The sensor's key file.")
    ] = None,
    appeals: Annotated[
        Path | None,
        typer.Option(
            "--appeals",
            envvar="STILLWATCH_APPEALS",
            help="Folder of appeals. Default: `appeals` in the state folder; off: none.",
        ),
    ] = None,
    pages: Annotated[str, typer.Option("--pages", help="Where callers find this gateway: https://…")] = "",
    account_header: Annotated[
        str, typer.Option("--account-header", help="Header in which your authentication names the account.")
    ] = Naming.account,
    organization_header: Annotated[str, typer.Option("--organization-header")] = Naming.organization,
) -> None:
    """Serve POST /v1/decide, POST /v1/served, /v1/ext-authz, appeals, pages, /healthz and /metrics."""
    settings = GateSettings(
        table=str(table.absolute()),
        keys=tuple(str(one.absolute()) for one in key or ()),
        fail=fail,
        shadow=shadow,
        inline=inline if inline in (SHIPPED, "off") else str(Path(inline).absolute()),
        tap="" if tap is None else str(tap.absolute()),
        state="" if state is None else str(state.absolute()),
        sketch_key="" if sketch_key is None else str(sketch_key.absolute()),
        appeals="" if str(appeals) == "off" else str((appeals or (state or usual_state()) / "appeals").absolute()),
        pages=pages.rstrip("/"),
        account_header=account_header,
        organization_header=organization_header,
    )
    run(settings, listen, workers, ready=lambda address: print(f"listening on {address}", file=sys.stderr, flush=True))


@app.command()
def check(
    url: Annotated[str, typer.Argument(help="Where the gateway listens, as in http://127.0.0.1:8085")],
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds.")] = 2.0,
) -> None:
    """Ask a gateway how it is. Exit code 0: well; 6: down, or an alarm stands: for a monitor to call."""
    try:
        answer = httpx.get(f"{url.rstrip('/')}/healthz", timeout=timeout)
        health = msgspec.json.decode(answer.content, type=_Health)
    except httpx.InvalidURL as error:
        raise UsageError(f"{url!r} is no address, as in http://127.0.0.1:8085: {error}") from error
    except (httpx.HTTPError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnavailableError(f"alarm: no gateway answers at {url}: {error}") from error
    typer.echo(answer.text)
    if health.alarms:
        raise UnavailableError("alarm: " + "; ".join(health.alarms))


@app.command()
def rules() -> None:
    """Print the inline rules that are shipped, to start your own from: gateway serve --inline FILE."""
    typer.echo(shipped_text(), nl=False)


@app.command()
def ban(
    text: Annotated[Path, typer.Argument(help="A file with the words of the template, without what is filled in.")],
    name: Annotated[str, typer.Option("--name", help="How you call it.")],
    author: Annotated[str, typer.Option("--by", metavar="NAME", help="Who bans it.")],
    because: Annotated[str, typer.Option("--because", help="Why.")],
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day.")],
    course: Annotated[Course, typer.Option("--course", help="What happens to a request that holds it.")] = "refuse",
    case: Annotated[str | None, typer.Option("--case", help="The campaign that it belongs to.")] = None,
    sketch_key: Annotated[
        Path | None, typer.Option("--sketch-key", envvar="STILLWATCH_KEY", help="The gateway's sketch key file.")
    ] = None,
) -> None:
    """Print a banned template for a file of inline rules: its sealed passages, never its words."""
    settings = GateSettings(table="", sketch_key="" if sketch_key is None else str(sketch_key))
    try:
        words = text.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{text} can't be read as text: {error}") from error
    key = SketchKey.from_bytes(load_or_create(key_file(settings))[0])
    try:
        made = Template(
            name=name, fingerprints=fingerprints_of(words, key), course=course, author=author, because=because,
            until=until, case=case,
        )  # fmt: skip
    except ValueError as error:
        raise UsageError(f"it can't be banned: {error}") from error
    typer.echo(written(made), nl=False)


@app.command()
def envoy(
    upstream: Annotated[str, typer.Option("--upstream", metavar="HOST:PORT", help="The model server behind Envoy.")],
    gateway: Annotated[
        str, typer.Option("--gateway", metavar="HOST:PORT", help="Where `gateway serve` listens.")
    ] = "127.0.0.1:8085",
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Where Envoy takes requests.")
    ] = "127.0.0.1:10000",
    fail: Annotated[
        Literal["open", "closed"], typer.Option("--fail", help="When no gateway answers: let it go on, or answer 503.")
    ] = "open",
    admin: Annotated[str, typer.Option("--admin", metavar="HOST:PORT", help="Envoy's counters; none without.")] = "",
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds that Envoy waits for a decision.")] = 0.25,
    account_header: Annotated[
        str, typer.Option("--account-header", help="Header in which your authentication names the account.")
    ] = Naming.account,
    organization_header: Annotated[str, typer.Option("--organization-header")] = Naming.organization,
) -> None:
    """Print a configuration of Envoy that asks this gateway: envoy -c FILE, or copy its filters into your own."""
    settings = EnvoySettings(
        listen=listen,
        upstream=upstream,
        gateway=gateway,
        fail=fail,
        admin=admin,
        timeout_s=timeout,
        naming=Naming(account=account_header, organization=organization_header),
    )
    try:
        typer.echo(configuration(settings), nl=False)
    except ValueError as error:
        raise UsageError(str(error)) from error
