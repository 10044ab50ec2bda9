"""May what arrived be believed and kept? The forum is not trusted: each object must prove itself.

What every member can work out for itself (``catalogue``) needs no proof but must be exact. For all else, in order:
(1) it is well-formed STIX; (2) a key that we know signed exactly these bytes; (3) the member of that key says
it made the object, so that no member speaks for another; (4) it names its expiry, and that has not passed; (5) it is
newer than what we hold, and nobody but its maker changes it; (6) what was retracted stays retracted.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stillwatch.guard.canonical import canonical
from stillwatch.share import dsse
from stillwatch.share.life.times import instant
from stillwatch.share.stix import problems


@dataclass(frozen=True)
class Speaker:
    """A member as its key shows it."""

    name: str
    identity: str
    key: Ed25519PublicKey


@dataclass(frozen=True)
class Known:
    """The newest version of an object that we took before, whether or not we still hold its body."""

    version: datetime
    digest: bytes
    identity: str
    retracted: bool


@dataclass(frozen=True)
class Admitted:
    """An object to keep, from whom, until when. ``body`` is its canonical form, signature included."""

    id: str
    type: str
    version: datetime
    member: str
    identity: str
    keyid: str
    expires_at: datetime
    retracted: bool
    digest: bytes
    body: bytes


@dataclass(frozen=True)
class Duplicate:
    """The very object that we took before, or know anyway: nothing to do."""

    id: str


@dataclass(frozen=True)
class Rejected:
    """An object that was not kept. ``reason`` is one clause; ``sender`` is what the object says, not what is proved."""

    id: str
    type: str
    sender: str
    reason: str
    digest: bytes


Judgement = Admitted | Duplicate | Rejected


def admit(
    item: Mapping[str, Any],
    speakers: Mapping[str, Speaker],
    catalogue: Mapping[str, bytes],
    known: Known | None,
    now: datetime,
) -> Judgement:
    """Judge one object. ``speakers`` by key id; ``known`` is what we have under the same id."""
    try:
        body = canonical(item)
    except ValueError as error:
        return _rejected(item, f"it has no canonical form: {error}", b"")
    digest = hashlib.sha256(body).digest()
    if (known is not None and known.digest == digest) or catalogue.get(str(item.get("id"))) == body:
        return Duplicate(item["id"])
    if str(item.get("id")) in catalogue:
        return _rejected(item, "it redefines what every member knows", digest)
    found = _proved(item, speakers)
    if isinstance(found, str):
        return _rejected(item, found, digest)
    speaker, keyid = found
    version, expires_at = _version(item), _expiry(item)
    if version is None or expires_at is None:
        return _rejected(item, "it names no version or no expiry, so it could never be replaced or end", digest)
    if expires_at <= now:
        return _rejected(item, f"it expired on {expires_at:%Y-%m-%d}", digest)
    if (fault := _not_after(known, version, speaker)) is not None:
        return _rejected(item, fault, digest)
    return Admitted(
        id=item["id"],
        type=item["type"],
        version=version,
        member=speaker.name,
        identity=speaker.identity,
        keyid=keyid,
        expires_at=expires_at,
        retracted=item.get("revoked") is True,
        digest=digest,
        body=body,
    )


def _proved(item: Mapping[str, Any], speakers: Mapping[str, Speaker]) -> tuple[Speaker, str] | str:
    if faults := problems(item):
        return f"it is no well-formed STIX 2.1: {faults[0]}"
    signature = dsse.verified(item, {keyid: speaker.key for keyid, speaker in speakers.items()})
    if isinstance(signature, dsse.Unverified):
        return signature.reason
    speaker = speakers[signature.keyid]
    # Impersonation: a member with a good key could otherwise put words in another's mouth, or retract them.
    maker = item["id"] if item["type"] == "identity" else item.get("created_by_ref")
    if maker != speaker.identity:
        return f"{speaker.name} signed it, and it says that another made it"
    return speaker, signature.keyid


def _not_after(known: Known | None, version: datetime, speaker: Speaker) -> str | None:
    if known is None:
        return None
    if known.identity != speaker.identity:
        return "another member made the object that we hold under this id"
    # Rollback: an old version sent again could un-retract an indicator, so versions only go up (section 3.6.2).
    if known.retracted:
        return "it was retracted, and nothing comes after that"
    if version == known.version:
        return "its maker signed two different objects as one version"
    if version < known.version:
        return "it is older than what we hold"
    return None


def _version(item: Mapping[str, Any]) -> datetime | None:
    return instant(item.get("modified", item.get("created")))


def _expiry(item: Mapping[str, Any]) -> datetime | None:
    record = dsse.release_record(item)
    return None if record is None else instant(record.get("expires_at"))


def _rejected(item: Mapping[str, Any], reason: str, digest: bytes) -> Rejected:
    sender = item.get("created_by_ref", "")
    said = [_short(item.get("id")), _short(item.get("type")), _short(sender)]
    return Rejected(said[0], said[1], said[2], reason, digest)


def _short(value: object) -> str:
    """What an unproved object says of itself: from outside, so cut to a length and to one printable line."""
    return "".join(sign if sign.isprintable() else " " for sign in str(value or ""))[:120]
