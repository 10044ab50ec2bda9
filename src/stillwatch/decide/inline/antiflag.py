"""Anti-flag text: words that tell the safeguards to look away and, with them, ask for the model's hidden reasoning.

Each half alone is innocent. "This is not used for training" is a promise to customers, "show your reasoning" a wish of
every teacher, and one harmless sentence of this kind has been refused before (DOMAIN section 4). So both halves must
stand in the caller's own words (``words``), in a brief text, and nothing there may speak *about* such words: no
question why they work, no moderator's guide, no story, no order to keep the reasoning secret.

The phrases are the sketch's own catalogue in eleven languages; a language is never a sign.
"""

from functools import cache

import numpy as np

from stillwatch.sketch.cues import Matcher, build, catalogue
from stillwatch.sketch.fold import Folded

#: Symbols of all texts together above which this rule does not read: in a long text every word stands somewhere.
BRIEF = 4_000
#: Symbols between two cues that belong together: about a sentence (as in ``sketch/techniques``).
WINDOW = 90

#: Words that tell the safeguards to look away, and settings that claim it was done. ``a~b``: a pair near each other.
ORDERS = ("anti_flag", "ignore_policy", "no_not~turn_down", "no_not~copying")
#: Orders not to log, report or flag this very request. Privacy asks for that too, so they count beside BY_NAME alone.
UNWATCHED = ("unwatched",)
CLAIMS = ("safeguards~lifted", "fake_debug", "mode_word~mode_on")
#: The model's hidden reasoning by name, to be shown; or, where safeguards were named too, a form of words for it: in
#: an order something concealed and thought that is to be shown, in a claim the same to the letter.
BY_NAME = (
    ("hidden_reasoning", "reveal"),
    ("hidden_reasoning", "reveal_too"),
    ("hidden_reasoning", "emit~inner_word"),
    ("hidden_too", "reveal"),
)
IN_ORDER = ("concealed~inner_word", "emit~inner_word")
IN_CLAIM = (*IN_ORDER, "to_the_letter")
ABOUT = ("studied", "moderated", "keep_secret")

_NAMES = {name for row in (ORDERS, UNWATCHED, CLAIMS, *BY_NAME, IN_CLAIM, ABOUT) for name in row}
_NEAR = tuple((first, second) for name in sorted(_NAMES) for first, tilde, second in [name.partition("~")] if tilde)


@cache
def _cues() -> tuple[Matcher, tuple[str, ...]]:
    """The automaton of the few cues that are needed, and the names of its columns."""
    wanted = {part for name in _NAMES for part in name.split("~")}
    phrases = catalogue("reasoning", "forms", "words", "unwatched")
    cues = build({name: phrases[name] for name in sorted(wanted)})
    return cues, (*cues.cues, *("~".join(pair) for pair in _NEAR))


def stands_in(texts: Folded) -> bool:
    """Whether the texts (a row each) hold both halves."""
    there = _there(texts)
    ordered, claimed = not there.isdisjoint(ORDERS), not there.isdisjoint(CLAIMS)
    named = ordered or claimed or not there.isdisjoint(UNWATCHED)
    if named and any(there.issuperset(row) for row in BY_NAME):
        return True
    return (ordered and there.issuperset(IN_ORDER)) or (claimed and there.issuperset(IN_CLAIM))


def speaks_about(texts: Folded) -> bool:
    """Whether the texts speak about prompts and attacks: a study, a moderator's guide, a story, an order of secrecy."""
    return not _there(texts).isdisjoint(ABOUT)


def _there(texts: Folded) -> set[str]:
    cues, columns = _cues()
    there = np.flatnonzero(cues.hits(texts, _NEAR, WINDOW).max(axis=0, initial=0)).tolist()
    return {columns[column] for column in there}
