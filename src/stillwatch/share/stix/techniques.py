"""The catalogue of techniques as attack patterns: the same objects from every member, so that tools join on them."""

from typing import Any

from stillwatch.share.stix.ids import object_id
from stillwatch.share.stix.markings import TLP_IDS
from stillwatch.share.stix.wire import AttackPattern, ExternalReference, Identity, plain
from stillwatch.vocabulary.techniques import TECHNIQUES, Technique

#: When the catalogue was last changed; all its objects carry it.
CATALOGUE_DATED = "2026-11-01T00:00:00.000Z"

#: Who says what is nobody's in particular: the catalogue and the extension.
STILLWATCH = object_id("identity", "system", "Stillwatch")


def stillwatch_identity() -> dict[str, Any]:
    """The software's own identity."""
    return plain(
        Identity(
            id=STILLWATCH, created=CATALOGUE_DATED, modified=CATALOGUE_DATED, name="Stillwatch",
            identity_class="system", object_marking_refs=(TLP_IDS["clear"],),
        )
    )  # fmt: skip


def attack_pattern_id(technique: str) -> str:
    """The id of the attack pattern of ``SW-T..``."""
    return object_id("attack-pattern", technique)


def attack_pattern(technique: Technique) -> dict[str, Any]:
    """One technique; MITRE ATLAS's own id stands beside ours where ATLAS has one."""
    references = [ExternalReference(source_name="stillwatch", external_id=technique.id)]
    if technique.atlas is not None:
        url = f"https://atlas.mitre.org/techniques/{technique.atlas}"
        references.append(ExternalReference(source_name="mitre-atlas", external_id=technique.atlas, url=url))
    return plain(
        AttackPattern(
            id=attack_pattern_id(technique.id),
            created=CATALOGUE_DATED,
            modified=CATALOGUE_DATED,
            created_by_ref=STILLWATCH,
            name=technique.name,
            external_references=tuple(references),
            object_marking_refs=(TLP_IDS["clear"],),
        )
    )


def attack_patterns() -> list[dict[str, Any]]:
    """The whole catalogue, SW-T01 first."""
    return [attack_pattern(technique) for technique in TECHNIQUES]
