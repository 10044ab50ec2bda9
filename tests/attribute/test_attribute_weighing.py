"""Hypotheses are weighed by Bayes, with bounds that hold whatever is answered."""

import itertools
import math

import pytest
from attribution_world import CLASS, COLLECTOR, campaign
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.attribute import what_if, words
from stillwatch.attribute.hypotheses import HYPOTHESES, IDS, OTHER, flat
from stillwatch.attribute.likelihoods import ACROSS, shipped
from stillwatch.attribute.questions import BY_ID, QUESTIONS, answers
from stillwatch.attribute.weighing import ASKED, MOST_BITS, leaning, pooled, posterior, ranked, terms

TABLES = shipped()
answered = st.dictionaries(st.sampled_from([one.id for one in ASKED]), st.integers(0, 99)).map(
    lambda drawn: {id_: {_levels(id_)[n % len(_levels(id_))]: 1} for id_, n in drawn.items()}
)


def _levels(id_: str) -> tuple[str, ...]:
    return next(one.levels for one in ASKED if one.id == id_)


def test_every_table_has_a_share_for_every_level_of_its_question_under_every_hypothesis() -> None:
    tables = {**TABLES.shares, **{one.id: one.shares for one in ACROSS}}
    assert set(TABLES.shares) <= set(BY_ID)
    for id_, table in tables.items():
        assert set(table) == set(IDS)
        for shares in table.values():
            assert len(shares) == len(_levels(id_))
            assert math.isclose(sum(shares), 1.0, abs_tol=0.01)
            assert min(shares) > 0.0


def test_every_question_has_a_phrase_for_each_of_its_answers() -> None:
    for question in ASKED:
        assert len(question.means) == len(question.levels)
        assert [question.phrase(level) for level in question.levels] == list(question.means)


def test_no_question_is_about_language_nationality_or_time_zone() -> None:
    told = " ".join(f"{one.id} {one.text} {' '.join(one.means)}".lower() for one in ASKED)
    assert not any(word in told for word in ("language", "national", "time zone", "country", "english"))


def test_without_any_answer_the_prior_stays() -> None:
    assert posterior(terms({}, TABLES), flat(), TABLES.doubt) == pytest.approx(flat())


@settings(max_examples=60, deadline=None)
@given(answered)
def test_probabilities_sum_to_one_and_doubt_keeps_a_share_of_every_prior(found: dict[str, dict[str, int]]) -> None:
    probabilities = posterior(terms(found, TABLES), flat(), TABLES.doubt)
    assert math.isclose(sum(probabilities.values()), 1.0)
    for one, share in flat().items():
        assert TABLES.doubt * share <= probabilities[one] <= 1 - TABLES.doubt * (1 - share)


@settings(max_examples=60, deadline=None)
@given(answered)
def test_no_answer_weighs_more_than_its_cap_and_a_block_less_than_independent_answers(
    found: dict[str, dict[str, int]],
) -> None:
    blocks: dict[str, list[float]] = {}
    for term in terms(found, TABLES):
        assert max(map(abs, term.bits.values())) <= MOST_BITS
        blocks.setdefault(term.block, []).append(max(map(abs, term.bits.values())))
    for mine in blocks.values():
        most = MOST_BITS * TABLES.temper * len(mine) / (1 + (len(mine) - 1) * TABLES.likeness)
        assert sum(mine) <= most + 1e-9


def test_the_order_of_answers_changes_nothing() -> None:
    found = pooled([answers(campaign())])
    one = posterior(terms(found, TABLES), flat(), TABLES.doubt)
    other = posterior(terms(dict(reversed(found.items())), TABLES), flat(), TABLES.doubt)
    assert one == other


def test_ten_campaigns_that_look_alike_make_nothing_surer_than_one() -> None:
    one = posterior(terms(pooled([answers(campaign())]), TABLES), flat(), TABLES.doubt)
    ten = posterior(terms(pooled([answers(campaign())] * 10), TABLES), flat(), TABLES.doubt)
    assert ten == pytest.approx(one)


def test_a_hypothesis_without_prior_stays_impossible_and_a_prior_need_not_sum_to_one() -> None:
    prior = {**flat(), "supplier": 0.0}
    found = terms(pooled([answers(campaign())]), TABLES)
    assert posterior(found, prior, TABLES.doubt)["supplier"] == 0.0
    doubled = {one: 2 * share for one, share in flat().items()}
    assert posterior(found, doubled, TABLES.doubt) == pytest.approx(posterior(found, flat(), TABLES.doubt))


def test_the_classes_that_the_tables_know_are_told_apart() -> None:
    for lines, wanted in ((COLLECTOR, "one-collector"), (CLASS, "same-tasks")):
        given_ = {"capabilities": {"maths": 0.9}} if lines is COLLECTOR else {"techniques": ()}
        found = terms(pooled([answers(campaign(lines=lines, **given_))]), TABLES)
        assert ranked(posterior(found, flat(), TABLES.doubt))[0] == wanted


def test_a_change_that_is_told_is_what_comes_out_when_the_answer_is_that_one() -> None:
    weighed = what_if.weigh(pooled([answers(campaign())]), flat(), TABLES)
    told = what_if.changes(weighed)
    assert told
    reached = {
        round(
            what_if.weigh({**weighed.answers, question.id: {level: 1}}, flat(), TABLES).probabilities[weighed.first], 4
        )
        for question in QUESTIONS
        for level in question.levels
    }
    assert {one.probability_then for one in told} <= reached


def test_the_factor_that_overturns_does_overturn() -> None:
    weighed = what_if.weigh(pooled([answers(campaign())]), flat(), TABLES)
    first, second = ranked(posterior(weighed.terms, flat(), 0.0))[:2]
    factor = what_if.odds_to_overturn(weighed)
    for times, wanted in ((0.9, first), (1.1, second)):
        prior = {**flat(), second: flat()[second] * factor * times}
        assert ranked(posterior(weighed.terms, prior, 0.0))[0] == wanted


def test_innocent_explanations_gain_where_the_prior_leans_towards_them() -> None:
    found = terms(pooled([answers(campaign())]), TABLES)
    innocent = [one.id for one in HYPOTHESES if one.innocent]
    sums = [
        sum(posterior(found, leaning(flat(), factor), TABLES.doubt)[one] for one in innocent)
        for factor in (0.25, 1.0, 4.0)
    ]
    assert sums == sorted(sums)
    assert sums[0] < sums[2]


def test_words_cover_every_probability_without_a_gap_and_meet_at_the_ends() -> None:
    assert all(one.high == other.low for one, other in itertools.pairwise(words.WORDS))
    assert words.word(0.0).text == "almost no chance"
    assert words.word(1.0).text == "almost certain"
    assert words.word(0.5).text == "roughly even chance"
    assert words.word(0.8).text == "very likely"
    with pytest.raises(ValueError, match="no probability"):
        words.word(1.2)


def test_an_answer_is_none_where_the_scan_had_no_account_records() -> None:
    silent = campaign(lines={"elicitation": 5.0})
    assert {"money", "organisation", "teaching"} & set(answers(silent)) == set()
    assert answers(campaign(lines={"signup-burst": 0.0}))["organisation"] == "no"


def test_lines_of_evidence_that_nobody_asks_for_are_passed_over() -> None:
    known, later = campaign(lines={}), campaign(lines={"a-line-of-a-later-version": 9.0})
    assert answers(later) == answers(known)


def test_something_else_is_the_average_and_gets_no_bits_from_any_answer() -> None:
    assert all(term.bits[OTHER] == 0.0 for term in terms(pooled([answers(campaign())]), TABLES))
