"""What a member keeps for its counsel: decisions it took alone, and the transparency export. Both are signed.

Decisions are DSSE envelopes, one a line, in ``decisions.jsonl`` of the outbox. Each names the digest of the one before.
"""

import base64
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from stillwatch.adapters.stores.received import ReceivedStore
from stillwatch.apps.member.outbox import Outbox
from stillwatch.apps.member.settings import Settings
from stillwatch.errors import IntegrityError, OutputError
from stillwatch.guard.canonical import canonical
from stillwatch.share import dsse
from stillwatch.share.life import decision as decisions
from stillwatch.share.life import transparency as export
from stillwatch.share.life.decision import Action, Decision, Heard
from stillwatch.share.life.transparency import Given, NotGiven, Transparency
from stillwatch.share.stix.say import timestamp
from stillwatch.vocabulary.campaigns import Campaign

DECISIONS = "decisions.jsonl"


class _Signature(msgspec.Struct, frozen=True):
    keyid: str
    sig: str


class _Envelope(msgspec.Struct, frozen=True):
    """A DSSE envelope (dsse/envelope.md)."""

    payload: str
    payloadType: str
    signatures: tuple[_Signature, ...]


def record_decision(
    outbox: Outbox,
    settings: Settings,
    key: Ed25519PrivateKey,
    campaign: Campaign,
    action: Action,
    decided_by: Sequence[str],
    heard: Sequence[Heard],
    now: datetime,
) -> Decision:
    """Write down a decision. Raises ``ValueError`` for one without grounds of its own, ``IntegrityError`` where an
    earlier record was tampered with."""
    with outbox.alone():
        before = read_decisions(outbox.folder / DECISIONS, key.public_key())
        made = decisions.decide(settings.name, campaign, action, decided_by, heard, before[-1] if before else None, now)
        payload = decisions.payload(made)
        _append(outbox.folder / DECISIONS, enveloped(payload, decisions.PAYLOAD_TYPE, key))
    return made


def read_decisions(path: Path, key: Ed25519PublicKey) -> list[Decision]:
    """Every record, oldest first, each proved. Raises ``IntegrityError`` with the line that does not hold."""
    if not path.exists():
        return []
    found: list[Decision] = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            envelope = msgspec.json.decode(line, type=_Envelope)
            payload = base64.b64decode(envelope.payload, validate=True)
            made = msgspec.json.decode(payload, type=Decision)
        except (msgspec.DecodeError, msgspec.ValidationError, ValueError) as error:
            raise IntegrityError(f"{path}, line {number}: not a signed record: {error}") from error
        signatures = [dsse.Signature(one.keyid, one.sig) for one in envelope.signatures]
        if not any(dsse.holds(payload, one, key, decisions.PAYLOAD_TYPE) for one in signatures):
            raise IntegrityError(f"{path}, line {number}: our signature does not hold")
        found.append(made)
    if (position := decisions.broken_link(found)) is not None:
        raise IntegrityError(f"{path}, line {position + 1}: it does not follow the line before it")
    return found


def heard_about(store: ReceivedStore, campaign_techniques: Sequence[str], now: datetime) -> list[Heard]:
    """What of others we held by ``now`` that speaks of the same techniques; counsel reads it beside our own grounds."""
    wanted = {f"'{technique}'" for technique in campaign_techniques}
    found = []
    for one in store.held():
        if one.type != "indicator" or one.received_at > now:
            continue
        pattern = msgspec.json.decode(one.body).get("pattern", "")
        if any(technique in pattern for technique in wanted):
            found.append(Heard(id=one.id, member=one.member, received_at=timestamp(one.received_at)))
    return found


def export_of(
    outbox: Outbox, settings: Settings, key: Ed25519PrivateKey, store: ReceivedStore | None, now: datetime
) -> Transparency:
    """Everything this member gave, was refused, received, turned away and decided."""
    given: list[Given] = []
    not_given: list[NotGiven] = []
    for _, one in outbox.settled():
        group, kind = one.parcel.group, one.parcel.kind
        given += [Given(group=group, kind=kind, sent_at=one.settled_at, object=each) for each in one.left]
        not_given += [
            NotGiven(group=group, kind=kind, at=one.settled_at, id=id_, reason=reason) for id_, reason in one.failures
        ]
    return export.transparency(
        settings.name,
        given,
        not_given,
        len(outbox.waiting()),
        [] if store is None else [one.member for one in store.held() if one.member != settings.name],
        [] if store is None else [one.reason for one in store.turned_away()],
        len(read_decisions(outbox.folder / DECISIONS, key.public_key())),
        now,
    )


def signed_export(made: Transparency, key: Ed25519PrivateKey) -> dict[str, Any]:
    """The export in a DSSE envelope."""
    return enveloped(canonical(msgspec.to_builtins(made)), export.PAYLOAD_TYPE, key)


def enveloped(payload: bytes, payload_type: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    """A DSSE envelope with our signature."""
    signature = dsse.sign(payload, key, payload_type)
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": payload_type,
        "signatures": [{"keyid": signature.keyid, "sig": signature.sig}],
    }


def _append(path: Path, envelope: dict[str, Any]) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(canonical(envelope) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OutputError(f"{path} can't be written: {(error.strerror or '').lower()}") from error
