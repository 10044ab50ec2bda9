"""The tap: what passes a gateway, as exchange records in files that ``stillwatch scan`` reads.

It must never slow or break what it watches. Records wait for a thread of their own, which sweeps them up some times a
second, a few at a time: to wake it for each would cost a request more than the decision does. Where the disk can't keep
up, or fails, records are dropped and counted, and requests go on. A new file begins each hour, named after
the hour and the process, so that several processes never write to one file; a file is readable while it is written,
and a last line that a crash cut off is what ``scan`` quarantines.
"""

import logging
import os
import threading
import time
from collections import deque
from io import BufferedWriter
from pathlib import Path
from typing import Any, final

import msgspec

from stillwatch.errors import OutputError
from stillwatch.ingest.records import Record

_LOG = logging.getLogger("stillwatch.tap")
#: Records that may wait for the disk.
WAITING = 10_000
_HOUR_S = 3600
_SWEEP_S, _AT_ONCE = 0.02, 50


@final
class Tap:
    """Writes records below ``folder`` until ``close``. Raises ``OutputError`` where the folder can't be made."""

    def __init__(self, folder: Path, waiting: int = WAITING) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            probe = folder / f".{os.getpid()}"  # an empty file would be no exchange record for `scan`
            _new_file(probe).close()
            probe.unlink()
        except OSError as error:
            raise OutputError(
                f"the folder {folder} can't be tapped into: {(error.strerror or '').lower()}; name another with --tap"
            ) from error
        self.written = 0
        self.dropped = 0
        self._waiting: deque[Record] = deque()
        self._most = waiting
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stillwatch-tap", daemon=True)
        self._thread.start()

    def put(self, record: Record) -> None:
        """Take a record; never waits, never raises."""
        if len(self._waiting) < self._most:
            self._waiting.append(record)
        else:
            self.dropped += 1

    def close(self, timeout: float = 5.0) -> None:
        """Write what waits, then stop."""
        self._stop.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        hour, file = -1, None
        ended = False
        while not ended or self._waiting:
            ended = self._stop.wait(0.0 if self._waiting else _SWEEP_S)
            lines = self._lines(self._batch())
            if not lines:
                continue
            try:
                now = time.time()
                if file is None or int(now // _HOUR_S) != hour:
                    if file is not None:
                        file.close()
                    file = _new_file(self.folder / _name(now))
                    hour = int(now // _HOUR_S)
                file.write(b"".join(lines))
                file.flush()
                self.written += len(lines)
            except OSError as error:
                self._lost(len(lines), error)
                file = None
        if file is not None:
            file.close()

    def _batch(self) -> list[Record]:
        """So few that requests need not wait for the interpreter meanwhile."""
        return [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]

    def _lines(self, batch: list[Record]) -> list[bytes]:
        lines = []
        for record in batch:
            try:
                lines.append(msgspec.json.encode(_known(record)) + b"\n")
            except (TypeError, ValueError, RecursionError) as error:
                self._lost(1, error)
        return lines

    def _lost(self, count: int, error: Exception) -> None:
        if self.dropped == 0:
            _LOG.error("records can't be tapped: %s; requests go on, and lost records are counted", error)
        self.dropped += count


def _known(record: Record) -> dict[str, Any]:
    """What is known of it: missing is not null."""
    fields = {name: value for name, value in msgspec.structs.asdict(record).items() if value is not None}
    if record.client is not None:
        fields["client"] = {k: v for k, v in msgspec.structs.asdict(record.client).items() if v is not None}
    return fields


def _name(now: float) -> str:
    return time.strftime("exchanges-%Y%m%dT%HZ", time.gmtime(now)) + f"-{os.getpid()}.jsonl"


def _new_file(path: Path) -> BufferedWriter:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    return os.fdopen(handle, "ab")
