"""What could not be read, or was read with a doubt: place and reason, never the line itself (it may hold a prompt)."""

import msgspec


class Reject(msgspec.Struct, frozen=True, kw_only=True):
    """A line, or the rest of a file, that is left out of the run, or kept with a note.

    ``file`` is the input as the user named it, ``line`` is 1-based (0: the file as a whole), ``reason`` is one clause a
    person can act on. ``kept`` is true where the row was used all the same (a clock that ran backwards).
    """

    file: str
    line: int
    reason: str
    kept: bool = False
