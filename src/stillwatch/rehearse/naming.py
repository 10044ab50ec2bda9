"""Names and ids of planted accounts and exchanges: those of a composed log, or ones in the shape of a user's log.

A name in another shape would give the planted away to whoever reads the log, and to a detector that reads names.
"""

import string
from collections.abc import Container

from stillwatch.rehearse.dice import Dice, mix

_HEX = "0123456789abcdef"


class Naming:
    """Names from numbers. ``account`` and ``exchange`` are samples of the user's log, ``None`` for a composed one.

    ``taken``: account names that the log has already.
    """

    def __init__(self, account: str | None = None, exchange: str | None = None, taken: Container[str] = ()) -> None:
        self._account, self._exchange, self._taken = account, exchange, taken
        self._given: set[str] = set()

    def account(self, number: int) -> str:
        """An account's name: never one that is taken, or was given before."""
        if self._account is None:
            return f"acct_{number:016x}"
        name, tries = like(self._account, number), 0
        while name in self._taken or name in self._given:
            tries += 1
            # A log that numbers its accounts in few digits is soon full: another digit is the smaller evil.
            name = like(self._account + "0" * (tries // 8), mix(number, tries))
        self._given.add(name)
        return name

    def exchange(self, number: int) -> str:
        """An exchange's id."""
        return f"x-{number:016x}" if self._exchange is None else like(self._exchange, number)


def like(sample: str, number: int) -> str:
    """A text in the shape of ``sample``: digits for digits, letters for letters, signs and a leading word kept."""
    start = 0
    for place, sign in enumerate(sample):
        if sign in "_-:/." and sample[:place].isalpha():
            start = place + 1
            break
    rest = sample[start:]
    low = {sign for sign in rest if sign.isalnum()}
    hexadecimal = low <= set(_HEX) and any(sign in "abcdef" for sign in low)
    dice = Dice(number)
    return sample[:start] + "".join(_other(sign, hexadecimal, dice) for sign in rest)


def _other(sign: str, hexadecimal: bool, dice: Dice) -> str:
    if not sign.isascii() or not sign.isalnum():
        return sign
    if hexadecimal:
        return dice.pick(_HEX)
    if sign.isdigit():
        return dice.pick(string.digits)
    return dice.pick(string.ascii_uppercase if sign.isupper() else string.ascii_lowercase)
