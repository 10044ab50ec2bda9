"""Two campaigns: what they share, and when one begins, against sharing by accident."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from stillwatch.attribute import overlap
from stillwatch.attribute.inputs import SIDES
from stillwatch.attribute.overlap import LATENCY_HOURS, MOST_BITS, RATES, REPLACES, Trail, linked, replaced, signs
from stillwatch.match.identifiers.kinds import TYPES

START = datetime(2026, 6, 1, tzinfo=UTC)
SCAN = (START, START + timedelta(days=28))


def trail(first: float = 2.0, last: float = 8.0, *, blocked: float | None = None, **values: set[str]) -> Trail:
    held = {type_.replace("_", "-"): frozenset(mine) for type_, mine in values.items()}
    moment = None if blocked is None else START + timedelta(days=blocked)
    return Trail(held, START + timedelta(days=first), START + timedelta(days=last), *SCAN, moment)


def one_hand(one: Trail, other: Trail) -> float:
    return linked(signs(one, other))["one-hand"]


def test_every_identifier_type_has_rates_and_one_hand_shares_more_than_chance() -> None:
    for types in SIDES.values():
        for type_ in types:
            assert RATES[type_].again > RATES[type_].chance


@pytest.mark.parametrize("type_", sorted(RATES))
def test_the_expected_likelihood_ratio_of_strangers_is_one_for_every_type(type_: str) -> None:
    """Under `unrelated`, E[P(seen | one hand) / P(seen | unrelated)] = 1: the ratio is that of two distributions."""
    name = type_.replace("-", "_")
    apart = signs(trail(**{name: {"a"}}), trail(**{name: {"b"}}))[0].bits["one-hand"]
    alike = signs(trail(**{name: {"a"}}), trail(**{name: {"a"}}))[0].bits["one-hand"]
    chance = RATES[type_].chance
    exact = chance * 2**alike + (1 - chance) * 2**apart
    assert exact <= 1.0 + 1e-9
    if alike < MOST_BITS:
        assert math.isclose(exact, 1.0, rel_tol=1e-6)


def test_the_expected_likelihood_ratio_of_a_beginning_at_any_time_is_at_most_one() -> None:
    earlier = trail(1, 6)
    hours = (SCAN[1] - SCAN[0]).total_seconds() / 3600
    steps = [replaced(earlier, trail(at / 24, 28)) for at in range(24, int(hours))]
    mean = sum(2 ** sign.bits["one-hand"] for sign in steps if sign is not None) / hours
    assert mean <= 1.0
    assert mean > 0.9 * (1 - REPLACES)


def test_a_shared_card_links_and_a_shared_client_or_carrier_does_not() -> None:
    assert one_hand(trail(payment_fingerprint={"fp1"}), trail(payment_fingerprint={"fp1", "fp2"})) > 0.9
    assert one_hand(trail(client_shape={"c"}), trail(client_shape={"c"})) < 0.5
    assert one_hand(trail(asn={"64500"}), trail(asn={"64500"})) < 0.5


def test_a_common_template_speaks_for_a_common_tool_as_much_as_for_one_hand() -> None:
    found = linked(signs(trail(template={"ab"}), trail(template={"ab"})))
    assert found["common-tool"] > found["one-hand"]
    assert found["unrelated"] < 0.1


def test_common_addresses_alone_speak_for_a_common_way_out() -> None:
    found = linked(signs(trail(ipv4={"192.0.2.1"}), trail(ipv4={"192.0.2.1"})))
    assert found["common-way-out"] > found["one-hand"]


def test_the_larger_the_campaigns_the_less_one_common_value_means() -> None:
    def both(count: int) -> float:
        one, other = ({f"{side}{n}" for n in range(count)} | {"same"} for side in "ab")
        return signs(trail(ipv4=one), trail(ipv4=other))[0].bits["one-hand"]

    assert both(2) >= both(50) > both(2_000)


def test_nothing_in_common_speaks_against_one_hand_where_both_sides_were_recorded() -> None:
    assert one_hand(trail(payment_fingerprint={"a"}), trail(payment_fingerprint={"b"})) < overlap.PRIOR["one-hand"]
    assert signs(trail(payment_fingerprint={"a"}), trail(first=1, last=28)) == []


def test_addresses_and_their_networks_count_once() -> None:
    more = {"ipv4": {"192.0.2.1"}, "ipv4_24": {"192.0.2.0/24"}, "asn": {"64500"}}
    assert one_hand(trail(**more), trail(**more)) == one_hand(trail(ipv4={"192.0.2.1"}), trail(ipv4={"192.0.2.1"}))


def test_a_beginning_within_hours_of_a_block_speaks_for_one_hand_and_one_before_it_against() -> None:
    blocked = trail(1, 9, blocked=6.0)
    soon, late, before = (replaced(blocked, trail(at, 20)) for at in (6.1, 18.0, 5.0))
    assert soon is not None
    assert late is not None
    assert before is not None
    assert soon.bits["one-hand"] > 2.0
    assert late.bits["one-hand"] < 0.0
    assert math.isclose(before.bits["one-hand"], math.log2(1 - REPLACES))


def test_a_campaign_that_may_still_run_was_not_replaced() -> None:
    assert replaced(trail(1, 27.9), trail(28, 28)) is None


def test_times_alone_never_join_two_campaigns() -> None:
    assert one_hand(trail(1, 9, blocked=6.0), trail(6 + 0.01, 12)) < 0.8
    assert LATENCY_HOURS > 1


def test_no_single_sign_weighs_more_than_the_cap() -> None:
    values = {"payment_fingerprint": {"a"}, "ipv4": {"b"}, "template": {"c"}, "client_shape": {"d"}}
    for sign in signs(trail(1, 5, blocked=5.0, **values), trail(5.001, 9, **values)):
        assert max(map(abs, sign.bits.values())) <= MOST_BITS


def test_the_identifier_types_are_those_of_private_matching() -> None:
    assert {type_ for types in SIDES.values() for type_ in types} == set(TYPES)
