"""Load on the service, Envoy and ASGI while the table is swapped each second: ``python -m bench.gateway.load``.

Every answer names the version of the table that made it. Tables are made so that each account's course and case follow
from the version's number, so every answer can be checked by itself, whichever table was in force. Nor may an answer
come from a table that was replaced long before it was asked for. Memory (anonymous: what a leak would be made of) and
file descriptors of every process are looked at all the time: the last third of the run may not stand above the second.
"""

import argparse
import http.client
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bench.gateway import running
from stillwatch.adapters.stores.table_folder import TableFolder
from stillwatch.adapters.stores.table_keys import public_file, signing_key
from stillwatch.decide.compile import Compiled
from stillwatch.decide.course import COURSES, Course
from stillwatch.decide.order import Order
from stillwatch.decide.permits import Manners
from stillwatch.decide.rings import Ring

ACCOUNTS = 700
CHAT = "/v1/chat/completions"
BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": "What is the capital of Peru?"}]}).encode()
STATUS = {"throttle": 429, "challenge": 403, "refuse": 403}
HOUR_US = 3_600_000_000
#: Seconds after which a replaced table may no longer answer: looks are half a second apart, and others use the cores.
LATE_S = 10.0
ADAPTERS = ("decide", "ext-authz", "envoy", "asgi")


def course(account: int, serial: int) -> Course:
    """What table ``serial`` says about an account; ``allow``: the account does not stand in it."""
    return COURSES[(account + serial) % len(COURSES)]


def compiled(serial: int, now_us: int) -> Compiled:
    """Table ``serial``."""
    orders = tuple(
        Order(course=one, reason="usage-under-review", author="rule r", expires_us=now_us + HOUR_US + serial)
        for one in COURSES
    )
    accounts = {
        f"acct_{account}": (COURSES.index(said), f"C-{account}-{serial}")
        for account in range(ACCOUNTS)
        if (said := course(account, serial)) != "allow"
    }
    return Compiled(
        orders=orders, accounts=accounts, organizations={}, cases=(), rulings=(), permits=(), manners=Manners(),
        rings=(Ring(name="general"),), places=(), stale_us=HOUR_US, rules="load",
    )  # fmt: skip


class Answer(NamedTuple):
    """What an adapter said: the version is empty where it named none."""

    version: str
    course: str
    case: str
    status: int


@dataclass
class Tables:
    """Publishes a table each second and knows when each came into force."""

    folder: Path
    published: dict[int, float] = field(default_factory=dict)
    longest_s: float = 0.0

    def publish(self) -> None:
        key, _ = signing_key(self.folder / "table.key")
        serial = len(self.published) + 1
        now_us = time.time_ns() // 1000
        begun = time.monotonic()
        version = TableFolder(self.folder / "table").publish(compiled(serial, now_us), key, now_us, "load").version
        if int(version.partition("-")[0]) != serial:
            raise RuntimeError(f"table {serial} is called {version}")
        self.published[serial] = time.monotonic()
        self.longest_s = max(self.longest_s, time.monotonic() - begun)

    def each_second(self, stop: threading.Event) -> None:
        due = time.monotonic()
        while not stop.wait(max(0.0, due - time.monotonic())):
            self.publish()
            due = max(due + 1.0, time.monotonic())


@dataclass
class Found:
    """What one caller counted. ``wrong`` holds the first few wrong answers in words."""

    asked: Counter[str] = field(default_factory=Counter)
    courses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    oldest_s: float = 0.0

    def check(self, adapter: str, account: int, answer: Answer, asked_at: float, tables: Tables) -> None:
        serial = int(answer.version.partition("-")[0] or 0)
        wanted = course(account, serial)
        case = "" if wanted == "allow" else f"C-{account}-{serial}"
        if (answer.course, answer.case, answer.status) != (wanted, case, STATUS.get(wanted, 200)) or not serial:
            self.wrong.append(f"{adapter}, acct_{account}: {answer}, table {serial} says {wanted}")
        replaced = tables.published.get(serial + 1)
        if replaced is not None:
            age = asked_at - replaced
            self.oldest_s = max(self.oldest_s, age)
            if age > LATE_S:
                self.wrong.append(f"{adapter}: table {serial} answers {age:.1f} s after it was replaced")
        self.asked[adapter] += 1
        self.courses[wanted] += 1


class Caller(threading.Thread):
    """Asks one adapter without a pause, on one connection."""

    def __init__(self, adapter: str, port: int, tables: Tables, stop: threading.Event, seed: int) -> None:
        super().__init__(daemon=True)
        self.adapter, self.found, self.failed = adapter, Found(), ""
        self._port, self._tables, self._stopped, self._account = port, tables, stop, seed

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            while not self._stopped.is_set():
                self._account = (self._account * 5 + 77) % ACCOUNTS
                asked_at = time.monotonic()
                answer = _asked(connection, self.adapter, self._account)
                self.found.check(self.adapter, self._account, answer, asked_at, self._tables)
        except Exception as error:  # noqa: BLE001 - a caller that ends early is what the report must say
            self.failed = f"{self.adapter}: {type(error).__name__}: {error}"
        finally:
            connection.close()


def _asked(connection: http.client.HTTPConnection, adapter: str, account: int) -> Answer:
    name = f"acct_{account}"
    if adapter == "decide":
        body = b'{"account": "%s", "request": %s}' % (name.encode(), BODY)
        connection.request("POST", "/v1/decide", body)
        said = json.loads(connection.getresponse().read())
        return Answer(said["version"], said["course"], said["case"], said["status"])
    path = f"/v1/ext-authz{CHAT}" if adapter == "ext-authz" else CHAT
    headers = {"x-stillwatch-account": name, "content-type": "application/json"}
    connection.request("POST", path, BODY, headers)
    answer = connection.getresponse()
    answer.read()
    told = answer.headers
    return Answer(
        told.get("stillwatch-version", ""), told.get("stillwatch-course", "allow"), told.get("stillwatch-case", ""),
        answer.status,
    )  # fmt: skip


class Size(NamedTuple):
    """Of one process."""

    memory: int  # bytes, anonymous
    files: int


def sizes(parents: Mapping[str, int]) -> dict[str, Size]:
    """Of every process and its children, by name."""
    found = {}
    for name, parent in parents.items():
        for number, process in enumerate((parent, *children(parent))):
            with suppress(OSError, StopIteration):
                lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
                kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))
                files = len(list(Path(f"/proc/{process}/fd").iterdir()))
                found[f"{name} {number}" if number else name] = Size(kilobytes * 1024, files)
    return found


def children(parent: int) -> list[int]:
    """The processes that a process started."""
    with suppress(OSError):
        return sorted(map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split()))
    return []


class Report(NamedTuple):
    """The whole run. ``sizes`` is name -> (second third, last third), medians."""

    seconds: float
    swaps: int
    asked: Counter[str]
    courses: Counter[str]
    wrong: list[str]
    failed: list[str]
    oldest_s: float
    sizes: dict[str, tuple[Size, Size]]

    @property
    def grown(self) -> list[str]:
        """Processes that grew: by a tenth and 4 MB, or by more than a handful of file descriptors."""
        return [
            name
            for name, (before, after) in self.sizes.items()
            if after.memory > 1.1 * before.memory + (4 << 20) or after.files > before.files + 8
        ]


def run(folder: Path, seconds: float, workers: int = 2) -> Report:
    """All of it in ``folder``. Leaves out Envoy where none is installed."""
    tables, stop = Tables(folder), threading.Event()
    tables.publish()
    key = public_file(folder / "table.key")
    with ExitStack() as stack:
        tap = ("--tap", str(folder / "tapped"))
        asked = stack.enter_context(running.gateway(folder, key, "--workers", str(workers), *tap))
        gate = {
            "table": str(folder / "table"), "keys": [str(key)], "state": str(folder / "state-asgi"),
            "sketch_key": str(folder / "sketch.key"), "tap": str(folder / "tapped-asgi"),
        }  # fmt: skip
        env = {"GATE": json.dumps(gate)}
        server = stack.enter_context(running.uvicorn("bench.gateway.model_server:behind", Path(), env=env))
        plain = stack.enter_context(running.uvicorn("bench.gateway.model_server:plain", Path()))
        ports = {"decide": asked.port, "ext-authz": asked.port, "asgi": server.port}
        parents = {"gateway": asked.process.pid, "ASGI server": server.process.pid}
        with suppress(running.NoEnvoyError):
            front = stack.enter_context(running.envoy(folder, plain.port, asked.port, change=_trusting))
            ports["envoy"] = int(front.url.rpartition(":")[2])
            parents["Envoy"] = front.process.pid
        callers = [Caller(one, port, tables, stop, seed) for seed, (one, port) in enumerate(ports.items(), 1)]
        swapping = threading.Thread(target=tables.each_second, args=(stop,), daemon=True)
        begun = time.monotonic()
        for thread in (*callers, swapping):
            thread.start()
        seen = list(_seen(parents, begun + seconds, seconds))
        stop.set()
        for thread in (*callers, swapping):
            thread.join(90)
    return _report(callers, tables, seen, time.monotonic() - begun)


def _trusting(told: dict[str, object]) -> None:
    """Let callers name themselves: here the callers are the authenticating layer."""
    running.filters(told).pop(0)


def _seen(parents: Mapping[str, int], until: float, seconds: float) -> Iterator[dict[str, Size]]:
    while time.monotonic() < until:
        time.sleep(min(5.0, seconds / 20))
        yield sizes(parents)


def _report(callers: list[Caller], tables: Tables, seen: list[dict[str, Size]], seconds: float) -> Report:
    asked: Counter[str] = Counter()
    courses: Counter[str] = Counter()
    for one in callers:
        asked += one.found.asked
        courses += one.found.courses
    third = max(1, len(seen) // 3)
    names = seen[-1].keys() if seen else ()
    grown = {name: (_median(name, seen[third : 2 * third]), _median(name, seen[2 * third :])) for name in names}
    return Report(
        seconds=seconds,
        swaps=len(tables.published) - 1,
        asked=asked,
        courses=courses,
        wrong=[line for one in callers for line in one.found.wrong],
        failed=[one.failed for one in callers if one.failed],
        oldest_s=max(one.found.oldest_s for one in callers),
        sizes=grown,
    )


def _median(name: str, seen: list[dict[str, Size]]) -> Size:
    found = [one[name] for one in seen if name in one] or [Size(0, 0)]
    return Size(int(statistics.median(one.memory for one in found)), int(statistics.median(one.files for one in found)))


def told(report: Report) -> str:
    """The report in words."""
    each = ", ".join(f"{name} {count:,}" for name, count in report.asked.items())
    lines = [
        f"{report.asked.total():,} answers in {report.seconds:.0f} s while the table was swapped {report.swaps} times",
        f"by adapter: {each}",
        f"wrong: {len(report.wrong)}; callers that failed: {len(report.failed)}",
        f"the oldest table that answered had been replaced {report.oldest_s:.2f} s before",
    ]
    for name, (before, after) in report.sizes.items():
        lines.append(
            f"{name}: {before.memory / 1e6:.1f} → {after.memory / 1e6:.1f} MB, {before.files} → {after.files} files"
        )
    lines += [f"grown: {name}" for name in report.grown]
    lines += report.wrong[:10] + report.failed
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run(Path(folder), chosen.minutes * 60)
    print(told(report))
    print(f"load average {os.getloadavg()[0]:.1f}")
    return 1 if report.wrong or report.failed or report.grown else 0


if __name__ == "__main__":
    sys.exit(main())
