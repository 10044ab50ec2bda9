"""The auditor's question to both ledgers: do they tell of the same sessions? Two exports, each verified first."""

from collections.abc import Iterator
from pathlib import Path

from stillwatch.errors import IntegrityError, NoInputError
from stillwatch.guard.ledger import LeafError, Trust, VerifierKey, decode, verify
from stillwatch.guard.ledger.export import MAX_LINE_BYTES, LeafLine, LineError, read
from stillwatch.guard.ledger.leaves import MatchingCommitted
from stillwatch.match.commitment import Difference, compare


def differences(forum: Path, trustee: Path, keys: tuple[VerifierKey, ...] = ()) -> tuple[Difference, ...]:
    """Where two exported ledgers tell differently. ``keys``: of both ledgers, to judge signatures by.

    Raises ``IntegrityError`` for an export that does not hold, or where both are of one log; ``NoInputError`` for a
    file that can't be read.
    """
    origins = [_verified(path, keys) for path in (forum, trustee)]
    if origins[0] == origins[1]:
        raise IntegrityError(f"both exports are of the log {origins[0]}: forum and trustee have one each")
    return compare(_committed(forum), _committed(trustee))


def _verified(path: Path, keys: tuple[VerifierKey, ...]) -> str | None:
    report = verify(_lines(path), Trust(keys))
    if not report.leaves and report.origin is None:
        raise NoInputError(f"{path} holds no ledger")
    if not report.holds:
        raise IntegrityError(f"the ledger in {path} does not hold: {report.faults[0].text}")
    return report.origin


def _committed(path: Path) -> Iterator[MatchingCommitted]:
    """The commitments of a ledger that was verified."""
    for line in _lines(path):
        try:
            found = read(line)
            leaf = decode(bytes(found.leaf)) if isinstance(found, LeafLine) else None
        except (LineError, LeafError):
            continue
        if isinstance(leaf, MatchingCommitted):
            yield leaf


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from iter(lambda: file.readline(MAX_LINE_BYTES + 2), b"")
    except OSError as error:
        raise NoInputError(f"{path} can't be read: {(error.strerror or '').lower()}") from error
