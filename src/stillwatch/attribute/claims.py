"""Five claims, each with its own confidence: behaviour, coordination, operator, beneficiary, descent (DOMAIN, 1).

Likelihood and confidence are apart (ICD 203): a probability says how likely, ``confidence`` how good the basis is. Each
claim adds up hypotheses, so that claims can't contradict one another. What a request log can't show is capped
(beneficiary) or left without a number (descent).
"""

from collections.abc import Mapping, Sequence

from stillwatch.attribute.grouping import range_of
from stillwatch.attribute.hypotheses import BY_ID, HYPOTHESES
from stillwatch.attribute.shape import Claim, Fact, Link, NameShown
from stillwatch.attribute.words import Confidence, percent

#: Nobody sees from a request log where answers go: never more than "likely" that one party receives them.
BENEFICIARY_MOST = 0.79
#: Answered blocks that make a basis moderate, and high where other members or a second scan agree too.
MODERATE, HIGH = 4, 7
#: Facts told for and against a claim, the weightiest first; lighter ones than this are not told.
TOLD, LEAST_BITS = 4, 0.2

_NOT_HERE = (
    "a lineage test of the suspect model against ours (another room, another kind of evidence)",
    "a keyed tracer or a held-out response found in the model's answers",
)


def claims(
    probabilities: Mapping[str, float],
    facts: Sequence[Fact],
    links: Sequence[Link],
    names: Sequence[NameShown],
    confidence: Confidence,
    campaigns: int,
) -> tuple[Claim, ...]:
    """The five, in order."""
    collects = {one.id for one in HYPOTHESES if one.collects}
    one_hand = {one.id for one in HYPOTHESES if one.one_hand}
    behaviour = _claim("behaviour", "Answers are collected that a student model could learn from.",
                       probabilities, collects, facts, confidence)  # fmt: skip
    coordination = _claim("coordination", "The accounts are run by one hand, not by people who don't know each other.",
                          probabilities, one_hand, facts, confidence)  # fmt: skip
    return (
        behaviour,
        coordination,
        _operator(coordination, links, names, campaigns),
        _beneficiary(probabilities, facts, names, confidence),
        Claim(
            id="descent",
            statement="A released model descends from ours.",
            probability=None,
            word=None,
            confidence=None,
            because=("not assessed: request logs show what was served, never what was learnt from it",),
            contrary=(),
            would_change=_NOT_HERE,
        ),
    )


def _claim(
    id_: str,
    statement: str,
    probabilities: Mapping[str, float],
    members: set[str],
    facts: Sequence[Fact],
    confidence: Confidence,
    most: float = 1.0,
) -> Claim:
    """A claim that is true under ``members`` and false under every other hypothesis."""
    probability = min(most, sum(probabilities[one] for one in members))
    weighed = sorted(((_for(fact, probabilities, members), fact) for fact in facts), key=lambda pair: -pair[0])
    supporting = tuple(_told(bits, fact) for bits, fact in weighed[:TOLD] if bits >= LEAST_BITS)
    contrary = tuple(_told(bits, fact) for bits, fact in weighed[::-1][:TOLD] if bits <= -LEAST_BITS)
    return Claim(
        id=id_,
        statement=statement,
        probability=round(probability, 4),
        word=range_of(probability),
        confidence=confidence,
        because=supporting or ("nothing that weighs",),
        contrary=contrary,
        would_change=_rivals(probabilities, members, probability >= 0.5),
    )


def _for(fact: Fact, probabilities: Mapping[str, float], members: set[str]) -> float:
    """Bits for the claim against its opposite: mean over its hypotheses, each as likely as it now is."""
    sides = []
    for inside in (True, False):
        mine = [one for one in fact.bits if (one in members) == inside]
        whole = sum(probabilities[one] for one in mine)
        sides.append(sum(probabilities[one] * fact.bits[one] for one in mine) / whole if whole else 0.0)
    return sides[0] - sides[1]


def _told(bits: float, fact: Fact) -> str:
    return f"{fact.text} {fact.seen[:1].upper()}{fact.seen[1:]} ({bits:+.1f} bits)".replace("-", "−")


def _rivals(probabilities: Mapping[str, float], members: set[str], holds: bool) -> tuple[str, ...]:
    """The likeliest explanations under which the claim would be other than it is."""
    others = sorted((one for one in probabilities if (one in members) != holds), key=lambda one: -probabilities[one])
    return tuple(f"evidence that {BY_ID[one].says} (now {percent(probabilities[one])})" for one in others[:2])


def _operator(coordination: Claim, links: Sequence[Link], names: Sequence[NameShown], campaigns: int) -> Claim:
    """One operator behind all campaigns: one hand behind each, and the weakest link between them holds."""
    weakest = min((link.probabilities["one-hand"] for link in links), default=1.0)
    probability = (coordination.probability or 0.0) * weakest
    because = [f"coordination is {coordination.word.text if coordination.word else 'not known'}"]
    if campaigns > 1:
        because.append(f"the weakest of the links that join {campaigns} campaigns holds with {percent(weakest)}")
    because += [f"{name.name} ({name.role}, entered by {name.entered_by}): {name.consistency}"
                for name in names if name.role in ("operator", "reseller", "customer")]  # fmt: skip
    statement = "One operator runs these campaigns." if campaigns > 1 else "One operator runs this campaign."
    return Claim(
        id="operator",
        statement=f"{statement} Who it is, is not a finding of this software.",
        probability=round(probability, 4),
        word=range_of(probability),
        confidence="low" if coordination.confidence == "low" or campaigns == 1 else "moderate",
        because=tuple(because),
        contrary=tuple(text for name in names if name.role != "beneficiary" for text in name.contrary)
        + coordination.contrary[:2],
        would_change=(
            "payment, sign-up or network records that lead to different parties",
            "a reseller's own account of its tenants: an operator is often a proxy for somebody else",
        ),
    )


def _beneficiary(
    probabilities: Mapping[str, float], facts: Sequence[Fact], names: Sequence[NameShown], confidence: Confidence
) -> Claim:
    base = _claim("beneficiary", "One party receives the answers, not several. Which party, is not in these logs.",
                  probabilities, {"one-collector"}, facts, "low", BENEFICIARY_MOST)  # fmt: skip
    named = tuple(f"{name.name} (entered by {name.entered_by}): {name.consistency}" for name in names
                  if name.role == "beneficiary")  # fmt: skip
    capped = (
        "never more than “likely”: nothing in a request log shows where answers go; lab identity is the weakest link"
    )
    return Claim(
        id=base.id,
        statement=base.statement,
        probability=base.probability,
        word=base.word,
        confidence="low",
        because=(*base.because, *named, capped),
        contrary=base.contrary + tuple(text for name in names if name.role == "beneficiary" for text in name.contrary),
        would_change=(*base.would_change, "records of the party that received the data"),
    )


def basis(blocks: int, stable: bool, second_source: bool) -> Confidence:
    """How good the basis is: sides that were seen, whether the order holds under other priors, and a second source."""
    if not stable or blocks < MODERATE:
        return "low"
    return "high" if blocks >= HIGH and second_source else "moderate"
