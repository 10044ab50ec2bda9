"""A holder that errs is seen and named, and what is malformed, stale or replayed is refused."""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protocol_world import NOW, items, started, world

from stillwatch.match.faults import MalformedError, ProofError, RefusedError, ReplayError, StaleEpochError
from stillwatch.match.group import GENERATOR, IDENTITY, ORDER, Scalar, base, point, times
from stillwatch.match.local import BothHoldersInOneProcess
from stillwatch.match.proofs import coins, prove, verify, weighted
from stillwatch.match.session import Outgoing, Session, run
from stillwatch.match.voprf import derive_key, hash_to_group
from stillwatch.match.wire import Check, Checked, Evaluate, Evaluated, Receipt, Refused, commitment, encode, reply

OTHER = derive_key(bytes(32), b"not the published key")
Change = Callable[[Outgoing, bytes], bytes]


def session(parties: BothHoldersInOneProcess, count: int = 4, *, audit: bool = False) -> Session:
    return started(parties.epoch, items(*(f"{number}.test" for number in range(count))), audit=audit)


def through(parties: BothHoldersInOneProcess, start: Session, change: Change) -> Session:
    """A session in which somebody between member and holders changes replies."""
    return run(start, lambda out: change(out, parties.send("member-1", out)))


def at(step: str, changed: Callable[[Evaluated], Evaluated] | Callable[[Checked], Checked]) -> Change:
    def change(out: Outgoing, body: bytes) -> bytes:
        return encode(changed(reply(body))) if out.step == step else body  # type: ignore[arg-type]

    return change


def one_wrong(position: int) -> Callable[[Evaluated], Evaluated]:
    """One evaluation, made with another key."""

    def changed(said: Evaluated) -> Evaluated:
        wrong = times(OTHER, said.points[32 * position : 32 * position + 32])
        points = said.points[: 32 * position] + wrong + said.points[32 * position + 32 :]
        return msgspec.structs.replace(said, points=points)

    return changed


@pytest.mark.parametrize("audit", [False, True])
@pytest.mark.parametrize("holder", ["forum", "trustee"])
def test_one_wrong_evaluation_among_hundreds_is_seen_and_its_holder_named(holder: str, audit: bool) -> None:
    parties = world()
    with pytest.raises(ProofError) as caught:
        through(parties, session(parties, 300, audit=audit), at(holder, one_wrong(137)))
    assert caught.value.holder == holder


def test_one_wrong_point_of_a_thousand_is_seen_wherever_it_stands() -> None:
    key = derive_key(bytes(32), b"published")
    asked = [hash_to_group(b"%d" % number) for number in range(1000)]
    done = [times(key, one) for one in asked]
    weights = coins(bytes(32), done)
    assert weighted(weights, done) == times(key, weighted(weights, asked))
    for place in (0, 1, 137, 499, 998, 999):
        wrong = [*done[:place], times(OTHER, asked[place]), *done[place + 1 :]]
        weights = coins(bytes(32), wrong)
        assert weighted(weights, wrong) != times(key, weighted(weights, asked))


def test_two_evaluations_swapped_are_seen() -> None:
    parties = world()

    def swapped(said: Evaluated) -> Evaluated:
        return msgspec.structs.replace(said, points=said.points[32:64] + said.points[:32] + said.points[64:])

    with pytest.raises(ProofError):
        through(parties, session(parties), at("trustee", swapped))


def test_errors_that_would_cancel_without_weights_are_seen() -> None:
    key = derive_key(bytes(32), b"published")
    good = [times(key, hash_to_group(b"%d" % number)) for number in range(2)]
    items_ = [hash_to_group(b"%d" % number) for number in range(2)]
    unit = Scalar((1).to_bytes(32, "little"))
    assert weighted([unit, unit], good) == weighted([unit, unit], good[::-1])  # swapping keeps the plain sum
    weights = coins(bytes(32), good[::-1])
    assert weighted(weights, good[::-1]) != times(key, weighted(weights, items_))


def test_the_coins_follow_from_the_secret_and_from_every_answer() -> None:
    answers = [hash_to_group(b"a"), hash_to_group(b"b")]
    before = coins(bytes(32), answers)
    assert before == coins(bytes(32), answers)
    assert not set(before) & set(coins(bytes(31) + b"\x01", answers))
    assert not set(before) & set(coins(bytes(32), [answers[0], hash_to_group(b"c")]))


@pytest.mark.parametrize("step", ["forum-check", "trustee-check"])
def test_a_weighted_sum_without_its_proof_is_refused(step: str) -> None:
    parties = world()

    def wrong_sum(said: Checked) -> Checked:
        return msgspec.structs.replace(said, point=times(OTHER, said.point))

    def wrong_proof(said: Checked) -> Checked:
        return msgspec.structs.replace(said, proof=said.proof[:32] + OTHER)

    for change in (wrong_sum, wrong_proof):
        with pytest.raises(ProofError) as caught:
            through(parties, session(parties), at(step, change))
        assert caught.value.holder == step.removesuffix("-check")


def test_an_audit_needs_no_sum_and_ends_with_the_same_labels() -> None:
    parties = world()
    plain, audited = (
        through(parties, session(parties, audit=audit), lambda out, body: body) for audit in (False, True)
    )
    assert plain.labels == audited.labels
    assert [out.step for _, out, _ in parties.transcript].count("forum-check") == 1


def test_nothing_is_uploaded_before_the_check_holds() -> None:
    parties = world()
    with pytest.raises(ProofError):
        through(parties, session(parties), at("trustee", one_wrong(0)))
    assert [out.step for _, out, _ in parties.transcript] == ["forum", "trustee", "forum-check", "trustee-check"]


@pytest.mark.parametrize(
    "bad", [bytes(32), b"\xff" * 32, bytes([1]) + bytes(31)], ids=["the identity", "no field element", "no point"]
)
def test_points_that_blind_nothing_are_refused_by_both_sides(bad: bytes) -> None:
    parties = world()
    start = session(parties)
    asked = Evaluate(bytes(16), "2026-03", "domain", "", parties.epoch.digest(), start.points[:32] + bad)
    check = Check(bytes(16), "2026-03", "domain", "", bad)
    for request in (asked, check):
        with pytest.raises(MalformedError):
            parties.holders["forum"].answer(request, Receipt("forum", 1, commitment(request)), bytes(32))

    def spoilt(said: Evaluated) -> Evaluated:
        return msgspec.structs.replace(said, points=bad + said.points[32:])

    for holder in ("forum", "trustee"):
        with pytest.raises(ProofError, match=f"the {holder} answered with what is no evaluation"):
            through(parties, start, at(holder, spoilt))


@pytest.mark.parametrize("holder", ["forum", "trustee"])
def test_a_holder_that_leaves_out_a_point_or_the_proof_of_an_audit_is_named(holder: str) -> None:
    parties = world()

    def shorter(said: Evaluated) -> Evaluated:
        return msgspec.structs.replace(said, points=said.points[32:])

    def unproven(said: Evaluated) -> Evaluated:
        return msgspec.structs.replace(said, proof=b"")

    with pytest.raises(ProofError, match=f"the {holder} answered with another number"):
        through(parties, session(parties), at(holder, shorter))
    with pytest.raises(ProofError, match=f"the {holder} gave a proof that does not hold"):
        through(parties, session(parties, audit=True), at(holder, unproven))


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=0, max_size=70))
def test_random_bytes_are_a_point_or_are_refused_and_never_the_identity(raw: bytes) -> None:
    try:
        element = point(raw)
    except MalformedError:
        with pytest.raises(MalformedError):
            times(OTHER, raw)
    else:
        assert element != IDENTITY
        assert times(OTHER, element) != element


@settings(max_examples=40, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), flip=st.integers(0, 511), count=st.integers(1, 4))
def test_a_proof_with_any_bit_changed_does_not_hold(seed: bytes, flip: int, count: int) -> None:
    key = derive_key(seed, b"")
    asked = [hash_to_group(b"%d" % number) for number in range(count)]
    done = [times(key, one) for one in asked]
    proof = prove(key, base(key), asked, done, nonce=derive_key(seed, b"nonce"))
    assert verify(base(key), asked, done, proof)
    changed = bytearray(proof)
    changed[flip // 8] ^= 1 << flip % 8
    try:
        assert not verify(base(key), asked, done, bytes(changed))
    except MalformedError:
        assert any(int.from_bytes(changed[s : s + 32], "little") >= ORDER for s in (0, 32))


def test_a_proof_holds_for_its_own_key_items_and_order_only() -> None:
    key = derive_key(bytes(32), b"")
    asked = [hash_to_group(b"a"), hash_to_group(b"b")]
    done = [times(key, one) for one in asked]
    proof = prove(key, base(key), asked, done, nonce=derive_key(bytes(32), b"nonce"))
    assert not verify(base(OTHER), asked, done, proof)
    assert not verify(base(key), asked[::-1], done[::-1], proof)
    assert not verify(base(key), asked[:1], done[:1], proof)
    assert not verify(base(key), asked, done, proof, generator=times(OTHER, GENERATOR))


def test_no_holder_answers_without_its_commitment_to_exactly_this_request() -> None:
    parties = world()
    asked = Evaluate(bytes(16), "2026-03", "domain", "", parties.epoch.digest(), session(parties).points)
    for digest in (bytes(32), commitment(msgspec.structs.replace(asked, points=asked.points[:32]))):
        with pytest.raises(RefusedError) as caught:
            parties.holders["trustee"].answer(asked, Receipt("trustee", 1, digest), bytes(32))
        assert caught.value.code == "no-commitment"


def test_a_member_takes_no_answer_whose_receipt_is_for_something_else() -> None:
    parties = world()

    def other_receipt(said: Evaluated) -> Evaluated:
        return msgspec.structs.replace(said, receipt=Receipt("forum", 1, bytes(32)))

    with pytest.raises(ProofError):
        through(parties, session(parties), at("forum", other_receipt))


def test_a_member_that_was_shown_another_key_is_refused_by_an_honest_holder() -> None:
    parties = world()
    shown = msgspec.structs.replace(parties.epoch, threshold=3)
    asked = Evaluate(bytes(16), "2026-03", "domain", "", shown.digest(), session(parties).points)
    with pytest.raises(RefusedError) as caught:
        parties.holders["forum"].answer(asked, Receipt("forum", 1, commitment(asked)), bytes(32))
    assert caught.value.code == "consent"


def test_stale_epochs_and_unknown_types_are_refused() -> None:
    parties = world()
    for now in (NOW - timedelta(days=2), NOW + timedelta(days=6)):
        with pytest.raises(StaleEpochError):
            parties.match("member-1", "domain", items("a.test"), now)
    with pytest.raises(StaleEpochError):
        parties.match("member-1", "email", items("a.test"), NOW)
    asked = Check(bytes(16), "2026-02", "domain", "", GENERATOR)
    with pytest.raises(StaleEpochError):
        parties.holders["forum"].answer(asked, Receipt("forum", 1, commitment(asked)), bytes(32))


def test_replies_to_another_session_or_another_step_are_refused() -> None:
    parties = world()
    start = session(parties)
    first = parties.send("member-1", start.outgoing())
    with pytest.raises(ReplayError):
        start.received(encode(msgspec.structs.replace(reply(first), session=b"\x01" * 16)))
    second = start.received(first)
    with pytest.raises(ProofError):  # the forum's evaluation, replayed as the trustee's: committed to something else
        second.received(first)
    check = run(start, lambda out: parties.send("member-1", out))
    with pytest.raises(ReplayError):
        check.outgoing()


def test_a_refusal_leaves_the_session_where_it_stood() -> None:
    parties = world()
    start = session(parties)
    with pytest.raises(RefusedError) as caught:
        start.received(encode(Refused(start.id, "budget", "this epoch's budget is spent")))
    assert caught.value.code == "budget"
    assert run(start, lambda out: parties.send("member-1", out)).done


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_as_messages(body: bytes) -> None:
    with pytest.raises((MalformedError, ReplayError)):
        session(world(), 1).received(body)


def test_the_same_identifier_twice_and_none_at_all_are_refused() -> None:
    parties = world()
    for names in ((), ("a.test", "a.test")):
        with pytest.raises(MalformedError):
            parties.match("member-1", "domain", items(*names), NOW)
