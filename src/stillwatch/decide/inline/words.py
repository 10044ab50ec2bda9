"""The caller's own words in a request: what it says itself, not what it quotes, tests, translates or was given.

Rules over words read the system prompt and the caller's last turn. Results of tools, earlier turns and the model's own
turns are never read: what stands there was written by others, or was read before. And of what is read, everything that
is quoted is left out: code, quotation marks of many languages, block quotes, and blocks in tags that name material
(``<document>``, ``<transcript>``). A person who quotes an attack is not the attacker. An attacker who puts an
instruction into quotation marks is missed here, and seen by the scan.

Every step is one pass over at most ``MOST_SYMBOLS`` symbols.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pyarrow as pa

from stillwatch.decide.inline.conversation import Turn
from stillwatch.sketch.fold import Folded, fold

#: Symbols of one request that word rules read. A template or an order to the safeguards stands at an end of a text, so
#: a longer text gives its head and its tail, half each.
MOST_SYMBOLS = 24_000
#: Texts of one request that are read: the last ones. Callers have one system prompt and one question, or a few.
MOST_TEXTS = 64

_QUOTES = (
    r"```.*?(?:```|\Z)", r"~~~.*?(?:~~~|\Z)", r"`[^`\n]{1,400}`", r"(?m:^[ \t]*>[^\n]*)",
    r"“[^“”]{1,4000}”", r"„[^„“”]{1,4000}[“”]", r"«[^«»]{1,4000}»", r"»[^«»]{1,4000}«", r"‹[^‹›]{1,4000}›",
    r"「[^「」]{1,4000}」", r"『[^『』]{1,4000}』", r"《[^《》]{1,4000}》", r'"[^"]{1,4000}"',
    r"‘[^‘’]{1,4000}’(?!\w)", r"(?<!\w)'[^'\n]{1,1000}'(?!\w)",
)  # fmt: skip
_QUOTED = re.compile("|".join(_QUOTES), re.DOTALL)
_MATERIAL = re.compile(
    r"<(article|chat|code|comment|content|conversation|context|data|document|documents|email|example|examples|file|"
    r"input|item|log|logs|message|messages|note|output|page|passage|post|prompt|prompts|quote|report|request|sample|"
    r"samples|source|text|ticket|tool_result|transcript|untrusted|user_input|user_message)(?:\s[^<>]{0,200})?>",
    re.IGNORECASE,
)


class Said(NamedTuple):
    """One text of a request: its words, where it stands, and whether the caller's last turn says it."""

    text: str
    place: str
    asked: bool


def said(turns: Sequence[Turn]) -> list[Said]:
    """The system prompt's texts and those of the caller's last turn, in order, ``MOST_TEXTS`` at most.

    A beginning that the caller put into the model's mouth belongs to the model's side and is left out.
    """
    last = next((turn for turn in reversed(turns) if turn.side == "user"), None)
    found = [
        Said(piece.value, piece.place, turn is last)
        for turn in turns
        if turn.side == "system" or turn is last
        for piece in turn.pieces
        if piece.kind == "text"
    ]
    return found[-MOST_TEXTS:]


def trimmed(texts: Sequence[Said]) -> list[Said]:
    """The same, each cut to its share of ``MOST_SYMBOLS``: head and tail, half each."""
    if sum(len(each.text) for each in texts) <= MOST_SYMBOLS:
        return list(texts)
    half = MOST_SYMBOLS // len(texts) // 2
    return [each._replace(text=_ends(each.text, half)) for each in texts]


def _ends(text: str, half: int) -> str:
    return text if len(text) <= 2 * half else f"{text[:half]}\n\n{text[-half:]}"


def own_words(text: str, others: Iterable[str] = ()) -> str:
    """``text`` without what it quotes, and without ``others`` (the provider's own reminders)."""
    for words in others:
        text = text.replace(words, "\n")
    return _QUOTED.sub("\n", _without_material(text))


def _without_material(text: str) -> str:
    """Without blocks in tags that name material. One that is never closed stays; each tag is searched in vain once."""
    kept, end = [], 0
    unclosed: set[str] = set()
    for opening in _MATERIAL.finditer(text):
        tag = opening[1]
        if opening.start() < end or tag in unclosed:
            continue
        close = text.find(f"</{tag}>", opening.end())
        if close < 0:
            unclosed.add(tag)
            continue
        kept.append(text[end : opening.start()])
        end = close + len(tag) + 3
    return "\n".join([*kept, text[end:]])


def folded(texts: Sequence[str]) -> Folded:
    """The sketch's symbols of each text, a row each. Half a surrogate pair, which JSON allows, becomes a mark."""
    try:
        return fold(pa.array(texts, pa.string()))
    except UnicodeEncodeError:
        return fold(pa.array([text.encode("utf-8", "replace").decode() for text in texts], pa.string()))
