"""Running text that nobody wrote before: a chain of short chunks learned from a corpus.

Real prompts hardly ever repeat, and a pool of a few thousand recorded prompts, drawn from by thousands of strangers,
would make strangers look like copies of one another. So most ordinary text is spun: chunks of three words follow each
other as they do in the corpus (Shannon 1948, section 3, word approximation), which keeps the words of a topic while no
passage longer than a few words is shared by design: names and numbers break what would be recited.
"""

from collections.abc import Iterable

from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.words import SYLLABLES, name

_CHUNK = 3
_FEWEST = 4  # a word with fewer continuations than this would recite the corpus: the chain jumps instead


class Babbler:
    """Spins sentences in the words of one corpus."""

    def __init__(self, texts: Iterable[str], *, most_words: int = 60_000) -> None:
        # Each continuation counts once: frames that a corpus repeats must not become passages that strangers share.
        follow: dict[str, dict[str, None]] = {}
        starts: dict[str, None] = {}
        words_read = 0
        for text in texts:
            words = text.split()
            words_read += len(words)
            for place in range(len(words) - _CHUNK):
                chunk = " ".join(words[place + 1 : place + 1 + _CHUNK])
                follow.setdefault(words[place], {})[chunk] = None
                if place == 0 or words[place - 1][-1] in ".!?:":
                    starts[" ".join(words[place : place + _CHUNK])] = None
            if words_read > most_words:
                break
        self._follow = {
            word: tuple(chunks) for word, chunks in follow.items() if len(chunks) >= _FEWEST and word[-1] not in ".!?"
        }
        self._starts = tuple(starts) or ("So",)

    def sentence(self, dice: Dice, chunks: int = 4) -> str:
        """About three words a chunk. Ends at a full stop where the chain comes to one."""
        pick, follow = dice.pick, self._follow
        chunk = pick(self._starts)
        parts = [chunk]
        for _ in range(chunks):
            last = chunk.rsplit(" ", 1)[-1]
            onward = follow.get(last)
            turn = dice.roll(12)
            if onward is None or turn < 2:
                parts.append(_own_word(dice))
                chunk = pick(self._starts)
            else:
                chunk = pick(onward)
            parts.append(chunk)
        return " ".join(parts)

    def passage(self, dice: Dice, sentences: int) -> str:
        """Several sentences in one paragraph."""
        return " ".join(self.sentence(dice, 3 + dice.roll(4)) for _ in range(sentences))


def _own_word(dice: Dice) -> str:
    """A name or a number, which hardly anyone else writes at the same place."""
    if dice.roll(3) == 0:
        return str(10 + dice.roll(9_990))
    return name((dice.roll(len(SYLLABLES)), dice.roll(len(SYLLABLES)), dice.roll(len(SYLLABLES))))
