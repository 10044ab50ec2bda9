"""Candidates from template links: whom to ask about, never by pairs of accounts."""

import tracemalloc

import numpy as np
import pytest

from stillwatch.detect.candidates import templates
from stillwatch.detect.candidates.templates import COVERAGE, FEWEST_ACCOUNTS, SHOWN_BY, Candidate, Pairs, candidates

PASSAGE, PREFIX = 0, 1
#: One account shows one entity of a kind so many times.
Row = tuple[int, int, int, int]


def _pairs(rows: list[Row]) -> Pairs:
    kind, entity, account, exchanges = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Pairs(kind.astype(np.int8), entity, account, exchanges)


def _template(accounts: range, entities: range, times: int = 5, kind: int = PASSAGE) -> list[Row]:
    return [(kind, entity, account, times) for entity in entities for account in accounts]


def _found(rows: list[Row]) -> list[tuple[list[int], list[int]]]:
    return [(c.accounts.tolist(), sorted(c.entities.tolist())) for c in candidates(_pairs(rows))]


def _same(left: list[Candidate], right: list[Candidate]) -> bool:
    return len(left) == len(right) and all(
        np.array_equal(a.accounts, b.accounts)
        and np.array_equal(a.showing, b.showing)
        and set(zip(a.kinds.tolist(), a.entities.tolist(), strict=True))
        == set(zip(b.kinds.tolist(), b.entities.tolist(), strict=True))
        for a, b in zip(left, right, strict=True)
    )


def test_accounts_that_repeat_one_template_are_one_candidate() -> None:
    assert _found(_template(range(12), range(8))) == [(list(range(12)), list(range(8)))]


def test_two_templates_of_separate_accounts_are_two_candidates_largest_first() -> None:
    rows = _template(range(5), range(8)) + _template(range(100, 112), range(50, 58))
    assert [accounts for accounts, _ in _found(rows)] == [list(range(100, 112)), list(range(5))]


def test_fewer_than_three_accounts_are_no_candidate() -> None:
    assert _found(_template(range(FEWEST_ACCOUNTS - 1), range(8))) == []


def test_accounts_that_show_a_template_once_each_repeat_nothing_and_are_no_candidate() -> None:
    assert _found(_template(range(12), range(8), times=1)) == []


def test_an_account_that_shows_a_template_once_is_seen_but_is_none_of_those_who_repeat_it() -> None:
    [candidate] = candidates(_pairs(_template(range(12), range(8)) + _template(range(50, 51), range(8), times=1)))
    assert 50 in candidate.showing
    assert 50 not in candidate.accounts


def test_a_stranger_with_one_common_phrase_stays_out() -> None:
    [candidate] = candidates(_pairs(_template(range(12), range(8)) + _template(range(50, 51), range(1))))
    assert 50 not in candidate.showing
    assert 50 not in candidate.accounts


def test_a_stranger_with_two_fifths_of_the_template_is_asked_about() -> None:
    assert COVERAGE * 10 == 4
    rows = _template(range(12), range(10)) + _template(range(50, 51), range(4))
    [candidate] = candidates(_pairs(rows))
    assert 50 in candidate.accounts


def test_entities_whose_accounts_overlap_by_half_are_one_template() -> None:
    together = _template(range(12), range(4)) + _template(range(3, 12), range(4, 8))
    apart = _template(range(12), range(4)) + _template(range(10, 22), range(4, 8))
    assert len(_found(together)) == 1
    assert len(_found(apart)) == 2


def test_one_value_under_two_kinds_is_two_entities() -> None:
    rows = _template(range(5), range(3)) + _template(range(100, 105), range(3), kind=PREFIX)
    assert sorted(accounts for accounts, _ in _found(rows)) == [list(range(5)), list(range(100, 105))]


def test_three_gateways_that_carry_everybodys_templates_join_none_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    gateways = range(10_000, 10_003)
    rows: list[Row] = []
    for number in range(50):
        rows += _template(range(number, number + 1), range(number, number + 1))
        rows += _template(gateways, range(number, number + 1))
    assert len(_found(rows)) == 1, "without the limit these templates are joined, so the test below can fail"
    monkeypatch.setattr(templates, "MOST_COMPARISONS", 100)
    assert len(_found(rows)) == 50


def test_the_order_of_rows_does_not_matter() -> None:
    draw = np.random.default_rng(1)
    rows = _template(range(12), range(8)) + _template(range(8, 30), range(8, 20)) + _template(range(40, 44), range(3))
    rows += [(PASSAGE, int(draw.integers(100, 120)), account, int(draw.integers(1, 4))) for account in range(60)]
    rows = list({row[:3]: row for row in rows}.values())
    straight = candidates(_pairs(rows))
    assert straight
    for _ in range(5):
        assert _same(straight, candidates(_pairs([rows[i] for i in draw.permutation(len(rows))])))


def test_nothing_shared_means_no_candidates() -> None:
    assert _found([]) == []


@pytest.mark.timeout(60)
def test_twenty_thousand_accounts_on_one_fingerprint_are_one_candidate_and_never_pairs() -> None:
    accounts = np.arange(20_000, dtype=np.int64)
    entity = np.full(20_000, 7, dtype=np.int64)
    pairs = Pairs(np.zeros(20_000, dtype=np.int8), entity, accounts, np.full(20_000, 3, dtype=np.int64))
    tracemalloc.start()
    found = candidates(pairs)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [len(candidate.accounts) for candidate in found] == [20_000]
    # 200 million pairs would take 1.6 GB at eight bytes each.
    assert peak < 50e6


@pytest.mark.timeout(60)
def test_twenty_thousand_accounts_on_a_whole_template_are_still_one_candidate() -> None:
    accounts = np.tile(np.arange(20_000, dtype=np.int64), 12)
    entity = np.repeat(np.arange(12, dtype=np.int64), 20_000)
    pairs = Pairs(np.zeros(len(entity), dtype=np.int8), entity, accounts, np.full(len(entity), 3, dtype=np.int64))
    [candidate] = candidates(pairs)
    assert len(candidate.accounts) == 20_000
    assert len(candidate.entities) == 12


def test_twenty_accounts_that_show_a_template_once_each_are_a_candidate() -> None:
    accounts = np.repeat(np.arange(SHOWN_BY, dtype=np.int64), 6)
    entities = np.tile(np.arange(6, dtype=np.int64), SHOWN_BY)
    [found] = candidates(Pairs(np.zeros(len(accounts), np.int8), entities, accounts, np.ones(len(accounts), np.int64)))
    assert found.accounts.tolist() == list(range(SHOWN_BY))


def test_a_template_whose_payload_others_share_is_not_swallowed_by_a_chain_of_phrases() -> None:
    """Forty accounts share a template; from it phrases overlap by half with the next ones, on and on."""
    spans = [(range(40), 5), *((range(start, start + 40), 5) for start in range(10, 200, 10))]
    rows = [
        (entity, account)
        for n, (accounts, many) in enumerate(spans)
        for entity in range(n * 10, n * 10 + many)
        for account in accounts
    ]
    entity, account = np.array(rows, dtype=np.int64).T
    found = candidates(Pairs(np.zeros(len(entity), np.int8), entity, account, np.full(len(entity), 3)))
    assert any(set(one.accounts.tolist()) >= set(range(40)) and len(one.entities) <= 20 for one in found)


def test_comparisons_are_bounded_and_who_shows_most_templates_goes_first() -> None:
    degree = np.r_[np.full(20_000, 1_000), np.arange(1, 50)]
    chosen = templates.quiet(degree)
    assert np.sum(degree[chosen] ** 2.0) <= templates.MOST_COMPARISONS
    assert chosen[20_000:].all()
    assert 0 < chosen[:20_000].sum() < 101
