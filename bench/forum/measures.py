"""Adding, pulling and paging, measured in the server's own CPU seconds."""

import json
import queue
import random
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.forum.material import envelopes
from bench.forum.servers import Server
from stillwatch.adapters.stores.forum import database, directory, objects
from stillwatch.adapters.stores.forum.records import Arrival
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.apps.forum import founding
from stillwatch.apps.forum.admission import check
from stillwatch.apps.forum.rules import Rules
from stillwatch.apps.forum.service import now_us

#: Objects in one transaction when a collection is filled without HTTP.
BATCH = 5_000


@dataclass(frozen=True)
class Rate:
    """``objects`` moved for ``cpu`` seconds of the server, in ``seconds`` by the clock on the wall."""

    objects: int
    cpu: float
    seconds: float

    @property
    def per_cpu_second(self) -> float:
        return self.objects / self.cpu


def adding(server: Server, count: int, each: int, seed: int, connections: int) -> Rate:
    """Post ``count`` objects, ``each`` in a request, over several connections at once."""
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for body in envelopes(count, each, seed):
        waiting.put(body)
    taken: list[int] = []

    def post() -> None:
        client = server.client()
        while True:
            try:
                body = waiting.get_nowait()
            except queue.Empty:
                return client.close()
            taken.append(client.post(body)["success_count"])

    threads = [threading.Thread(target=post) for _ in range(connections)]
    cpu, began = server.cpu(), time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = Rate(count, server.cpu() - cpu, time.monotonic() - began)
    assert sum(taken) == count, f"{server.name} took {sum(taken)} of {count}"
    return rate


def pulling(server: Server, limit: int, most: int) -> Rate:
    """Pull the collection from its first page to its end, or until ``most`` objects came."""
    client = server.client()
    cpu, began = server.cpu(), time.monotonic()
    count, query = 0, f"limit={limit}"
    spent = 0.0
    while True:
        answer = client.get(query)
        spent = server.cpu() - cpu
        page = json.loads(answer)
        count += len(page.get("objects", ()))
        if not page.get("more") or count >= most:
            client.close()
            return Rate(count, spent, time.monotonic() - began)
        query = f"limit={limit}&next={page['next']}"


def paging(server: Server, first_us: int, last_us: int, times: int, seed: int) -> list[float]:
    """CPU seconds of each of ``times`` pages of 100 that begin at random places of the collection."""
    draw = random.Random(seed)
    client = server.client()
    spent = []
    for number in range(times + 20):
        after = draw.randrange(first_us, last_us)
        moment = datetime.fromtimestamp(after // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        before = server.cpu()
        client.get(f"limit=100&added_after={moment}.{after % 1_000_000:06d}Z")
        if number >= 20:  # the first pages open connections and compile statements
            spent.append(server.cpu() - before)
    client.close()
    return spent


def filled(folder: Path, count: int) -> tuple[int, int]:
    """Put ``count`` objects into a new forum's open collection, through the store; first and last ``date_added``."""
    url = f"sqlite:///{folder / 'forum.db'}"
    founding.found(url, "A forum to measure")
    founding.add_member(url, "filler", "member")
    engine = database.connect(url)
    with database.reading(engine) as connection:
        known = directory.load(connection)
    place, member = known.collections["open-stix"], known.named("filler")
    assert member is not None
    rule = Rules().of(place)
    first = now_us()
    for number, body in enumerate(envelopes(count, min(BATCH, count), seed=7)):
        found = check(body, rule, frozenset(), datetime.now(UTC), member.name).objects
        arrivals = [each for each in found if isinstance(each, Arrival)]
        assert len(arrivals) == len(found), f"batch {number} was not taken whole"
        with engine.begin() as connection:
            transaction = Transaction(connection, now_us())
            objects.add(transaction, place, member, arrivals, rule.owned)
            transaction.finish()
    engine.dispose()
    return first, now_us()
