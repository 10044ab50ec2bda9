"""Campaigns as STIX: from what a scan concluded to objects that any threat-intelligence tool can read.

The same campaign exported twice is the same objects: ids are computed, ``created`` is the hour of its first exchange,
and only ``modified`` moves. Nothing here sees the campaign itself, only what may be told of it (``share.told``).
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from msgspec import UNSET

from stillwatch.guard.known import indicator_name
from stillwatch.share.stix import say, wire
from stillwatch.share.stix.extension import Record
from stillwatch.share.stix.ids import object_id
from stillwatch.share.stix.markings import pap_marking, tlp_marking
from stillwatch.share.stix.say import Object, Voice
from stillwatch.share.stix.techniques import attack_pattern, attack_pattern_id, stillwatch_identity
from stillwatch.share.told import Told, told
from stillwatch.vocabulary.campaigns import Campaign

#: How long an indicator holds unless something else is agreed.
VALID_FOR = timedelta(days=90)
#: A line of evidence below this weight is no mark of a campaign.
MARK_BITS = 2

CAVEAT = (
    "The evidence says what accounts did together at one provider. It says nothing about who operates them, for whom, "
    "or what the answers were for. A weight in bits compares with what is ordinary at that provider. An indicator says "
    "what was seen; what to do is each member's own decision."
)


def from_campaigns(campaigns: Iterable[Campaign], voice: Voice, valid_for: timedelta = VALID_FOR) -> list[Object]:
    """Every object needed to read these campaigns elsewhere, each once, definitions before what refers to them."""
    all_told = [told(campaign) for campaign in campaigns]
    techniques = {technique.id: technique for one in all_told for technique in one.techniques}
    objects: list[Object] = [
        tlp_marking("clear"),
        tlp_marking(voice.tlp),
        pap_marking(voice.pap),
        stillwatch_identity(),
        say.identity(voice),
        say.extension_definition(),
        *(attack_pattern(technique) for technique in techniques.values()),
    ]
    for one in all_told:
        objects.extend(_campaign(one, voice, valid_for))
    return list({made["id"]: made for made in objects}.values())


def bundle(objects: Sequence[Object]) -> Object:
    """A STIX bundle; its id is computed from the versions it holds."""
    versions = sorted(f"{one['id']} {one.get('modified', one.get('created', ''))}" for one in objects)
    return {"type": "bundle", "id": object_id("bundle", *versions), "objects": list(objects)}


def _campaign(one: Told, voice: Voice, valid_for: timedelta) -> list[Object]:
    campaign = wire.plain(
        wire.Campaign(
            id=one.id,
            name=one.name,
            first_seen=one.first_seen,
            last_seen=one.last_seen,
            confidence=one.confidence,
            labels=(one.level,),
            extensions=say.extended(record(one)),
            **_since(one, voice),
        )
    )
    since = campaign["created"]
    uses = [say.relationship(voice, one.id, "uses", attack_pattern_id(each.id), since) for each in one.techniques]
    about: list[Object] = [campaign, *uses, *_indicator(one, voice, valid_for)]
    about.append(say.sighting(voice, one.id, one.first_seen, one.last_seen, since))
    about.append(say.note(voice, [one.id], CAVEAT, since))
    refs = [each["id"] for each in about] + [attack_pattern_id(each.id) for each in one.techniques]
    return [*about, say.grouping(voice, f"All on {one.name}", refs, since)]


def record(one: Told) -> Record:
    """Our extension's part of a campaign; the guard adds the release to it."""
    return Record(evidence=one.evidence or UNSET, exposure=one.exposure or UNSET, scale=one.scale, claims=one.claims)


def pattern(one: Told) -> str | None:
    """What marks such a campaign, in the STIX pattern language over our own object type; ``None``: nothing does."""
    marks = [f"x-stillwatch-campaign:techniques[*] = '{technique.id}'" for technique in one.techniques]
    lines = [line for line in one.evidence if line.bits >= MARK_BITS and line.family != "explanation"]
    marks += [f"x-stillwatch-campaign:evidence[*] = '{line.id}'" for line in lines]
    return f"[{' AND '.join(marks)}]" if marks else None


def _indicator(one: Told, voice: Voice, valid_for: timedelta) -> list[Object]:
    marks = pattern(one)
    if marks is None:
        return []
    indicator = wire.plain(
        wire.Indicator(
            id=object_id("indicator", one.id),
            name=indicator_name("stix", marks),
            pattern=marks,
            valid_from=one.first_seen,
            valid_until=say.timestamp(voice.now + valid_for),
            indicator_types=("malicious-activity",) if one.level == "act" else ("anomalous-activity",),
            confidence=one.confidence,
            **_since(one, voice),
        )
    )
    return [indicator, say.relationship(voice, indicator["id"], "indicates", one.id, indicator["created"])]


def _since(one: Told, voice: Voice) -> dict[str, Any]:
    return voice.common | {"created": min(one.first_seen, voice.common["modified"])}
