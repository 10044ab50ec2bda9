"""Signatures on what members send each other, so that neither the forum nor anyone on the way can alter a word of it.

The signature is DSSE (*Dead Simple Signing Envelope*, protocol.md of secure-systems-lab/dsse, version 1.0.0) with
Ed25519 (RFC 8032). A DSSE envelope would hide the object from every TAXII client, so the signature travels inside the
object, in its release record, and the envelope can be rebuilt: the payload is the canonical form of the object with
the ``signatures`` of its release record taken out. ``envelope`` writes that envelope for other tools.

A key id is the SHA-256 of the raw public key in hexadecimal. It is a hint for finding the key and proves nothing.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from stillwatch.guard.canonical import canonical
from stillwatch.guard.release import Release
from stillwatch.share.stix.extension import EXTENSION_ID

#: What a signature is over; part of what is signed, so that no signature made for something else can be passed off.
PAYLOAD_TYPE = "application/vnd.stillwatch.stix+json;version=2.1"


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: ``DSSEv1 LEN(type) type LEN(payload) payload``, lengths in ASCII decimal."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def keyid(key: Ed25519PublicKey) -> str:
    """SHA-256 of the 32 raw bytes, in hexadecimal."""
    return hashlib.sha256(raw(key)).hexdigest()


def raw(key: Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def public_key(text: str) -> Ed25519PublicKey:
    """A public key from base64 of its 32 bytes, as settings hold it. Raises ``ValueError`` with a clause for people."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(data) != 32:
        raise ValueError(f"{len(data)} bytes, not the 32 of an Ed25519 public key")
    return Ed25519PublicKey.from_public_bytes(data)


@dataclass(frozen=True)
class Signature:
    """One signature as it stands in a release record; ``sig`` is base64."""

    keyid: str
    sig: str


@dataclass(frozen=True)
class Unverified:
    """Why nobody we know can be held to this object. The reason is one clause a person can act on."""

    reason: str


def sign(payload: bytes, key: Ed25519PrivateKey, payload_type: str = PAYLOAD_TYPE) -> Signature:
    """Sign ``payload``. Ed25519 draws no randomness: the same payload and key give the same signature."""
    return Signature(keyid(key.public_key()), base64.b64encode(key.sign(pae(payload_type, payload))).decode())


def holds(payload: bytes, signature: Signature, key: Ed25519PublicKey, payload_type: str = PAYLOAD_TYPE) -> bool:
    """Whether ``key`` made ``signature`` over ``payload``."""
    try:
        key.verify(base64.b64decode(signature.sig, validate=True), pae(payload_type, payload))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def signed(item: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """``item`` with this key's signature in its release record; other signatures stay, an older one of ours goes.

    Raises ``ValueError`` where the object has no release record: only what the guard released is signed.
    """
    record = release_record(item)
    if record is None:
        raise ValueError("it has no release record, so the guard never let it go")
    new = sign(payload(item), key)
    others = [one for one in record.get("signatures") or [] if one.get("keyid") != new.keyid]
    return _with_signatures(item, [*others, {"keyid": new.keyid, "sig": new.sig}])


def sealed(release: Release, key: Ed25519PrivateKey) -> bytes:
    """The bytes that leave: what the guard released, with our signature in its release record.

    What carries no release record (a marking definition, a technique of the catalogue) leaves as it is: receivers take
    it only where it is the very object that they would write themselves.
    """
    item = msgspec.json.decode(release.body)
    return release.body if release_record(item) is None else canonical(signed(item, key))


def payload(item: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: the canonical form of ``item`` without the signatures of its release record."""
    return canonical(_with_signatures(item, None))


def signatures(item: Mapping[str, Any]) -> tuple[Signature, ...] | Unverified:
    """The signatures that ``item`` carries; whatever has not their form is a reason to refuse it."""
    record = release_record(item)
    if record is None:
        return Unverified("it has no release record")
    found = record.get("signatures")
    if not found:
        return Unverified("it is not signed")
    if not isinstance(found, list) or not all(_is_signature(one) for one in found):
        return Unverified("its signatures have not the form of signatures")
    return tuple(Signature(one["keyid"], one["sig"]) for one in found)


def verified(item: Mapping[str, Any], keys: Mapping[str, Ed25519PublicKey]) -> Signature | Unverified:
    """The first signature of a key in ``keys`` (by key id) if every such signature holds; else why not.

    One known key whose signature does not hold refuses the object, whatever else it carries: it was altered.
    """
    found = signatures(item)
    if isinstance(found, Unverified):
        return found
    known = [one for one in found if one.keyid in keys]
    if not known:
        return Unverified("it is signed with no key that we know")
    body = payload(item)
    if not all(holds(body, one, keys[one.keyid]) for one in known):
        return Unverified("its signature does not hold: it was altered after it was signed")
    return known[0]


def envelope(item: Mapping[str, Any]) -> dict[str, Any]:
    """The DSSE envelope, as any DSSE tool verifies it."""
    found = signatures(item)
    listed = [] if isinstance(found, Unverified) else [{"keyid": one.keyid, "sig": one.sig} for one in found]
    return {
        "payload": base64.b64encode(payload(item)).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": listed,
    }


def _is_signature(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("keyid"), str) and isinstance(one.get("sig"), str)


def release_record(item: Mapping[str, Any]) -> dict[str, Any] | None:
    """The release record that our extension holds, if there is one of the right form."""
    extensions = item.get("extensions")
    ours = extensions.get(EXTENSION_ID) if isinstance(extensions, dict) else None
    record = ours.get("release") if isinstance(ours, dict) else None
    return record if isinstance(record, dict) else None


def _with_signatures(item: Mapping[str, Any], new: list[dict[str, str]] | None) -> dict[str, Any]:
    """A copy with ``signatures`` replaced (``None``: without). Only the path to them is copied."""
    record = release_record(item)
    if record is None:
        return dict(item)
    changed = {name: value for name, value in record.items() if name != "signatures"}
    if new is not None:
        changed["signatures"] = new
    ours = {**item["extensions"][EXTENSION_ID], "release": changed}
    return {**item, "extensions": {**item["extensions"], EXTENSION_ID: ours}}
