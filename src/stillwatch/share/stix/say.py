"""What a member says in STIX: one function a kind of object, each with an id that anyone can compute again.

``Voice`` holds what all that is said at one time has in common: who says it, when, to whom (TLP) and for what (PAP).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from msgspec import UNSET

from stillwatch.share.stix import wire
from stillwatch.share.stix.extension import EXTENSION_ID, EXTENSION_VERSION, Record
from stillwatch.share.stix.ids import object_id
from stillwatch.share.stix.markings import PAP_IDS, TLP_IDS, Pap, Tlp
from stillwatch.share.stix.techniques import CATALOGUE_DATED, STILLWATCH

Object = dict[str, Any]
Opinion = Literal["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"]
Link = Literal["uses", "indicates", "related-to", "duplicate-of", "derived-from", "attributed-to"]


def timestamp(time: datetime) -> str:
    """STIX's form of a time, to the millisecond. Raises ``ValueError`` for a time without its zone."""
    offset = time.utcoffset()
    if offset is None:
        raise ValueError("a time without a zone can't be told")
    return (time - offset).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def member_id(name: str) -> str:
    """The identity's id of a member of that name."""
    return object_id("identity", "organization", name)


@dataclass(frozen=True)
class Voice:
    """Who speaks, when, to whom, for what."""

    member: str
    now: datetime
    tlp: Tlp = "amber"
    pap: Pap = "amber"

    @property
    def common(self) -> dict[str, Any]:
        """Properties of whatever this voice says; ``created`` may be given as an earlier time."""
        return {
            "created_by_ref": member_id(self.member),
            "created": timestamp(self.now),
            "modified": timestamp(self.now),
            "object_marking_refs": (TLP_IDS[self.tlp], PAP_IDS[self.pap]),
        }

    @property
    def since(self) -> str:
        """The day of ``now``: part of the ids of things that may be said again on another day."""
        return timestamp(self.now)[:10]


def identity(voice: Voice) -> Object:
    """The member itself. Its dates are fixed, so that the same member is the same object in every bundle."""
    return wire.plain(
        wire.Identity(
            id=member_id(voice.member), created=CATALOGUE_DATED, modified=CATALOGUE_DATED, name=voice.member,
            object_marking_refs=(TLP_IDS["clear"],),
        )
    )  # fmt: skip


def extension_definition() -> Object:
    """How our extension is declared (STIX 2.1 section 7.3.1)."""
    return wire.plain(
        wire.ExtensionDefinition(
            id=EXTENSION_ID,
            created=CATALOGUE_DATED,
            modified=CATALOGUE_DATED,
            created_by_ref=STILLWATCH,
            object_marking_refs=(TLP_IDS["clear"],),
            name="stillwatch",
            description="Evidence lines, exposure and scale in buckets, five claims, and the record of a release.",
            schema="The JSON schema stillwatch-extension.json, in folder stillwatch/share/stix of the distribution.",
            version=EXTENSION_VERSION,
        )
    )


def relationship(voice: Voice, source: str, link: Link, target: str, created: str | None = None) -> Object:
    """``source`` bears on ``target``."""
    return wire.plain(
        wire.Relationship(
            id=object_id("relationship", source, link, target),
            relationship_type=link,
            source_ref=source,
            target_ref=target,
            **(voice.common | ({"created": created} if created else {})),
        )
    )


def sighting(voice: Voice, of: str, first_seen: str, last_seen: str, created: str | None = None) -> Object:
    """This member saw ``of`` too. Times are ISO 8601 in UTC with milliseconds, best whole hours."""
    return wire.plain(
        wire.Sighting(
            id=object_id("sighting", of, voice.member),
            sighting_of_ref=of,
            where_sighted_refs=(member_id(voice.member),),
            first_seen=first_seen,
            last_seen=last_seen,
            **(voice.common | ({"created": created} if created else {})),
        )
    )


def note(voice: Voice, about: Sequence[str], content: str, created: str | None = None) -> Object:
    """Something a reader of ``about`` should know. Free text: the guard holds it for a person."""
    return wire.plain(
        wire.Note(
            id=object_id("note", voice.member, *about, content),
            content=content,
            object_refs=tuple(about),
            **(voice.common | ({"created": created} if created else {})),
        )
    )


def opinion(voice: Voice, about: str, view: Opinion, explanation: str | None = None) -> Object:
    """This member agrees or disputes. One opinion a member and object: a later one is a new version."""
    return wire.plain(
        wire.Opinion(
            id=object_id("opinion", about, voice.member),
            opinion=view,
            object_refs=(about,),
            explanation=UNSET if explanation is None else explanation,
            **voice.common,
        )
    )


def grouping(voice: Voice, name: str, objects: Sequence[str], created: str | None = None) -> Object:
    """Objects that belong together."""
    return wire.plain(
        wire.Grouping(
            id=object_id("grouping", voice.member, name),
            name=name,
            object_refs=tuple(objects),
            **(voice.common | ({"created": created} if created else {})),
        )
    )


def report(voice: Voice, name: str, about: Sequence[str], kind: str, description: str) -> Object:
    """An advisory on ``about``; ``kind`` is a slug such as ``regulation``, ``access-policy`` or ``release-notice``."""
    return wire.plain(
        wire.Report(
            id=object_id("report", voice.member, name, voice.since),
            name=name,
            published=timestamp(voice.now),
            object_refs=tuple(about),
            report_types=(kind,),
            description=description,
            **voice.common,
        )
    )


def extended(record: Record) -> wire.Extensions:
    """The ``extensions`` property with our record."""
    return wire.Extensions(ours=record)
