"""Which part of a request tripped a rule? For staff who explain a case or answer an appeal; never for the caller.

A rule over words reads a whole request, and no note of places survives its kernels. So its own answer is asked again
on less and less: first whole texts are left out, then each that is needed is cut from either end by halves, as long as
the rule still fits. What remains is a smallest part by single cuts (Zeller and Hildebrandt, "Simplifying and Isolating
Failure-Inducing Input", IEEE TSE 28(2), 2002, without the search for sets of cuts). A few dozen readings at most.
"""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from stillwatch.decide.inline.check import Inline
from stillwatch.decide.inline.conversation import turns
from stillwatch.decide.inline.rules import RuleName
from stillwatch.decide.inline.words import Said, said, trimmed
from stillwatch.ingest.records import Record


class Span(msgspec.Struct, frozen=True):
    """A part of the request: ``place`` is a JSON pointer into the body, ``start`` and ``end`` symbols in that text.

    ``sign`` as in ``Hit``. A text too long to be read whole has no exact offsets: then it is its first 0 symbols.
    """

    place: str
    start: int
    end: int
    sign: str


def bisect(inline: Inline, record: Record, rule: RuleName, now_us: int) -> tuple[Span, ...]:
    """The parts of the request that trip ``rule`` together; empty where it does not fit (any more).

    A signature is its own part. The memory is asked again, so a replay that it has forgotten is not explained.
    """
    if record.request is None:
        return ()
    conversation = turns(record.request)
    if rule == "signature-replay":
        found = inline.replays(record, conversation)
        return tuple(Span(place.place, 0, len(place.value), sign) for place, sign, _ in found)
    texts = trimmed(said(conversation))

    def sign(parts: Sequence[str]) -> str | None:
        hit = inline.reads(parts, now_us)
        return hit.sign if hit is not None and hit.rule == rule else None

    wanted = sign([each.text for each in texts])
    if wanted is None:
        return ()
    return _smallest(texts, wanted, lambda parts: sign(parts) == wanted)


def _smallest(texts: list[Said], sign: str, fits: Callable[[Sequence[str]], bool]) -> tuple[Span, ...]:
    parts = [each.text for each in texts]
    for at in range(len(parts)):
        without = [*parts[:at], "", *parts[at + 1 :]]
        if parts[at] and fits(without):
            parts = without
    starts = [0] * len(parts)

    def still(at: int, text: str) -> bool:
        return fits([*parts[:at], text, *parts[at + 1 :]])

    for at, text in enumerate(parts):
        if text:
            end = _least(len(text), partial(_cut, still, at, text, 0))
            kept = _least(end, partial(_cut, still, at, text, end))
            starts[at], parts[at] = end - kept, text[end - kept : end]
    spans = ((each, start, part) for each, start, part in zip(texts, starts, parts, strict=True) if part)
    return tuple(Span(each.place, start, start + len(part), sign) for each, start, part in spans)


def _cut(still: Callable[[int, str], bool], at: int, text: str, end: int, size: int) -> bool:
    """Whether the rule still fits with ``size`` symbols of a text: the first ones, or the last ones before ``end``."""
    return still(at, text[end - size : end] if end else text[:size])


def _least(most: int, fits: Callable[[int], bool]) -> int:
    """The smallest size that fits, found by halves; ``most`` fits. Where sizes fit here and there, one of them."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        if fits(middle):
            high = middle
        else:
            low = middle + 1
    return high
