"""Secret matching keys: one file an epoch, for its owner's eyes only, apart from the database and from its back-ups.

An epoch's file is written once and never changed; to destroy the keys is to overwrite the file and take it away. That
reaches the file, not every copy: a file system that copies on write, a flash disk's spare cells and a back-up may keep
old bytes, so the folder belongs on a disk that is encrypted and not backed up.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from stillwatch.errors import StateError, UsageError

KEY_BYTES = 32


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    epoch: str
    keys: dict[str, bytes]


def keep(folder: Path, epoch: str, keys: Mapping[str, bytes]) -> None:
    """Write the keys of a new epoch, by type. Raises ``UsageError`` where there is a file of this epoch already."""
    path = _path(folder, epoch)
    new = path.with_suffix(".new")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists():
            raise UsageError(f"{path} exists: an epoch's keys are never written twice")
        new.unlink(missing_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(_File(epoch=epoch, keys=dict(keys))))
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
        _settle(folder)
    except OSError as error:
        raise UsageError(f"the key file {path} can't be made: {(error.strerror or '').lower()}") from error


def load(folder: Path, epoch: str) -> dict[str, bytes] | None:
    """The keys of an epoch by type; None where they are destroyed or were never here.

    Raises ``StateError`` for a file that others may read or that is none of ours.
    """
    path = _path(folder, epoch)
    try:
        mode = path.stat().st_mode
        found = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateError(f"the key file {path} can't be read: {(error.strerror or '').lower()}") from error
    except (ValueError, RecursionError) as error:
        raise StateError(f"the key file {path} holds no matching keys") from error
    if mode & 0o077:
        raise StateError(f"the key file {path} may be read by others: chmod 600 it, or better, open a new epoch")
    if found.epoch != epoch or any(len(key) != KEY_BYTES for key in found.keys.values()):
        raise StateError(f"the key file {path} holds no keys of epoch {epoch}")
    return found.keys


def destroy(folder: Path, epoch: str) -> None:
    """Overwrite an epoch's file with noughts and take it away. Nothing happens where it is gone."""
    path = _path(folder, epoch)
    for each in (path, path.with_suffix(".new")):
        try:
            size = each.stat().st_size
            with each.open("r+b") as file:
                file.write(bytes(size))
                file.flush()
                os.fsync(file.fileno())
            each.unlink()
            _settle(folder)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise UsageError(f"the key file {each} can't be destroyed: {(error.strerror or '').lower()}") from error


def _path(folder: Path, epoch: str) -> Path:
    return folder / f"{epoch}.json"


def _settle(folder: Path) -> None:
    """Make the folder's own entries survive the loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
