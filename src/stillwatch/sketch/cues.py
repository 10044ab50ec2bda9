"""Short phrases ("cues") found in folded text, many at once and in many scripts, without keeping a word of it.

The phrases are a catalogue that a person can read (``phrases/*.toml``). They become one Aho-Corasick automaton
(Aho and Corasick, "Efficient string matching: an aid to bibliographic search", CACM 18(6), 1975), so a text is read
once however many phrases there are. The automaton has its failure links worked into a full table of transitions. To
keep that table small, only the commonest symbols of the catalogue take one step; a rarer symbol takes two, the upper
and the lower part of its number. And of each phrase the automaton reads only the letters that tell it from all others;
the rest is compared in place.

A phrase that begins or ends with a letter or digit counts only where a word begins or ends there ("sum" is not in
"summary"), unless a ``*`` in the catalogue leaves that end open. Scripts that write no space between words, or join
particles to them (Han, kana, Hangul, Thai, Lao, Khmer, Burmese, Arabic, Hebrew), have no such rule.
"""

import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.sketch.fold import TAIL, Folded, fold
from stillwatch.sketch.kernels import I64, NOTHING, READ_I64, READ_U8, READ_U32, U8, U32, kernel

U16 = npt.NDArray[np.uint16]
READ_U16 = numba.types.Array(numba.uint16, 1, "C", readonly=True)
WRITE_U8_2D = numba.types.Array(numba.uint8, 2, "C")

#: So many of the commonest symbols of the catalogue take one step; the others take two.
ONE_STEP = 160
SHORTEST_HEAD = 6  # letters of a phrase that the automaton reads at least
LOW_PARTS = 32  # a rarer symbol is number ``high * LOW_PARTS + low``, counted from the first rarer one
#: Letters beyond this code point belong to scripts without the word rule.
WORD_TABLE_SIZE = 0x2E80
_NO_WORD_RULE = (
    (0x0590, 0x06FF), (0x0750, 0x077F), (0x08A0, 0x08FF), (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1100, 0x11FF),
    (0x1780, 0x17FF),
)  # fmt: skip
_OPEN = "*"
#: A symbol that folding never gives, so no phrase can span it.
GAP = 0


class Matcher(NamedTuple):
    """An automaton over folded symbols. ``cues`` are the columns of ``hits``.

    ``classes`` uint16[code points]: 0 not in the catalogue, else 1 + the number of the symbol. ``steps``
    uint16[width * states]: the next state; the first ``quiet`` states accept nothing. ``firsts`` int64[states + 1]:
    where the matches of a state start in the match arrays. ``columns``: the cue; ``backs``: symbols from the letter
    read last back to the first; ``left`` and ``right``: 1 where that end must be the end of a word. ``rests`` uint32:
    what must still follow the letter read last, ``rest_firsts`` int64[matches + 1] says where in it.
    """

    cues: tuple[str, ...]
    classes: U16
    steps: U16
    states: int
    quiet: int
    narrow: int
    firsts: I64
    columns: I64
    backs: I64
    left: U8
    right: U8
    rest_firsts: I64
    rests: U32

    def hits(self, text: Folded, near: Sequence[tuple[str, str]] = (), window: int = 0) -> U8:
        """How often each cue stands in each row, at most 255: uint8[rows, cues + near].

        Each further column counts where two cues end 1 to ``window`` symbols apart, in either order.
        """
        columns = {cue: column for column, cue in enumerate(self.cues)}
        links = sorted(
            (columns[cue], columns[other], len(columns) + number)
            for number, (first, second) in enumerate(near)
            for cue, other in ((first, second), (second, first))
        )
        partners = np.array(links, dtype=np.int64).reshape(-1, 3)
        link_firsts = np.searchsorted(partners[:, 0], np.arange(len(columns) + 1)).astype(np.int64)
        flat = np.ascontiguousarray(partners[:, 1:]).reshape(-1)
        found = np.zeros((len(text.offsets) - 1, len(columns) + len(near)), dtype=np.uint8)
        shape = np.array([self.states, self.narrow, window, self.quiet], dtype=np.int64)
        _match(
            text.symbols, text.offsets, self.classes, self.steps, shape, self.firsts, self.columns, self.backs,
            self.left, self.right, word_table(), self.rest_firsts, self.rests, link_firsts, flat, found,
        )  # fmt: skip
        return found


class Pattern(NamedTuple):
    """One folded phrase: all its symbols, its letters (no second symbols), and which ends must be word ends."""

    column: int
    symbols: tuple[int, ...]
    codes: tuple[int, ...]
    left: bool
    right: bool


class Head(NamedTuple):
    """The letters by which the automaton knows a phrase, how many symbols they are, and the symbols that must follow.

    ``length`` leaves out the second symbol of the last letter, which has not been read when the automaton accepts.
    """

    pattern: Pattern
    codes: tuple[int, ...]
    length: int
    rest: tuple[int, ...]


@cache
def matcher(*names: str) -> Matcher:
    """The automaton of the named catalogue files (``"reasoning"`` is ``phrases/reasoning.toml``)."""
    return build(catalogue(*names))


def ends(text: Folded, head: int, end: int) -> Folded:
    """The first ``head`` and the last ``end`` symbols of each row, a gap between them where something is left out."""
    lengths = text.lengths
    long = lengths > head + end
    if not long.any():
        return text
    kept = np.where(long, head + 1 + end, lengths)
    offsets = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
    within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], kept)
    skipped = np.repeat(np.where(long, lengths - head - end - 1, 0), kept)
    symbols = text.symbols[np.repeat(text.offsets[:-1], kept) + within + np.where(within >= head, skipped, 0)]
    symbols[np.repeat(long, kept) & (within == head)] = GAP
    return Folded(symbols, offsets)


def catalogue(*names: str) -> dict[str, list[str]]:
    """Every cue of the named files with its phrases in all languages. A cue's name is unique among the files."""
    cues: dict[str, list[str]] = {}
    for name in names:
        text = resources.files("stillwatch.sketch").joinpath("phrases", f"{name}.toml").read_text("utf-8")
        tables = tomllib.loads(text)
        slots = tables.pop("slots", {})
        for cue, languages in tables.items():
            if cue in cues:
                raise ValueError(f"two catalogue files define the cue {cue!r}")
            cues[cue] = [
                filled
                for language, phrases in languages.items()
                for phrase in phrases
                for filled in _filled(phrase, {slot: words.get(language, ()) for slot, words in slots.items()})
            ]
    return cues


def _filled(phrase: str, slots: Mapping[str, Iterable[str]]) -> list[str]:
    """The phrase once for each word of the slot it names, as in ``think in {language}``."""
    for slot, words in slots.items():
        if f"{{{slot}}}" in phrase:
            return [phrase.replace(f"{{{slot}}}", word) for word in words]
    return [phrase]


def build(cues: Mapping[str, Iterable[str]]) -> Matcher:
    """An automaton for the phrases of each cue; a phrase may end or begin with ``*`` to be open there."""
    names = tuple(cues)
    patterns = [pattern for column, name in enumerate(names) for pattern in _patterns(column, cues[name])]
    heads = _heads(patterns)
    common = Counter(code for head in heads for code in head.codes).most_common()
    numbers = {code: number for number, (code, _) in enumerate(common)}
    narrow = min(ONE_STEP, len(numbers))
    classes = np.zeros(max(numbers) + 1, dtype=np.uint16)
    for code, number in numbers.items():
        classes[code] = number + 1
    children, ending = _trie(heads, numbers, narrow)
    width = narrow + LOW_PARTS + (len(numbers) - narrow) // LOW_PARTS + 1
    steps, accepted = _automaton(children, ending, width)
    matches = [head for accept in accepted for head in accept]
    return Matcher(
        cues=names,
        classes=classes,
        steps=steps,
        states=len(accepted),
        quiet=sum(not heads for heads in accepted),
        narrow=narrow,
        firsts=np.cumsum([0, *map(len, accepted)]).astype(np.int64),
        columns=np.array([match.pattern.column for match in matches], dtype=np.int64),
        backs=np.array([match.length - 1 for match in matches], dtype=np.int64),
        left=np.array([match.pattern.left for match in matches], dtype=np.uint8),
        right=np.array([match.pattern.right for match in matches], dtype=np.uint8),
        rest_firsts=np.cumsum([0, *(len(match.rest) for match in matches)]).astype(np.int64),
        rests=np.array([symbol for match in matches for symbol in match.rest], dtype=np.uint32),
    )


def _patterns(column: int, phrases: Iterable[str]) -> list[Pattern]:
    words = word_table()
    patterns: dict[Pattern, None] = {}
    for phrase in phrases:
        symbols = fold(pa.array([phrase.removeprefix(_OPEN).removesuffix(_OPEN)], pa.string())).symbols
        codes = tuple(symbols[symbols < TAIL].tolist())
        if not codes:
            raise ValueError(f"the phrase {phrase!r} is empty once folded")
        left, right = (bool(code < WORD_TABLE_SIZE and words[code]) for code in (codes[0], codes[-1]))
        pattern = Pattern(
            column=column,
            symbols=tuple(symbols.tolist()),
            codes=codes,
            left=left and not phrase.startswith(_OPEN),
            right=right and not phrase.endswith(_OPEN),
        )
        patterns[pattern] = None
    return list(patterns)


def _heads(patterns: list[Pattern]) -> list[Head]:
    """Cut each phrase after the letters that tell it from all others; the rest is compared where they are found."""
    ordered = sorted({pattern.codes for pattern in patterns})
    shared = [0, *(_common(first, second) for first, second in pairwise(ordered)), 0]
    told = {codes: max(SHORTEST_HEAD, shared[i] + 1, shared[i + 1] + 1) for i, codes in enumerate(ordered)}
    heads = []
    for pattern in patterns:
        codes = pattern.codes[: told[pattern.codes]]
        letters = [place for place, symbol in enumerate(pattern.symbols) if symbol < TAIL]
        last = letters[len(codes) - 1]
        heads.append(Head(pattern, codes, last + 1, pattern.symbols[last + 1 :]))
    return heads


def _common(first: tuple[int, ...], second: tuple[int, ...]) -> int:
    """How many letters the two begin with in common."""
    return next(
        (n for n, (one, other) in enumerate(zip(first, second, strict=False)) if one != other),
        min(len(first), len(second)),
    )


def _trie(
    heads: list[Head], numbers: Mapping[int, int], narrow: int
) -> tuple[list[dict[int, int]], dict[int, list[Head]]]:
    """The heads as a tree of steps: for each node its children, and the heads that end there."""
    children: list[dict[int, int]] = [{}]
    ending: dict[int, list[Head]] = {}
    for head in heads:
        node = 0
        for code in head.codes:
            number = numbers[code]
            upper, low = divmod(number - narrow, LOW_PARTS)
            for step in (number,) if number < narrow else (narrow + LOW_PARTS + upper, narrow + low):
                if step not in children[node]:
                    children[node][step] = len(children)
                    children.append({})
                node = children[node][step]
        ending.setdefault(node, []).append(head)
    return children, ending


def _automaton(
    children: list[dict[int, int]], ending: Mapping[int, list[Head]], width: int
) -> tuple[U16, list[list[Head]]]:
    """Number the nodes breadth first (the shallow ones, read most, lie together) and work in the failure links."""
    if len(children) > np.iinfo(np.uint16).max:
        raise ValueError(f"the catalogue needs {len(children)} states; the table holds 65,535")
    order = [0]
    for node in order:
        order.extend(children[node].values())
    state = {node: number for number, node in enumerate(order)}
    steps = np.zeros((len(order), width), dtype=np.uint16)
    failure = [0] * len(order)
    accepted: list[list[Head]] = [[] for _ in order]
    for number, node in enumerate(order):
        back = failure[number]
        accepted[number] = ending.get(node, []) + (accepted[back] if number else [])
        steps[number] = steps[back]
        for step, child in children[node].items():
            failure[state[child]] = int(steps[back, step]) if number else 0
            steps[number, step] = state[child]
    # States that accept nothing come first, so that one comparison tells them apart.
    new_order = np.argsort([bool(heads) for heads in accepted], kind="stable")
    new_number = np.argsort(new_order).astype(np.uint16)
    steps = new_number[steps[new_order]]
    return np.ascontiguousarray(steps.T).reshape(-1), [accepted[number] for number in new_order]


@cache
def word_table() -> U8:
    """1 for each letter, mark or digit below ``WORD_TABLE_SIZE`` whose script has the word rule: uint8."""
    words = np.zeros(WORD_TABLE_SIZE, dtype=np.uint8)
    for code in range(WORD_TABLE_SIZE):
        words[code] = unicodedata.category(chr(code))[0] in "LMN"
    for first, last in _NO_WORD_RULE:
        words[first : last + 1] = 0
    words.setflags(write=False)
    return words


@kernel(
    NOTHING, READ_U32, READ_I64, READ_U16, READ_U16, READ_I64, READ_I64, READ_I64, READ_I64, READ_U8, READ_U8, READ_U8,
    READ_I64, READ_U32, READ_I64, READ_I64, WRITE_U8_2D,
)  # fmt: skip
def _match(
    symbols: U32, offsets: I64, classes: U16, steps: U16, shape: I64, firsts: I64, columns: I64, backs: I64, left: U8,
    right: U8, words: U8, rest_firsts: I64, rests: U32, link_firsts: I64, links: I64, found: npt.NDArray[np.uint8],
) -> None:  # fmt: skip
    """Walk every row through the automaton and count accepted phrases into ``found``, uint8[rows, cues]."""
    states, narrow, window, quiet = shape[0], shape[1], shape[2], shape[3]
    seen = np.empty(link_firsts.size - 1, dtype=np.int64)  # where each cue ended last in this row
    for row in range(offsets.size - 1):
        first, end = offsets[row], offsets[row + 1]
        state = np.int64(0)
        seen[:] = first - window - 1
        for at in range(first, end):
            symbol = symbols[at]
            if symbol >= np.uint32(0x80000000):
                continue  # the second symbol of a wide letter says nothing new
            number = np.int64(classes[symbol]) - 1 if symbol < classes.size else np.int64(-1)
            if number < 0:
                state = np.int64(0)
                continue
            if number < narrow:
                state = np.int64(steps[number * states + state])
            else:
                number -= narrow
                state = np.int64(steps[(narrow + 32 + (number >> 5)) * states + state])
                state = np.int64(steps[(narrow + (number & 31)) * states + state])
            if state < quiet:
                continue
            for match in range(firsts[state], firsts[state + 1]):
                before, after = at - backs[match] - 1, at + 1
                missing = rest_firsts[match + 1] - rest_firsts[match]
                if after + missing > end:
                    continue
                while missing and symbols[after] == rests[rest_firsts[match + 1] - missing]:
                    after += 1
                    missing -= 1
                if missing:
                    continue
                if left[match] and before >= first and symbols[before] < words.size and words[symbols[before]]:
                    continue
                if right[match] and after < end and symbols[after] < words.size and words[symbols[after]]:
                    continue
                cue = columns[match]
                if found[row, cue] < 255:
                    found[row, cue] += 1
                seen[cue] = after
                for link in range(link_firsts[cue], link_firsts[cue + 1]):
                    apart = abs(after - seen[links[2 * link]])
                    if 0 < apart <= window and found[row, links[2 * link + 1]] < 255:
                        found[row, links[2 * link + 1]] += 1
