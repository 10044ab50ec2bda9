"""Files that are named on the command line.

Apart from the operators' commands: a member that asks need not load a database, half of what its start would cost.
"""

from pathlib import Path

from stillwatch.errors import UsageError


def given(path: Path) -> bytes:
    """The bytes of a file that was named. Raises ``UsageError``."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} can't be read: {(error.strerror or '').lower()}") from error
