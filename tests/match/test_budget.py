"""Budgets hold a search back for years, are charged whole or not at all, and can't be stretched by what is refused."""

import math

from hypothesis import given
from hypothesis import strategies as st

from stillwatch.match.budget import ALLOWANCES, SPACES, Charged, Declined, charge, years_to_search
from stillwatch.match.identifiers import TYPES, Identifier, canonical


def test_every_type_has_a_budget_and_one_member_needs_ten_years_for_whatever_can_be_counted():
    assert set(ALLOWANCES) == set(TYPES)
    years = {kind: years_to_search(kind, ALLOWANCES[kind]) for kind in SPACES}
    assert min(years.values()) > 10, years
    assert years_to_search("template", ALLOWANCES["template"]) is None


def test_members_that_pool_their_budgets_divide_the_time():
    alone = years_to_search("ipv4-24", ALLOWANCES["ipv4-24"])
    assert math.isclose(years_to_search("ipv4-24", ALLOWANCES["ipv4-24"], members=50), alone / 50)


def test_the_space_of_addresses_is_what_canonical_lets_in_but_for_the_range_that_nobody_has():
    fit = sum(isinstance(canonical("ipv4-24", f"{a}.{b}.0.0/24"), Identifier) for a in range(240) for b in range(256))
    third = sum(isinstance(canonical("ipv4-24", f"192.0.{c}.0/24"), Identifier) for c in range(256))
    refused_24s = 2  # 192.0.0.0/24 and 192.88.99.0/24; the first spoils its /16 in `fit`
    assert third == 255
    assert SPACES["ipv4-24"] == (fit + 1) * 256 - refused_24s
    assert SPACES["ipv4"] == SPACES["ipv4-24"] * 256


@given(st.lists(st.integers(-5, 50), max_size=30), st.integers(0, 200))
def test_whatever_is_asked_in_whatever_order_no_more_is_paid_than_allowed(requests, allowed):
    spent, paid = 0, 0
    for units in requests:
        match charge(spent, units, allowed):
            case Charged(now, left):
                assert (now, left) == (spent + units, allowed - spent - units)
                spent, paid = now, paid + units
            case Declined(_, left):
                assert units < 1 or units > left
    assert spent == paid <= allowed


def test_what_is_declined_says_what_is_left():
    declined = charge(90, 20, 100)
    assert isinstance(declined, Declined)
    assert declined.left == 10
    assert "20 units and 10 are left" in declined.reason
