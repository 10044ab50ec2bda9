"""One spelling per identifier: what is published must come out, and what would wrong somebody must not go in."""

import hashlib
import json
import random
import uuid
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.match.identifiers import TYPES, VERSION, Identifier, Unfit, canonical, read

PUBLISHED = json.loads(resources.files("stillwatch.match.identifiers").joinpath("vectors.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", PUBLISHED["vectors"], ids=lambda vector: f"{vector['type']}:{vector['given']!a}")
def test_what_is_published_comes_out(vector):
    spelt = canonical(vector["type"], vector["given"])
    if "refused" in vector:
        assert isinstance(spelt, Unfit)
        assert vector["refused"] in spelt.reason
        return
    assert spelt == Identifier(vector["type"], vector["canonical"].encode("ascii"))
    assert spelt.text == vector["canonical"]
    if "message" in vector:
        assert spelt.message == vector["message"].encode("ascii")


def test_the_vectors_show_every_type_spelt_and_refused_in_the_version_of_the_code():
    spelt = {vector["type"] for vector in PUBLISHED["vectors"] if "message" in vector}
    refused = {vector["type"] for vector in PUBLISHED["vectors"] if "refused" in vector}
    assert (spelt, refused - {"customer"}) == (set(TYPES), set(TYPES))
    assert PUBLISHED["version"] == VERSION


@given(st.sampled_from(TYPES), st.text(max_size=60) | st.ip_addresses().map(str) | st.emails())
def test_a_spelling_spelt_again_is_the_same_and_a_reason_never_repeats_the_value(kind, value):
    spelt = canonical(kind, value)
    if isinstance(spelt, Identifier):
        assert canonical(kind, spelt.text) == spelt
    else:
        assert len(value) < 9 or value not in spelt.reason


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_every_address_of_a_64_is_the_same_identifier(address, host):
    neighbour = type(address)((int(address) >> 64 << 64) + host)
    one, other = canonical("ipv6-64", str(address)), canonical("ipv6-64", str(neighbour))
    assert one == other or isinstance(one, Unfit) or isinstance(other, Unfit)


def test_no_card_number_enters_whatever_stands_between_its_digits():
    dice = random.Random(5)
    for length in range(13, 20):
        for _ in range(200):
            card = _with_check_digit([dice.randint(1, 9)] + [dice.randint(0, 9) for _ in range(length - 2)])
            joint = dice.choice(("", " ", "-", "."))
            groups = joint.join(card[place : place + 4] for place in range(0, length, 4))
            before = dice.choice(("", "card:", "pan=", "visa", "#"))
            spelt = canonical(dice.choice(("payment-fingerprint", "signup-print")), before + groups)
            assert isinstance(spelt, Unfit), before + groups


def test_fewer_than_one_in_five_thousand_honest_prints_is_taken_for_a_card_number():
    refused = 0
    for number in range(50_000):
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        for issued in (digest[:16], digest, f"fp_{digest[:12]}", str(uuid.UUID(digest[:32]))):
            refused += isinstance(canonical("payment-fingerprint", issued), Unfit)
    assert refused <= 200_000 / 5_000


def test_one_in_ten_prints_of_digits_alone_is_taken_for_a_card_number_as_the_page_says():
    dice = random.Random(6)
    prints = [str(dice.randrange(10**15, 10**16)) for _ in range(5_000)]
    refused = sum(isinstance(canonical("payment-fingerprint", each), Unfit) for each in prints)
    assert 400 < refused < 600
    assert all(isinstance(canonical("payment-fingerprint", each + "x"), Identifier) for each in prints)


def test_a_list_keeps_each_identifier_once_with_what_its_lines_say_of_it():
    lines = [
        '{"type": "email", "value": "A.b+1@gmail.com", "campaign": "c-1", "accounts": 2, "exchanges": 10, '
        '"first_seen": "2026-07-02T00:00:00Z", "last_seen": "2026-07-03T00:00:00Z"}',
        '{"type": "email", "value": "ab@googlemail.com", "campaign": "c-2", "accounts": 1, "exchanges": 90, '
        '"first_seen": "2026-07-01T00:00:00Z", "last_seen": "2026-07-02T00:00:00Z"}',
    ]
    (listed,) = read("watchlist.jsonl", lines).listed
    assert (listed.identifier, listed.campaign) == (Identifier("email", b"ab@gmail.com"), "c-2")
    assert (listed.accounts, listed.exchanges) == (2, 90)
    assert (listed.first_seen, listed.last_seen) == ("2026-07-01T00:00:00Z", "2026-07-03T00:00:00Z")


def test_what_cannot_be_read_is_left_out_with_its_place_and_never_shown():
    card = "4111 1111 1111 1111"
    lines = [
        '{"type": "ipv4", "value": "198.51.100.7"}',
        "",
        "no JSON " + card,
        '{"type": "payment-fingerprint", "value": "' + card + '"}',
        '{"type": "ipv4", "value": 4111111111111111}',
        '{"type": "' + card + '", "value": "x"}',
        '{"type": "ipv4", "value": "198.51.100.8", "accounts": -1}',
    ]
    reading = read("list.jsonl", lines)
    assert [each.text for each in reading.identifiers] == ["198.51.100.7"]
    assert [reject.line for reject in reading.rejected] == [3, 4, 5, 6, 7]
    assert all("4111" not in reject.reason for reject in reading.rejected)


def test_json_may_write_a_number_as_a_number_or_a_count_as_text_and_digits_in_quotes_keep_their_zeros():
    lines = (
        '{"type": "asn", "value": 64500}',
        '{"type": "template", "value": "0000000000000012", "accounts": "3", "exchanges": 7}',
    )
    asn, template = read("list.jsonl", lines).listed
    assert asn.identifier == Identifier("asn", b"64500")
    assert template.identifier == Identifier("template", b"0000000000000012")
    assert (template.accounts, template.exchanges) == (3, 7)


@pytest.mark.parametrize("between", ["_", "/", ":", "=", "--", "..", "_-_"])
@pytest.mark.parametrize("card", ["4111 1111 1111 1111", "3782 822463 10005"])
def test_a_card_number_is_refused_whatever_stands_between_its_groups(between, card):
    spelt = canonical("payment-fingerprint", f"tok_{card.replace(' ', between)}")
    assert isinstance(spelt, Unfit)
    assert "card number" in spelt.reason


def test_a_spreadsheet_with_a_byte_order_mark_and_empty_cells_is_read():
    lines = ["\ufefftype,value,accounts,note\n", "asn,AS64500,,x\n", 'domain,"www.example.org",3,\n', "asn,,1,\n"]
    reading = read("LIST.CSV", lines)
    assert [(each.identifier.text, each.accounts) for each in reading.listed] == [("64500", None), ("example.org", 3)]
    assert [reject.line for reject in reading.rejected] == [4]


def test_a_spreadsheet_may_have_capitals_in_its_heading_and_spaces_behind_its_commas():
    reading = read("list.csv", ["Type, Value, Note\n", "asn, AS64500, x\n"])
    assert [each.identifier.text for each in reading.listed] == ["64500"]


def _with_check_digit(digits: list[int]) -> str:
    """The number with the digit behind it that completes Luhn's sum, computed another way than the code."""
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(reversed(digits))]
    return "".join(map(str, digits)) + str(-sum(doubled) % 10)
