"""Errors, grouped by who must act. Whoever catches one needs nothing else.

A refusal is not an error, and neither is a line that cannot be read: both are values (``Reject``).
"""


class StillwatchError(Exception):
    """The root: something went wrong that the message explains to the person who can mend it."""


class UsageError(StillwatchError):
    """The person who typed the command must act: a path, an option or a setting is wrong. Exit code 2."""


class NoInputError(StillwatchError):
    """Nothing readable was found in what was given. The person who typed the command must act. Exit code 3."""


class OutputError(StillwatchError):
    """The place for results can't be written. The operator must act (space, permission). Exit code 4."""


class StateError(StillwatchError):
    """The history kept under ``--state`` can't be used: another version, another key, damage. The operator must act.
    Exit code 5."""


class UnavailableError(StillwatchError):
    """Something we depend on did not answer. Nobody must act: safe to retry. Exit code 6."""


class IntegrityError(StillwatchError):
    """A signature, counter or proof does not hold. A person must look now: never retry, never ignore. Exit code 7."""
