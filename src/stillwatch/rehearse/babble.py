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

#: Names and numbers that hardly anyone else writes at the same place.
_OWN_WORDS: tuple[str, ...] = (
    *(
        name((first, second, third))
        for first in range(0, len(SYLLABLES), 2)
        for second in range(1, len(SYLLABLES))
        for third in range(len(SYLLABLES))
    ),
    *(str(number) for number in range(10, 50_000, 7)),
)


def _with_last(chunk: str) -> tuple[str, str]:
    return chunk, chunk.rsplit(" ", 1)[-1]


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
            word: tuple(_with_last(chunk) for chunk in chunks)
            for word, chunks in follow.items()
            if len(chunks) >= _FEWEST and word[-1] not in ".!?"
        }
        self._starts = tuple(_with_last(chunk) for chunk in starts) or (("So", "So"),)

    def sentence(self, dice: Dice, chunks: int = 4) -> str:
        """About three words a chunk."""
        follow, starts, own = self._follow, self._starts, _OWN_WORDS
        chunk, last = dice.pick(starts)
        parts = [chunk]
        for _ in range(chunks):
            # One roll serves twice, for this is the busiest loop of composing: its low part says whether to jump.
            drawn = dice.roll(1 << 30)
            onward = follow.get(last)
            if onward is None or drawn % 6 == 0:
                parts.append(own[drawn % len(own)])
                chunk, last = starts[(drawn // 7) % len(starts)]
            else:
                chunk, last = onward[(drawn // 7) % len(onward)]
            parts.append(chunk)
        return " ".join(parts)

    def passage(self, dice: Dice, sentences: int) -> str:
        """Several sentences in one paragraph."""
        return " ".join(self.sentence(dice, 3 + dice.roll(4)) for _ in range(sentences))
