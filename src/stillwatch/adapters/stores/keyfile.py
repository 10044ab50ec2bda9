"""The key under which sketches are sealed: a file of its own, never inside the state folder that it protects."""

import os
import secrets
from pathlib import Path

from stillwatch.errors import StateError, UsageError

KEY_BYTES = 32


def load_or_create(path: Path) -> tuple[bytes, bool]:
    """The 32 bytes in ``path``; where there is no such file, new ones, written with mode 0600. And whether they are
    new.

    Raises ``StateError`` for a file that others may read or that has another size, ``UsageError`` where it can't be
    made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError(_not_made(path, error)) from error
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _load(path), False
    except OSError as error:
        raise UsageError(_not_made(path, error)) from error
    key = secrets.token_bytes(KEY_BYTES)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key, True


def _not_made(path: Path, error: OSError) -> str:
    return f"the key file {path} can't be made: {(error.strerror or '').lower()}; name another with --key"


def _load(path: Path) -> bytes:
    try:
        key = path.read_bytes()
        mode = path.stat().st_mode
    except OSError as error:
        raise StateError(f"the key file {path} can't be read: {(error.strerror or '').lower()}") from error
    if mode & 0o077:
        raise StateError(f"the key file {path} may be read by others: chmod 600 it, or better, retire the key")
    if len(key) != KEY_BYTES:
        raise StateError(f"the key file {path} holds {len(key)} bytes, not {KEY_BYTES}: it is no Stillwatch key")
    return key
