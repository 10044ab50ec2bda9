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


@pytest.mark.parametrize("name", ["Counsel 2", "Ada Example", "A. B. Example", "Jean-Luc O'Example", "Analyst"])
def test_names_and_roles_read_as_persons(name):
    assert looks.person(name)


@pytest.mark.parametrize(
    "name", ["", "jane.doe@customer.example", "Counsel 4250", "price", "Ada\u200b", "Аda", "A " * 9]
)
def test_what_is_no_name_does_not_read_as_a_person(name):
    assert not looks.person(name)


def test_two_honest_sentences_may_be_approved():
    for text in ("Two networks look alike; see the sighting.", "We saw the same template on 3 days (not on weekends)."):
        assert looks.text_fault(text) is None


def test_only_wide_public_networks_may_be_named_where_a_clause_lets_networks_through():
    assert rules.network("9.9.9.0/24") is None
    for narrow in ("9.9.9.9/32", "9.9.9.9", "10.0.0.0/8", "09.9.9.0/24", 42):
        assert rules.network(narrow) is not None
