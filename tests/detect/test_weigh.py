"""Bits are added within axes and families, each is capped, and a level follows."""

import pytest

from stillwatch.detect.evidence.line import Evidence, percent, scaled
from stillwatch.detect.weigh import (
    ACT_ACCOUNTS,
    ACT_BITS,
    AXIS_MOST,
    FAMILY_MOST,
    REVIEW_BITS,
    SPEAKS,
    WATCH_BITS,
    Weight,
    calibrated,
    weigh,
)


def _weight(*weights: tuple[str, float], accounts: int = 20) -> Weight:
    """Weigh lines named by ``family`` or ``family/axis``."""
    items = []
    for number, (name, bits) in enumerate(weights):
        family, _, axis = name.partition("/")
        items.append(Evidence(f"line-{number}", family, axis or family, "", "", bits, ""))
    return weigh(items, accounts)


GATEWAY = {
    "shared-payment": ("infrastructure", "payment", 5.4),
    "shared-network": ("infrastructure", "place", 3.0),
    "even-volumes": ("volume", "volume", 4.5),
    "elicitation": ("elicitation", "elicitation", 4.0),
    "payload-partition": ("coordination", "division", 3.0),
    "shared-rare-fingerprint": ("structure", "structure", 3.0),
    "narrow-capability": ("focus", "focus", -0.2),
}


def _named(lines: dict[str, tuple[str, str, float]]) -> Weight:
    items = [Evidence(name, family, axis, "", "", bits, "") for name, (family, axis, bits) in lines.items()]
    return weigh(items, 20)


def test_one_payer_with_all_that_a_gateway_shows_by_design_is_never_decided_without_a_person() -> None:
    assert _named(GATEWAY).bits >= ACT_BITS
    assert _named(GATEWAY).level == "review"


@pytest.mark.parametrize(
    "line",
    [
        ("signup-burst", "lifecycle", 5.0),
        ("narrow-capability", "focus", 2.5),
        ("two-mode", "evasion", 2.5),
        ("template-continuity", "evasion", 3.3),
    ],
)
def test_what_no_gateway_explains_makes_one_payer_a_campaign_again(line: tuple[str, str, float]) -> None:
    name, family, bits = line
    assert _named({**GATEWAY, name: (family, family, bits)}).level == "act"


def test_the_same_without_one_payer_is_no_gateway() -> None:
    lines = {**GATEWAY, "shared-payment": ("infrastructure", "payment", 0.0), "crowd": ("structure", "crowd", 5.0)}
    assert _named(lines).level == "act"


def test_families_are_added() -> None:
    assert _weight(("structure", 3.0), ("coordination", 5.0), ("explanation", -2.0)).bits == 6.0


def test_no_family_adds_more_than_its_cap_however_many_lines_it_has() -> None:
    found = _weight(*[("coordination", 6.0)] * 4)
    assert found.bits == FAMILY_MOST
    assert found.capped == 24.0 - FAMILY_MOST


@pytest.mark.parametrize(("axis", "family"), [("place", "infrastructure"), ("made", "lifecycle")])
def test_one_fact_seen_from_several_sides_is_capped_as_one_fact(axis: str, family: str) -> None:
    assert _weight(*[(f"{family}/{axis}", 4.0)] * 3).bits == AXIS_MOST[axis]


def test_an_axis_that_is_capped_leaves_the_rest_of_its_family_alone() -> None:
    found = _weight(("infrastructure/place", 6.0), ("infrastructure/payment", 5.0))
    assert found.bits == AXIS_MOST["place"] + 5.0


def test_weights_against_are_never_capped() -> None:
    assert _weight(("explanation", -14.0), ("infrastructure/place", -9.0)).bits == -23.0


def test_within_an_axis_an_innocent_fact_takes_from_a_suspicious_one_before_the_cap() -> None:
    assert _weight(("lifecycle/made", 5.0), ("lifecycle/made", -2.5)).bits == 2.5


def test_a_family_below_two_and_a_half_bits_does_not_speak() -> None:
    assert _weight(("structure", SPEAKS), ("focus", SPEAKS - 0.1)).speaking == ("structure",)


@pytest.mark.parametrize(
    ("bits", "level"),
    [(ACT_BITS, "act"), (ACT_BITS - 0.2, "review"), (REVIEW_BITS, "review"), (REVIEW_BITS - 0.2, "watch"),
     (WATCH_BITS, "watch"), (WATCH_BITS - 0.2, None), (0.0, None)],
)  # fmt: skip
def test_the_level_follows_from_the_sum(bits: float, level: str | None) -> None:
    assert _weight(("coordination", bits / 2), ("elicitation", bits / 2)).level == level


def test_one_family_alone_is_at_most_review() -> None:
    quiet = [(f"family-{number}", SPEAKS - 0.1) for number in range(6)]
    found = _weight(("coordination", FAMILY_MOST), *quiet)
    assert found.bits > ACT_BITS
    assert found.speaking == ("coordination",)
    assert found.level == "review"


def test_without_any_family_that_speaks_nothing_reaches_review() -> None:
    found = _weight(*[(f"family-{number}", SPEAKS - 0.1) for number in range(8)])
    assert found.bits > ACT_BITS
    assert found.level == "watch"


def test_few_accounts_are_never_decided_without_a_person() -> None:
    strong = (("coordination", 12.0), ("elicitation", 12.0))
    assert _weight(*strong, accounts=ACT_ACCOUNTS).level == "act"
    assert _weight(*strong, accounts=ACT_ACCOUNTS - 1).level == "review"


def test_no_evidence_is_no_suspicion() -> None:
    assert weigh((), 100) == Weight(0, None, {}, 0)


def test_a_group_that_chance_explains_is_not_decided_without_a_person() -> None:
    strong = _weight(("coordination", 12.0), ("elicitation", 12.0))
    assert calibrated(strong, 1e-6, discovered=True).level == "act"
    assert calibrated(strong, 0.2, discovered=False).level == "review"


def test_calibration_never_raises_a_level() -> None:
    weak = _weight(("coordination", 6.0), ("elicitation", 6.5))
    assert calibrated(weak, 1e-6, discovered=True).level == weak.level == "review"


def test_the_order_of_lines_does_not_matter() -> None:
    lines = (("infrastructure/place", 3.0), ("structure", 2.0), ("infrastructure/place", -1.5), ("explanation", -1.0))
    assert _weight(*lines) == _weight(*reversed(lines))


def test_a_share_over_two_accounts_is_not_believed_and_one_over_ten_is() -> None:
    assert [scaled(accounts) for accounts in (1, 2, 6, 10, 500)] == [0.0, 0.0, 0.5, 1.0, 1.0]


def test_small_shares_keep_a_decimal() -> None:
    assert [percent(share) for share in (0, 0.004, 0.0949, 0.095, 1)] == ["0 %", "0.4 %", "9.5 %", "10 %", "100 %"]


def test_what_other_members_say_never_makes_a_group_one_to_act_on() -> None:
    assert _weight(("peer", 8.0), ("coordination", 10.0)).level == "review"
    assert _weight(("peer", 8.0), ("coordination", 5.0), ("structure", 6.5)).level == "review"
    # A family of the provider's own that is full, and the word of others: still one family.
    one_family = _weight(("peer", 8.0), ("coordination/a", 7.0), ("coordination/b", 7.0))
    assert one_family.bits >= ACT_BITS
    assert one_family.level == "review"


def test_what_other_members_say_may_add_to_what_stands_without_it() -> None:
    assert _weight(("peer", 5.0), ("coordination", 7.0), ("structure", 6.0)).level == "act"
