"""Short phrases ("cues") found in folded text, many at once and in many scripts, without keeping a word of it.

The phrases are a catalogue that a person can read (``phrases/*.toml``). They become one Aho-Corasick automaton
(Aho and Corasick, "Efficient string matching: an aid to bibliographic search", CACM 18(6), 1975), so a text is read
once however many phrases there are. The automaton has its failure links worked into a full table of transitions. To
keep that table small, only the commonest symbols of the catalogue take one step; a rarer symbol takes two, the upper
and the lower part of its number.

A phrase that begins or ends with a letter or digit counts only where a word begins or ends there ("sum" is not in
"summary"), unless a ``*`` in the catalogue leaves that end open. Scripts that write no space between words, or join
particles to them (Han, kana, Hangul, Thai, Lao, Khmer, Burmese, Arabic, Hebrew), have no such rule.
"""

import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
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
    uint16[width * states]: the next state. ``firsts`` int64[states + 1]: where the matches of a state start in the
    four match arrays. ``columns``: the cue; ``backs``: symbols from its last letter back to its first; ``left`` and
    ``right``: 1 where that end must be the end of a word.
    """

    cues: tuple[str, ...]
    classes: U16
    steps: U16
    states: int
    narrow: int
    firsts: I64
    columns: I64
    backs: I64
    left: U8
    right: U8

    def hits(self, text: Folded) -> U8:
        """How often each cue stands in each row, at most 255: uint8[rows, cues]."""
        found = np.zeros((len(text.offsets) - 1, len(self.cues)), dtype=np.uint8)
        shape = np.array([self.states, self.narrow], dtype=np.int64)
        _match(
            text.symbols, text.offsets, self.classes, self.steps, shape, self.firsts, self.columns, self.backs,
            self.left, self.right, word_table(), found,
        )  # fmt: skip
        return found


class Pattern(NamedTuple):
    """One folded phrase: the symbols that the automaton reads, its length in the text, and which ends are word ends."""

    column: int
    codes: tuple[int, ...]
    length: int
    left: bool
    right: bool


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
    common = Counter(code for pattern in patterns for code in pattern.codes).most_common()
    numbers = {code: number for number, (code, _) in enumerate(common)}
    narrow = min(ONE_STEP, len(numbers))
    classes = np.zeros(max(numbers) + 1, dtype=np.uint16)
    for code, number in numbers.items():
        classes[code] = number + 1
    children, ending = _trie(patterns, numbers, narrow)
    width = narrow + LOW_PARTS + (len(numbers) - narrow) // LOW_PARTS + 1
    steps, accepted = _automaton(children, ending, width)
    matches = [pattern for accept in accepted for pattern in accept]
    return Matcher(
        cues=names,
        classes=classes,
        steps=steps,
        states=len(accepted),
        narrow=narrow,
        firsts=np.cumsum([0, *map(len, accepted)]).astype(np.int64),
        columns=np.array([match.column for match in matches], dtype=np.int64),
        # The last symbol of a wide letter has not been read yet when the automaton accepts.
        backs=np.array([match.length - 1 - int(_is_wide(match.codes[-1])) for match in matches], dtype=np.int64),
        left=np.array([match.left for match in matches], dtype=np.uint8),
        right=np.array([match.right for match in matches], dtype=np.uint8),
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
            column, codes, len(symbols), left and not phrase.startswith(_OPEN), right and not phrase.endswith(_OPEN)
        )
        patterns[pattern] = None
    return list(patterns)


def _is_wide(code: int) -> bool:
    return len(fold(pa.array([chr(code)], pa.string())).symbols) == 2


def _trie(
    patterns: list[Pattern], numbers: Mapping[int, int], narrow: int
) -> tuple[list[dict[int, int]], dict[int, list[Pattern]]]:
    """The phrases as a tree of steps: for each node its children, and the patterns that end there."""
    children: list[dict[int, int]] = [{}]
    ending: dict[int, list[Pattern]] = {}
    for pattern in patterns:
        node = 0
        for code in pattern.codes:
            number = numbers[code]
            high, low = divmod(number - narrow, LOW_PARTS)
            for step in (number,) if number < narrow else (narrow + LOW_PARTS + high, narrow + low):
                if step not in children[node]:
                    children[node][step] = len(children)
                    children.append({})
                node = children[node][step]
        ending.setdefault(node, []).append(pattern)
    return children, ending


def _automaton(
    children: list[dict[int, int]], ending: Mapping[int, list[Pattern]], width: int
) -> tuple[U16, list[list[Pattern]]]:
    """Number the nodes breadth first (the shallow ones, read most, lie together) and work in the failure links."""
    if len(children) > np.iinfo(np.uint16).max:
        raise ValueError(f"the catalogue needs {len(children)} states; the table holds 65,535")
    order = [0]
    for node in order:
        order.extend(children[node].values())
    state = {node: number for number, node in enumerate(order)}
    steps = np.zeros((len(order), width), dtype=np.uint16)
    failure = [0] * len(order)
    accepted: list[list[Pattern]] = [[] for _ in order]
    for number, node in enumerate(order):
        back = failure[number]
        accepted[number] = ending.get(node, []) + (accepted[back] if number else [])
        steps[number] = steps[back]
        for step, child in children[node].items():
            failure[state[child]] = int(steps[back, step]) if number else 0
            steps[number, step] = state[child]
    return np.ascontiguousarray(steps.T).reshape(-1), accepted


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
    WRITE_U8_2D,
)  # fmt: skip
def _match(
    symbols: U32, offsets: I64, classes: U16, steps: U16, shape: I64, firsts: I64, columns: I64, backs: I64, left: U8,
    right: U8, words: U8, found: npt.NDArray[np.uint8],
) -> None:  # fmt: skip
    """Walk every row through the automaton and count accepted phrases into ``found``, uint8[rows, cues]."""
    states, narrow = shape[0], shape[1]
    for row in range(offsets.size - 1):
        first, end = offsets[row], offsets[row + 1]
        state = np.int64(0)
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
            for match in range(firsts[state], firsts[state + 1]):
                before, after = at - backs[match] - 1, at + 1
                if left[match] and before >= first and symbols[before] < words.size and words[symbols[before]]:
                    continue
                if right[match] and after < end and symbols[after] < words.size and words[symbols[after]]:
                    continue
                if found[row, columns[match]] < 255:
                    found[row, columns[match]] += 1
