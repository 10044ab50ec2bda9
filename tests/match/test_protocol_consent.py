"""Identities are told after both have agreed, sealed from the forum, and bound to the tag that both hold."""

from collections.abc import Callable

import msgspec
import pytest

from stillwatch.match.consent import (
    Agreed,
    Given,
    Identity,
    Letter,
    Wish,
    agree,
    decode,
    digest,
    encode,
    give,
    opened,
    wish,
)
from stillwatch.match.faults import MalformedError, ReplayError
from stillwatch.match.handover import public_of, seal, unseal
from stillwatch.match.threshold import label_of

TAG, OTHER_TAG = bytes(range(64)), bytes(64)
ASKER_KEY, ANSWERER_KEY = b"a" * 32, b"b" * 32
ASKER = Identity(member="member-1", contact="desk at member 1", campaign="c-17")
ANSWERER = Identity(member="member-2", contact="desk at member 2")


def asked(tag: bytes = TAG, private: bytes = ASKER_KEY) -> Wish:
    return wish(tag, epoch="2026-03", kind="domain", label=label_of(TAG, 2), sender=b"A" * 16, private=private)


def agreed(to: Wish, tag: bytes = TAG) -> Agreed:
    return agree(to, tag, sender=b"B" * 16, private=ANSWERER_KEY)


def halves(to: Wish, answer: Agreed) -> tuple[Given, Given]:
    """The asker's half and the answerer's."""
    asker = give(to, answer, TAG, sender=b"A" * 16, identity=ASKER)
    return asker, give(to, answer, TAG, sender=b"B" * 16, identity=ANSWERER)


def relayed(letter: Letter) -> Letter:
    """As it comes out of the forum."""
    return decode(encode(letter))


def test_two_holders_who_both_agree_learn_who_the_other_is() -> None:
    first = relayed(asked())
    assert isinstance(first, Wish)
    second = relayed(agreed(first))
    assert isinstance(second, Agreed)
    ours, theirs = map(relayed, halves(asked(), second))
    assert isinstance(ours, Given)
    assert isinstance(theirs, Given)
    assert opened(theirs, TAG, agreed=digest(second), private=ASKER_KEY) == ANSWERER
    assert opened(ours, TAG, agreed=digest(second), private=ANSWERER_KEY) == ASKER


def test_the_relay_carries_no_name() -> None:
    answer = agreed(asked())
    carried = b"".join(map(encode, (asked(), answer, *halves(asked(), answer))))
    for word in (b"member-1", b"member-2", b"desk", b"c-17"):
        assert word not in carried


def test_ones_own_half_come_back_opens_with_neither_key() -> None:
    answer = agreed(asked())
    for half, private in zip(halves(asked(), answer), (ASKER_KEY, ANSWERER_KEY), strict=True):
        with pytest.raises(MalformedError):
            opened(half, TAG, agreed=digest(answer), private=private)


def test_what_was_handed_over_can_move_no_cursor() -> None:
    answer = agreed(asked())
    hostile = Identity(member="m\x1b[2J", contact="a\u202eb\u009b1m\nc")
    half = give(asked(), answer, TAG, sender=b"B" * 16, identity=hostile)
    shown = opened(half, TAG, agreed=digest(answer), private=ASKER_KEY)
    assert (shown.member, shown.contact) == ("m [2J", "a b 1m c")


def test_a_key_put_in_the_middle_by_the_forum_is_refused() -> None:
    middle = msgspec.structs.replace(asked(), public=public_of(b"m" * 32))
    with pytest.raises(MalformedError, match="holder of the same identifier"):
        agreed(middle)
    answer = msgspec.structs.replace(agreed(asked()), public=public_of(b"m" * 32))
    with pytest.raises(MalformedError, match="holder of the same identifier"):
        halves(asked(), answer)


def test_somebody_who_does_not_hold_the_identifier_gets_no_consent() -> None:
    with pytest.raises(MalformedError):
        agreed(asked(tag=OTHER_TAG))
    with pytest.raises(MalformedError):
        halves(asked(), agreed(asked(OTHER_TAG), OTHER_TAG))


def test_consent_to_one_wish_is_no_consent_to_another() -> None:
    answer, other = agreed(asked()), agreed(asked(private=b"c" * 32))
    with pytest.raises(ReplayError):
        halves(asked(private=b"c" * 32), answer)
    ours, theirs = halves(asked(), answer)
    for half, private in ((ours, ANSWERER_KEY), (theirs, ASKER_KEY)):
        with pytest.raises(ReplayError):
            opened(half, TAG, agreed=digest(other), private=private)


def test_ones_own_wish_come_back_is_refused() -> None:
    with pytest.raises(ReplayError):
        agree(asked(), TAG, sender=b"A" * 16, private=ANSWERER_KEY)


@pytest.mark.parametrize("change", [
    lambda one: msgspec.structs.replace(one, sealed=one.sealed[:-1] + bytes([one.sealed[-1] ^ 1])),
    lambda one: msgspec.structs.replace(one, epoch="2026-04"),
    lambda one: msgspec.structs.replace(one, sender=b"C" * 16),
    lambda one: msgspec.structs.replace(one, code=bytes(32)),
])  # fmt: skip
def test_a_changed_message_is_refused(change: Callable[[Given], Given]) -> None:
    answer = agreed(asked())
    _, theirs = halves(asked(), answer)
    with pytest.raises(MalformedError):
        opened(change(theirs), TAG, agreed=digest(answer), private=ASKER_KEY)


def test_a_sealed_text_opens_with_its_key_and_in_its_place_only() -> None:
    sealed = seal(b"text", public_of(ASKER_KEY), b"here")
    assert unseal(sealed, ASKER_KEY, b"here") == b"text"
    for key, place in ((ANSWERER_KEY, b"here"), (ASKER_KEY, b"there")):
        with pytest.raises(MalformedError):
            unseal(sealed, key, place)
    with pytest.raises(MalformedError):
        unseal(sealed[:20], ASKER_KEY, b"here")


def test_two_seals_of_one_text_have_nothing_in_common() -> None:
    public = public_of(ASKER_KEY)
    assert seal(b"text", public, b"")[:32] != seal(b"text", public, b"")[:32]


def test_keys_of_small_order_and_texts_too_long_are_refused() -> None:
    with pytest.raises(MalformedError):
        seal(b"text", bytes(32), b"")
    with pytest.raises(MalformedError):
        seal(bytes(20_000), public_of(ASKER_KEY), b"")
    with pytest.raises(MalformedError):
        decode(b"\x93\x01")
    for wrong in ({"public": b"short"}, {"code": b""}, {"code": bytes(20_000)}):
        with pytest.raises(MalformedError):
            decode(encode(msgspec.structs.replace(asked(), **wrong)))
    with pytest.raises(MalformedError):
        decode(encode(msgspec.structs.replace(halves(asked(), agreed(asked()))[0], sealed=bytes(20_000))))
