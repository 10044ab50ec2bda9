"""Two members that hold the same identifier find out who they are, if both want to. The forum relays, blind.

    asker                      forum                      answerer
      Wish(public key)    ->   to the other holders   ->
                          <-   only if it agrees      <-   Agreed(public key)
      Given(sealed)       ->   both lie here; each is <-   Given(sealed)
                               delivered when the other has come in
      opens the other's   <-                          ->   opens the other's

Each message carries a code under a key that follows from the tag. The forum never holds a tag (from the threshold on
it knows the shared secret, from which the tag does not follow), so it can't put its own key in the middle. Any holder
of the same tag could; such a one is a member, authenticated by the forum, and gets what any holder may ask for.
Not to agree is to say nothing: silence looks the same whether nobody is there, or nobody wants to.
"""

import hmac
from hashlib import sha256
from typing import TypeVar

import msgspec

from stillwatch.match.faults import MalformedError, ReplayError, plain
from stillwatch.match.handover import KEY, LONGEST, OVERHEAD, public_of, seal, unseal
from stillwatch.match.wire import LABEL

_HANDLE = 16
_CODE = 32
_DIGEST = 32


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
    """I agree to this wish (``wish``: its digest). Who I am follows, in a letter that waits for the asker's own."""

    wish: bytes
    public: bytes
    code: bytes = b""


class Given(_About, frozen=True, tag="given"):
    """Here is who I am, sealed to the other's key, on the strength of a consent (``agreed``: its digest)."""

    agreed: bytes
    sealed: bytes
    code: bytes = b""


Letter = Wish | Agreed | Given
_L = TypeVar("_L", Wish, Agreed, Given)
_DECODER = msgspec.msgpack.Decoder(Letter)


def wish(tag: bytes, *, epoch: str, kind: str, label: bytes, sender: bytes, private: bytes) -> Wish:
    """The asker's first message. ``private``: 32 fresh random bytes that it keeps until the end."""
    return _coded(Wish(epoch, kind, label, sender, public_of(private)), tag)


def agree(asked: Wish, tag: bytes, *, sender: bytes, private: bytes) -> Agreed:
    """The answerer's consent, once a person there has given it. ``ReplayError`` for its own wish come back."""
    check(asked, tag)
    if asked.sender == sender:
        raise ReplayError("this is one's own wish")
    about = (asked.epoch, asked.kind, asked.label, sender)
    return _coded(Agreed(*about, digest(asked), public_of(private)), tag)


def give(asked: Wish, answer: Agreed, tag: bytes, *, sender: bytes, identity: Identity) -> Given:
    """One's own half, by asker or answerer, on the strength of the consent."""
    check(asked, tag)
    check(answer, tag)
    if answer.wish != digest(asked):
        raise ReplayError("this agrees to another wish")
    public = asked.public if sender == answer.sender else answer.public
    sealed = seal(msgspec.json.encode(identity), public, _bound(digest(answer), sender))
    return _coded(Given(asked.epoch, asked.kind, asked.label, sender, digest(answer), sealed), tag)


def opened(given: Given, tag: bytes, *, agreed: bytes, private: bytes) -> Identity:
    """Who the other is. ``agreed``: the digest of the consent that one gave, or gave one's own half for; ``private``:
    the key that was made for one's wish or consent."""
    check(given, tag)
    if given.agreed != agreed:
        raise ReplayError("this was given for another consent")
    return _identity(unseal(given.sealed, private, _bound(agreed, given.sender)))


def check(letter: Letter, tag: bytes) -> None:
    """``MalformedError`` for a message that no holder of the tag has made."""
    if not hmac.compare_digest(letter.code, _code(letter, tag)):
        raise MalformedError("this message was not made by a holder of the same identifier, or it was changed")


def encode(letter: Letter) -> bytes:
    """The bytes of a message."""
    return msgspec.msgpack.encode(letter)


def decode(body: bytes) -> Letter:
    """A message from its bytes; the code is checked by whoever holds the tag. ``MalformedError`` for anything else."""
    try:
        letter: Letter = _DECODER.decode(body)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"not a message of consent: {error}") from error
    answers = b"" if isinstance(letter, Wish) else letter.wish if isinstance(letter, Agreed) else letter.agreed
    if len(letter.code) != _CODE or len(answers) not in (0, _DIGEST):
        raise MalformedError(f"a code has {_CODE} bytes, a digest {_DIGEST}")
    if isinstance(letter, Given):
        if len(letter.sealed) > LONGEST + OVERHEAD:
            raise MalformedError(f"a sealed identity has at most {LONGEST + OVERHEAD} bytes")
    elif len(letter.public) != KEY:
        raise MalformedError(f"a public key has {KEY} bytes")
    return letter


def digest(letter: Letter) -> bytes:
    """32 bytes that stand for a message."""
    return sha256(b"stillwatch match letter v1" + encode(letter)).digest()


def _coded(letter: _L, tag: bytes) -> _L:
    return msgspec.structs.replace(letter, code=_code(letter, tag))


def _code(letter: Letter, tag: bytes) -> bytes:
    key = hmac.digest(tag, b"stillwatch match consent v1", "sha256")
    return hmac.digest(key, encode(msgspec.structs.replace(letter, code=b"")), "sha256")[:_CODE]


def _bound(agreed: bytes, sender: bytes) -> bytes:
    """What a sealed identity is bound to: the consent, and with it the wish, and who seals."""
    return b"stillwatch match hand-over v2" + agreed + sender


def _identity(text: bytes) -> Identity:
    try:
        found = msgspec.json.decode(text, type=Identity)
    except (ValueError, RecursionError) as error:
        raise MalformedError("what was handed over is no identity") from error
    # A stranger wrote it, and a person reads it in a terminal.
    return Identity(**{name: plain(value) for name, value in msgspec.structs.asdict(found).items()})
