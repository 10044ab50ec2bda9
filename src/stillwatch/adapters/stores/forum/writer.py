"""One thread writes; everybody's changes that wait at the same moment share one transaction (group commit).

A job is a function of the open ``Transaction``. Its caller learns the result only after the commit, so that whatever
was answered is on disk. If a group fails, its jobs run again one by one, so that one bad job harms nobody else. The
forum's row is locked first: two servers on one PostgreSQL write in turn, and ``date_added`` grows in the order of
commits. Otherwise a reader could see a later object, ask for what came after it, and never see an earlier one that was
still being committed.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import sqlalchemy as sa

from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.errors import UnavailableError

#: Jobs that one transaction may carry: enough to share an fsync, few enough that nobody waits long.
GROUP = 64

Result = TypeVar("Result")
_Job = tuple[Callable[[Transaction], Any], "Future[Any]"]


class Writer:
    """Owns the thread that writes. ``close`` finishes what was submitted."""

    def __init__(self, engine: sa.Engine, now: Callable[[], int]) -> None:
        """``now`` gives microseconds since 1970."""
        self._engine = engine
        self._now = now
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="forum-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Transaction], Result]) -> "Future[Result]":
        """Queue ``work``; the future holds its result once it is committed."""
        future: Future[Result] = Future()
        if self._closed.is_set():
            future.set_exception(UnavailableError("the forum is stopping"))
            return future
        self._jobs.put((work, future))
        return future

    def waiting(self) -> int:
        """Jobs in the queue: a server that is behind says so instead of growing without bound."""
        return self._jobs.qsize()

    def close(self) -> None:
        """Refuse new jobs, finish those that wait, stop."""
        self._closed.set()
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            group, last = self._gather()
            if group and not self._commit(group):
                for job in group:
                    self._commit([job])
            if last:
                return

    def _gather(self) -> tuple[list[_Job], bool]:
        group: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            group.append(job)
            if len(group) >= GROUP:
                return group, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

    def _commit(self, group: list[_Job]) -> bool:
        """Run the group in one transaction and tell the callers. False: nothing was done, run them singly."""
        try:
            with self._engine.begin() as connection:
                transaction = Transaction(connection, self._now())
                results = [work(transaction) for work, _ in group]
                transaction.finish()
        except Exception as error:  # noqa: BLE001  whatever it is belongs to the one who asked
            if len(group) > 1:
                return False
            group[0][1].set_exception(_translated(error))
            return True
        for (_, future), result in zip(group, results, strict=True):
            future.set_result(result)
        return True


def _translated(error: Exception) -> Exception:
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        return UnavailableError("the forum's database does not answer")
    return error
