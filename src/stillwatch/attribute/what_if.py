"""What would change a conclusion: answers that are missing, answers it rests on, and other priors."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stillwatch.attribute import weighing
from stillwatch.attribute.hypotheses import BY_ID, OTHER
from stillwatch.attribute.likelihoods import ACROSS_BY_ID, Tables
from stillwatch.attribute.shape import Change, Sensitivity
from stillwatch.attribute.weighing import ASKED, LEANING, Answers, Term

#: So many changes are told, those first that take most from the likeliest hypothesis.
TOLD = 4


class Weighed(NamedTuple):
    """A group's answers, what they add, and the probabilities."""

    answers: Answers
    terms: Sequence[Term]
    probabilities: Mapping[str, float]
    prior: Mapping[str, float]
    tables: Tables

    @property
    def first(self) -> str:
        """The likeliest hypothesis."""
        return weighing.ranked(self.probabilities)[0]

    def without(self, block: str) -> "Weighed":
        """The same without the answers of one block."""
        mine = {term.question for term in self.terms if term.block == block}
        left = {question: levels for question, levels in self.answers.items() if question not in mine}
        return weigh(left, self.prior, self.tables)


def weigh(answers: Answers, prior: Mapping[str, float], tables: Tables) -> Weighed:
    """Answers weighed once."""
    found = weighing.terms(answers, tables)
    return Weighed(answers, found, weighing.posterior(found, prior, tables.doubt), prior, tables)


def changes(weighed: Weighed) -> tuple[Change, ...]:
    """The other answer to each question, known or not, that takes most from the first; the weightiest first."""
    found = []
    for question in ASKED:
        given = weighed.answers.get(question.id, {})
        if not (given if question.id in ACROSS_BY_ID else question.id in weighed.tables.shares):
            continue
        options = [
            (weigh({**weighed.answers, question.id: {level: 1}}, weighed.prior, weighed.tables), level)
            for level in question.levels
            if level not in given
        ]
        if options:
            then, level = min(options, key=lambda option: option[0].probabilities[weighed.first])
            known = "if the answer were" if given else "not known here; if the answer were"
            found.append(_change(weighed, then, f"{question.text} {known}: {question.phrase(level)}"))
    return _telling(found)


def rests_on(weighed: Weighed) -> tuple[Change, ...]:
    """What is left without the answers of one block: on which side of the evidence the conclusion rests."""
    found = []
    for block in dict.fromkeys(term.block for term in weighed.terms):
        then = weighed.without(block)
        found.append(_change(weighed, then, f"without the answers about {block}"))
    return _telling(found)


def sensitivity(weighed: Weighed) -> tuple[Sensitivity, ...]:
    """The first place under other priors."""
    found = []
    for told, factor in (
        ("as given", 1.0),
        (f"innocent explanations {LEANING:g} times as likely", LEANING),
        (f"innocent explanations {LEANING:g} times less likely", 1 / LEANING),
    ):
        prior = weighing.leaning(weighed.prior, factor)
        probabilities = weighing.posterior(weighed.terms, prior, weighed.tables.doubt)
        first = weighing.ranked(probabilities)[0]
        found.append(Sensitivity(prior=told, first=first, probability=round(probabilities[first], 4)))
    return tuple(found)


def odds_to_overturn(weighed: Weighed) -> float:
    """By how much the prior odds of the second over the first must grow before it comes first."""
    exact = weighing.posterior(weighed.terms, weighed.prior, 0.0)
    first, second = weighing.ranked(exact)[:2]
    return round(min(1e6, exact[first] / max(exact[second], 1e-9)), 1)


def unknown(weighed: Weighed) -> tuple[str, ...]:
    """Questions that have a table and no answer."""
    known = {term.question for term in weighed.terms}
    asked = [one for one in ASKED if one.id in weighed.tables.shares or one.id in ACROSS_BY_ID]
    return tuple(question.text for question in asked if question.id not in known)


def stable(weighed: Weighed) -> bool:
    """Whether the first place holds under every prior that is tried, and is a hypothesis of the list."""
    firsts = {one.first for one in sensitivity(weighed)}
    return firsts == {weighed.first} and BY_ID[weighed.first].id != OTHER


def _change(weighed: Weighed, then: Weighed, text: str) -> Change:
    return Change(
        text=text,
        first_then=then.first,
        probability_then=round(then.probabilities[weighed.first], 4),
    )


def _telling(found: Sequence[Change]) -> tuple[Change, ...]:
    return tuple(sorted(found, key=lambda one: one.probability_then)[:TOLD])
