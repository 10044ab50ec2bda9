"""Campaigns as OCSF Detection Findings (class 2004), for whoever keeps alerts in a security lake.

Source: Open Cybersecurity Schema Framework 1.5.0, class *Detection Finding*, its base event and the objects *metadata*,
*finding_info*, *attack* and *evidences*. OCSF's ``attacks`` names MITRE ATT&CK or ATLAS techniques by their own ids, so
a technique that ATLAS lacks stands in ``finding_info.types``. What OCSF has no field for hangs under ``unmapped``, as
the framework asks.
"""

from datetime import datetime
from typing import Any

import msgspec

from stillwatch.share.stix.say import timestamp
from stillwatch.share.told import Told, told
from stillwatch.vocabulary.campaigns import Campaign, Level
from stillwatch.vocabulary.techniques import Technique

CLASS_UID = 2004
CATEGORY_UID = 2  # Findings
CREATE = 1
SCHEMA_VERSION = "1.5.0"
ATLAS_VERSION = "5.6"

#: OCSF ``severity_id``: 4 High, 3 Medium, 2 Low. How urgent it is to look, not how bad it was.
_SEVERITY: dict[Level, tuple[int, str]] = {"act": (4, "High"), "review": (3, "Medium"), "watch": (2, "Low")}
#: OCSF ``confidence_id`` by our confidence in per cent: 3 High, 2 Medium, 1 Low.
_CONFIDENCE = ((80, 3, "High"), (45, 2, "Medium"), (0, 1, "Low"))


def detection_finding(campaign: Campaign, now: datetime, version: str) -> dict[str, Any]:
    """One event. ``now`` is when it is written, ``version`` Stillwatch's own. Times are milliseconds since 1970."""
    return _finding(told(campaign), now, version)


def _finding(one: Told, now: datetime, version: str) -> dict[str, Any]:
    severity_id, severity = _SEVERITY[one.level]
    confidence_id, confidence = next((uid, name) for least, uid, name in _CONFIDENCE if one.confidence >= least)
    return {
        "activity_id": CREATE,
        "activity_name": "Create",
        "category_uid": CATEGORY_UID,
        "category_name": "Findings",
        "class_uid": CLASS_UID,
        "class_name": "Detection Finding",
        "type_uid": CLASS_UID * 100 + CREATE,
        "type_name": "Detection Finding: Create",
        "time": _milliseconds(timestamp(now)),
        "start_time": _milliseconds(one.first_seen),
        "end_time": _milliseconds(one.last_seen),
        "severity_id": severity_id,
        "severity": severity,
        "confidence_id": confidence_id,
        "confidence": confidence,
        "confidence_score": one.confidence,
        "status_id": 1,
        "status": "New",
        "is_alert": one.level != "watch",
        "message": f"{one.accounts} accounts work together on adversarial distillation ({one.name}).",
        "metadata": {
            "version": SCHEMA_VERSION,
            "product": {"name": "Stillwatch", "vendor_name": "Stillwatch", "version": version},
            "uid": one.id,
        },
        "finding_info": _finding_info(one),
        "evidences": [
            {"name": line.id, "data": {"family": line.family, "weight_bits": line.bits}} for line in one.evidence
        ],
        "unmapped": msgspec.to_builtins({"scale": one.scale, "exposure": list(one.exposure), "claims": one.claims}),
    }


def _finding_info(one: Told) -> dict[str, Any]:
    info: dict[str, Any] = {
        "uid": one.id,
        "title": one.name,
        "types": ["adversarial distillation", *(f"{each.id} {each.name}" for each in one.techniques)],
        "first_seen_time": _milliseconds(one.first_seen),
        "last_seen_time": _milliseconds(one.last_seen),
        "analytic": {"type_id": 3, "type": "Statistical", "name": "Stillwatch weight of evidence"},
    }
    attacks = [_attack(technique, technique.atlas) for technique in one.techniques if technique.atlas is not None]
    if attacks:
        info["attacks"] = list({each["technique"]["uid"]: each for each in attacks}.values())
    return info


def _attack(technique: Technique, atlas: str) -> dict[str, Any]:
    return {
        "version": ATLAS_VERSION,
        "technique": {
            "uid": atlas,
            "name": technique.name,
            "src_url": f"https://atlas.mitre.org/techniques/{atlas}",
        },
    }


def _milliseconds(time: str) -> int:
    return round(datetime.fromisoformat(time).timestamp() * 1000)
