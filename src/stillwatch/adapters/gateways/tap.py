"""The tap: what passes a gateway, as exchange records in files that ``stillwatch scan`` reads.

It must never slow or break what it watches. Records go through a bounded queue to a thread of their own; where the disk
can't keep up, or fails, records are dropped and counted, and requests go on. A new file begins each hour, named after
the hour and the process, so that several processes never write to one file; a file is readable while it is written,
and a last line that a crash cut off is what ``scan`` quarantines.
"""

import logging
import os
import queue
import threading
import time
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
        self._queue: queue.Queue[Record | None] = queue.Queue(waiting)
        self._thread = threading.Thread(target=self._run, name="stillwatch-tap", daemon=True)
        self._thread.start()

    def put(self, record: Record) -> None:
        """Take a record; never waits, never raises."""
        try:
            self._queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1

    def close(self, timeout: float = 5.0) -> None:
        """Write what waits, then stop."""
        try:
            self._queue.put(None, timeout=timeout)
        except queue.Full:
            return
        self._thread.join(timeout)

    def _run(self) -> None:
        hour, file = -1, None
        while True:
            batch = self._batch()
            lines = self._lines(batch)
            try:
                now = time.time()
                if lines and (file is None or int(now // _HOUR_S) != hour):
                    if file is not None:
                        file.close()
                    file = _new_file(self.folder / _name(now))
                    hour = int(now // _HOUR_S)
                if lines and file is not None:
                    file.write(b"".join(lines))
                    file.flush()
                    self.written += len(lines)
            except OSError as error:
                self._lost(len(lines), error)
                file = None
            if None in batch:
                if file is not None:
                    file.close()
                return

    def _batch(self) -> list[Record | None]:
        batch = [self._queue.get()]
        while batch[-1] is not None and len(batch) < 500:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return batch

    def _lines(self, batch: list[Record | None]) -> list[bytes]:
        lines = []
        for record in batch:
            if record is not None:
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
