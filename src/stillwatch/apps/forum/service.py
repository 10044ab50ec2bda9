"""The forum at work: what the endpoints stand on. One writer thread, a few reading threads, and the gate."""

import asyncio
import contextlib
import functools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa
from starlette.requests import Request

from stillwatch.adapters.stores.forum import database, objects, upkeep
from stillwatch.adapters.stores.forum.counting import Counts
from stillwatch.adapters.stores.forum.signing import KeyFile, beside
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.forum.writer import Wants, Writer
from stillwatch.apps.forum.answers import ProblemError
from stillwatch.apps.forum.gate import FRESH, Buckets, Gate
from stillwatch.apps.forum.rules import Rules
from stillwatch.errors import UnavailableError

#: Requests that may wait for the writer before newcomers are asked to come back later.
MOST_WAITING = 2_000

READERS = 4

#: Seconds between sweeps of what expired, and between writings of the counters.
SWEEP = 5.0

#: Status resources are kept this long: TAXII asks for a day (section 4.3).
STATUS_KEPT_US = 7 * 24 * 3600 * 1_000_000

Result = TypeVar("Result")


def now_us() -> int:
    """Microseconds since 1970: the one clock of the forum."""
    return time.time_ns() // 1_000


class Service:
    """Everything a request needs. ``start`` and ``stop`` frame its life."""

    def __init__(
        self,
        engine: sa.Engine,
        buckets: Buckets,
        public_url: str | None = None,
        fresh: float = FRESH,
        signing: KeyFile | None = None,
    ) -> None:
        """``signing``: where the ledger's private keys are; by default, beside the database."""
        self.engine = engine
        self.signing = signing or KeyFile(beside(engine.url))
        self.gate = Gate(engine, buckets, fresh)
        self.rules = Rules()
        self.counts = Counts()
        self.public_url = public_url
        #: What else is kept up while the server runs, by name.
        self.chores: dict[str, Callable[[Transaction], None]] = {}
        self._writer: Writer | None = None
        self._readers: ThreadPoolExecutor | None = None
        self._upkeep: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the threads, and delete what expired while nobody looked before anybody is answered."""
        self._writer = Writer(self.engine, now_us, asyncio.get_running_loop().call_soon_threadsafe)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="forum-reader")
        await self.sweep()
        self._upkeep = asyncio.create_task(self._keep_up())

    async def stop(self) -> None:
        """Finish what was accepted, write the counters, let go."""
        if self._upkeep is not None:
            self._upkeep.cancel()
        if self._writer is not None:
            with contextlib.suppress(UnavailableError, ProblemError):
                await self.flush_counts()
            await asyncio.to_thread(self._writer.close)
        if self._readers is not None:
            self._readers.shutdown()
        self.engine.dispose()

    async def write(self, work: Callable[[Transaction], Result], wants: Wants | None = None) -> Result:
        """Run ``work`` in a transaction; returns once it is committed. Raises 503 where the writer is far behind."""
        assert self._writer is not None
        if self._writer.waiting() > MOST_WAITING:
            raise ProblemError(503, "Busy", "the forum is behind with writing", {"Retry-After": "1"})
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._writer.submit(work, answer, wants)
        return await answer

    async def read(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Run ``work`` on a reading connection, in a thread."""
        return await self.apart(functools.partial(self._read, work))

    async def apart(self, work: Callable[[], Result]) -> Result:
        """Run ``work`` in a thread: checking a large body must not hold up everybody else."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, work)

    def _read(self, work: Callable[[sa.Connection], Result]) -> Result:
        try:
            with database.reading(self.engine) as connection:
                return work(connection)
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as error:
            raise UnavailableError("the forum's database does not answer") from error

    async def sweep(self) -> int:
        """Delete what expired. The number of objects deleted."""
        directory = self.gate.directory()
        log_of = {place.id: place.log for place in directory.collections.values()}
        total = 0
        while gone := await self.write(functools.partial(_expire, log_of=log_of)):
            total += gone
        if total:
            await self.apart(functools.partial(upkeep.forget, self.engine))
        return total

    async def flush_counts(self) -> None:
        """Write the counters. Counts that can't be written are kept for the next time."""
        counts = self.counts.drain()
        if not counts:
            return
        try:
            await self.write(functools.partial(upkeep.add_counts, counts=counts))
        except (UnavailableError, ProblemError):
            for (member_id, collection_id), count in counts.items():
                self.counts.add(member_id, collection_id, count)
            raise

    async def _keep_up(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            try:
                await self.flush_counts()
                await self.sweep()
                await self.write(functools.partial(upkeep.drop_statuses, kept_us=STATUS_KEPT_US))
                for chore in list(self.chores.values()):
                    await self.write(chore)
            except (UnavailableError, ProblemError, sa.exc.SQLAlchemyError):
                continue  # the database is away; the next round tries again, and readers see nothing expired meanwhile


def _expire(transaction: Transaction, log_of: dict[int, str]) -> int:
    return objects.expire(transaction, log_of)


def service_of(request: Request) -> Service:
    """The service behind the application that serves ``request``."""
    found: Any = request.app.state.service
    assert isinstance(found, Service)
    return found
