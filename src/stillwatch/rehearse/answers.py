"""Completions: made up, in the shape that the question draws. Lengths are heavy-tailed; the logged text is an extract.

Ordinary questions draw reasoning, grades and code too, so the shape of an answer is no label.
"""

from stillwatch.rehearse.babble import Babbler
from stillwatch.rehearse.dice import Dice

_LENGTHS = {"label": 6, "graded": 60, "plain": 180, "list": 210, "code": 260, "trajectory": 120, "reasoning": 520}


def tokens(kind: str, dice: Dice) -> int:
    """How many completion tokens: a typical length for the kind times a log-normal factor (sum of three draws)."""
    spread = (dice.roll(1000) + dice.roll(1000) + dice.roll(1000)) / 1500.0 - 1.0
    return max(1, int(_LENGTHS.get(kind, 180) * 2.0 ** (spread * 2.6)))


def text(kind: str, babbler: Babbler, dice: Dice, symbols: int) -> str:
    """The first ``symbols`` characters (about) of a completion."""
    if kind == "label":
        return babbler.sentence(dice, 0)
    body = babbler.passage(dice, 1 + symbols // 90)
    if kind == "reasoning":
        body = dice.pick(("<think>\n", "Let me work through it. ", "Step 1. ", "First, ")) + body
    elif kind == "graded":
        body = f'{{"score": {dice.roll(10) + 1}, "why": "{body[:120]}"}}'
    elif kind == "code":
        body = f"```python\ndef solve(x):\n    # {body[:60]}\n    return x\n```\n" + body
    elif kind == "list":
        body = "\n".join(f"{place}. {part}" for place, part in enumerate(body.split(". "), 1))
    return body[: symbols + 40]
