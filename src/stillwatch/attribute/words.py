"""Words of estimative probability with their ranges, as Intelligence Community Directive 203 sets them.

ICD 203, "Analytic Standards", 2 January 2015, section D.6.e(2)(a): seven words from "almost no chance" (1 to 5 %) to
"almost certain" (95 to 99 %). It also asks that likelihood and the analyst's *confidence* (how good the sources are)
are not mixed in one sentence: they are separate fields here. Nothing is said with more than 99 % or less than 1 %.
"""

from typing import Literal, NamedTuple

#: How good the basis is, apart from how likely the statement is.
Confidence = Literal["low", "moderate", "high"]


class Word(NamedTuple):
    """A word and the percentages it stands for; the upper end belongs to the next word."""

    text: str
    low: int
    high: int


WORDS: tuple[Word, ...] = (
    Word("almost no chance", 1, 5),
    Word("very unlikely", 5, 20),
    Word("unlikely", 20, 45),
    Word("roughly even chance", 45, 55),
    Word("likely", 55, 80),
    Word("very likely", 80, 95),
    Word("almost certain", 95, 99),
)


def percent(probability: float) -> str:
    """Whole percentages; beyond 1 and 99, where no word reaches, only that it is beyond."""
    if probability < 0.01:
        return "<1%"
    return ">99%" if probability > 0.99 else f"{probability:.0%}"


def word(probability: float) -> Word:
    """The word for a probability in 0..1. What lies outside 1 to 99 % takes the outermost word."""
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"{probability} is no probability")
    percent = round(100 * probability, 6)
    return next((one for one in WORDS if percent < one.high), WORDS[-1])
