"""Small, fast, repeatable chance for one exchange: NumPy's generators cost more to start than an exchange to write.

Every exchange is a pure function of (seed of its account, its number), so a population can be written in order of time
without holding any text, a day alone can be written, and a record can be made again. The mixing function is SplitMix64
(Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014); the stream is a 64-bit linear
congruential generator whose high bits are used (multiplier and increment of Knuth's MMIX). Not for secrets.
"""

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")

_MASK = (1 << 64) - 1


def mix(*parts: int) -> int:
    """One well-mixed 64-bit number from several."""
    state = 0x9E3779B97F4A7C15
    for part in parts:
        state = (state ^ (part & _MASK)) + 0x9E3779B97F4A7C15 & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state


class Dice:
    """A stream of small draws. Two dice with the same seed roll the same numbers."""

    __slots__ = ("_state",)

    def __init__(self, *seed: int) -> None:
        self._state = mix(*seed)

    def roll(self, sides: int) -> int:
        """A whole number in ``0 .. sides - 1`` (sides below 2**31; the bias is below 1e-9 of a side)."""
        self._state = state = (self._state * 6364136223846793005 + 1442695040888963407) & _MASK
        return ((state >> 33) * sides) >> 31

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.roll(1 << 30) < probability * (1 << 30)

    def pick(self, items: Sequence[Item]) -> Item:
        """One item, all alike."""
        self._state = state = (self._state * 6364136223846793005 + 1442695040888963407) & _MASK
        return items[((state >> 33) * len(items)) >> 31]

    def sample(self, items: Sequence[Item], count: int) -> list[Item]:
        """``count`` different places of ``items`` (all, shuffled, where there are fewer)."""
        order = list(items)
        taken = min(count, len(order))
        for place in range(taken):
            other = place + self.roll(len(order) - place)
            order[place], order[other] = order[other], order[place]
        return order[:taken]
