"""What everybody has is left out with its reason, and what slips through is capped."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.match.common import CAP, CommonValues, Entry, capped, entries, everybodys, shipped
from stillwatch.match.identifiers import Identifier, Listed, canonical

LIST = CommonValues(
    [
        Entry("carrier-nat", "ipv4", "203.0.113.0/26"),
        Entry("privacy-network", "ipv4", "203.0.113.7"),
        Entry("privacy-network", "ipv6", "2001:db8:7::/48"),
        Entry("reseller", "asn", "AS64500"),
        Entry("other", "ipv4", "no network"),
        Entry("free-mail", "domain", "co.uk"),
    ]
)


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("ipv4", "203.0.113.63", "carrier-nat"),
        ("ipv4", "203.0.113.7", "carrier-nat"),
        ("ipv4", "203.0.113.64", None),
        ("ipv4", "203.0.112.255", None),
        ("ipv4-24", "203.0.113.200", "carrier-nat"),
        ("ipv6-64", "2001:db8:7:1::1", "privacy-network"),
        ("ipv6-64", "2001:db8:8::", None),
        ("asn", "64500", "reseller"),
        ("asn", "64501", None),
    ],
)
def test_an_identifier_is_common_where_the_list_says_so(kind, value, why):
    assert LIST.kind(canonical(kind, value)) == why


def test_entries_that_cannot_be_used_are_named_by_their_place():
    assert [reject.line for reject in LIST.rejected] == [5, 6]


def test_free_mail_is_common_as_a_domain_and_a_mailbox_there_is_not():
    values = shipped()
    assert values.rejected == ()
    assert values.kind(canonical("domain", "GoogleMail.com")) == "free-mail"
    assert values.kind(canonical("domain", "example.org")) is None
    assert values.kind(canonical("email", "jane@gmail.com")) is None


def test_what_is_common_is_left_out_with_its_kind_and_nothing_gets_lost():
    listed = [Listed(identifier=canonical("ipv4", f"203.0.113.{host}")) for host in (1, 100, 102)]
    kept, left = LIST.split(listed)
    assert [each.identifier.text for each in kept] == ["203.0.113.100", "203.0.113.102"]
    assert [(each.identifier.text, each.kind) for each in left] == [("203.0.113.1", "carrier-nat")]


@given(st.lists(st.tuples(st.integers(0, 2**12 - 1), st.integers(20, 32)), max_size=12), st.integers(0, 2**12 - 1))
def test_nested_and_repeated_ranges_answer_as_if_each_were_asked(ranges, host):
    import ipaddress

    base = int(ipaddress.IPv4Address("198.51.0.0"))
    networks = [ipaddress.IPv4Network((base + start, bits), strict=False) for start, bits in ranges]
    values = CommonValues(Entry("other", "ipv4", str(network)) for network in networks)
    address = ipaddress.IPv4Address(base + host)
    expected = any(address in network for network in networks)
    assert (values.kind(Identifier("ipv4", str(address).encode())) is not None) == expected


def test_counts_stop_at_the_cap_and_a_value_of_half_of_the_members_is_everybodys():
    assert [capped(count) for count in (0, CAP, CAP + 1, 10**9)] == [0, CAP, CAP, CAP]
    assert everybodys(6, 12)
    assert not everybodys(6, 13)
    assert not everybodys(5, 5)


def test_a_list_with_a_field_that_nobody_knows_is_refused():
    with pytest.raises(msgspec.ValidationError):
        entries(b'{"version": 1, "about": "", "entries": [], "customers": []}')
