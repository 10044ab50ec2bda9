"""``stillwatch share``: say to other members what the law allows, take it back, correct it, and show what left."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from stillwatch.adapters.stores.received import ReceivedStore
from stillwatch.apps.cli.default_command import WithDefault
from stillwatch.apps.cli.member import Config, Member, member, now, settings_path
from stillwatch.apps.member import records, secrets, sharing
from stillwatch.apps.member.acts import Acts
from stillwatch.apps.member.campaigns import named
from stillwatch.apps.member.outbox import Parcel, write_whole
from stillwatch.apps.member.receiving import STORE
from stillwatch.apps.member.settings import load
from stillwatch.errors import UsageError
from stillwatch.guard.canonical import canonical
from stillwatch.guard.clear import to_approve
from stillwatch.guard.preview import preview as grounds
from stillwatch.guard.preview import waiting
from stillwatch.guard.release import Approval
from stillwatch.share.dsse import keyid, raw
from stillwatch.share.life.advisory import NOTICES
from stillwatch.share.life.decision import ACTIONS, Heard
from stillwatch.share.life.replies import DOUBTS, OPINIONS


class _Share(WithDefault):
    default_name = "campaign"


share = typer.Typer(
    name="share",
    cls=_Share,
    help="Share a campaign with a group: stillwatch share CAMPAIGN --to GROUP.",
    no_args_is_help=True,
)

To = Annotated[str, typer.Option("--to", metavar="GROUP", help="The sharing group, by its name in the settings.")]
Campaigns = Annotated[Path, typer.Option("--campaigns", help="The campaigns.json of a scan.")]
Wanted = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its id, name or rank.")]
Object = Annotated[str, typer.Argument(metavar="ID", help="The STIX id of the object it is about.")]
Later = Annotated[bool, typer.Option("--later", help="Queue it; a later flush sends it.")]
Element = Annotated[
    str | None,
    typer.Option("--element", help="What beyond a breach of terms was seen, in the agreement's word: fraud, replay …"),
]
_FILE = Path("campaigns.json")
_DAY = ["%Y-%m-%d"]


@share.command()
def campaign(
    wanted: Wanted,
    to: To,
    campaigns: Campaigns = _FILE,
    element: Element = None,
    later: Later = False,
    config: Config = None,
) -> None:
    """Ask the guard, sign, queue, send. (The word `campaign` may be left out.)"""
    us = member(config)
    _submit(us, _acts(us, to, element).campaign(named(campaigns, wanted)), later)


@share.command()
def preview(
    wanted: Annotated[str, typer.Argument(metavar="CAMPAIGN|DRAFT", help="A campaign, or a draft that waits.")],
    to: Annotated[str | None, typer.Option("--to", metavar="GROUP", help="Needed for a campaign.")] = None,
    campaigns: Campaigns = _FILE,
    element: Element = None,
    bytes_: Annotated[
        bool, typer.Option("--bytes", help="Only the bytes, an object a line, as they would leave.")
    ] = False,
    config: Config = None,
) -> None:
    """Show the exact bytes that would leave, and which clause lets each field through. Nothing is sent or kept."""
    us = member(config)
    parcel = us.outbox.read_draft(wanted) if to is None else _acts(us, to, element).campaign(named(campaigns, wanted))
    prepared = sharing.prepare(us.settings, parcel, us.key, now())
    for release, body in zip(prepared.releases, prepared.bodies, strict=True):
        typer.echo(body.decode())
        if not bytes_:
            # The guard shows what it released; the line above is that with our signature, as it leaves.
            typer.echo(grounds(release).partition("\n")[2])
    agreement, items = sharing.agreement_of(us.settings, parcel.group), {item["id"]: item for item in parcel.items}
    for refusal in prepared.refusals:
        if not bytes_ and sharing.awaits_a_person(refusal):
            typer.echo(waiting(items[refusal.item_id], agreement))
        typer.echo(f"stays here: {refusal.item_id}", err=True)
        for reason in refusal.reasons:
            typer.echo(f"    {reason}", err=True)
        for held in refusal.held:
            typer.echo(f"    waits for a person: {held.path}: {held.text}", err=True)
    if prepared.refusals:
        raise typer.Exit(2)


@share.command()
def approve(
    draft: Annotated[str, typer.Argument(metavar="DRAFT", help="As `share status` lists it.")],
    person: Annotated[str, typer.Option("--as", metavar="NAME", help="Who says yes to exactly these bytes.")],
    later: Later = False,
    config: Config = None,
) -> None:
    """Say yes to a draft, after `share preview DRAFT`. With enough approvals it is queued and sent."""
    us = member(config)
    outbox = us.outbox
    parcel = outbox.read_draft(draft)
    moment = now()
    new = [Approval(person, moment, to_approve(item)) for item in parcel.items]
    kept = [one for one in parcel.approvals if one["person"] != person]
    parcel = msgspec.structs.replace(parcel, approvals=(*kept, *(msgspec.to_builtins(one) for one in new)))
    _submit(us, parcel, later)
    if outbox.drafts().get(draft) != parcel:
        outbox.drop_draft(draft)


@share.command()
def sighting(
    of: Object,
    to: To,
    first: Annotated[datetime, typer.Option("--first", formats=_DAY, help="The first day we saw it.")],
    last: Annotated[datetime, typer.Option("--last", formats=_DAY, help="The last day we saw it.")],
    element: Element = None,
    later: Later = False,
    config: Config = None,
) -> None:
    """Say that we saw it too: days only, no numbers."""
    us = member(config)
    _submit(us, _acts(us, to, element).sighting(of, first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)), later)


@share.command()
def dispute(
    of: Object,
    to: To,
    because: Annotated[str | None, typer.Option("--because", help=f"One of: {', '.join(DOUBTS)}.")] = None,
    opinion: Annotated[str, typer.Option("--opinion", help=f"One of: {', '.join(OPINIONS)}.")] = "disagree",
    later: Later = False,
    config: Config = None,
) -> None:
    """Say what we think of another member's object, and why."""
    us = member(config)
    view = _one_of(opinion, OPINIONS, "--opinion")
    doubt = None if because is None else _one_of(because, DOUBTS, "--because")
    _submit(us, _acts(us, to).dispute(of, view, doubt), later)


@share.command()
def retract(of: Object, to: To, later: Later = False, config: Config = None) -> None:
    """Take back what we shared, for good, from everyone who received it."""
    us = member(config)
    _submit(us, _acts(us, to).retraction(of), later)


@share.command()
def correct(
    of: Object,
    to: To,
    confidence: Annotated[int | None, typer.Option("--confidence", min=0, max=100, help="How sure we are now.")] = None,
    valid_until: Annotated[
        datetime | None, typer.Option("--valid-until", formats=_DAY, help="The last day it holds (indicators).")
    ] = None,
    later: Later = False,
    config: Config = None,
) -> None:
    """Correct what we shared; everyone who received it gets the new version."""
    us = member(config)
    changes: dict[str, Any] = {}
    if confidence is not None:
        changes["confidence"] = confidence
    if valid_until is not None:
        changes["valid_until"] = f"{valid_until:%Y-%m-%d}T00:00:00.000Z"
    if not changes:
        raise UsageError("say what to correct: --confidence or --valid-until")
    _submit(us, _acts(us, to).correction(of, changes), later)


@share.command()
def advisory(
    title: Annotated[str, typer.Argument(help="What the notice is called.")],
    to: To,
    kind: Annotated[str, typer.Option("--kind", help=f"One of: {', '.join(NOTICES)}.")],
    text: Annotated[str, typer.Option("--text", help="The notice: what changes, for whom, since when.")],
    author: Annotated[str, typer.Option("--author", help="Who wrote it: two others must approve it.")],
    url: Annotated[str | None, typer.Option("--url", help="Where the text that it speaks of stands.")] = None,
    later: Later = False,
    config: Config = None,
) -> None:
    """Tell members of a regulation, an access policy or a release. A person approves the words first."""
    us = member(config)
    _submit(us, _acts(us, to).advisory(_one_of(kind, NOTICES, "--kind"), title, text, url, author), later)


@share.command()
def decision(
    wanted: Wanted,
    action: Annotated[str, typer.Option("--action", help=f"One of: {', '.join(ACTIONS)}.")],
    by: Annotated[list[str], typer.Option("--by", metavar="NAME", help="Who decided. Repeatable.")],
    campaigns: Campaigns = _FILE,
    received: Annotated[
        Path | None, typer.Option("--received", help="What `receive --into` wrote: what we had heard by now.")
    ] = None,
    config: Config = None,
) -> None:
    """Write down, signed, that we decided alone and on which evidence of ours. It stays here."""
    us = member(config)
    found, moment = named(campaigns, wanted), now()
    heard: list[Heard] = []
    if received is not None:
        with ReceivedStore(received / STORE) as store:
            heard = records.heard_about(store, [technique.id for technique in found.techniques], moment)
    try:
        made = records.record_decision(
            us.outbox, us.settings, us.key, found, _one_of(action, ACTIONS, "--action"), by, heard, moment
        )
    except ValueError as error:
        raise UsageError(f"{wanted}: {error}") from error
    typer.echo(json.dumps(msgspec.to_builtins(made), indent=1, ensure_ascii=False))


@share.command()
def transparency(
    out: Annotated[Path | None, typer.Option("--out", help="Write a signed DSSE envelope here too.")] = None,
    received: Annotated[Path | None, typer.Option("--received", help="What `receive --into` wrote.")] = None,
    config: Config = None,
) -> None:
    """Show what we gave, were refused, received and turned away, for our own counsel. As JSON."""
    us = member(config)
    if received is None:
        made = records.export_of(us.outbox, us.settings, us.key, None, now())
    else:
        with ReceivedStore(received / STORE) as store:
            made = records.export_of(us.outbox, us.settings, us.key, store, now())
    if out is not None:
        write_whole(out, canonical(records.signed_export(made, us.key)) + b"\n")
    typer.echo(json.dumps(msgspec.to_builtins(made), indent=1, ensure_ascii=False))


@share.command()
def flush(config: Config = None) -> None:
    """Send what waits, oldest first."""
    us = member(config)
    _flush(us)


@share.command()
def status(config: Config = None) -> None:
    """What waits for approval, what waits for the forum, what was held, how much went out. As JSON."""
    us = member(config)
    outbox = us.outbox
    settled = outbox.settled()
    shown = {
        "drafts": {name: _shown(us, parcel) for name, parcel in outbox.drafts().items()},
        "queued": [_shown(us, outbox.read(path)) for path in outbox.waiting()],
        "held": [
            {**_shown(us, one.parcel), "reasons": dict(one.failures), "at": one.settled_at}
            for whole, one in settled
            if not whole
        ],
        "sent": {
            "parcels": sum(whole for whole, _ in settled),
            "objects": sum(len(one.left) for _, one in settled),
            "last_at": max((one.settled_at for whole, one in settled if whole), default=None),
        },
    }
    typer.echo(json.dumps(shown, indent=1, ensure_ascii=False))


@share.command()
def key(config: Config = None) -> None:
    """Print our public key for other members' settings; make the signing key if there is none yet."""
    settings = load(settings_path(config))
    path = settings.path(settings.signing_key)
    ours = secrets.signing_key(path) if path.exists() else secrets.new_signing_key(path)
    public = ours.public_key()
    typer.echo(f'[members."{settings.name}"]\nkeys = ["{base64.b64encode(raw(public)).decode()}"]')
    typer.echo(f"key id {keyid(public)}", err=True)


def _acts(us: Member, group: str, element: str | None = None) -> Acts:
    return Acts(us.settings, us.outbox, group, now(), element)


def _submit(us: Member, parcel: Parcel, later: bool) -> None:
    match sharing.submit(us.outbox, us.settings, parcel, us.key, now()):
        case sharing.Already():
            typer.echo("nothing to do: it was shared before and has not changed", err=True)
            return
        case sharing.Drafted(name, refusals):
            typer.echo(f"draft {name} waits for approval:\n{sharing.reasons(refusals)}", err=True)
            typer.echo(f"read it with `share preview {name}`, then `share approve {name} --as NAME`", err=True)
            return
        case sharing.Queued(objects):
            typer.echo(f"queued {objects} objects for {parcel.group}", err=True)
    if not later:
        _flush(us)


def _flush(us: Member) -> None:
    with us.forum() as forum:
        done = sharing.flush(us.outbox, us.settings, us.key, forum, now)
    typer.echo(f"sent {done.objects} objects", err=True)
    for id_, reason in done.held:
        typer.echo(f"held: {id_}: {reason}", err=True)
    if done.unavailable is not None:
        # No error: nothing is lost, and the next flush sends it. A job that flushes by the clock sees it in the text.
        typer.echo(f"{done.waiting} parcels wait: {done.unavailable}", err=True)
    if done.held:
        raise typer.Exit(2)


def _shown(us: Member, parcel: Parcel) -> dict[str, Any]:
    people, not_counted = sharing.approvers(us.settings, parcel, now())
    return {
        "about": parcel.about,
        "kind": parcel.kind,
        "group": parcel.group,
        "objects": len(parcel.items),
        "since": parcel.queued_at,
        **({"approved_by": people} if people else {}),
        # They said yes to other bytes, too long ago, or to their own words: `share approve` asks them again.
        **({"approved_and_no_longer_counted": not_counted} if not_counted else {}),
    }


def _one_of(value: str, known: tuple[Any, ...], option: str) -> Any:
    if value not in known:
        raise UsageError(f"{option} {value}: it is one of {', '.join(known)}")
    return value
