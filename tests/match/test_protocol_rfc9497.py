"""The group functions against RFC 9497 appendix A.1.2 and against the voprf package, a Rust implementation of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from voprf import ristretto

from stillwatch.match.group import Point, Scalar, base, inverse, point, product, scalar, times
from stillwatch.match.proofs import prove, verify
from stillwatch.match.voprf import LONGEST, derive_key, finalize, hash_to_group

RFC = json.loads((Path(__file__).parent / "rfc9497.json").read_text())


def raw(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.fixture(params=RFC["vectors"], ids=["one byte", "seventeen bytes", "a batch of two"])
def vector(request: pytest.FixtureRequest) -> dict[str, Any]:
    return request.param


def test_the_seed_gives_the_key_pair_of_the_rfc() -> None:
    secret = derive_key(raw(RFC["seed"]), raw(RFC["key_info"]))
    assert secret.hex() == RFC["secret"]
    assert base(secret).hex() == RFC["public"]


def test_blinding_gives_the_elements_of_the_rfc(vector: dict[str, Any]) -> None:
    for message, blind, blinded in zip(vector["input"], vector["blind"], vector["blinded"], strict=True):
        assert times(scalar(raw(blind)), hash_to_group(raw(message))).hex() == blinded


def test_two_holders_in_a_row_evaluate_as_the_one_server_of_the_rfc(vector: dict[str, Any]) -> None:
    whole = scalar(raw(RFC["secret"]))
    forum = derive_key(bytes(32), b"any first factor")
    trustee = product(whole, inverse(forum))
    for blinded, evaluated in zip(vector["blinded"], vector["evaluated"], strict=True):
        assert times(trustee, times(forum, raw(blinded))).hex() == evaluated


def test_finalizing_gives_the_outputs_of_the_rfc(vector: dict[str, Any]) -> None:
    columns = (vector["input"], vector["blind"], vector["evaluated"], vector["output"])
    for message, blind, evaluated, output in zip(*columns, strict=True):
        assert finalize(raw(message), times(inverse(scalar(raw(blind))), raw(evaluated))).hex() == output


def test_the_proof_is_the_proof_of_the_rfc_and_holds(vector: dict[str, Any]) -> None:
    items, done = ([point(raw(one)) for one in vector[name]] for name in ("blinded", "evaluated"))
    secret, public = scalar(raw(RFC["secret"])), point(raw(RFC["public"]))
    assert prove(secret, public, items, done, nonce=scalar(raw(vector["nonce"]))).hex() == vector["proof"]
    assert verify(public, items, done, raw(vector["proof"]))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.binary(min_size=32, max_size=32), info=st.binary(max_size=60), message=st.binary(min_size=1, max_size=400)
)
def test_the_oracle_agrees_on_keys_and_outputs(seed: bytes, info: bytes, message: bytes) -> None:
    oracle = ristretto.Evaluator.from_seed(seed, info)
    secret = derive_key(seed, info)
    assert base(secret) == oracle.public_key.serialize()
    assert finalize(message, times(secret, hash_to_group(message))) == oracle.evaluate_known_input(message)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.binary(min_size=32, max_size=32),
    messages=st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=5),
)
def test_the_oracle_accepts_our_proofs_and_we_accept_its(seed: bytes, messages: list[bytes]) -> None:
    secret, public = derive_key(seed, b""), base(derive_key(seed, b""))
    clients, asked = zip(*(ristretto.Client.blind(message) for message in messages), strict=True)
    items = [point(one.serialize()) for one in asked]
    done = [times(secret, one) for one in items]
    proof = prove(secret, public, items, done, nonce=derive_key(seed, b"nonce"))
    theirs = ristretto.Evaluator.from_seed(seed, b"").evaluate_batch(asked).serialize()
    assert theirs[64:] == b"".join(done)  # the package writes the proof first
    assert verify(public, items, done, theirs[:64])
    ours = proof + theirs[64:]
    outputs = ristretto.Client.finalize_batch(
        clients, ristretto.VerifiableBatchOutput.deserialize(ours), ristretto.PublicKey.deserialize(public)
    )
    assert outputs == [finalize(message, times(secret, hash_to_group(message))) for message in messages]


def test_an_input_of_more_than_two_bytes_of_length_is_refused() -> None:
    finalize(bytes(LONGEST), Point(bytes(32)))
    with pytest.raises(Exception, match="too long"):
        finalize(bytes(LONGEST + 1), Point(bytes(32)))


def test_a_seed_of_another_length_gives_no_key() -> None:
    with pytest.raises(Exception, match="32 bytes"):
        derive_key(b"short", b"")


def test_scalars_have_one_spelling() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    assert scalar((order - 1).to_bytes(32, "little")) == Scalar((order - 1).to_bytes(32, "little"))
    for value in (order, order + 1, 2**256 - 1):
        with pytest.raises(Exception, match="below the order"):
            scalar(value.to_bytes(32, "little"))
