"""A leaf has one spelling and no room for content."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_world import NOON, leaf

from stillwatch.guard.ledger import Leaf, LeafError, decode, digest, encode
from stillwatch.guard.ledger.leaves import (
    CheckpointCosigned,
    Corrected,
    CovertTreatment,
    Decided,
    MatchingAlarmed,
    MatchingCommitted,
    MatchingKeyChanged,
    MembershipChanged,
    Refused,
    Retracted,
)

WHO: dict[str, Any] = {"time": NOON, "actor": "member-1"}
BODY = digest(b"body")
EVERY: list[Leaf] = [
    leaf(0),
    leaf(1),
    Refused(
        **WHO, item="campaign--1", body=digest(b"x", b"key"), agreement="a/1", clauses=("c",), recipient="g", held=True
    ),
    Decided(**WHO, case="case-7", action="throttle", grounds=BODY),
    Corrected(**WHO, item="indicator--1", body=BODY, replaces=digest(b"old")),
    Retracted(**WHO, item="indicator--1", replaces=BODY),
    MembershipChanged(**WHO, member="member-9", change="admitted", role="analyst", key=BODY),
    CheckpointCosigned(**WHO, size=7, checkpoint=BODY, signature=BODY),
    MatchingKeyChanged(**WHO, epoch="2026-11", type="ipv4", change="opened", key="ab" * 32, description=BODY),
    MatchingCommitted(**WHO, epoch="2026-11", type="ipv4", session="c0ffee", step="evaluate", units=1_000, batch=BODY),
    MatchingAlarmed(**WHO, member="member-9", epoch="2026-11", type="ipv4", rule="few-matches-at-full-budget"),
    CovertTreatment(
        **WHO, case="case-7", treatment="slower", grounds=BODY, approved_by=("person-1", "person-2"), until=NOON
    ),
]


@pytest.mark.parametrize("entry", EVERY, ids=lambda entry: type(entry).__name__)
def test_every_kind_of_leaf_reads_back_as_it_was_written(entry: Leaf) -> None:
    data = encode(entry)
    assert decode(data) == entry
    assert encode(decode(data)) == data


def test_there_are_twelve_kinds_of_leaf_and_all_are_tried_here() -> None:
    assert {type(entry) for entry in EVERY} == set(Leaf.__args__)
    assert len(EVERY) == 12


@pytest.mark.parametrize(
    "word", ["two words", "someone@example.org", "", "line\n", "x" * 201, "gèn", "<b>", "{}", "50%", "\u202eabc"]
)
def test_no_name_in_a_leaf_can_hold_a_sentence_or_an_address(word: str) -> None:
    with pytest.raises(LeafError):
        encode(msgspec.structs.replace(leaf(1), actor=word))


@pytest.mark.parametrize("word", ["body", "sha256:", "sha256:" + "A" * 64, "sha256:" + "0" * 63, "md5:" + "0" * 64])
def test_a_body_is_named_by_a_whole_digest_alone(word: str) -> None:
    with pytest.raises(LeafError):
        encode(msgspec.structs.replace(leaf(1), body=word))


def test_a_field_that_the_schema_does_not_know_is_refused() -> None:
    data = encode(leaf(1))
    with pytest.raises(LeafError, match="unknown field"):
        decode(data[:-1] + b',"zzz":1}')


@pytest.mark.parametrize("change", [(b":", b": "), (b"Z", b"+00:00"), (b'{"actor"', b'{"actor":"x","actor"')])
def test_another_spelling_of_a_leaf_is_refused(change: tuple[bytes, bytes]) -> None:
    data = encode(leaf(1))
    with pytest.raises(LeafError):
        decode(data.replace(change[0], change[1], 1))


def test_a_time_without_utc_is_refused() -> None:
    for time in (datetime(2026, 7, 1, 12), datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))):
        with pytest.raises(LeafError):
            encode(msgspec.structs.replace(leaf(1), time=time))


def test_covert_treatment_needs_two_people() -> None:
    with pytest.raises(ValueError, match="two different people"):
        CovertTreatment(**WHO, case="c", treatment="t", grounds=BODY, approved_by=("Person-1", "person-1"), until=NOON)
    data = encode(EVERY[-1]).replace(b"person-2", b"person-1")
    with pytest.raises(LeafError, match="two different people"):
        decode(data)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_leaf_or_refused_and_nothing_else(data: bytes) -> None:
    with pytest.raises(LeafError):
        decode(data)


def test_a_digest_under_a_key_can_not_be_guessed_without_it() -> None:
    assert digest(b"yes", b"key") != digest(b"yes", b"other")
    assert digest(b"yes", b"key").startswith("hmac-sha256:")
    assert digest(b"").endswith("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")


def test_a_leaf_as_a_person_reads_it() -> None:
    assert encode(Decided(time=datetime(2026, 7, 1, tzinfo=UTC), actor="m", case="c", action="hold", grounds=BODY)) == (
        b'{"action":"hold","actor":"m","case":"c","grounds":"' + BODY.encode() + b'","kind":"decision",'
        b'"time":"2026-07-01T00:00:00Z"}'
    )
