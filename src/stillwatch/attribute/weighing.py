"""From answers to probabilities: Bayes over competing hypotheses, with every assumption a number that is shown.

Model. Answers of different blocks are independent given the hypothesis. Answers of one block are alike: k of them weigh
as much as k / (1 + (k - 1) * likeness), the effective number under equal correlation (Kish, "Survey Sampling", 1965,
section 5.4). The campaigns of one group are one observation: their log-likelihoods are averaged, never added. Each
log-likelihood is capped at ``MOST_BITS`` and multiplied by ``temper``; that and ``likeness`` were chosen by log loss on
tuning cases. The posterior is mixed with ``doubt`` of the prior (epsilon-contamination: Berger and Berliner, Annals of
Statistics 14(2), 1986): the tables come from composed cases, and no amount of answers makes that doubt go away.

A missing answer is left out, which assumes that a scan's blindness says nothing about the hypothesis.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stillwatch.attribute.hypotheses import BY_ID as HYPOTHESES
from stillwatch.attribute.hypotheses import IDS, OTHER
from stillwatch.attribute.likelihoods import ACROSS, ACROSS_BY_ID, Tables
from stillwatch.attribute.questions import BY_ID, QUESTIONS, Asked

#: All that can be asked: of campaigns, and of a group as a whole.
ASKED: tuple[Asked, ...] = (*QUESTIONS, *ACROSS)

#: Answers about a group: question -> how many of its campaigns gave each level.
Answers = Mapping[str, Mapping[str, int]]

#: No answer says more than this for or against a hypothesis: what few cases never showed is not impossible.
MOST_BITS = 2.0
#: By how much innocent hypotheses are made likelier, and less likely, to see whether the order holds.
LEANING = 4.0


class Term(NamedTuple):
    """What one question adds, in bits by hypothesis (log2 of its likelihood against the pooled one, as it counts)."""

    question: str
    block: str
    levels: Mapping[str, int]
    bits: Mapping[str, float]


def pooled(campaigns: Sequence[Mapping[str, str]]) -> dict[str, dict[str, int]]:
    """Answers of several campaigns, counted."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for answered in campaigns:
        for question, level in answered.items():
            counts[question][level] = counts[question].get(level, 0) + 1
    return dict(counts)


def terms(answers: Answers, tables: Tables) -> list[Term]:
    """What each answered question adds, in the order of questions."""
    sizes: dict[str, int] = defaultdict(int)
    known = [one for one in ASKED if answers.get(one.id) and _shares(one.id, tables)]
    for question in known:
        sizes[question.block] += 1
    found = []
    for question in known:
        weight = tables.temper / (1.0 + (sizes[question.block] - 1) * tables.likeness)
        shares, given = _shares(question.id, tables), answers[question.id]
        total = sum(given.values())
        logs = {
            one: sum(n * math.log2(shares[one][question.levels.index(level)]) for level, n in given.items()) / total
            for one in IDS
        }
        bits = {one: weight * max(-MOST_BITS, min(MOST_BITS, logs[one] - logs[OTHER])) for one in IDS}
        found.append(Term(question.id, question.block, given, bits))
    return found


def posterior(found: Sequence[Term], prior: Mapping[str, float], doubt: float) -> dict[str, float]:
    """Probabilities by hypothesis. ``prior`` need not sum to one; a hypothesis with none stays impossible."""
    total = sum(prior.values())
    start = {one: prior.get(one, 0.0) / total for one in IDS}
    sums = {one: sum(term.bits[one] for term in found) for one in IDS}
    most = max(sums.values())
    weights = {one: start[one] * 2.0 ** (sums[one] - most) for one in IDS}
    whole = sum(weights.values())
    return {one: (1 - doubt) * weights[one] / whole + doubt * start[one] for one in IDS}


def leaning(prior: Mapping[str, float], factor: float) -> dict[str, float]:
    """The prior with innocent hypotheses ``factor`` times as likely."""
    return {one: share * (factor if HYPOTHESES[one].innocent else 1.0) for one, share in prior.items()}


def ranked(probabilities: Mapping[str, float]) -> list[str]:
    """Hypotheses, the likeliest first; equals in the order of the list."""
    return sorted(IDS, key=lambda one: (-probabilities[one], IDS.index(one)))


def question_text(id_: str) -> str:
    """The question as a person reads it."""
    return ACROSS_BY_ID[id_].text if id_ in ACROSS_BY_ID else BY_ID[id_].text


def phrase(id_: str, levels: Mapping[str, int]) -> str:
    """The answer as a person reads it; of several campaigns the commonest first."""
    question = ACROSS_BY_ID.get(id_) or BY_ID[id_]
    ordered = sorted(levels.items(), key=lambda item: (-item[1], item[0]))
    if len(ordered) == 1:
        return question.phrase(ordered[0][0])
    return "; ".join(f"{question.phrase(level)} ({n})" for level, n in ordered)


def _shares(question: str, tables: Tables) -> Mapping[str, tuple[float, ...]]:
    return ACROSS_BY_ID[question].shares if question in ACROSS_BY_ID else tables.shares.get(question, {})
