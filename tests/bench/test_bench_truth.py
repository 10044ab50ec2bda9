"""Counts of what was found are right where the truth is known."""

from typing import Any

from bench.truth import Truth, judge

CAMPAIGN = frozenset(f"a{number}" for number in range(10))
TRUTH = Truth({"operator-1": CAMPAIGN}, {"c1": "classroom", "c2": "classroom", "p1": "chat"})


def scan(*campaigns: tuple[str, list[str]]) -> dict[str, Any]:
    return {
        "campaigns": [{"level": level, "accounts": [{"account": name} for name in names]} for level, names in campaigns]
    }


def test_a_campaign_at_review_with_half_of_the_accounts_is_found() -> None:
    judged = judge(TRUTH, scan(("review", ["a0", "a1", "a2", "a3", "a4"])))
    assert (judged.found, judged.precision, judged.recall) == (1, 1.0, 0.5)


def test_fewer_than_half_of_the_accounts_or_a_lower_level_is_missed() -> None:
    assert judge(TRUTH, scan(("act", ["a0", "a1", "a2", "a3"]))).levels == {"operator-1": "missed"}
    judged = judge(TRUTH, scan(("watch", sorted(CAMPAIGN))))
    assert (judged.found, judged.precision, judged.recall) == (0, None, 0.0)


def test_a_made_up_campaign_costs_precision_and_names_whom_it_wrongs() -> None:
    judged = judge(TRUTH, scan(("act", sorted(CAMPAIGN)), ("review", ["c1", "c2", "p1"])))
    assert judged.levels == {"operator-1": "act"}
    assert judged.precision == 10 / 13
    assert judged.wronged["review"] == {"classroom": 2, "chat": 1}
    assert not judged.wronged["act"]
    assert judged.raised == {"act": 1, "review": 1}


def test_ordinary_traffic_has_no_recall() -> None:
    judged = judge(Truth({}, TRUTH.ordinary), scan(("act", ["c1", "c2"])))
    assert judged.recall is None
    assert judged.raised["act"] == 1
    assert judged.wronged["act"] == {"classroom": 2}
