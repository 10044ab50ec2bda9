"""The folder that ``--out`` names: a work folder while the run lasts, the results when all of them are whole."""

import os
import shutil
import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import OutputError

_WORK = ".stillwatch-work-"


class InterruptedRunError(BaseException):
    """The run was asked to stop (SIGTERM, SIGHUP). Not an ``Exception``: nothing on the way may swallow it."""


@contextmanager
def work_folder(out: Path) -> Iterator[Path]:
    """A folder inside ``out`` for what the run needs on its way; gone afterwards, whatever happens.

    Left-overs of a run that was killed outright are removed. Raises ``OutputError`` where ``out`` can't be written.
    """
    work = out / f"{_WORK}{os.getpid()}"
    existed = out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        for left in out.glob(f"{_WORK}*"):
            if not _alive(left.name.removeprefix(_WORK)):
                shutil.rmtree(left, ignore_errors=True)
        work.mkdir(mode=0o700)
    except OSError as error:
        raise OutputError(f"{out} can't be written: {(error.strerror or str(error)).lower()}") from error
    try:
        with _stoppable():
            yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if not existed and not any(out.iterdir()):
            out.rmdir()


def _alive(pid: str) -> bool:
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return int(pid) != os.getpid()


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the run, so that work folders go."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise InterruptedRunError(signal.Signals(number).name)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def publish(
    work: Path, out: Path, texts: Mapping[str, bytes], accounts: pa.Table, private: Mapping[str, bytes] | None = None
) -> None:
    """Write every result in ``work`` and then move them into ``out``, each under its name at once.

    What is ``private`` is for the owner's eyes alone (mode 0600), in whatever folder it comes to lie.
    """
    results = work / "results"
    try:
        results.mkdir()
        for name, data in texts.items():
            (results / name).write_bytes(data)
        for name, data in (private or {}).items():
            (results / name).touch(mode=0o600)
            (results / name).write_bytes(data)
        pq.write_table(accounts, results / "accounts.parquet", compression="zstd")
        (work / "quarantine.jsonl").rename(results / "quarantine.jsonl")
        for file in sorted(results.iterdir()):
            file.replace(out / file.name)
    except OSError as error:
        raise OutputError(f"{out} can't be written: {(error.strerror or str(error)).lower()}") from error


def as_json(value: object) -> bytes:
    """Indented JSON, for people and programs alike."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def lines(values: Iterable[object]) -> bytes:
    """JSON Lines."""
    return b"".join(msgspec.json.encode(value) + b"\n" for value in values)
