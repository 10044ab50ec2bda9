"""A provider's own ledger: one file in the format of an export, so that ``stillwatch ledger verify`` reads it as it is.

It is for the few things that must be provable and happen seldom (covert treatment), so every entry reads the file,
verifies it, and writes it anew beside the old one before it takes its place: a crash leaves one of the two.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stillwatch.errors import IntegrityError, OutputError
from stillwatch.guard.ledger import Frontier, Leaf, Signer, Trust, encode, leaf_hash, signed, verify
from stillwatch.guard.ledger.export import Header, LeafLine, LineError, checkpoint_line, leaf_line, read
from stillwatch.guard.ledger.export import export as exported
from stillwatch.guard.ledger.leaves import decode


def entries(path: Path) -> list[Leaf]:
    """The leaves in order; none where there is no file. Does not verify: ``append`` and ``ledger verify`` do."""
    lines = (read(line) for line in _lines(path))
    return [decode(bytes(line.leaf)) for line in lines if isinstance(line, LeafLine)]


def append(path: Path, signer: Signer, leaf: Leaf) -> int:
    """Add a leaf, sign the new checkpoint, and give the leaf's number.

    Raises ``IntegrityError`` where the file does not hold or another key signed it, ``OutputError`` where it can't be
    written.
    """
    with _alone(path):
        lines = _lines(path)
        if lines:
            _checked(path, lines, signer)
        hashes = [bytes.fromhex(line.hash) for line in map(read, lines) if isinstance(line, LeafLine)]
        data = encode(leaf)
        frontier, _ = Frontier().extended([*hashes, leaf_hash(data)])
        checkpoint = signed(frontier.head, signer)
        if not lines:
            kept = list(exported(signer.key, (), ()))
        else:
            kept = [line + b"\n" for line in lines]
        _written(path, b"".join([*kept, leaf_line(len(hashes), data), checkpoint_line(checkpoint)]))
        return len(hashes)


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise OutputError(f"the ledger {path} can't be read: {(error.strerror or '').lower()}") from error


def _checked(path: Path, lines: list[bytes], signer: Signer) -> None:
    try:
        head = read(lines[0])
    except LineError as error:
        raise IntegrityError(f"{path} is no ledger ({error}): nothing was written") from error
    if not isinstance(head, Header) or head.origin != signer.key.name:
        raise IntegrityError(f"{path} is the ledger of another key than {signer.key.name}: nothing was written")
    report = verify(lines, Trust(logs=(signer.key,)))
    if not report.holds:
        raise IntegrityError(f"{path} does not hold ({report.faults[0].text}): nothing was written; look at it now")


def _written(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(f"the ledger {path} can't be written: {(error.strerror or '').lower()}") from error


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OutputError(f"the ledger {path} can't be written: {(error.strerror or '').lower()}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
