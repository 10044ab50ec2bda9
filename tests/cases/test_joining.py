"""Findings that share accounts are one campaign."""

from dataclasses import replace

import numpy as np

from groups import group
from stillwatch.cases.joining import Case, joined
from stillwatch.detect.detection import Finding
from stillwatch.detect.weigh import Weight


def _finding(
    accounts: range, bits: float = 15.0, level: str = "review", chance: float = 0.9, origin: str = "templates"
) -> Finding:
    keys = np.array(accounts, dtype=np.int64)
    return Finding(group(3, origin=origin), (), Weight(bits, level, {}, 0.0), keys, np.full(len(keys), chance))


def _surge(accounts: range, bits: float = 14.0) -> Finding:
    return _finding(accounts, bits, origin="surge")


def _accounts(cases: list[Case]) -> list[list[int]]:
    return [case.accounts.tolist() for case in cases]


def test_two_templates_of_the_same_accounts_are_one_campaign() -> None:
    [case] = joined([_finding(range(10)), _finding(range(2, 12), 20.0)])
    assert case.accounts.tolist() == list(range(12))
    assert case.lead.weight.bits == 20.0


def test_a_template_that_half_of_the_accounts_also_use_belongs_to_the_campaign() -> None:
    assert _accounts(joined([_finding(range(20)), _finding(range(15, 25))])) == [list(range(25))]


def test_one_account_in_common_does_not_join_two_campaigns() -> None:
    assert _accounts(joined([_finding(range(10), 30.0), _finding(range(9, 19))])) == [
        list(range(10)),
        list(range(9, 19)),
    ]


def test_accounts_rotated_from_template_to_template_are_one_campaign() -> None:
    chain = [_finding(range(start, start + 10)) for start in (0, 5, 10, 15)]
    assert _accounts(joined(chain)) == [list(range(25))]


def test_cases_come_strongest_first() -> None:
    found = joined([_finding(range(5), 13.0), _finding(range(10, 15), 40.0, "act"), _finding(range(20, 25), 25.0)])
    assert [case.lead.weight.bits for case in found] == [40.0, 25.0, 13.0]


def test_a_finding_for_context_adds_no_accounts_to_a_stronger_case() -> None:
    [case] = joined([_finding(range(10), 20.0, "act"), _finding(range(5, 30), 9.5, "watch")])
    assert case.accounts.tolist() == list(range(10))
    assert len(case.findings) == 2


def test_a_finding_for_review_adds_its_accounts_to_a_case_to_act_on() -> None:
    [case] = joined([_finding(range(10), 20.0, "act"), _finding(range(2, 12), 13.0, "review")])
    assert case.accounts.tolist() == list(range(12))


def test_a_finding_for_review_that_is_half_others_brings_nobody_into_a_case_to_act_on() -> None:
    [case] = joined([_finding(range(10), 20.0, "act"), _finding(range(5, 15), 13.0, "review")])
    assert case.accounts.tolist() == list(range(10))


def test_a_heavier_finding_on_few_accounts_does_not_take_a_case_to_act_on_down() -> None:
    [case] = joined([_finding(range(6), 25.0, "review"), _finding(range(12), 20.0, "act")])
    assert case.lead.weight.level == "act"
    assert case.accounts.tolist() == list(range(12))


def test_an_account_of_two_findings_keeps_its_better_chance() -> None:
    [case] = joined([_finding(range(4), chance=0.6), _finding(range(4), chance=0.95)])
    assert case.probability.tolist() == [0.95] * 4


def test_no_findings_are_no_cases() -> None:
    assert joined([]) == []


def test_two_operators_in_one_surge_stay_two_campaigns() -> None:
    found = joined([_finding(range(40), 30.0), _finding(range(40, 70), 25.0), _surge(range(70))])
    assert _accounts(found) == [list(range(40)), list(range(40, 70))]


def test_pieces_with_accounts_in_common_are_one_campaign_inside_a_surge() -> None:
    pieces = [_finding(range(start, start + 10)) for start in (0, 8, 16)]
    assert len(joined(pieces)) == 3
    assert _accounts(joined([*pieces, _surge(range(26))])) == [list(range(26))]


def test_a_surge_brings_the_accounts_that_no_template_showed() -> None:
    assert _accounts(joined([_finding(range(30)), _surge(range(40))])) == [list(range(40))]


def test_a_surge_that_nothing_else_explains_is_a_campaign_of_its_own() -> None:
    found = joined([_finding(range(10), 30.0), _surge(range(8, 60))])
    assert _accounts(found) == [list(range(10)), list(range(10, 60))]


def test_a_weaker_group_that_is_mostly_others_brings_nobody_in() -> None:
    [case] = joined([_finding(range(30), 23.0, "act"), _finding(range(66), 13.0)])
    assert case.accounts.tolist() == list(range(30))
    assert len(case.findings) == 2


def test_what_was_put_together_of_pieces_stays_beside_a_case_to_act_on_with_all_its_accounts() -> None:
    act, together = _finding(range(12), 20.0, "act"), _finding(range(100), 27.0)
    together = replace(together, group=replace(together.group, pieces=9))
    assert _accounts(joined([act, together])) == [list(range(100)), list(range(12))]
