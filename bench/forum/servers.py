"""The servers that are measured, each a process of its own: ours on SQLite, and medallion with its memory backend.

CPU seconds are those of the server's process alone, all its threads, user and system: the kernel's per-process CPU
clock (``clock_getcpuclockid(3)``), the same account as ``/proc/PID/stat`` but in nanoseconds instead of ticks of 10 ms.
"""

import base64
import http.client
import json
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.detection.environments import ready
from stillwatch.apps.forum import founding

ROOT = Path(__file__).resolve().parents[2]
TAXII = "application/taxii+json;version=2.1"
PATIENCE = 60
#: Seconds that a client waits for an answer.
WAIT = 60

_COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"


class NotMeasuredError(Exception):
    """Why a server can't be measured."""


@dataclass(frozen=True)
class Server:
    """A running server and one collection in it to which ``headers`` give access."""

    name: str
    pid: int
    port: int
    objects: str  #: path of the collection's objects
    authorization: str

    def cpu(self) -> float:
        """CPU seconds of the process since it began."""
        return time.clock_gettime((~self.pid << 3) | 2)  # CPUCLOCK_SCHED of another process, as in clock_gettime(2)

    def client(self) -> "Client":
        return Client(self)


class Client:
    """One connection that is kept open, as far as the server keeps it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT)
        self._headers = {"Authorization": server.authorization, "Accept": TAXII, "Content-Type": TAXII}

    def call(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body of the answer."""
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def post(self, body: bytes) -> dict[str, Any]:
        """Add an envelope; insists on 202."""
        status, answer = self.call("POST", self._server.objects, body)
        assert status == 202, f"{self._server.name}: {status} {answer[:300]!r}"
        found: dict[str, Any] = json.loads(answer)
        return found

    def get(self, query: str) -> bytes:
        """A page of the collection's objects; insists on 200."""
        status, answer = self.call("GET", f"{self._server.objects}?{query}")
        assert status == 200, f"{self._server.name}: {status} {answer[:300]!r}"
        return answer

    def close(self) -> None:
        self._connection.close()


@contextmanager
def ours(folder: Path) -> Iterator[Server]:
    """`stillwatch forum serve` over ``folder/forum.db``, which is founded where it is missing."""
    url = f"sqlite:///{folder / 'forum.db'}"
    founding.found(url, "A forum to measure")
    credential = founding.add_member(url, f"bench-{secrets.token_hex(4)}", "member")
    program = str(Path(sys.executable).with_name("stillwatch"))
    port = _free_port()
    command = [program, "forum", "serve", "--db", url, "--listen", f"127.0.0.1:{port}", "--rate", "0"]
    path = "/stillwatch/collections/open-stix/objects/"
    with _running(command, port) as pid:
        yield Server("Stillwatch", pid, port, path, f"Bearer {credential}")


@contextmanager
def medallion(folder: Path) -> Iterator[Server]:
    """medallion with its memory backend, in its own environment. Raises ``NotMeasuredError`` if it can't be had."""
    python, why = ready("medallion", ROOT / "requirements" / "medallion.lock", ROOT / ".venv-medallion")
    if python is None:
        raise NotMeasuredError(why)
    folder.mkdir(parents=True, exist_ok=True)
    password = secrets.token_hex(8)
    data, config = folder / "data.json", folder / "config.json"
    data.write_text(json.dumps(_medallion_data()), "utf-8")
    backend = {"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend", "filename": str(data)}
    settings = {"backend": backend, "users": {"bench": password}, "taxii": {"max_page_size": 10_000}}
    config.write_text(json.dumps(settings), "utf-8")
    port = _free_port()
    command = [str(python.with_name("medallion")), "--port", str(port), str(config)]
    login = base64.b64encode(f"bench:{password}".encode()).decode()
    with _running(command, port) as pid:
        yield Server("medallion", pid, port, f"/bench/collections/{_COLLECTION}/objects/", f"Basic {login}")


def _medallion_data() -> dict[str, Any]:
    """An empty collection in the form that medallion's memory backend reads from a file."""
    collection = {
        "id": _COLLECTION,
        "title": "Measured",
        "description": "Empty at the start",
        "can_read": True,
        "can_write": True,
        "media_types": ["application/stix+json;version=2.1"],
        "objects": [],
        "manifest": [],
    }
    information = {"title": "Measured", "versions": [TAXII], "max_content_length": 100 * 1024 * 1024}
    return {
        "/discovery": {"title": "Measured", "default": "/bench/", "api_roots": ["/bench/"]},
        "bench": {"information": information, "status": [], "collections": [collection]},
    }


@contextmanager
def _running(command: list[str], port: int) -> Iterator[int]:
    with tempfile.TemporaryFile() as told:  # a file: a server that writes a line a request would fill a pipe and stop
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=told)
        try:
            deadline = time.monotonic() + PATIENCE
            while not _answers(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    told.seek(0)
                    raise NotMeasuredError(told.read().decode(errors="replace")[-300:] or "it does not answer")
                time.sleep(0.05)
            yield process.pid
        finally:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def emptied(folder: Path) -> Path:
    """``folder``, new and empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
