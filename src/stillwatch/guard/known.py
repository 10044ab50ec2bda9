"""What every member knows already, and the guard can therefore compare with instead of trusting: ids and names.

A marking, a technique or our extension is the same object from whoever sends it. Its id either is fixed by the OASIS
repository *cti-stix-common-objects* (TLP 2.0, PAP) or follows from its name (UUIDv5). ``share`` writes these objects;
the guard stands before it and keeps its own list, and a test compares the two.
"""

import hashlib
import uuid
from typing import Any

from stillwatch.guard.canonical import canonical
from stillwatch.vocabulary.techniques import TECHNIQUES

#: The namespace of our computed ids; part of the wire format (``share.stix.ids``).
NAMESPACE = uuid.UUID("2455d217-6e2b-4211-967e-ab4b9e3c252e")


def object_id(kind: str, *about: str) -> str:
    """The identifier of the ``kind`` of object that is about these strings."""
    return f"{kind}--{uuid.uuid5(NAMESPACE, canonical([kind, *about]).decode())}"


def indicator_name(pattern_type: str, pattern: str) -> str:
    """The one name of an indicator with this pattern: eight digits of SHA-256 over both. Nobody chooses it, so it tells
    nothing that the pattern does not. Digits that look written (``0000``) are passed over, as the clause refuses them.
    """
    digits = hashlib.sha256(canonical([pattern_type, pattern])).hexdigest()
    windows = (digits[start : start + 8] for start in range(len(digits) - 7))
    return f"Indicator {next((one for one in windows if '0000' not in one), digits[:8])}"


EXTENSION_ID = object_id("extension-definition", "stillwatch")
STILLWATCH = object_id("identity", "system", "Stillwatch")

#: TLP 2.0 labels from the widest audience to the narrowest, by marking id.
TLP: dict[str, str] = {
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "clear",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "amber+strict",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
}
#: PAP labels from the freest use to the most guarded, by marking id.
PAP: dict[str, str] = {
    "marking-definition--ad15a0cd-55b6-4588-a14c-a66105329b92": "clear",
    "marking-definition--c43594d1-4b11-4c59-93ab-1c9b14d53ce9": "green",
    "marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab": "amber",
    "marking-definition--740d36e5-7714-4c30-961a-3ae632ceee0e": "red",
}
MARKINGS: dict[str, str] = {own: f"TLP:{label.upper()}" for own, label in TLP.items()} | {
    own: f"PAP:{label.upper()}" for own, label in PAP.items()
}
TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
PAP_EXTENSION = "extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b"
#: Levels in order, widest first; a recipient cleared for one may have all before it.
TLP_ORDER: tuple[str, ...] = tuple(TLP.values())
PAP_ORDER: tuple[str, ...] = tuple(PAP.values())


def _references(own: str, atlas: str | None) -> list[dict[str, str]]:
    ours = [{"source_name": "stillwatch", "external_id": own}]
    if atlas is None:
        return ours
    url = f"https://atlas.mitre.org/techniques/{atlas}"
    return [*ours, {"source_name": "mitre-atlas", "external_id": atlas, "url": url}]


#: Attack-pattern id -> (name, references), for each technique.
TECHNIQUE_BY_PATTERN_ID: dict[str, tuple[str, list[dict[str, str]]]] = {
    object_id("attack-pattern", one.id): (one.name, _references(one.id, one.atlas)) for one in TECHNIQUES
}


def marking(own: str) -> dict[str, Any] | None:
    """``extensions`` of the marking definition of that id."""
    for extension, field, labels in ((TLP_EXTENSION, "tlp_2_0", TLP), (PAP_EXTENSION, "pap", PAP)):
        if own in labels:
            return {extension: {"extension_type": "property-extension", field: labels[own]}}
    return None
