"""What a decision costs outside: ``python -m bench.gateway.service``.

*Added by Envoy*: two Envoys of one configuration, one without its filter ``ext_authz``; both answer by themselves
(``direct_response``), so that no upstream adds its own spread. One connection asks them in turn, block by block, and
the medians are subtracted. *Decisions a second*: ``wrk`` asks the service itself, with two workers, on the same cores;
without ``wrk`` (Debian: ``apt-get install wrk``) a client in Python asks, and costs more than what it asks. On a
machine that does something else too, what a decision costs in CPU time counts, the client's included: two cores have
two seconds of it in a second.
"""

import argparse
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.gateway import running
from bench.gateway.load import ACCOUNTS, BODY, CHAT, Tables, children
from bench.table import Row, Section, printed
from stillwatch.adapters.stores.table_keys import public_file

ADDED_BAR_MS, RATE_BAR = 0.5, 5_000
BLOCKS, EACH = 60, 50
SECONDS, CONNECTIONS = 8, 16
_HEADERS = {"content-type": "application/json", "user-agent": "bench", "authorization": "Bearer none"}


def rows(work: Path, say: Console) -> Iterator[Row]:
    """Every row of the section."""
    tables = Tables(work)
    tables.publish()
    key = public_file(work / "table.key")
    with running.gateway(work, key, "--workers", "2", "--tap", str(work / "tapped")) as asked:
        yield from _rates(asked, work, say)
    with running.gateway(work, key, "--tap", str(work / "tapped")) as asked:
        yield from _added(asked, work, say)


def _added(asked: running.Running, work: Path, say: Console) -> Iterator[Row]:
    try:
        running.program()
    except running.NoEnvoyError as error:
        yield Row("added by Envoy's ext_authz", str(error), f"≤ {ADDED_BAR_MS} ms")
        return
    say.print("added by Envoy's ext_authz ...")
    load = os.getloadavg()[0]
    with ExitStack() as stack:
        ports = []
        for change in (_without, _direct):
            front = stack.enter_context(running.envoy(work, 9, asked.port, change=change))
            ports.append(int(front.url.rpartition(":")[2]))
        for what, body in (("a chat request", BODY), ("without a body", b"")):
            plain, decided = measured(ports[0], ports[1], body)
            added = statistics.median(decided) - statistics.median(plain)
            figure = f"{added:.3f} ms ({statistics.median(plain):.3f} → {statistics.median(decided):.3f} ms)"
            now = (load, os.getloadavg()[0])
            name = f"added by Envoy's ext_authz, median, one connection: {what}"
            yield Row(name, figure, f"≤ {ADDED_BAR_MS} ms", added <= ADDED_BAR_MS, now)


def _direct(told: dict[str, Any]) -> None:
    """Envoy answers by itself; callers name themselves."""
    (host,) = running.manager(told)["route_config"]["virtual_hosts"]
    host["routes"] = [{"match": {"prefix": "/"}, "direct_response": {"status": 200, "body": {"inline_string": "ok"}}}]
    running.filters(told).pop(0)


def _without(told: dict[str, Any]) -> None:
    """The same without asking, and without what tells the upstream what was said."""
    _direct(told)
    del running.filters(told)[:-1]


def measured(plain: int, decided: int, body: bytes) -> tuple[list[float], list[float]]:
    """Milliseconds of requests on one connection each to two ports, block by block in turn."""
    connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for port in (plain, decided)]
    found: tuple[list[float], list[float]] = ([], [])
    try:
        for block in range(BLOCKS + 4):
            for connection, times in zip(connections, found, strict=True):
                taken = [_one(connection, body, number) for number in range(EACH)]
                if block >= 4:  # the first warm both up
                    times.extend(taken)
    finally:
        for connection in connections:
            connection.close()
    return found


def _one(connection: http.client.HTTPConnection, body: bytes, number: int) -> float:
    headers = {**_HEADERS, "x-stillwatch-account": f"acct_new_{number % ACCOUNTS}"}
    begun = time.perf_counter()
    connection.request("POST" if body else "GET", CHAT, body or None, headers)
    answer = connection.getresponse()
    answer.read()
    taken = (time.perf_counter() - begun) * 1000
    if answer.status != 200:
        raise RuntimeError(f"Envoy answers {answer.status}")
    return taken


def _rates(asked: running.Running, work: Path, say: Console) -> Iterator[Row]:
    record = json.dumps({"account": "acct_3", "request": json.loads(BODY)}).encode()
    for what, path, body in (
        ("ext-authz with a chat request, inline rules and tap on", f"/v1/ext-authz{CHAT}", BODY),
        ("ext-authz without a body", f"/v1/ext-authz{CHAT}", b""),
        ("/v1/decide", "/v1/decide", record),
    ):
        say.print(f"decisions a second: {what} ...")
        load = os.getloadavg()[0]
        before = _spent(asked.process.pid)
        rate, client = rated(asked.port, path, body, work)
        each = (_spent(asked.process.pid) - before) / (rate * SECONDS)
        now = (load, os.getloadavg()[0])
        figure = f"{2 / each:,.0f} ({each * 1e6:.0f} µs of CPU each, {client}'s included; {rate:,.0f}/s on the wall)"
        yield Row(f"decisions/s on two cores: {what}", figure, f"≥ {RATE_BAR:,}", 2 / each >= RATE_BAR, now)


def _spent(parent: int) -> float:
    """CPU seconds of the service so far, and of this process and its ended children: the client."""
    ticks = 0
    for process in (parent, *children(parent)):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    own = sum(os.times()[:4])
    return own + ticks / os.sysconf("SC_CLK_TCK")


def rated(port: int, path: str, body: bytes, work: Path) -> tuple[float, str]:
    """Answers a second, and who asked."""
    if shutil.which("wrk") is None:
        return _by_threads(port, path, body), "a client in Python"
    script = work / "ask.lua"
    said = f"wrk.method = 'POST'\nwrk.body = [==[{body.decode()}]==]\n" if body else ""
    script.write_text(said + "wrk.headers['content-type'] = 'application/json'\n")
    command = [
        "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script), "-H", "x-stillwatch-account: acct_7",
        f"http://127.0.0.1:{port}{path}",
    ]  # fmt: skip
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", told)
    if found is None or "Socket errors" in told or "Non-2xx" in told:
        raise RuntimeError(f"wrk: {told}")
    return float(found[1]), "wrk"


def _by_threads(port: int, path: str, body: bytes) -> float:
    """A client in this process: on shared cores it costs more than the server."""
    counts = [0] * 4
    ends = time.monotonic() + SECONDS

    def ask(place: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < ends:
            connection.request("POST" if body else "GET", path, body or None, {"x-stillwatch-account": "acct_7"})
            connection.getresponse().read()
            counts[place] += 1
        connection.close()

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(len(counts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def section(work: Path, say: Console) -> Section:
    """For the page: decisions from outside."""
    return Section("Decisions from outside: Envoy's ext_authz and the service", list(rows(work, say)))


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as work:
        printed([section(Path(work), Console(stderr=True))], Console())


if __name__ == "__main__":
    main()
