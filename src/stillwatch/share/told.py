"""What may be told of a campaign outside the house that found it.

Every exporter is given a ``Told`` and never the campaign itself, so that none can write what is not in it: no account,
no count but as a bucket, no time finer than an hour, no sentence that quotes figures. Whether it may then really leave
is the guard's question; this is only the most there is to ask about.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass

from stillwatch.share.stix.buckets import Bucket, bucket
from stillwatch.share.stix.extension import (
    Answer,
    Claim,
    Claims,
    Confidence,
    EvidenceLine,
    Exposure,
    Family,
    Scale,
)
from stillwatch.vocabulary.campaigns import Campaign, EvidenceShown, Level
from stillwatch.vocabulary.techniques import BY_ID, CAPABILITIES, Technique

#: Upper ends of ICD 203's ranges of likelihood, in per cent, with the value STIX's ``confidence`` takes for each word
#: (the middle of the range). Source: Intelligence Community Directive 203, *Analytic Standards*, section D.6.e(2)(a).
WORDS: tuple[tuple[float, Confidence, int], ...] = (
    (5, "almost-no-chance", 3),
    (20, "very-unlikely", 12),
    (45, "unlikely", 32),
    (55, "even-chance", 50),
    (80, "likely", 68),
    (95, "very-likely", 88),
    (100, "almost-certain", 97),
)
_BEHAVIOUR: frozenset[Family] = frozenset({"elicitation", "focus", "evasion", "replay"})
_TOGETHER: frozenset[Family] = frozenset({"structure", "coordination", "infrastructure", "lifecycle", "volume"})
_ANSWERS: dict[str, Answer] = {
    "distinct plain answers": "plain",
    "distinct graded answers": "graded",
    "distinct agent trajectories": "trajectory",
    "distinct reasoning traces": "reasoning",
}
#: A technique that fewer exchanges show is not what the campaign is about.
MAIN_SHARE = 0.1


#: The family of evidence that is other members' word.
PEER = "peer"


@dataclass(frozen=True)
class Told:
    """The most that may be told. ``first_seen`` and ``last_seen`` are whole hours, ISO 8601 in UTC."""

    id: str
    name: str
    level: Level
    first_seen: str
    last_seen: str
    scale: Scale
    techniques: tuple[Technique, ...]
    evidence: tuple[EvidenceLine, ...]
    exposure: tuple[Exposure, ...]
    claims: Claims
    confidence: int

    @property
    def accounts(self) -> Bucket:
        """How many accounts, as a bucket."""
        return self.scale.accounts


def told(campaign: Campaign) -> Told:
    """The campaign without what stays in the house."""
    return Told(
        id=campaign.id,
        name=f"Campaign {short(campaign.id)}",
        level=campaign.level,
        first_seen=hour(campaign.first_exchange_at),
        last_seen=hour(campaign.last_exchange_at),
        scale=Scale(accounts=bucket(len(campaign.accounts)), exchanges=bucket(campaign.exchanges)),
        techniques=tuple(BY_ID[one.id] for one in campaign.techniques if one.id in BY_ID and one.share >= MAIN_SHARE),
        evidence=tuple(_line(one) for one in campaign.evidence if one.family != PEER),
        exposure=tuple(
            Exposure(capability=one.capability, answer=_ANSWERS[one.unit], distinct=bucket(one.mid))
            for one in campaign.exposure
            if one.capability in CAPABILITIES and one.unit in _ANSWERS
        ),
        claims=_claims(campaign),
        confidence=_word(_own_bits(campaign))[1],
    )


def hour(time: str) -> str:
    """An ISO 8601 time in UTC, down to the hour."""
    return f"{time[:13]}:00:00.000Z"


def short(own: str) -> str:
    """Eight digits of an identifier, for names that people can tell apart."""
    return own.rsplit("--", 1)[-1][:8]


def _own_bits(campaign: Campaign) -> float:
    """The weight without what other members said: told on, their word would come back to them as ours, and grow."""
    return campaign.weight_bits - sum(one.weight_bits for one in campaign.evidence if one.family == PEER)


def _line(shown: EvidenceShown) -> EvidenceLine:
    bits = max(-64, min(64, round(shown.weight_bits)))
    return EvidenceLine(id=shown.id, family=_family(shown.family), bits=bits)


def _family(name: str) -> Family:
    """The families are the same; a new one would be a new version of the extension, so it must not slip through."""
    explaining: Family = "explanation"
    known: dict[str, Family] = {one: one for one in (*_BEHAVIOUR, *_TOGETHER, explaining)}
    return known[name]


def _claims(campaign: Campaign) -> Claims:
    """Behaviour and coordination from their own families, never surer than the campaign as a whole.

    The log says nothing of the other three (DOMAIN section 1): they are not assessed, which is not "no".
    """
    return Claims(
        behaviour=_claim(campaign, _BEHAVIOUR),
        coordination=_claim(campaign, _TOGETHER),
        operator=Claim(confidence="not-assessed"),
        beneficiary=Claim(confidence="not-assessed"),
        descent=Claim(confidence="not-assessed"),
    )


def _claim(campaign: Campaign, families: Collection[str]) -> Claim:
    lines = [one.weight_bits for one in campaign.evidence if one.family in families]
    return Claim(confidence=_word(min(sum(lines), _own_bits(campaign)))[0] if lines else "not-assessed")


def _word(bits: float) -> tuple[Confidence, int]:
    """ICD 203's word for odds of two to the ``bits``, and STIX's value for it."""
    chance = 100 / (1 + math.pow(2, -max(-60.0, min(60.0, bits))))
    return next((word, value) for end, word, value in WORDS if chance <= end)
