"""What was written is told from what was computed, and honest values are all but never wronged."""

import base64
import hashlib
import uuid

import pytest

from stillwatch.guard import looks, rules
from stillwatch.guard.known import NAMESPACE


def test_fewer_than_one_in_fifty_thousand_computed_values_looks_written():
    ids = sum(looks.written(uuid.uuid5(NAMESPACE, str(one)).hex) for one in range(200_000))
    digests = sum(looks.written(hashlib.sha256(str(one).encode()).hexdigest()) for one in range(200_000))
    drawn = (base64.b64encode(hashlib.sha512(str(one).encode()).digest()).decode() for one in range(200_000))
    signatures = sum(rules.base64_signature(one) is not None for one in drawn)
    assert max(ids, digests, signatures) <= 4


@pytest.mark.parametrize(
    "text",
    [b"customer: Northwind Traders, spend 1840000 this year, price 4.25", b"capacity".ljust(64, b"\0"), b"4" * 64],
    ids=["words", "padded", "figures"],
)
def test_a_signature_that_is_a_text_is_no_signature(text):
    assert rules.base64_signature(base64.b64encode(text).decode()) is not None
    assert rules.base64_signature(base64.b64encode(hashlib.sha512(text).digest()).decode()) is None


REST = hashlib.sha256(b"rest").hexdigest()


@pytest.mark.parametrize(
    "digits",
    ["4242424242424242", "deadbeefdeadbeef", "0123456789abcdef", b"customer".hex(), b"4.25/1M 4,250.00".hex()],
    ids=["card", "pattern", "counted", "word", "price"],
)
def test_a_digest_that_begins_with_a_pattern_a_word_or_a_figure_is_written(digits):
    assert rules.digest((digits + REST)[:64]) is not None
    assert rules.digest(REST) is None


def test_a_ja4_print_has_digests_that_were_computed():
    assert rules.ja4(f"t13d1516h2_{REST[:12]}_{REST[12:24]}") is None
    assert rules.ja4(f"t13d1500h2_{REST[:12]}_000000000000") is None
    for first, second in (("000000012500", "000000004200"), ("424242424242", "424242424242")):
        assert rules.ja4(f"t13d1516h2_{first}_{second}") is not None
    spelt = b"Acme pays 42".hex()
    assert rules.ja4(f"t13d1516h2_{spelt[:12]}_{spelt[12:]}") is not None


@pytest.mark.parametrize(
    "text", ["four two four two four two four two", "Seen: pr1c3 four", "one, double two, three, four, five"]
)
def test_figures_in_words_and_figures_for_letters_are_seen_through(text):
    assert looks.text_fault(text) is not None


@pytest.mark.parametrize("name", ["Counsel 2", "Ada Example", "A. B. Example", "Jean-Luc O'Example", "Analyst"])
def test_names_and_roles_read_as_persons(name):
    assert looks.person(name)


@pytest.mark.parametrize(
    "name", ["", "jane.doe@customer.example", "Counsel 4250", "price", "Ada\u200b", "Аda", "A " * 9]
)
def test_what_is_no_name_does_not_read_as_a_person(name):
    assert not looks.person(name)


def test_two_honest_sentences_may_be_approved():
    for text in (
        "Two networks look alike; see the sighting.",
        "We saw the same template on 3 days (not on weekends).",
        "One or two accounts a minute, from three of four networks.",
        "SW-T16 over IPv6 and HTTP2, on T4 and 2x hosts.",
    ):
        assert looks.text_fault(text) is None


def test_only_wide_public_networks_may_be_named_where_a_clause_lets_networks_through():
    assert rules.network("9.9.9.0/24") is None
    for narrow in ("9.9.9.9/32", "9.9.9.9", "10.0.0.0/8", "09.9.9.0/24", 42):
        assert rules.network(narrow) is not None
