"""Is a signature shown where it was issued? Both sides of the answer: what to remember, and what to compare.

One function looks at a signed place in a conversation, at issue and at show alike, so the two can't drift apart.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from stillwatch.decide.inline.conversation import Piece, Turn
from stillwatch.decide.inline.rules import Sign
from stillwatch.decide.inline.signatures import BEGINNINGS, TELLING, UNKNOWN, Hasher, Origin, packed_words

#: Signatures of one request that are looked up, the last ones: a session of a thousand signed turns is a long one.
MOST_SHOWN = 1_000
#: Of these, so many from either end have their surroundings compared; in between only names are.
FIRST_COMPARED, LAST_COMPARED = 16, 48

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


class Around:
    """What stands around a signature, as bytes without white space; each is put together when it is asked for.

    The system prompt is left out: clients refresh it at every turn.
    """

    def __init__(self, turns: Sequence[Turn], place: Signed) -> None:
        self._turns, self._place = turns, place
        self._asked = _back(turns, place.turn, "user")

    def question(self) -> bytes:
        """The words that are answered."""
        return packed_words(self._values("text"))

    def plain(self) -> bytes:
        """The same without blocks in tags."""
        return packed_words([_plain(text) for text in self._values("text")])

    def calls(self) -> bytes:
        """The ids of the calls whose results are answered."""
        return "\n".join(sorted(value.partition("\0")[0] for value in self._values("result"))).encode(
            "utf-8", "replace"
        )

    def results(self) -> bytes:
        """What the results say."""
        return packed_words([value.partition("\0")[2] for value in self._values("result")])

    def before(self) -> bytes:
        """What the model said before."""
        reply = _back(self._turns, self._place.turn, "assistant")
        return b"" if reply is None else packed_words(_said(self._turns[reply].pieces))

    def opening(self) -> bytes:
        """The first words of the conversation."""
        first = next((turn for turn in self._turns if turn.side == "user"), None)
        return b"" if self._asked is None or first is None else packed_words(first.values("text"))

    def following(self) -> bytes:
        """What the model said after the signature, in the same message."""
        return packed_words(_said(_following(self._turns[self._place.turn].pieces, self._place.at)))

    def preceded(self) -> bool:
        """Something stands before the turn that is answered."""
        before = self._turns[: self._asked or 0]
        return any(turn.side != "system" for turn in before)

    def _values(self, kind: str) -> list[str]:
        return [] if self._asked is None else self._turns[self._asked].values(kind)


def _back(turns: Sequence[Turn], start: int, side: str) -> int | None:
    return next((at for at in range(start - 1, -1, -1) if turns[at].side == side), None)


def signed(turns: Sequence[Turn]) -> list[Signed]:
    """All signatures that the model's turns carry, in order."""
    return [
        Signed(piece.value, piece.place, index, at)
        for index, turn in enumerate(turns)
        if turn.side == "assistant"
        for at, piece in enumerate(turn.pieces)
        if piece.kind == "signature"
    ]


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


def _said(pieces: Iterable[Piece]) -> list[str]:
    """Words and calls. The separator can't be white space, which is dropped."""
    return [f"\x1f{piece.value}" if piece.kind == "call" else piece.value for piece in pieces if piece.kind != "result"]


def origin(seen: Around, hasher: Hasher, who: tuple[int, int, int, int], *, finished: bool = True) -> Origin:
    """What to remember. ``who``: account, organisation, model asked for, model that answered, as ``Hasher.name``.

    An answer that is not ``finished`` says nothing of what follows the signature.
    """
    results, following = seen.results(), seen.following()
    return Origin(
        *who,
        question=hasher.words(seen.question()),
        plain=hasher.words(seen.plain()),
        calls=hasher.words(seen.calls()),
        results=hasher.words(results),
        before=hasher.words(seen.before()),
        opening=hasher.words(seen.opening()),
        following=hasher.words(following),
        results_length=min(len(results), UNKNOWN),
        following_length=min(len(following), UNKNOWN - 1) if finished else UNKNOWN,
        beginnings=hasher.beginnings(following),
    )


def sign(known: Origin, account: int, organization: int, models: frozenset[int]) -> Sign | None:
    """What names and numbers tell: whose it is. ``models``: the family of the model asked for."""
    if known.account != account:
        same = known.organization == organization and organization != 0
        return "other-account" if same else "other-organisation"
    if models and known.witnessed and not models & {known.asked, known.answered}:
        return "other-model"
    return None


def compared(number: int, count: int) -> bool:
    """Whether the words around the signature of this number are compared: a rule's time is bounded."""
    return number < FIRST_COMPARED or number >= count - LAST_COMPARED


def edit(known: Origin, seen: Around, hasher: Hasher) -> Sign | None:
    """What the words tell: another conversation, or this one changed, or ``None`` for an ordinary continuation."""
    question, calls = seen.question(), seen.calls()
    if not _answers(known, question, calls, hasher):
        same = known.opening == hasher.words(seen.opening()) != 0 and seen.preceded()
        return "edited-context" if same else "other-session"
    if _rewritten(known, seen.results(), hasher) or _reworded(known, seen.following(), hasher):
        return "edited-context"
    if len(question) + len(calls) >= TELLING or not seen.preceded():
        return None
    # "Continue" stands in many conversations: one of its neighbours must be there too.
    alike = known.opening == hasher.words(seen.opening()) or known.before == hasher.words(seen.before())
    return None if alike else "other-session"


def _answers(known: Origin, question: bytes, calls: bytes, hasher: Hasher) -> bool:
    """Whether it still answers the same turn. A client may take whole blocks in tags out of it, and old images."""
    return known.calls == hasher.words(calls) and hasher.words(question) in (known.question, known.plain)


def _rewritten(known: Origin, results: bytes, hasher: Hasher) -> bool:
    """Whether results of tools that it rests on say something else. Clients cut them short, or clear them."""
    return len(results) >= known.results_length and hasher.words(results) != known.results


def _reworded(known: Origin, following: bytes, hasher: Hasher) -> bool:
    """Whether the model is made to say something else after it. An answer that was interrupted is a beginning."""
    length = len(following)
    if known.following_length == UNKNOWN:
        return False
    if length >= known.following_length:
        return hasher.words(following) != known.following
    rung = bisect_right(BEGINNINGS, length) - 1
    return rung >= 0 and hasher.beginning(following, rung) != known.beginnings[2 * rung : 2 * rung + 2]
