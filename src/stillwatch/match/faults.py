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


class ReplayError(MatchError):
    """A message of another session, another step, or for a step that is already behind."""

    code = "replay"


class RefusedError(MatchError):
    """The other party refused, with its reason: budget, membership, agreement."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class ProofError(IntegrityError):
    """A holder did not use the key that it published. ``holder`` names it: ``forum`` or ``trustee``."""

    def __init__(self, holder: str, what: str) -> None:
        super().__init__(f"the {holder} {what}; nothing of this session was used. Keep the transcript and tell it")
        self.holder = holder
