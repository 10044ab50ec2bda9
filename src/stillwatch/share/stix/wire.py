"""The STIX objects that we ourselves say, as strict types: nothing we did not mean can be written or read with them.

Whatever a member posts is checked by ``problems``; these types are narrower on purpose. They know only properties that
we fill, and forbid the rest. ``Said`` is their union by ``type``; msgspec reads it at C speed.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from stillwatch.share.stix.extension import EXTENSION_ID, Record, Slug, Timestamp

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
Identifier = Annotated[str, Meta(pattern=f"^[a-z][a-z0-9-]+[a-z0-9]--{_UUID}$")]
Identifiers = Annotated[tuple[Identifier, ...], Meta(min_length=1)]
MarkingIds = Annotated[tuple[Annotated[str, Meta(pattern=f"^marking-definition--{_UUID}$")], ...], Meta(min_length=1)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(min_length=1, max_length=4_000)]
Percent = Annotated[int, Meta(ge=0, le=100)]


class ExternalReference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where else something is described."""

    source_name: Name
    external_id: Annotated[str, Meta(pattern="^[A-Z][A-Za-z0-9.-]{1,40}$")] | UnsetType = UNSET
    url: Annotated[str, Meta(pattern="^https://[A-Za-z0-9./_-]+$")] | UnsetType = UNSET
    description: Text | UnsetType = UNSET


class Extensions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only ours."""

    ours: Record = msgspec.field(name=EXTENSION_ID)


class _Common(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    id: Identifier
    created: Timestamp
    modified: Timestamp
    spec_version: Literal["2.1"] = "2.1"
    created_by_ref: Identifier | UnsetType = UNSET
    revoked: Literal[True] | UnsetType = UNSET
    confidence: Percent | UnsetType = UNSET
    labels: Annotated[tuple[Slug, ...], Meta(min_length=1)] | UnsetType = UNSET
    external_references: Annotated[tuple[ExternalReference, ...], Meta(min_length=1)] | UnsetType = UNSET
    object_marking_refs: MarkingIds | UnsetType = UNSET
    extensions: Extensions | UnsetType = UNSET


class Identity(_Common, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="identity"):
    """A member, by the name the forum knows it by."""

    name: Name
    identity_class: Literal["organization", "system"] = "organization"
    description: Text | UnsetType = UNSET


class Campaign(_Common, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="campaign"):
    """A campaign; its name is made from its id and names nobody. Times are whole hours."""

    name: Name
    first_seen: Timestamp
    last_seen: Timestamp
    description: Text | UnsetType = UNSET


class AttackPattern(_Common, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="attack-pattern"):
    """A technique of the catalogue."""

    name: Name
    description: Text | UnsetType = UNSET


class Indicator(_Common, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="indicator"):
    """What to look for, and until when. It says what was seen, never what to do."""

    pattern: Text
    valid_from: Timestamp
    valid_until: Timestamp
    name: Name
    indicator_types: tuple[Literal["malicious-activity", "anomalous-activity", "anonymization", "compromised"], ...]
    pattern_type: Literal["stix"] = "stix"
    pattern_version: Literal["2.1"] = "2.1"
    description: Text | UnsetType = UNSET


class Relationship(_Common, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="relationship"):
    """One object bears on another."""

    relationship_type: Literal["uses", "indicates", "related-to", "duplicate-of", "derived-from", "attributed-to"]
    source_ref: Identifier
    target_ref: Identifier
    description: Text | UnsetType = UNSET


class Sighting(_Common, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="sighting"):
    """A member saw it too. STIX's ``count`` is left out: it would be a number."""

    sighting_of_ref: Identifier
    where_sighted_refs: Identifiers
    first_seen: Timestamp
    last_seen: Timestamp


class Note(_Common, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="note"):
    """What a reader of other objects should know."""

    content: Text
    object_refs: Identifiers
    abstract: Name | UnsetType = UNSET


class Opinion(_Common, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="opinion"):
    """Agreement or dispute."""

    opinion: Literal["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"]
    object_refs: Identifiers
    explanation: Text | UnsetType = UNSET


class Grouping(_Common, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="grouping"):
    """Objects that belong together before anyone has written a report on them."""

    name: Name
    object_refs: Identifiers
    context: Literal["suspicious-activity", "unspecified"] = "suspicious-activity"


class Report(_Common, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="report"):
    """An advisory: a change of rules, of access or of a release that members should know of."""

    name: Name
    published: Timestamp
    object_refs: Identifiers
    report_types: Annotated[tuple[Slug, ...], Meta(min_length=1)]
    description: Text | UnsetType = UNSET


class ExtensionDefinition(_Common, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="extension-definition"):
    """How an extension is declared."""

    name: Name
    description: Text
    schema: Text
    version: Annotated[str, Meta(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
    extension_types: tuple[Literal["property-extension"], ...] = ("property-extension",)


Said = (
    Identity | Campaign | AttackPattern | Indicator | Relationship | Sighting | Note | Opinion | Grouping | Report
    | ExtensionDefinition
)  # fmt: skip


def plain(said: Said) -> dict[str, Any]:
    """The decoded JSON object, checked against its own type. Raises ``msgspec.ValidationError`` where we erred."""
    body = msgspec.json.encode(said)
    msgspec.json.decode(body, type=Said)
    built: dict[str, Any] = msgspec.json.decode(body)
    return built


def read(body: bytes) -> Said:
    """An object of ours from its bytes. Raises ``msgspec.ValidationError`` for anything else."""
    said: Said = msgspec.json.decode(body, type=Said)
    return said
