"""WHO, AND HOW SURE? From campaigns, sightings and names to competing hypotheses and five claims.

Steps: compare campaigns in pairs and group what one hand may run; answer questions about each group; weigh hypotheses
on the same answers; say what would change it; state five claims. A conclusion that somebody collects answers is drawn
only where no innocent explanation comes near (``determined``): to rank first is not enough.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stillwatch.attribute import named, overlap, weighing, what_if
from stillwatch.attribute.claims import basis, claims
from stillwatch.attribute.grouping import JOINS, NEAR, Dossier, grouped, links, range_of
from stillwatch.attribute.hypotheses import BY_ID, HYPOTHESES, OTHER, flat
from stillwatch.attribute.inputs import Named
from stillwatch.attribute.likelihoods import ACROSS_BY_ID, Tables, shipped
from stillwatch.attribute.observed import observed, of_group, seen
from stillwatch.attribute.shape import Attribution, Fact, Group, Hypothesised, Link, Part
from stillwatch.attribute.weighing import Term
from stillwatch.attribute.what_if import Weighed
from stillwatch.attribute.words import percent
from stillwatch.vocabulary.peers import Sighting

#: A conclusion is drawn from this probability on; that answers are collected, only while innocent explanations together
#: stay below the second figure, and below the third without any one side of the evidence (a gateway's own prefix can
#: ask for reasoning; that must not be enough), and the blocks named here were seen.
DETERMINED, INNOCENT_MOST, INNOCENT_WITHOUT = 0.55, 0.2, 0.4
NEEDED = frozenset({"asks", "payload"})
#: What a gateway does by design (its prefix, its balancing and dealing out, its one payer and way out) says nothing
#: against it being one. These sides must tell the first from a reseller by themselves, by at least so many bits.
TELLING = frozenset({"kind", "purposes", "turns", "cover", "replacement", "across"})
TELLING_BITS = 1.0

ASSUMPTIONS: tuple[str, ...] = (
    "Answers about different sides (blocks) are independent given the hypothesis; those about one side count as fewer.",
    "What a scan could not tell says nothing for or against any hypothesis.",
    "Tables of likelihoods come from composed weeks, not from the world; a part of the prior is kept for that doubt.",
    "Likelihoods of links between campaigns, and of what other members saw, are judgements and not estimates.",
    "Campaigns of one group are one observation: more of them do not make a hypothesis surer.",
    "A reseller that keeps its customers' transcripts looks the same from here as one that does not.",
    "No language, nationality or time zone is used, and none can be entered.",
)


@dataclass(frozen=True)
class Evidence:
    """All that goes in. ``asked``: private matching was run, so that no sighting is an answer too."""

    dossiers: Sequence[Dossier]
    sightings: Sequence[Sighting] = ()
    asked: bool = False
    names: Sequence[Named] = ()
    prior: Mapping[str, float] = field(default_factory=flat)
    link_prior: Mapping[str, float] = field(default_factory=lambda: dict(overlap.PRIOR))
    notes: tuple[str, ...] = ()


def attribute(evidence: Evidence, tables: Tables | None = None) -> Attribution:
    """The whole of ``attribution.json``. No campaign gives no group; that is a result and no error."""
    dossiers = list(evidence.dossiers)
    pairs = links(dossiers, evidence.link_prior)
    places = grouped(len(dossiers), pairs)
    groups = [
        _group(number, mine, pairs, evidence, tables or shipped())
        for number, mine in enumerate(sorted(places, key=lambda mine: _order(mine, dossiers)), start=1)
    ]
    together = {place: number for number, mine in enumerate(places) for place in mine}
    between = [link for (a, b), link in pairs.items() if together[a] != together[b]]
    between = [link for link in between if link.probabilities["one-hand"] >= NEAR]
    return Attribution(
        campaigns=len(dossiers),
        groups=tuple(groups),
        links_between=tuple(sorted(between, key=lambda link: -link.probabilities["one-hand"])),
        prior={one: round(share, 4) for one, share in evidence.prior.items()},
        link_prior=dict(evidence.link_prior),
        assumptions=ASSUMPTIONS,
        notes=evidence.notes,
    )


def _order(mine: Sequence[int], dossiers: Sequence[Dossier]) -> tuple[int, str]:
    return -sum(dossiers[one].campaign.exchanges for one in mine), min(dossiers[one].campaign.id for one in mine)


def _group(
    number: int, mine: Sequence[int], pairs: Mapping[tuple[int, int], Link], evidence: Evidence, tables: Tables
) -> Group:
    group = [evidence.dossiers[place] for place in mine]
    sightings = of_group(group, evidence.sightings)
    weighed = what_if.weigh(observed(group, sightings, evidence.asked), evidence.prior, tables)
    inside = [link for (a, b), link in pairs.items() if a in mine and b in mine]
    holding = [link for link in inside if link.probabilities["one-hand"] >= JOINS]
    facts = tuple(_fact(term) for term in weighed.terms)
    blocks = {term.block for term in weighed.terms}
    stable = what_if.stable(weighed)
    determined = _determined(weighed, blocks, stable)
    if BY_ID[weighed.first].collects:
        listed = any(one.campaign.level != "watch" for one in group)
        determined &= listed and not named.vouched_for(evidence.names, group)
    names = named.shown(evidence.names, group, weighed.first)
    confidence = basis(len(blocks), stable, bool(sightings) or len({one.source for one in group}) > 1)
    return Group(
        name=f"Group {number}",
        conclusion=_conclusion(weighed, determined),
        first=weighed.first,
        determined=determined,
        campaigns=tuple(_part(one) for one in sorted(group, key=lambda one: one.campaign.first_exchange_at)),
        links=tuple(inside),
        hypotheses=_hypotheses(weighed),
        facts=facts,
        unknown=what_if.unknown(weighed),
        claims=claims(weighed.probabilities, facts, holding, names, confidence, len(group)),
        changes=what_if.changes(weighed),
        rests_on=what_if.rests_on(weighed),
        sensitivity=what_if.sensitivity(weighed),
        odds_to_overturn=what_if.odds_to_overturn(weighed),
        names=names,
        seen_elsewhere=seen(sightings),
    )


def _determined(weighed: Weighed, blocks: set[str], stable: bool) -> bool:
    """Whether a conclusion is drawn. An innocent one needs less: to be wrong about it accuses nobody."""
    first = weighed.first
    if first == OTHER or weighed.probabilities[first] < DETERMINED:
        return False
    if first == "own-work":  # an agency has customers of its own; else the provider's records must say so
        return "one" in weighed.answers.get("organisation", {})
    if not BY_ID[first].collects:
        return True
    if not stable or not blocks >= NEEDED or _innocent(weighed) > INNOCENT_MOST:
        return False
    telling = [term for term in weighed.terms if term.block in TELLING]
    if sum(term.bits[first] - term.bits["reseller"] for term in telling) < TELLING_BITS:
        return False
    return all(_innocent(weighed.without(block)) <= INNOCENT_WITHOUT for block in blocks)


def _innocent(weighed: Weighed) -> float:
    return sum(weighed.probabilities[one.id] for one in HYPOTHESES if one.innocent)


def _conclusion(weighed: Weighed, determined: bool) -> str:
    first, second = weighing.ranked(weighed.probabilities)[:2]
    told = range_of(weighed.probabilities[first])
    if determined:
        says = BY_ID[first].says
        return f"The evidence is consistent with this: {says}. That is {told.text} ({told.percentages})."
    if not weighed.terms:
        return "Nothing was seen that could tell one explanation from another."
    return (
        f"Not determined. Nearest is that {BY_ID[first].says} ({percent(weighed.probabilities[first])}), "
        f"then that {BY_ID[second].says} ({percent(weighed.probabilities[second])})."
    )


def _hypotheses(weighed: Weighed) -> tuple[Hypothesised, ...]:
    total = sum(weighed.prior.values())
    return tuple(
        Hypothesised(
            id=one,
            short=BY_ID[one].short,
            says=BY_ID[one].says,
            prior=round(weighed.prior.get(one, 0.0) / total, 4),
            probability=round(weighed.probabilities[one], 4),
            word=range_of(weighed.probabilities[one]),
            bits=round(sum(term.bits[one] for term in weighed.terms), 2),
            innocent=BY_ID[one].innocent,
        )
        for one in weighing.ranked(weighed.probabilities)
    )


def _fact(term: Term) -> Fact:
    listed = [one for one in term.bits if one != OTHER]
    return Fact(
        question=term.question,
        block=term.block,
        text=weighing.question_text(term.question),
        seen=weighing.phrase(term.question, term.levels),
        bits={one: round(value, 2) + 0.0 for one, value in term.bits.items()},
        favours=max(listed, key=lambda one: term.bits[one]),
        counts_against=min(listed, key=lambda one: term.bits[one]),
        source="judgement" if term.question in ACROSS_BY_ID else "composed cases",
    )


def _part(dossier: Dossier) -> Part:
    campaign = dossier.campaign
    return Part(
        id=campaign.id,
        label=campaign.name,
        source=dossier.source,
        level=campaign.level,
        accounts=len(campaign.accounts),
        exchanges=campaign.exchanges,
        first=campaign.first_exchange_at,
        last=campaign.last_exchange_at,
        noticed=campaign.noticed_at,
        blocked=dossier.blocked_at,
    )
