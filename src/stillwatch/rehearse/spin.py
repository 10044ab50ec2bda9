r"""Slot grammars: one written line stands for thousands of wordings.

``(a|b|c)`` is a choice, choices nest, an empty alternative leaves the words out, ``\(`` is a plain bracket, and
``{name}`` stays for the caller to fill. ``fixed`` draws once and keeps the wording; ``spin`` draws anew each time.
"""

from stillwatch.rehearse.dice import Dice


def _parse(text: str, place: int, depth: int) -> tuple[list[object], int, str]:
    """One sequence from ``place`` to the next ``|`` or ``)`` of this depth; and which of the two ended it."""
    pieces: list[object] = []
    start = place
    while place < len(text):
        sign = text[place]
        if sign == "\\":
            pieces.append(text[start:place])
            start, place = place + 1, place + 2
            continue
        if sign == "(":
            pieces.append(text[start:place])
            choices: list[list[object]] = []
            ended = "|"
            while ended == "|":
                choice, place, ended = _parse(text, place + 1, depth + 1)
                choices.append(choice)
            pieces.append(tuple(choices))
            start = place + 1
        elif depth and sign in "|)":
            pieces.append(text[start:place])
            return pieces, place, sign
        place += 1
    if depth:
        raise ValueError(f"a choice is not closed in: {text[:60]}")
    pieces.append(text[start:])
    return pieces, place, ""


def _walk(pieces: list[object], dice: Dice, out: list[str]) -> None:
    for piece in pieces:
        if isinstance(piece, str):
            out.append(piece)
        elif isinstance(piece, tuple):
            _walk(piece[dice.roll(len(piece))], dice, out)


class Grammar:
    """One parsed line. Raises ``ValueError`` for an unclosed choice."""

    __slots__ = ("_pieces", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._pieces = _parse(text, 0, 0)[0]

    def spin(self, dice: Dice) -> str:
        """One wording."""
        out: list[str] = []
        _walk(self._pieces, dice, out)
        return "".join(out)


def grammars(*lines: str) -> tuple[Grammar, ...]:
    """Several lines, parsed."""
    return tuple(Grammar(line) for line in lines)
