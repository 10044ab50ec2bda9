"""What can go wrong between the parties of a match, each with its own type, grouped by who must act.

A holder that refuses says so in a value (``wire.Refused``); these are raised where a party can't go on.
"""

from stillwatch.errors import IntegrityError, StillwatchError


class MatchError(StillwatchError):
    """Whoever sent this must mend it; sending it again unchanged will fail again. ``code`` is for programs."""

    code = "match"


class MalformedError(MatchError):
    """Bytes that are no message, a column of the wrong length, a point that is not on the curve or is the identity."""

    code = "malformed"


class StaleEpochError(MatchError):
    """The epoch or the type is not open here: not yet, no longer, or its key is destroyed."""

    code = "stale-epoch"


class SpellingError(MatchError):
    """The members of this epoch spell identifiers otherwise: what is the same would not match, and nobody would see."""

    code = "spelling"


class ReplayError(MatchError):
    """A message of another session, another step, or for a step that is already behind."""

    code = "replay"


class RefusedError(MatchError):
    """The other party refused, with its reason: budget, membership, agreement."""

    def __init__(self, code: str, why: str) -> None:
        """Both come from outside and are shown to a person: no control characters, and no more than two lines."""
        super().__init__(plain(why)[:300])
        self.code = plain(code)[:40]


class ProofError(IntegrityError):
    """A holder did not use the key that it published. ``holder`` names it: ``forum`` or ``trustee``."""

    def __init__(self, holder: str, what: str) -> None:
        super().__init__(f"the {holder} {what}; nothing of this session was used. Keep the transcript and tell it")
        self.holder = holder


def plain(text: str) -> str:
    """Without what could move a terminal's cursor or turn the direction of writing."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
