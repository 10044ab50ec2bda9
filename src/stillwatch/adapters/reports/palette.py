"""Colours of the report, once for light and once for dark.

Charts are drawn in the light colours. A style sheet rule per colour swaps in the dark one where the reader's screen is
dark, so one drawing serves both; print is always light. Text colours keep 4.5:1 on their paper, marks 3:1 (WCAG 2.2,
success criteria 1.4.3 and 1.4.11); a test checks it.
"""

from typing import NamedTuple


class Colour(NamedTuple):
    """The same meaning on white paper and on a dark screen."""

    light: str
    dark: str


PAPER = Colour("#f8f6f1", "#12161c")
CARD = Colour("#fffefb", "#1a2028")
INK = Colour("#1d2530", "#ece8df")
MUTED = Colour("#57606d", "#a9b2bf")
LINE = Colour("#dcd7cc", "#353e4a")
GRID = Colour("#ebe7de", "#28303a")

UP = Colour("#b0511c", "#ea8f5c")  # towards "campaign": copper
DOWN = Colour("#1a756f", "#5cc6bc")  # towards an innocent explanation
TOTAL = Colour("#2b3644", "#d6dbe2")
AFTER = Colour("#9a8f80", "#8d8678")  # served after the campaign could have been noticed

ACT = Colour("#a5122f", "#ff8a98")
REVIEW = Colour("#8a5400", "#f0b95c")
WATCH = Colour("#355a8f", "#93b8ee")

WORDS = Colour("#2f5fa6", "#86b0ee")
NETWORK = Colour("#1f7a4d", "#62c794")
CLIENT = Colour("#7446a8", "#bd9aea")
MONEY = Colour("#a04a12", "#efa06b")
REPLAY = Colour("#a3236b", "#f08bc0")
OTHER = Colour("#5f6772", "#a0a8b4")

#: Colours that charts may use: each must differ from the others in light, or the swap would mix them up.
CHART = (
    INK, MUTED, LINE, GRID, UP, DOWN, TOTAL, AFTER, ACT, REVIEW, WATCH,
    WORDS, NETWORK, CLIENT, MONEY, REPLAY, OTHER, CARD,
)  # fmt: skip

_PAGE = {
    "paper": PAPER, "card": CARD, "ink": INK, "muted": MUTED, "line": LINE, "grid": GRID, "up": UP, "down": DOWN,
    "total": TOTAL, "after": AFTER, "act": ACT, "review": REVIEW, "watch": WATCH, "words": WORDS, "network": NETWORK,
    "client": CLIENT, "money": MONEY, "replay": REPLAY, "other": OTHER,
}  # fmt: skip


def variables(*, dark: bool) -> str:
    """CSS custom properties for one of the two."""
    return "".join(f"--{name}:{colour.dark if dark else colour.light};" for name, colour in _PAGE.items())


def swaps() -> str:
    """The rules that turn a chart dark. They win over the drawing's own attributes, which have no specificity."""
    return "\n".join(
        f'.chart [{part}="{colour.light}"]{{{part}:{colour.dark}}}' for colour in CHART for part in ("fill", "stroke")
    )
