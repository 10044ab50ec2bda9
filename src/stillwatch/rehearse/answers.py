"""Completions: made up, in the shape that the question draws. Lengths are heavy-tailed; the logged text is an extract.

Ordinary questions draw reasoning, grades and code too, so the shape of an answer is no label.
"""

from stillwatch.rehearse.babble import Babbler
from stillwatch.rehearse.dice import Dice

#: How a model declines.
REFUSALS = (
    "I can't help with that.",
    "Sorry, that is something I won't do.",
    "I'm not able to share that, but here is what I can offer.",
    "That goes beyond what I may answer.",
)
_LENGTHS = {"label": 120, "graded": 190, "reasoning": 205}


def tokens(kind: str, account: int, dice: Dice) -> int:
    """How many completion tokens: mostly a habit of the account (``account`` is its seed), a little of the kind.

    Kept nearly alike over kinds on purpose: how long answers are must not tell a composed campaign from its neighbours.
    """
    habit = Dice(account, 11)
    typical = (habit.roll(1000) + habit.roll(1000)) / 1000.0 - 1.0
    spread = (dice.roll(1000) + dice.roll(1000) + dice.roll(1000)) / 1500.0 - 1.0
    return max(1, int(_LENGTHS.get(kind, 200) * 2.0 ** (typical * 2.0 + spread * 2.6)))


def thought(model: object, completion: int, dice: Dice) -> int:
    """Reasoning tokens among them: a matter of the model."""
    share = {"m-reason": 7, "m-next": 5, "m-large": 2}.get(str(model), 0)
    return completion * share // 10 if share and dice.roll(4) else 0


def text(kind: str, babbler: Babbler, dice: Dice, symbols: int) -> str:
    """The first ``symbols`` characters (about) of a completion."""
    if kind == "refusal":
        return dice.pick(REFUSALS) + " " + babbler.sentence(dice, 2)
    if kind == "label":
        return babbler.sentence(dice, 0)
    body = babbler.passage(dice, 2 + symbols // 60)
    if kind == "reasoning":
        body = dice.pick(("<think>\n", "Let me work through it. ", "Step 1. ", "First, ")) + body
    elif kind == "graded":
        body = f'{{"score": {dice.roll(10) + 1}, "why": "{body[:120]}"}}'
    elif kind == "code":
        body = f"```python\ndef solve(x):\n    # {body[:60]}\n    return x\n```\n" + body
    elif kind == "list":
        body = "\n".join(f"{place}. {part}" for place, part in enumerate(body.split(". "), 1))
    return body[:symbols]
