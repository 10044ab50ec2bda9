"""What a signature of a member proves, and what it does not let pass."""

import base64

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from member_world import NOW, indicator, released

from stillwatch.share import dsse
from stillwatch.share.stix import problems
from stillwatch.share.stix.extension import EXTENSION_ID, Signature

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {dsse.keyid(KEY.public_key()): KEY.public_key()}


@pytest.fixture
def signed():
    return dsse.signed(released(indicator("Ada", NOW), NOW), KEY)


def test_the_bytes_that_are_signed_are_those_of_the_dsse_protocol():
    """The worked example of protocol.md, secure-systems-lab/dsse."""
    made = dsse.pae("http://example.com/HelloWorld", b"hello world")
    assert made == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_a_signed_object_is_still_valid_stix_and_proves_who_signed_it(signed):
    assert problems(signed) == []
    assert dsse.verified(signed, KEYS) == dsse.signatures(signed)[0]


def test_a_signature_has_the_form_that_our_extension_publishes(signed):
    record = signed["extensions"][EXTENSION_ID]["release"]
    assert msgspec.convert(record["signatures"], tuple[Signature, ...])


def test_signing_again_gives_the_same_object(signed):
    assert dsse.signed(signed, KEY) == signed


@pytest.mark.parametrize("name", ["pattern", "name", "valid_from", "id", "confidence"])
def test_no_property_can_be_changed_after_signing(signed, name):
    assert dsse.verified({**signed, name: "other"}, KEYS) == dsse.Unverified(
        "its signature does not hold: it was altered after it was signed"
    )


def test_the_expiry_can_not_be_moved_after_signing(signed):
    signed["extensions"][EXTENSION_ID]["release"]["expires_at"] = "2030-01-01T00:00:00.000Z"
    assert isinstance(dsse.verified(signed, KEYS), dsse.Unverified)


def test_a_signature_by_a_stranger_proves_nothing(signed):
    other = Ed25519PrivateKey.generate().public_key()
    assert dsse.verified(signed, {dsse.keyid(other): other}) == dsse.Unverified("it is signed with no key that we know")


def test_a_strangers_signature_beside_a_good_one_does_no_harm(signed):
    both = dsse.signed(signed, Ed25519PrivateKey.generate())
    assert len(dsse.signatures(both)) == 2
    assert dsse.verified(both, KEYS) == dsse.signatures(signed)[0]


def test_a_known_key_named_under_a_signature_that_it_did_not_make_refuses_the_object(signed):
    other = Ed25519PrivateKey.generate()
    forged = dsse.signed(signed, other)
    forged["extensions"][EXTENSION_ID]["release"]["signatures"][0]["sig"] = base64.b64encode(bytes(64)).decode()
    known = {**KEYS, dsse.keyid(other.public_key()): other.public_key()}
    assert isinstance(dsse.verified(forged, known), dsse.Unverified)


@pytest.mark.parametrize("signatures", [[], "x", [{}], [{"keyid": 1, "sig": "x"}], [{"keyid": "a"}], None, {}])
def test_whatever_stands_where_signatures_should_is_refused_in_words(signed, signatures):
    signed["extensions"][EXTENSION_ID]["release"]["signatures"] = signatures
    assert isinstance(dsse.verified(signed, KEYS), dsse.Unverified)


@pytest.mark.parametrize("extensions", [{}, [], "x", {EXTENSION_ID: []}, {EXTENSION_ID: {"release": "x"}}])
def test_an_object_without_a_release_record_is_not_signed(signed, extensions):
    assert dsse.verified({**signed, "extensions": extensions}, KEYS) == dsse.Unverified("it has no release record")


def test_what_the_guard_never_saw_can_not_be_signed():
    with pytest.raises(ValueError, match="the guard never let it go"):
        dsse.signed(indicator("Ada", NOW), KEY)


def test_the_envelope_is_what_other_dsse_tools_verify(signed):
    envelope = dsse.envelope(signed)
    payload = base64.b64decode(envelope["payload"])
    signature = base64.b64decode(envelope["signatures"][0]["sig"])
    KEY.public_key().verify(signature, dsse.pae(envelope["payloadType"], payload))  # raises where it does not hold


def test_a_signature_for_one_purpose_is_none_for_another():
    signature = dsse.sign(b"{}", KEY, "application/vnd.stillwatch.decision+json")
    assert not dsse.holds(b"{}", signature, KEY.public_key())
