"""One thread writes; everybody's changes that wait at the same moment share one transaction (group commit).

A job is a function of the open ``Transaction``. Its caller learns the result only after the commit, so that whatever
was answered is on disk. If a group fails, its jobs run again one by one, so that one bad job harms nobody else. The
forum's row is locked first: two servers on one PostgreSQL write in turn, and ``date_added`` grows in the order of
commits. Otherwise a reader could see a later object, ask for what came after it, and never see an earlier one that was
still being committed.
"""

import contextlib
import functools
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from stillwatch.adapters.stores.forum import objects
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.errors import UnavailableError

#: Jobs that one transaction may carry: enough to share an fsync, few enough that nobody waits long.
GROUP = 64

#: What a job will ask for: a collection and STIX ids.
Wants = tuple[int, Sequence[str]]


class Answer(Protocol):
    """Where a job's result goes: a future of a thread or of an event loop."""

    def done(self) -> bool: ...
    def set_result(self, result: Any, /) -> None: ...
    def set_exception(self, error: Exception, /) -> None: ...


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Transaction], Any]
    answer: Answer
    wants: Wants | None


class Writer:
    """Owns the thread that writes. ``close`` finishes what was submitted."""

    def __init__(
        self,
        engine: sa.Engine,
        now: Callable[[], int],
        deliver: Callable[[Callable[[], None]], object] = lambda work: work(),
    ) -> None:
        """``now`` gives microseconds since 1970. ``deliver`` runs what tells the callers, where they wait."""
        self._engine = engine
        self._now = now
        self._deliver = deliver
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="forum-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Transaction], Any], answer: Answer, wants: Wants | None = None) -> None:
        """Queue ``work``; ``answer`` gets its result once it is committed. Objects that it will look for are read
        together for the whole group if it says which it ``wants``."""
        if self._closed.is_set():
            answer.set_exception(UnavailableError("the forum is stopping"))
            return
        self._jobs.put(_Job(work, answer, wants))

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
        results: list[Any] = []
        try:
            with self._engine.begin() as connection:
                transaction = Transaction(connection, self._now())
                _prepare(transaction, group)
                results += [job.work(transaction) for job in group]
                transaction.finish()
        except Exception as error:  # noqa: BLE001  whatever it is belongs to the one who asked
            if len(group) > 1:
                return False
            results = [_Failed(_translated(error))]
        with contextlib.suppress(RuntimeError):  # the event loop is gone, and everybody who waited with it
            self._deliver(functools.partial(_tell, group, results))
        return True


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception


def _prepare(transaction: Transaction, group: Sequence[_Job]) -> None:
    """Look once for what all of the group want."""
    wanted: dict[int, list[str]] = {}
    for job in group:
        if job.wants is not None:
            wanted.setdefault(job.wants[0], []).extend(job.wants[1])
    for collection_id, ids in wanted.items():
        objects.look_up(transaction, collection_id, ids)


def _tell(group: Sequence[_Job], results: Sequence[Any]) -> None:
    for job, result in zip(group, results, strict=True):
        if job.answer.done():
            continue  # who asked has gone away
        if isinstance(result, _Failed):
            job.answer.set_exception(result.error)
        else:
            job.answer.set_result(result)


def _translated(error: Exception) -> Exception:
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        return UnavailableError("the forum's database does not answer")
    return error
