"""A registry that people keep in a file of lines (permits, access rings): read whole, written whole, one at a time.

The old file stays beside the new one until the rename, and whoever changes it holds a lock from reading to writing, so
two people who change it at once do not lose each other's lines.
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from stillwatch.errors import OutputError, UsageError


def lines(file: Path, *, missing_is_empty: bool = False) -> list[bytes]:
    """The lines of ``file``. Raises ``UsageError`` where it can't be read."""
    try:
        return file.read_bytes().splitlines()
    except FileNotFoundError as error:
        if missing_is_empty:
            return []
        raise UsageError(f"{file} is not there") from error
    except OSError as error:
        raise UsageError(f"{file} can't be read: {(error.strerror or '').lower()}") from error


def change(file: Path, changed: Callable[[list[bytes]], list[bytes]]) -> None:
    """Write what ``changed`` makes of the lines; a file that is not there has none. Raises ``OutputError``."""
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        lock = os.open(file.with_name(f".{file.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            new = changed(lines(file, missing_is_empty=True))
            with partial.open("wb") as stream:
                stream.writelines(line.rstrip(b"\n") + b"\n" for line in new)
                stream.flush()
                os.fsync(stream.fileno())
            if file.exists():
                partial.chmod(file.stat().st_mode & 0o777)
            partial.replace(file)
        finally:
            os.close(lock)
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{file} can't be written: {(error.strerror or '').lower()}") from error
