"""Share: the guard, our signature, the queue on disk, the forum. Each step takes what the step before it made.

``prepare`` asks the guard about every object of one act of sharing; ``submit`` puts the act on disk if *all* of it was
released, since half a campaign misleads; ``flush`` clears it once more, with today's agreement and today's date, and
posts it. What no longer comes to the same bytes is held for a person.

Markings, techniques and members' identities (the types that an agreement calls public) are sent for the tools of
others, and every member can work them out. Where one is refused, here or by the forum, the act goes on without it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.adapters.transports.taxii import Status, TaxiiForum
from stillwatch.apps.member.outbox import Outbox, Parcel, Settled, digests_of
from stillwatch.apps.member.settings import Settings
from stillwatch.errors import UnavailableError, UsageError
from stillwatch.guard.agreement import Agreement, load, shipped
from stillwatch.guard.clear import clear, to_approve
from stillwatch.guard.conditions import same
from stillwatch.guard.release import Approval, Recipient, Refusal, Release
from stillwatch.share.dsse import sealed
from stillwatch.share.life.transparency import left
from stillwatch.share.stix.say import timestamp

Item = dict[str, Any]

#: How often a forum that answers later is asked about one envelope before the flush gives up for now.
_ASK_AT_MOST = 50


@dataclass(frozen=True)
class Prepared:
    """What the guard said to each object, in order. ``bodies`` are the exact bytes that would leave."""

    releases: tuple[Release, ...]
    bodies: tuple[bytes, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class Queued:
    """On disk; it leaves with the next flush."""

    objects: int


@dataclass(frozen=True)
class Already:
    """The same thing waits or went out before."""


@dataclass(frozen=True)
class Drafted:
    """The guard wants a person, or more persons, to say yes first."""

    name: str
    refusals: tuple[Refusal, ...]


@dataclass
class Flushed:
    """What one flush came to. ``held``: pairs of object id and reason."""

    parcels: int = 0
    objects: int = 0
    held: list[tuple[str, str]] = field(default_factory=list)
    waiting: int = 0
    unavailable: str | None = None


def prepare(settings: Settings, parcel: Parcel, key: Ed25519PrivateKey, now: datetime) -> Prepared:
    """Ask the guard about every object of ``parcel``, for the members of its group."""
    agreement, recipient = agreement_of(settings, parcel.group), recipient_of(settings, parcel.group)
    approvals = msgspec.convert(parcel.approvals, tuple[Approval, ...])
    releases: list[Release] = []
    refusals: list[Refusal] = []
    for item in parcel.items:
        match clear(item, recipient, agreement, now, approvals, author=parcel.author or None, sender=settings.name):
            case Release() as release:
                releases.append(release)
            case Refusal() as refusal:
                refusals.append(refusal)
    return Prepared(tuple(releases), tuple(sealed(release, key) for release in releases), tuple(refusals))


def submit(
    outbox: Outbox, settings: Settings, parcel: Parcel, key: Ed25519PrivateKey, now: datetime
) -> Queued | Already | Drafted:
    """Queue ``parcel`` if the guard releases all of it, keep it as a draft if approvals could make it so.

    Raises ``UsageError`` with the guard's reasons where nothing a person could say would help.
    """
    if parcel.source and outbox.already(parcel.group, parcel.source):
        return Already()
    prepared = prepare(settings, parcel, key, now)
    left_out = {one.item_id for one in prepared.refusals} & _public(parcel, agreement_of(settings, parcel.group))
    if left_out:
        kept = tuple(item for item in parcel.items if item["id"] not in left_out)
        parcel = msgspec.structs.replace(parcel, items=kept)
        prepared = prepare(settings, parcel, key, now)
    if prepared.refusals:
        if not all(awaits_a_person(one) for one in prepared.refusals):
            raise UsageError(f"the guard lets none of it go:\n{reasons(prepared.refusals)}")
        return Drafted(outbox.draft(parcel), prepared.refusals)
    ready = msgspec.structs.replace(parcel, queued_at=timestamp(now), digests=digests_of(prepared.bodies))
    return Already() if outbox.put(ready) is None else Queued(len(parcel.items))


def awaits_a_person(refusal: Refusal) -> bool:
    """Whether nothing is missing but approvals."""
    return all("must approve exactly these bytes" in reason for reason in refusal.reasons)


def approvers(settings: Settings, parcel: Parcel, now: datetime) -> tuple[list[str], list[str]]:
    """Whose yes counts for all of ``parcel`` as it stands now, and whose does not: it was edited, or time passed.

    The guard asks the same of every object before it leaves; this is for people who look at what waits.
    """
    given = msgspec.convert(parcel.approvals, tuple[Approval, ...])
    said: dict[str, set[str]] = {one.person: set() for one in given}
    try:
        clause = agreement_of(settings, parcel.group).conditions.get("approval")
        wanted = {to_approve(item) for item in parcel.items}
    except (UsageError, ValueError):  # no agreement any more, or an edit that no bytes can be made of
        return [], sorted(said)
    oldest = now - timedelta(hours=clause.valid_hours if clause is not None else 0)
    for one in given:
        if one.at.tzinfo is not None and oldest <= one.at <= now:
            said[one.person].add(one.digest)
    counted = {name for name, digests in said.items() if wanted <= digests and same(name) != same(parcel.author)}
    return sorted(counted), sorted(said.keys() - counted)


def reasons(refusals: Sequence[Refusal]) -> str:
    """The guard's reasons, a line each; what several objects have in common stands once."""
    said: dict[str, list[str]] = {}
    for refusal in refusals:
        for reason in refusal.reasons:
            said.setdefault(reason, []).append(refusal.item_id)
    return "\n".join(f"  {reason} ({', '.join(ids[:3])}{' …' if len(ids) > 3 else ''})" for reason, ids in said.items())


def flush(
    outbox: Outbox, settings: Settings, key: Ed25519PrivateKey, forum: TaxiiForum, clock: Callable[[], datetime]
) -> Flushed:
    """Send what waits, oldest first. A forum that does not answer ends the flush and costs nothing but time."""
    done = Flushed()
    with outbox.alone():
        waiting = outbox.waiting()
        for position, path in enumerate(waiting):
            try:
                settled = _send(outbox.read(path), settings, key, forum, clock())
            except UnavailableError as error:
                done.unavailable, done.waiting = str(error), len(waiting) - position
                break
            outbox.settle(path, settled)
            done.held += settled.failures
            done.parcels += not settled.failures
            done.objects += len(settled.left)
    return done


def agreement_of(settings: Settings, group: str) -> Agreement:
    """The agreement that binds ``group``. Raises ``UsageError``."""
    named = settings.group(group).agreement
    if not named.endswith(".toml"):
        return shipped(named)
    try:
        return load(settings.path(named).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the agreement {named} of the group {group} can't be read: {error}") from error


def recipient_of(settings: Settings, group: str) -> Recipient:
    """The members of ``group`` as the guard sees them."""
    found = settings.group(group)
    return Recipient(id=group, kind=found.recipient, tlp=found.tlp, pap=found.pap)


def _send(parcel: Parcel, settings: Settings, key: Ed25519PrivateKey, forum: TaxiiForum, now: datetime) -> Settled:
    prepared = prepare(settings, parcel, key, now)
    if fault := _not_what_was_queued(parcel, prepared):
        return Settled(parcel=parcel, settled_at=timestamp(now), failures=fault)
    group = settings.group(parcel.group)
    statuses = [_finished(forum, one) for one in forum.add(group.collection, prepared.releases, group.named)]
    fates = {fate.id: fate.message or "the forum gave no reason" for one in statuses for fate in one.failures}
    public = _public(parcel, agreement_of(settings, parcel.group))
    failures = [(id_, reason) for id_, reason in fates.items() if id_ not in public]
    pairs = zip(prepared.releases, prepared.bodies, strict=True)
    return Settled(
        parcel=parcel,
        settled_at=timestamp(now),
        statuses=tuple(one.id for one in statuses),
        left=tuple(left(release, body) for release, body in pairs if release.item_id not in fates),
        failures=tuple(failures),
    )


def _public(parcel: Parcel, agreement: Agreement) -> set[str]:
    """The ids in ``parcel`` of what every member can work out for itself."""
    return {item["id"] for item in parcel.items if item["type"] in agreement.public}


def _not_what_was_queued(parcel: Parcel, prepared: Prepared) -> tuple[tuple[str, str], ...]:
    if prepared.refusals:
        return tuple((one.item_id, f"the guard refuses it now: {', '.join(one.reasons)}") for one in prepared.refusals)
    if digests_of(prepared.bodies) != parcel.digests:
        # The agreement or the key changed since, or somebody edited the file: nobody has seen these bytes.
        return ((parcel.about, "it would not leave as it was queued: preview it and share it again"),)
    return ()


def _finished(forum: TaxiiForum, status: Status) -> Status:
    """Ask until a forum that answers later is done (TAXII 2.1 section 4.3). One that is not soon: try another time."""
    for _ in range(_ASK_AT_MOST):
        if status.status == "complete":
            return status
        status = forum.status(status.id)
    raise UnavailableError(f"the forum has not finished with {status.id} yet")
