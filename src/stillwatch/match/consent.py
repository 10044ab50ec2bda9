"""Two members that hold the same identifier find out who they are, if both want to. The forum relays, blind.

    asker                      forum                      answerer
      Wish(public key)    ->   to the other holders   ->
                          <-   only if it agrees      <-   Agreed(public key, its identity sealed to the asker)
      Given(sealed)       ->   both lie here; each is delivered when the other has come in
      opens Agreed        <-                          ->   opens Given

Each message carries a code under a key that follows from the tag. The forum never holds a tag (from the threshold on
it knows the shared secret, from which the tag does not follow), so it can't put its own key in the middle. Any holder
of the same tag could; such a one is a member, authenticated by the forum, and gets what any holder may ask for.
Not to agree is to say nothing: silence looks the same whether nobody is there, or nobody wants to.
"""

import hmac
from hashlib import sha256
from typing import TypeVar

import msgspec

from stillwatch.match.faults import MalformedError, ReplayError
from stillwatch.match.handover import KEY, public_of, seal, unseal
from stillwatch.match.wire import LABEL

_HANDLE = 16
_CODE = 32


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who a member is and where it can be reached, and its own reference to the campaign. Told after consent only."""

    member: str
    contact: str
    campaign: str = ""
    words: str = ""


class _About(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What every message is about: epoch, type, label, and under which pseudonym it is sent."""

    epoch: str
    kind: str
    label: bytes
    sender: bytes

    def __post_init__(self) -> None:
        if len(self.label) != LABEL or len(self.sender) != _HANDLE:
            raise MalformedError(f"a label has {LABEL} bytes, a pseudonym {_HANDLE}")


class Wish(_About, frozen=True, tag="wish"):
    """I hold this too; to whoever agrees I shall say who I am. ``public``: a key made for this wish alone."""

    public: bytes
    code: bytes = b""


class Agreed(_About, frozen=True, tag="agreed"):
    """I agree to this wish (``wish``: its digest); who I am is sealed to its key."""

    wish: bytes
    public: bytes
    sealed: bytes
    code: bytes = b""


class Given(_About, frozen=True, tag="given"):
    """Here is who I am, sealed to the key of whoever agreed (``agreed``: the digest of that message)."""

    agreed: bytes
    sealed: bytes
    code: bytes = b""


Letter = Wish | Agreed | Given
_L = TypeVar("_L", Wish, Agreed, Given)
_DECODER = msgspec.msgpack.Decoder(Letter)


def wish(tag: bytes, *, epoch: str, kind: str, label: bytes, sender: bytes, private: bytes) -> Wish:
    """The asker's first message. ``private``: 32 fresh random bytes that it keeps until the end."""
    return _coded(Wish(epoch, kind, label, sender, public_of(private)), tag)


def agree(asked: Wish, tag: bytes, *, sender: bytes, private: bytes, identity: Identity) -> Agreed:
    """The answerer's consent, once a person there has given it. ``ReplayError`` for its own wish come back."""
    _authentic(asked, tag)
    if asked.sender == sender:
        raise ReplayError("this is one's own wish")
    sealed = seal(msgspec.json.encode(identity), asked.public, _bound(asked, sender))
    about = (asked.epoch, asked.kind, asked.label, sender)
    return _coded(Agreed(*about, digest(asked), public_of(private), sealed), tag)


def give(asked: Wish, answer: Agreed, tag: bytes, *, identity: Identity) -> Given:
    """The asker's half, on the strength of the answerer's consent."""
    _answers(asked, answer, tag)
    sealed = seal(msgspec.json.encode(identity), answer.public, _bound(answer, asked.sender))
    return _coded(Given(asked.epoch, asked.kind, asked.label, asked.sender, digest(answer), sealed), tag)


def opened_by_asker(asked: Wish, answer: Agreed, tag: bytes, private: bytes) -> Identity:
    """Who agreed."""
    _answers(asked, answer, tag)
    return _identity(unseal(answer.sealed, private, _bound(asked, answer.sender)))


def opened_by_answerer(answer: Agreed, given: Given, tag: bytes, private: bytes) -> Identity:
    """Who asked."""
    _authentic(given, tag)
    if given.agreed != digest(answer):
        raise ReplayError("this was given for another consent")
    return _identity(unseal(given.sealed, private, _bound(answer, given.sender)))


def encode(letter: Letter) -> bytes:
    """The bytes of a message."""
    return msgspec.msgpack.encode(letter)


def decode(body: bytes) -> Letter:
    """A message from its bytes; the code is checked by whoever holds the tag. ``MalformedError`` for anything else."""
    try:
        letter: Letter = _DECODER.decode(body)
    except msgspec.MsgspecError as error:
        raise MalformedError(f"not a message of consent: {error}") from error
    if not isinstance(letter, Given) and len(letter.public) != KEY:
        raise MalformedError(f"a public key has {KEY} bytes")
    return letter


def digest(letter: Letter) -> bytes:
    """32 bytes that stand for a message."""
    return sha256(b"stillwatch match letter v1" + encode(letter)).digest()


def _answers(asked: Wish, answer: Agreed, tag: bytes) -> None:
    """Whether this agrees to that wish, both by holders of the tag."""
    _authentic(asked, tag)
    _authentic(answer, tag)
    if answer.wish != digest(asked):
        raise ReplayError("this agrees to another wish")


def _coded(letter: _L, tag: bytes) -> _L:
    return msgspec.structs.replace(letter, code=_code(letter, tag))


def _authentic(letter: Letter, tag: bytes) -> None:
    """``MalformedError`` for a message that no holder of the tag has made."""
    if not hmac.compare_digest(letter.code, _code(letter, tag)):
        raise MalformedError("this message was not made by a holder of the same identifier, or it was changed")


def _code(letter: Letter, tag: bytes) -> bytes:
    key = hmac.digest(tag, b"stillwatch match consent v1", "sha256")
    return hmac.digest(key, encode(msgspec.structs.replace(letter, code=b"")), "sha256")[:_CODE]


def _bound(to: Letter, sender: bytes) -> bytes:
    """What a sealed identity is bound to: the message whose key it is sealed to, and who seals."""
    return b"stillwatch match hand-over v1" + digest(to) + sender


def _identity(text: bytes) -> Identity:
    try:
        return msgspec.json.decode(text, type=Identity)
    except msgspec.MsgspecError as error:
        raise MalformedError("what was handed over is no identity") from error
