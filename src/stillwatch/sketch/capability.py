"""What a request is for, as one of ``CAPABILITIES``: the axis on which exposure is counted.

Each capability gets points from its cues in system and user text (``phrases/capability.toml``), from the mix of
characters (digits and operators, code punctuation, separators of tables), and from the request's structure (images,
tools). The most points win, the first of equals in the order of ``CAPABILITIES``; too few points are ``other``.
A system prompt says less than the user's own words, since it stands before many different requests.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.sketch.cues import matcher
from stillwatch.sketch.fold import Folded
from stillwatch.sketch.kernels import I8, I64, NOTHING, READ_I64, READ_U8, READ_U32, U8, U32, WRITE_I64, kernel
from stillwatch.vocabulary.techniques import CAPABILITIES

F64 = npt.NDArray[np.float64]

#: A cue counts at most so often: a long text is not more about something because it is long.
MOST_HITS = 4
SYSTEM_WEIGHT = 0.5
#: Below this many points nothing stands out.
ENOUGH = 1.0

_CLASSES = ("0123456789", "+=^<>*/", "{}[]();_=#", ",;|", "\\$")
#: Points for one hit of a cue, and the capability that gets them.
_POINTS = {
    "maths": ("maths", 1.0),
    "maths_weak": ("maths", 0.5),
    "code": ("code", 1.0),
    "code_weak": ("code", 0.4),
    "agentic": ("agentic", 1.0),
    "vision": ("vision", 0.7),
    "data_analysis": ("data-analysis", 1.0),
    "writing": ("writing", 1.4),
    "translation": ("translation", 2.0),
    "safety_sensitive": ("safety-sensitive", 1.2),
}


class Mix(NamedTuple):
    """Share of symbols of each character class in each row, float64[rows] each."""

    digits: F64
    operators: F64
    code: F64
    separators: F64
    latex: F64


def codes(batch: pa.RecordBatch, system: Folded, prompt: Folded) -> I8:
    """The capability of every exchange, int8[rows], an index into ``CAPABILITIES``."""
    points = np.zeros((batch.num_rows, len(CAPABILITIES)), dtype=np.float64)
    cues = matcher("capability")
    hits = np.minimum(cues.hits(prompt), MOST_HITS) + SYSTEM_WEIGHT * np.minimum(cues.hits(system), MOST_HITS)
    for column, cue in enumerate(cues.cues):
        name, weight = _POINTS[cue]
        points[:, CAPABILITIES.index(name)] += weight * hits[:, column]
    mix = mixture(prompt)
    points[:, CAPABILITIES.index("maths")] += (
        25.0 * np.minimum(mix.digits, 0.08) + 20.0 * np.minimum(mix.operators, 0.1) + 80.0 * np.minimum(mix.latex, 0.05)
    )
    # LaTeX is full of braces too
    points[:, CAPABILITIES.index("code")] += 40.0 * np.clip(mix.code - 4.0 * mix.latex, 0.0, 0.1)
    tabular = (mix.digits > 0.15) & (mix.separators > 0.08)
    points[:, CAPABILITIES.index("data-analysis")] += 3.0 * tabular
    points[:, CAPABILITIES.index("vision")] += 20.0 * (_number(batch, "images") > 0)
    used = (_number(batch, "tool_results") > 0) | (_number(batch, "tool_calls_in") > 0)
    points[:, CAPABILITIES.index("agentic")] += 10.0 * (_number(batch, "tools_offered") > 0) + 10.0 * used
    best = np.argmax(points, axis=1)
    best[points.max(axis=1, initial=0.0) < ENOUGH] = CAPABILITIES.index("other")
    return np.asarray(best, dtype=np.int8)


def mixture(text: Folded) -> Mix:
    """The character mix of every row; an empty row has none of anything."""
    rows = len(text.offsets) - 1
    counts = np.zeros(rows * len(_CLASSES), dtype=np.int64)
    _count(text.symbols, text.offsets, _class_bits(), counts)
    shares = counts.reshape(rows, len(_CLASSES)) / np.maximum(text.lengths, 1)[:, None]
    return Mix(*(np.ascontiguousarray(share) for share in shares.T))


def _class_bits() -> U8:
    """For each ASCII symbol a bit for every class that it is in."""
    bits = np.zeros(128, dtype=np.uint8)
    for number, characters in enumerate(_CLASSES):
        for character in characters:
            bits[ord(character)] |= 1 << number
    return bits


def _number(batch: pa.RecordBatch, name: str) -> I64:
    """A whole-number column with 0 where it is not known: what is not known speaks for nothing."""
    return np.asarray(batch.column(name).cast(pa.int64()).fill_null(0), dtype=np.int64)


@kernel(NOTHING, READ_U32, READ_I64, READ_U8, WRITE_I64)
def _count(symbols: U32, offsets: I64, bits: U8, counts: I64) -> None:
    """Count the symbols of each class in each row into ``counts``, int64[rows * 5]."""
    for row in range(offsets.size - 1):
        for at in range(offsets[row], offsets[row + 1]):
            symbol = symbols[at]
            if symbol < 128 and bits[symbol]:
                for number in range(5):
                    counts[row * 5 + number] += (bits[symbol] >> np.uint8(number)) & 1
