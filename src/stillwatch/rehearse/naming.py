"""Names and ids of planted accounts and exchanges: those of a composed log, or ones in the shape of a user's log.

A name in another shape would give the planted away to whoever reads the log, and to a detector that reads names.
"""

import string
from collections.abc import Container, Sequence

from stillwatch.rehearse.dice import Dice, mix

_HEX = "0123456789abcdef"


class Naming:
    """Names from numbers. ``accounts`` and ``exchanges`` are samples of the user's log, none for a composed one.

    ``taken``: account names that the log has already.
    """

    def __init__(self, accounts: Sequence[str] = (), exchanges: Sequence[str] = (), taken: Container[str] = ()) -> None:
        self._accounts, self._exchanges, self._taken = accounts, exchanges, taken
        self._given: set[str] = set()

    def account(self, number: int) -> str:
        """An account's name: never one that is taken, or was given before."""
        if not self._accounts:
            return f"acct_{number:016x}"
        sample = self._accounts[mix(number, 1) % len(self._accounts)]
        name, tries = like(sample, number), 0
        while name in self._taken or name in self._given:
            tries += 1
            # A log that numbers its accounts in few digits is soon full: another digit is the smaller evil.
            name = like(sample + "0" * (tries // 8), mix(number, tries))
        self._given.add(name)
        return name

    def exchange(self, number: int) -> str:
        """An exchange's id."""
        if not self._exchanges:
            return f"x-{number:016x}"
        return like(self._exchanges[mix(number, 1) % len(self._exchanges)], number)


def like(sample: str, number: int) -> str:
    """A text in the shape of ``sample``: digits for digits, letters for letters, signs and a leading word kept."""
    start = 0
    for place, sign in enumerate(sample):
        if sign in "_-:/." and sample[:place].isalpha():
            start = place + 1
            break
    rest = sample[start:]
    used = {sign for sign in rest if sign.isalnum()}
    digits = next((digits for digits in (_HEX, _HEX.upper()) if used <= set(digits) and used & set(digits[10:])), None)
    dice = Dice(number)
    return sample[:start] + "".join(_other(sign, digits, dice) for sign in rest)


def _other(sign: str, hexadecimal: str | None, dice: Dice) -> str:
    if not sign.isascii() or not sign.isalnum():
        return sign
    if hexadecimal:
        return dice.pick(hexadecimal)
    if sign.isdigit():
        return dice.pick(string.digits)
    return dice.pick(string.ascii_uppercase if sign.isupper() else string.ascii_lowercase)
