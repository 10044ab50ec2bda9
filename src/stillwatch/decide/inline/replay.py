"""Is a signature shown where it was issued? Both sides of the answer: what to remember, and what to compare.

One function looks at a signed place in a conversation, at issue and at show alike, so the two can't drift apart.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stillwatch.decide.inline.conversation import Piece, Turn
from stillwatch.decide.inline.rules import Sign
from stillwatch.decide.inline.signatures import BEGINNINGS, TELLING, Hasher, Origin, packed_words

#: Signatures of one request that are looked up, the last ones: a session of a thousand signed turns is a long one.
MOST_SHOWN = 1_000

#: Blocks in tags at either end of a text: clients put reminders into the caller's turn so, and take them out later.
MOST_BLOCKS = 16
_FIRST_TAG = re.compile(r"<([A-Za-z][\w-]{0,40})(?:\s[^<>]{0,200})?>")
_LAST_TAG = re.compile(r"</([A-Za-z][\w-]{0,40})>\Z")


class Signed(NamedTuple):
    """A signature and the turns it stands between. ``turn`` is the index of its turn, ``at`` its place in there."""

    value: str
    place: str
    turn: int
    at: int


class Around(NamedTuple):
    """What is hashed of a signed place, as bytes without white space, and tool ids joined. Nothing there is ``b""``."""

    question: bytes
    plain: bytes
    calls: bytes
    results: bytes
    before: bytes
    opening: bytes
    following: bytes
    #: Something stands before the turn that is answered.
    preceded: bool


def signed(turns: Sequence[Turn]) -> list[Signed]:
    """All signatures that the model's turns carry, in order."""
    return [
        Signed(piece.value, piece.place, index, at)
        for index, turn in enumerate(turns)
        if turn.side == "assistant"
        for at, piece in enumerate(turn.pieces)
        if piece.kind == "signature"
    ]


def around(turns: Sequence[Turn], place: Signed) -> Around:
    """What stands around a signature. The system prompt is left out: clients refresh it at every turn."""
    earlier = [turn for turn in turns[: place.turn] if turn.side != "system"]
    asked = next((turn for turn in reversed(earlier) if turn.side == "user"), None)
    reply = next((turn for turn in reversed(earlier) if turn.side == "assistant"), None)
    opening = next((turn for turn in earlier if turn.side == "user"), None)
    texts = [] if asked is None else asked.values("text")
    results = [] if asked is None else [value.partition("\0") for value in asked.values("result")]
    return Around(
        question=packed_words(texts),
        plain=packed_words([_plain(text) for text in texts]),
        calls="\n".join(sorted(call for call, _, _ in results)).encode("utf-8", "replace"),
        results=packed_words([words for _, _, words in results]),
        before=b"" if reply is None else packed_words(_said(reply.pieces)),
        opening=b"" if opening is None else packed_words(opening.values("text")),
        following=packed_words(_said(_following(turns[place.turn].pieces, place.at))),
        preceded=len(earlier) > 1,
    )


def _plain(text: str) -> str:
    """Without the blocks in tags with which it begins or ends. One search a block, ``MOST_BLOCKS`` at most."""
    text = text.strip()
    for _ in range(MOST_BLOCKS):
        first = _FIRST_TAG.match(text)
        close = text.find(f"</{first[1]}>", first.end()) if first else -1
        if first and close >= 0:
            text = text[close + len(first[1]) + 3 :].lstrip()
            continue
        last = _LAST_TAG.search(text, max(0, len(text) - 50))
        opens = text.rfind(f"\n<{last[1]}", 0, last.start()) if last else -1
        if opens < 0:
            break
        text = text[:opens].rstrip()
    return text


def _following(pieces: Sequence[Piece], at: int) -> Iterator[Piece]:
    """The pieces after a signature, up to the next one or to the end of its message."""
    for piece in pieces[at + 1 :]:
        if piece.kind == "signature" or piece.message != pieces[at].message:
            return
        yield piece


def _said(pieces: Iterator[Piece] | Sequence[Piece]) -> list[str]:
    """Words and calls. The separator can't be white space, which is dropped."""
    return [f"\x1f{piece.value}" if piece.kind == "call" else piece.value for piece in pieces if piece.kind != "result"]


def origin(seen: Around, hasher: Hasher, who: tuple[int, int, int, int], *, witnessed: bool) -> Origin:
    """What to remember. ``who``: account, organisation, model asked for, model that answered, as ``Hasher.name``."""
    return Origin(
        *who,
        question=hasher.words(seen.question),
        plain=hasher.words(seen.plain),
        calls=hasher.words(seen.calls),
        results=hasher.words(seen.results),
        before=hasher.words(seen.before),
        opening=hasher.words(seen.opening),
        following=hasher.words(seen.following),
        results_length=min(len(seen.results), 2**32 - 1),
        following_length=min(len(seen.following), 2**32 - 1),
        witnessed=witnessed,
        beginnings=hasher.beginnings(seen.following),
    )


def sign(known: Origin, account: int, organization: int, models: frozenset[int]) -> Sign | None:
    """What names and numbers tell: whose it is. ``models``: the family of the model asked for."""
    if known.account != account:
        same = known.organization == organization and organization != 0
        return "other-account" if same else "other-organisation"
    if models and known.witnessed and not models & {known.asked, known.answered}:
        return "other-model"
    return None


def edit(known: Origin, seen: Around, hasher: Hasher) -> Sign | None:
    """What the words tell: another conversation, or this one changed, or ``None`` for an ordinary continuation."""
    if not _answers(known, seen, hasher):
        same = known.opening == hasher.words(seen.opening) != 0 and seen.preceded
        return "edited-context" if same else "other-session"
    if _reworked(known, seen, hasher):
        return "edited-context"
    if len(seen.question) + len(seen.calls) >= TELLING or not seen.preceded:
        return None
    # "Continue" stands in many conversations: one of its neighbours must be there too.
    words = hasher.words
    alike = (known.opening == words(seen.opening), known.before == words(seen.before))
    return None if any(alike) else "other-session"


def _answers(known: Origin, seen: Around, hasher: Hasher) -> bool:
    """Whether it still answers the same turn. A client may take whole blocks in tags out of it, and old images."""
    if known.calls != hasher.words(seen.calls):
        return False
    question = hasher.words(seen.question)
    return question in (known.question, known.plain)


def _reworked(known: Origin, seen: Around, hasher: Hasher) -> bool:
    """Whether results that it rests on, or words that followed it, are other ones; cut short is not other."""
    if len(seen.results) >= known.results_length and hasher.words(seen.results) != known.results:
        return True
    length = len(seen.following)
    if length >= known.following_length:
        return hasher.words(seen.following) != known.following
    rung = next((at for at in reversed(range(len(BEGINNINGS))) if BEGINNINGS[at] <= length), None)
    return rung is not None and hasher.beginning(seen.following, rung) != known.beginnings[rung]
