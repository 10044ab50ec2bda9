"""``ledger export``, alike for a forum and a trustee."""

import sys
from pathlib import Path

from stillwatch.apps.forum import founding
from stillwatch.errors import OutputError


def export(db: str, log: str, out: Path | None, ledger_key: Path | None) -> None:
    """Write a log as JSON Lines to ``out`` or to standard output. Raises ``OutputError``."""
    if out is None:
        founding.export_ledger(db, log, sys.stdout.buffer.write, ledger_key)
        return
    try:
        with out.open("wb") as file:
            founding.export_ledger(db, log, file.write, ledger_key)
    except OSError as error:
        raise OutputError(f"{out} can't be written: {(error.strerror or str(error)).lower()}") from error
