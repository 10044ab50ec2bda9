"""``stillwatch export``: what a scan concluded, for other tools. Nothing is sent anywhere."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
import typer

import stillwatch
from stillwatch.errors import NoInputError, OutputError, UsageError
from stillwatch.share.misp import misp_event
from stillwatch.share.ocsf import detection_finding
from stillwatch.share.stix import Voice, bundle, from_campaigns
from stillwatch.share.stix.markings import Pap, Tlp
from stillwatch.share.table import as_csv
from stillwatch.vocabulary.campaigns import Campaign, Scan

app = typer.Typer(help="Write campaigns for other tools: STIX 2.1, OCSF, MISP or CSV.", no_args_is_help=True)


@dataclass(frozen=True)
class Request:
    """What was asked for, read and checked."""

    campaigns: tuple[Campaign, ...]
    voice: Voice


Given = Annotated[Path, typer.Argument(help="campaigns.json of a scan.")]
Out = Annotated[Path, typer.Option("--out", help="File to write.")]
Member = Annotated[str, typer.Option("--member", help="Who says it: the author of the objects.")]
TlpLabel = Annotated[str, typer.Option("--tlp", help=f"Who may see it: {', '.join(get_args(Tlp))}.")]
PapLabel = Annotated[str, typer.Option("--pap", help=f"What may be done with it: {', '.join(get_args(Pap))}.")]


@app.command()
def stix(
    campaigns: Given, out: Out, member: Member = "A member", tlp: TlpLabel = "amber", pap: PapLabel = "amber"
) -> None:
    """A STIX 2.1 bundle: counts in buckets, no account, no text of a prompt."""
    request = _read(campaigns, member, tlp, pap)
    _write(out, _json(bundle(from_campaigns(request.campaigns, request.voice))), request)


@app.command()
def ocsf(campaigns: Given, out: Out) -> None:
    """OCSF Detection Findings (class 2004), one JSON object a line."""
    request = _read(campaigns)
    events = (detection_finding(one, request.voice.now, stillwatch.__version__) for one in request.campaigns)
    _write(out, b"".join(msgspec.json.encode(event) + b"\n" for event in events), request)


@app.command()
def misp(campaigns: Given, out: Out, tlp: TlpLabel = "amber", pap: PapLabel = "amber") -> None:
    """MISP events, as MISP's own export and import have them."""
    request = _read(campaigns, tlp=tlp, pap=pap)
    voice = request.voice
    events = [misp_event(one, voice.now, voice.tlp, voice.pap) for one in request.campaigns]
    _write(out, _json({"response": events}), request)


@app.command(name="csv")
def table(campaigns: Given, out: Out) -> None:
    """A table for people, one line a campaign."""
    request = _read(campaigns)
    _write(out, as_csv(request.campaigns).encode(), request)


def _read(path: Path, member: str = "A member", tlp: str = "amber", pap: str = "amber") -> Request:
    voice = Voice(member, datetime.now(UTC), _label(Tlp, "--tlp", tlp), _label(Pap, "--pap", pap))
    try:
        scan = msgspec.json.decode(path.read_bytes(), type=Scan)
    except OSError as error:
        raise NoInputError(f"{path} can't be read: {(error.strerror or str(error)).lower()}") from error
    except msgspec.DecodeError as error:
        raise NoInputError(f"{path} is not the campaigns.json of a scan: {error}") from error
    return Request(scan.campaigns, voice)


def _label(labels: Any, option: str, text: str) -> Any:
    known = get_args(labels)
    if text.lower() not in known:
        raise UsageError(f"{option} {text}: it is one of {', '.join(known)}")
    return text.lower()


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _write(out: Path, body: bytes, request: Request) -> None:
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_bytes(body)
        part.replace(out)
    except OSError as error:
        raise OutputError(f"{out} can't be written: {(error.strerror or str(error)).lower()}") from error
    typer.echo(f"{out} ({len(request.campaigns)} campaigns)")
