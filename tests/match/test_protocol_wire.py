"""Messages survive the wire, damaged ones are refused, and nothing secret gets into a log by accident."""

from functools import cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protocol_world import NOW, items, started, world

from stillwatch.match.faults import MalformedError
from stillwatch.match.group import ONE, Scalar, columns, from_hash, inverse, inverses, product
from stillwatch.match.voprf import derive_key
from stillwatch.match.wire import MOST, Evaluate, encode, reply, request


@cache
def transcript() -> list[tuple[bytes, bytes]]:
    parties = world()
    parties.match("member-1", "domain", items("a.test", "b.test"), NOW)
    parties.match("member-2", "domain", items("b.test"), NOW)
    return [(out.body, answer) for _, out, answer in parties.transcript]


def test_every_message_of_a_session_comes_back_from_its_bytes() -> None:
    kinds = set()
    for asked, answered in transcript():
        assert encode(request(asked)) == asked
        assert encode(reply(answered)) == answered
        kinds |= {type(request(asked)).__name__, type(reply(answered)).__name__}
    assert kinds == {"Evaluate", "Evaluated", "Check", "Checked", "Upload", "Uploaded", "Ask", "Answers"}


@settings(max_examples=100, deadline=None)
@given(number=st.integers(0, 11), cut=st.integers(1, 400))
def test_a_message_cut_short_is_refused(number: int, cut: int) -> None:
    asked, answered = transcript()[number]
    for body, read in ((asked, request), (answered, reply)):
        with pytest.raises(MalformedError):
            read(body[: max(0, len(body) - cut)])


def test_a_request_is_no_reply_and_a_reply_no_request() -> None:
    for asked, answered in transcript():
        with pytest.raises(MalformedError):
            reply(asked)
        with pytest.raises(MalformedError):
            request(answered)


def test_a_session_costs_less_than_250_bytes_for_an_identifier_and_little_beside() -> None:
    parties = world()
    parties.match("member-1", "domain", items(*(f"{number}.test" for number in range(1_000))), NOW)
    assert sum(len(out.body) + len(answer) for _, out, answer in parties.transcript) < 250 * 1_000


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_a_batch_is_neither_empty_nor_longer_than_a_proof_can_number(count: int) -> None:
    with pytest.raises(MalformedError):
        Evaluate(bytes(16), "2026-03", "domain", "", bytes(32), bytes(32 * count))


def test_ids_points_and_columns_of_another_length_are_refused() -> None:
    for session, points in ((b"short", bytes(32)), (bytes(16), bytes(33))):
        with pytest.raises(MalformedError):
            Evaluate(session, "2026-03", "domain", "", bytes(32), points)
    for wrong in (lambda: columns(bytes(33)), lambda: from_hash(bytes(32))):
        with pytest.raises(MalformedError):
            wrong()


def test_a_session_prints_neither_secrets_nor_identifiers() -> None:
    session = started(world().epoch, items("recognisable.test"))
    for text in (repr(session), str(session), f"{session!r}"):
        assert "recognisable" not in text
        assert repr(session.secret) not in text
    assert b"recognisable" in session.encoded()  # it is in there; it only does not print


def test_a_message_with_more_fields_than_it_has_is_refused() -> None:
    asked = msgspec.msgpack.decode(transcript()[0][0])
    with pytest.raises(MalformedError):
        request(msgspec.msgpack.encode([*asked, "more"]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(min_size=32, max_size=32), max_size=6))
def test_inverting_many_scalars_at_once_inverts_each(seeds: list[bytes]) -> None:
    scalars = [derive_key(seed, b"") for seed in seeds]
    found = inverses(scalars)
    assert found == [inverse(one) for one in scalars]
    assert all(product(one, other) == ONE for one, other in zip(scalars, found, strict=True))


def test_one_and_minus_one_are_their_own_inverses() -> None:
    minus_one = Scalar((2**252 + 27742317777372353535851937790883648492).to_bytes(32, "little"))
    assert inverses([ONE, minus_one]) == [ONE, minus_one]
