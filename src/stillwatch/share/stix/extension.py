"""The one extension of ours, for what STIX lacks: evidence lines, exposure, the five claims and the release record.

It is a property extension (STIX 2.1 section 7.3): the record hangs under ``extensions`` by ``EXTENSION_ID`` and changes
nothing about the object for whoever does not know it. The types here are the schema: ``published_schema`` writes them
as the JSON schema that ships as ``stillwatch-extension.json``. Every field is an enumeration, a bucket, a rounded
number, a date, or a label that an agreement or an approver brings; none holds a prompt or a completion.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from stillwatch.share.stix.buckets import Bucket
from stillwatch.share.stix.ids import object_id
from stillwatch.vocabulary.techniques import CAPABILITIES

#: Part of the wire format: never changes.
EXTENSION_ID = object_id("extension-definition", "stillwatch")
#: Of the schema, as semantic versioning has it.
EXTENSION_VERSION = "1.0.0"

Slug = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9.+-]{0,63}$")]
Timestamp = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$")]
Day = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Label = Annotated[str, Meta(min_length=1, max_length=200)]
Capability = Literal[CAPABILITIES]  # type: ignore[valid-type]

#: Families of evidence (DESIGN section 6); ``explanation`` speaks for an innocent one.
Family = Literal[
    "volume", "structure", "focus", "coordination", "infrastructure", "lifecycle", "elicitation", "evasion", "replay",
    "explanation",
]  # fmt: skip
#: What a student model could learn from, from least to most (DOMAIN section 3).
Answer = Literal["plain", "graded", "trajectory", "reasoning"]
#: ICD 203's words for likelihood; their ranges are in ``claims``.
Confidence = Literal[
    "not-assessed", "almost-no-chance", "very-unlikely", "unlikely", "even-chance", "likely", "very-likely",
    "almost-certain",
]  # fmt: skip


class EvidenceLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of evidence: which, of what family, and its weight in whole bits (negative: for an innocent cause)."""

    id: Slug
    family: Family
    bits: Annotated[int, Meta(ge=-64, le=64)]


class Exposure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Distinct answers served for one capability, as a bucket."""

    capability: Capability
    answer: Answer
    distinct: Bucket


class Scale(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How large the campaign is, in buckets."""

    accounts: Bucket
    exchanges: Bucket


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How sure its author is of one claim."""

    confidence: Confidence


class Claims(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The five claims, apart (DOMAIN section 1): what was done, together, by whom, for whom, with what result."""

    behaviour: Claim
    coordination: Claim
    operator: Claim
    beneficiary: Claim
    descent: Claim


class LegalBasis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The dated ground for sharing, with the element beyond a breach of terms (DOMAIN section 5)."""

    name: Label
    dated: Day
    element: Label


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A DSSE signature over the object without its signatures."""

    keyid: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    sig: Annotated[str, Meta(pattern="^[A-Za-z0-9+/]{86}==$")]


class ReleaseRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Under which agreement and clauses the guard let the object go."""

    agreement: Slug
    version: Slug
    clauses: tuple[Slug, ...]
    purpose: Slug
    expires_at: Timestamp
    legal_basis: LegalBasis | UnsetType = UNSET
    approved_by: tuple[Label, ...] | UnsetType = UNSET
    signatures: tuple[Signature, ...] | UnsetType = UNSET


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What hangs under ``EXTENSION_ID``. Each part may be missing: missing is not zero."""

    extension_type: Literal["property-extension"] = "property-extension"
    evidence: tuple[EvidenceLine, ...] | UnsetType = UNSET
    exposure: tuple[Exposure, ...] | UnsetType = UNSET
    scale: Scale | UnsetType = UNSET
    claims: Claims | UnsetType = UNSET
    release: ReleaseRecord | UnsetType = UNSET


def published_schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of ``Record``, as it ships in ``stillwatch-extension.json``."""
    (reference,), definitions = msgspec.json.schema_components([Record], ref_template="#/$defs/{name}")
    body = definitions.pop(reference["$ref"].rsplit("/", 1)[1])
    body["required"] = ["extension_type"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:uuid:{EXTENSION_ID.split('--')[1]}",
        **body,
        "$defs": dict(sorted(definitions.items())),
    }
