"""Campaigns as MISP events, for communities that share through MISP.

Source: the MISP core format (draft-dulaunoy-misp-core-format) and the taxonomies ``tlp`` and ``PAP``. Identifiers and
times are computed, so that importing twice updates one event. Distribution is "your organisation only" until somebody
chooses otherwise in MISP: an export is no permission to pass on.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from stillwatch.share.stix.ids import NAMESPACE
from stillwatch.share.stix.markings import Pap, Tlp
from stillwatch.share.told import Told, told
from stillwatch.vocabulary.campaigns import Campaign, Level

OWN_ORGANISATION_ONLY = "0"
#: MISP ``threat_level_id``: 1 high, 2 medium, 3 low.
_THREAT: dict[Level, str] = {"act": "1", "review": "2", "watch": "3"}


def misp_event(campaign: Campaign, now: datetime, tlp: Tlp = "amber", pap: Pap = "amber") -> dict[str, Any]:
    """One event, in the form of MISP's export: ``{"Event": {...}}``."""
    one = told(campaign)
    return {
        "Event": {
            "uuid": one.id.rsplit("--", 1)[1],
            "info": f"Adversarial distillation: {one.name}",
            "date": one.first_seen[:10],
            "timestamp": str(int(now.timestamp())),
            "threat_level_id": _THREAT[one.level],
            "analysis": "0",
            "published": False,
            "distribution": OWN_ORGANISATION_ONLY,
            "Tag": [{"name": f"tlp:{tlp}"}, {"name": f"PAP:{pap.upper()}"}, *_technique_tags(one)],
            "Attribute": list(_attributes(one, str(int(now.timestamp())))),
        }
    }


def _technique_tags(one: Told) -> Iterable[dict[str, str]]:
    for technique in one.techniques:
        yield {"name": f'stillwatch:technique="{technique.id}"'}
        if technique.atlas is not None:
            yield {"name": f'mitre-atlas:technique="{technique.atlas}"'}


def _attributes(one: Told, written: str) -> Iterable[dict[str, Any]]:
    yield _attribute(one, written, "campaign-name", "Attribution", one.name, "A neutral name, made from the id.")
    yield _attribute(one, written, "text", "Other", f"{one.scale.accounts} accounts", "How many accounts, as a bucket.")
    yield _attribute(one, written, "text", "Other", f"{one.scale.exchanges} exchanges", "As a bucket.")
    for technique in one.techniques:
        yield _attribute(one, written, "text", "Other", f"{technique.id} {technique.name}", "Technique.")
    for line in one.evidence:
        comment = f"Evidence of family {line.family}; weight {line.bits:+d} bits."
        yield _attribute(one, written, "text", "Other", line.id, comment)
    for served in one.exposure:
        value = f"{served.capability}: {served.distinct} distinct {served.answer} answers"
        yield _attribute(one, written, "text", "Other", value, "Exposure, as a bucket.")


def _attribute(one: Told, written: str, kind: str, category: str, value: str, comment: str) -> dict[str, Any]:
    return {
        "uuid": str(uuid.uuid5(NAMESPACE, f"misp {one.id} {kind} {value}")),
        "type": kind,
        "category": category,
        "value": value,
        "comment": comment,
        "to_ids": False,
        "distribution": OWN_ORGANISATION_ONLY,
        "timestamp": written,
        "first_seen": one.first_seen,
        "last_seen": one.last_seen,
    }
