"""Text becomes symbols, so that what looks the same to a reader is the same to every later kernel.

A symbol is a code point after folding. Folding drops what a copy loses or an evader adds at no cost:

* compatibility forms (full width, mathematical letters) and case, by Unicode's own NFKD and case folding, wherever
  the result is one code point (``ß`` and the ligatures stay as they are);
* accents and other marks that sit on Latin, Greek and Cyrillic letters, so that composed and decomposed text agree
  (``é`` is ``e``); vowel signs of Indic and other scripts are letters there and stay;
* format characters, zero-width characters, soft hyphens, direction marks, variation selectors and tags;
* decimal digits of every script, which become ``0`` to ``9``;
* typographic quotes and dashes, which become ``'``, ``"`` and ``-``;
* white space and control characters: one space for each run, none at either end.

A Han, kana, Hangul, Bopomofo or Yi code point says about as much as two letters, so it gives **two** symbols: itself
and itself with ``TAIL`` set. So a gram of 20 symbols is 20 letters, or 10 Han characters, and no later kernel needs to
know about scripts.

Source: The Unicode Standard, Annex 15 (normalization forms), section 5.18 (case mappings) and the General_Category
values of Annex 44, as Python's ``unicodedata`` gives them. Conjoining Hangul letters and separate voicing marks of kana
are not composed, and look-alike letters of different scripts are not merged.
"""

import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.sketch.kernels import I64, INT64, READ_I64, READ_U8, READ_U32, U8, U32, WRITE_I64, WRITE_U32, kernel

#: Set on the second symbol of a wide code point.
TAIL = 1 << 31

SPACE = 32
#: A table entry for "leave it out". U+0000 itself folds to a space, so no code point needs the value.
DROPPED = 0
#: The table covers the two planes in which characters fold; what lies beyond is ideographs, tags and private use.
TABLE_SIZE = 0x20000

_WIDE = (
    (0x1100, 0x115E), (0x11A8, 0x11FF), (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3041, 0xA4CF),
    (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0x17000, 0x18DFF), (0x1AFF0, 0x1B2FF),
)  # fmt: skip
#: Marks that modify letters of European scripts and symbols, and the grapheme joiner. Indic marks are not among them.
_MARKS = ((0x0300, 0x036F), (0x0483, 0x0489), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
#: Invisible though Unicode files them under letters or marks: Hangul and Khmer fillers, Mongolian and other selectors.
_INVISIBLE = (
    (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0),
)  # fmt: skip
#: Fold to themselves; passing over them makes the table five times quicker to build.
_UNCHANGED = (
    (0x0001, 0x0001), (0x3400, 0x4DBF), (0x4E00, 0xA4CF), (0xAC00, 0xD7FF), (0xD800, 0xF8FF), (0x12000, 0x133FF),
    (0x14400, 0x167FF), (0x17000, 0x1BBFF),
)  # fmt: skip
_BETWEEN = "\x01"
_BY_CATEGORY = {"Cf": DROPPED, "Cc": SPACE, "Zs": SPACE, "Zl": SPACE, "Zp": SPACE, "Pd": ord("-")}
_SUPPLEMENTARY_IDEOGRAPHS = 0x20000
_DASHES = "\u2212⁃"
_SINGLE_QUOTES = "‘’‚‛′‹›`´ʼ＇"
_DOUBLE_QUOTES = "“”„‟″«»〝〞＂"
_BLANK = "\u2800"  # the empty Braille pattern


class Folded(NamedTuple):
    """Rows of symbols. Row ``i`` is ``symbols[offsets[i]:offsets[i + 1]]``; a null text is an empty row.

    ``symbols`` is uint32[all], ``offsets`` is int64[rows + 1] and starts at 0.
    """

    symbols: U32
    offsets: I64

    @property
    def lengths(self) -> I64:
        """Symbols in each row: int64[rows]."""
        return np.diff(self.offsets)


def fold(texts: pa.Array) -> Folded:
    """Fold an Arrow array of ``string`` or ``large_string`` (slices and nulls welcome) to rows of symbols."""
    data, starts, ends = _utf8(texts)
    capacity = int((ends - starts).sum())  # no code point gives more symbols than it has bytes
    symbols = np.empty(capacity, dtype=np.uint32)
    offsets = np.empty(len(starts) + 1, dtype=np.int64)
    count = _fold(data, starts, ends, table(), symbols, offsets)
    return Folded(symbols[:count], offsets)


def _utf8(texts: pa.Array) -> tuple[U8, I64, I64]:
    """The bytes of the array, and where each text starts and ends in them; a null has no bytes."""
    if pa.types.is_string(texts.type):
        width: type[np.int32] | type[np.int64] = np.int32
    elif pa.types.is_large_string(texts.type):
        width = np.int64
    else:
        raise TypeError(f"fold takes an Arrow string array, not {texts.type}")
    _, offset_buffer, data_buffer = texts.buffers()
    if len(texts) == 0 or offset_buffer is None:
        nothing = np.zeros(0, dtype=np.int64)
        return np.zeros(0, dtype=np.uint8), nothing, nothing
    offsets = np.frombuffer(offset_buffer, dtype=width)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    starts, ends = offsets[:-1], offsets[1:]
    if texts.null_count:
        # The format allows bytes under a null: they must not be read.
        ends = np.where(texts.is_valid().to_numpy(zero_copy_only=False), ends, starts)
    data = np.zeros(0, dtype=np.uint8) if data_buffer is None else np.frombuffer(data_buffer, dtype=np.uint8)
    return data, starts, ends


@cache
def table() -> U32:
    """What each code point below ``TABLE_SIZE`` folds to: uint32, with ``TAIL`` where it is wide, or ``DROPPED``."""
    folded = np.arange(TABLE_SIZE, dtype=np.uint32)
    changing = ~_within(_UNCHANGED)
    folded[changing] = _folded([chr(code) for code in np.flatnonzero(changing).tolist()])
    folded[_within((*_MARKS, *_INVISIBLE))] = DROPPED
    folded[ord(_BETWEEN)] = SPACE
    for characters, plain in ((_SINGLE_QUOTES, "'"), (_DOUBLE_QUOTES, '"'), (_DASHES, "-"), (_BLANK, " ")):
        folded[[ord(character) for character in characters]] = ord(plain)
    wide = _within(_WIDE)[np.minimum(folded, TABLE_SIZE - 1)] | (folded >= _SUPPLEMENTARY_IDEOGRAPHS)
    folded[wide] |= np.uint32(TAIL)
    folded.setflags(write=False)
    return folded


def _within(ranges: tuple[tuple[int, int], ...]) -> npt.NDArray[np.bool_]:
    """Which code points of the table lie in the ranges, both ends included."""
    inside = np.zeros(TABLE_SIZE, dtype=bool)
    for first, last in ranges:
        inside[first : last + 1] = True
    return inside


def _folded(characters: list[str]) -> list[int]:
    """The one code point each character folds to, or ``DROPPED``; itself where it would become several.

    Unicode's forms are taken of all characters at once, with a neutral character between them: ten times quicker than
    one by one, and the table is built at every start.
    """
    lines = _BETWEEN.join(characters)
    apart = unicodedata.normalize("NFKD", lines).split(_BETWEEN)
    together = unicodedata.normalize("NFKC", lines).split(_BETWEEN)
    single = [
        _one(character, _bare(loose) if len(loose) > 1 else loose, tight)
        for character, loose, tight in zip(characters, apart, together, strict=True)
    ]
    lower = _BETWEEN.join(single).casefold().split(_BETWEEN)
    categories = map(unicodedata.category, characters)
    return [
        _plain(category, character, small if len(small) == 1 else piece)
        for category, character, piece, small in zip(categories, characters, single, lower, strict=True)
    ]


def _plain(category: str, character: str, letter: str) -> int:
    if category == "Nd":
        return ord("0") + unicodedata.decimal(character)
    return _BY_CATEGORY[category] if category in _BY_CATEGORY else ord(letter)


def _one(character: str, loose: str, tight: str) -> str:
    """The decomposed form where it is one character, else the composed one (Hangul, voiced kana), else itself."""
    if len(loose) == 1:
        return loose
    return tight if len(tight) == 1 else character


def _bare(letters: str) -> str:
    """Without the marks that copies lose."""
    return "".join(letter for letter in letters if not any(first <= ord(letter) <= last for first, last in _MARKS))


@kernel(INT64, READ_U8, READ_I64, READ_I64, READ_U32, WRITE_U32, WRITE_I64)
def _fold(data: U8, starts: I64, ends: I64, table: U32, symbols: U32, offsets: I64) -> int:
    """Decode and fold every row into ``symbols``; returns how many symbols there are.

    Arrow promises valid UTF-8. Should the promise be broken, the row is cut at the end of its bytes, never read past.
    """
    out = 0
    offsets[0] = 0
    for row in range(starts.size):
        first = out
        blank = True  # true where a space would be the second in its run, or the first of the row
        at = starts[row]
        end = ends[row]
        while at < end:
            code = np.uint32(data[at])
            at += 1
            if code >= 0x80:
                if code < 0xE0:
                    more, code = 1, code & np.uint32(0x1F)
                elif code < 0xF0:
                    more, code = 2, code & np.uint32(0x0F)
                else:
                    more, code = 3, code & np.uint32(0x07)
                if at + more > end:
                    break
                for _ in range(more):
                    code = (code << np.uint32(6)) | (np.uint32(data[at]) & np.uint32(0x3F))
                    at += 1
            if code < 0x20000:
                value = table[code]
            elif code < 0x40000:
                value = code | np.uint32(0x80000000)
            elif 0xE0000 <= code < 0xE1000:
                value = np.uint32(0)
            else:
                value = code
            # Written always, kept or not: where spaces fall is a coin toss for the processor, so there is no branch.
            symbols[out] = value & np.uint32(0x7FFFFFFF)
            space = value == 32
            out += (value != 0) & (not (space & blank))
            blank = space | (blank & (value == 0))
            if value >= np.uint32(0x80000000):
                symbols[out] = value
                out += 1
        if blank and out > first:
            out -= 1
        offsets[row + 1] = out
    return out
