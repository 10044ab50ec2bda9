"""``forum serve``: where to listen is checked first, then the database, then the doors open."""

import asyncio
import ipaddress
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from starlette.routing import Route

from stillwatch.adapters.stores.forum import database, directory
from stillwatch.adapters.stores.forum.signing import KeyFile, beside, settle
from stillwatch.apps.forum.gate import Buckets
from stillwatch.apps.forum.rules import Rules
from stillwatch.apps.forum.server import Listening, server
from stillwatch.apps.forum.service import Service
from stillwatch.errors import UnavailableError, UsageError


def listening(
    address: str, tls_cert: Path | None, tls_key: Path | None, client_ca: Path | None, behind_proxy: bool
) -> Listening:
    """Where to listen. Raises ``UsageError`` for plain HTTP where others could listen in."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"--listen {address}: write HOST:PORT, as in 127.0.0.1:8443")
    if tls_key is not None and tls_cert is None:
        raise UsageError("--tls-key needs --tls-cert")
    if client_ca is not None and tls_cert is None:
        raise UsageError("--client-ca asks for certificates inside TLS: give --tls-cert too")
    for path in (tls_cert, tls_key, client_ca):
        if path is not None and not path.is_file():
            raise UsageError(f"{path} does not exist")
    if tls_cert is None and not behind_proxy and not _is_loopback(host):
        raise UsageError(
            f"plain HTTP on {host} would show credentials to the network: give --tls-cert and --tls-key, "
            "or say --behind-proxy if a proxy in front ends TLS"
        )
    return Listening(host, int(port), tls_cert, tls_key, client_ca, behind_proxy)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(
    url: str,
    *,
    listen: Listening,
    public_url: str | None,
    rate: float,
    burst: float,
    ready: Callable[[str], None],
    ledger_key: Path | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; requests that were accepted are finished."""
    if public_url is not None and not public_url.startswith("https://"):
        raise UsageError("--public-url begins with https:// (TAXII 2.1 section 4.1.1)")
    engine = database.connect(url)
    database.check_version(engine)
    with database.reading(engine) as connection:
        places = directory.load(connection).collections.values()
    for place in places:
        Rules().of(place)
    signing = KeyFile(ledger_key or beside(engine.url))
    settle(engine, signing)
    _run(run(Service(engine, Buckets(rate, burst), public_url, signing=signing), listen, ready))


def _run(work: Coroutine[Any, Any, None]) -> None:
    """On uvloop where there is one: a third less CPU a request than asyncio's own loop."""
    try:
        import uvloop
    except ImportError:  # Windows
        asyncio.run(work)
    else:
        uvloop.run(work)


async def run(
    service: Service, listen: Listening, ready: Callable[[str], None], routes: Sequence[Route] | None = None
) -> None:
    """Serve ``service`` until stopped; ``routes`` where it is not the forum's. ``ready`` is told the address."""
    running = server(service, listen, routes)
    loop = asyncio.get_running_loop()
    task = loop.create_task(running.serve())
    while not running.started and not task.done():
        await asyncio.sleep(0.01)
    if running.started:
        scheme = "https" if listen.tls_cert else "http"
        for listener in running.servers:
            for socket in listener.sockets:
                host, port = socket.getsockname()[:2]
                ready(
                    f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{'/taxii2/' if routes is None else '/'}"
                )
    try:
        await task
    except SystemExit as error:
        raise UnavailableError(f"{listen.host}:{listen.port} can't be listened on: is it taken?") from error
