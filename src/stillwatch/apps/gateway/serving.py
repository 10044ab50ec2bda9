"""``gateway serve``: workers that each hold the table, under a supervisor that starts a dead one again and says so.

Settings travel to workers in one environment variable, as uvicorn starts them as fresh processes.
"""

import asyncio
import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from uvicorn.supervisors import Multiprocess

from stillwatch.adapters.stores.appeals import AppealStore
from stillwatch.adapters.stores.cases import FILE, CaseBook
from stillwatch.apps.gateway.beside import Beside
from stillwatch.apps.gateway.service import Service
from stillwatch.apps.gateway.wiring import GateSettings, opened
from stillwatch.errors import StillwatchError, UnavailableError, UsageError

#: Told where the gateway listens.
Ready = Callable[[str], None]

_SETTINGS = "STILLWATCH_GATEWAY_SETTINGS"
_LOOK_S = 0.05
_SUPERVISED_S = 1.0
_LOG = logging.getLogger("stillwatch.gateway")


class Gateway:
    """The ASGI application of one worker: its gate opens when the server starts and closes when it stops."""

    def __init__(self, settings: GateSettings) -> None:
        self._settings = settings
        self._service: Service | None = None
        self._stack = ExitStack()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        assert self._service is not None
        await self._service(scope, receive, send)

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        try:
            async with self._open():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except StillwatchError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.shutdown.complete"})

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[None]:
        settings = self._settings
        with opened(settings) as gate:
            appeals = AppealStore(Path(settings.appeals)) if settings.appeals else None
            if appeals is not None:
                appeals.opened()  # where nobody could appeal is found out now, not when somebody does
            beside = Beside(gate, settings.naming, appeals, author_of=_author(Path(settings.table)))
            self._service = Service(gate, beside.application(), settings.naming, settings.pages)
            supervised = asyncio.get_running_loop().create_task(_supervised())
            yield
            supervised.cancel()


async def _supervised() -> None:
    """End a worker whose supervisor was killed: nobody would start it again, and it would keep the address."""
    supervisor = multiprocessing.parent_process()
    while supervisor is not None:
        if not supervisor.is_alive():
            _LOG.error("the supervisor of this worker is gone; it stops")
            os.kill(os.getpid(), signal.SIGTERM)
            return
        await asyncio.sleep(_SUPERVISED_S)


def _author(folder: Path) -> Any:
    """Who decided a case, from the book of cases where this machine has it."""

    def author(case: str, account: str) -> str | None:
        if not (folder / FILE).is_file():
            return None
        with CaseBook(folder) as book:
            found = book.find(case)
            return found.author if found is not None and case in book.of_account(account) else None

    return author


def application() -> Gateway:
    """The application of a worker, from the settings that its supervisor left in the environment."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    return Gateway(msgspec.json.decode(os.environ[_SETTINGS], type=GateSettings))


def serve(settings: GateSettings, listen: str, workers: int, ready: Ready) -> None:
    """Serve until SIGINT or SIGTERM; ``ready`` is told the address.

    Raises ``UsageError`` for an address that is none, ``UnavailableError`` for one that is taken, and what a gate
    raises: all that is found out before a worker starts.
    """
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"--listen {listen}: write HOST:PORT, as in 127.0.0.1:8085")
    with opened(settings):
        pass
    bound = _bound(host.strip("[]"), int(port))
    os.environ[_SETTINGS] = msgspec.json.encode(settings).decode()
    config = uvicorn.Config(
        "stillwatch.apps.gateway.serving:application",
        factory=True,
        host=host.strip("[]"),
        port=int(port),
        workers=workers,
        http="httptools",
        loop="auto",
        access_log=False,
        log_level="warning" if workers == 1 else "info",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=10,
    )
    if workers == 1:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_alone(uvicorn.Server(config), bound, ready))
    else:
        threading.Thread(target=_told, args=(bound, ready), name="stillwatch-ready", daemon=True).start()
        Multiprocess(config, sockets=[bound]).run()


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise UnavailableError(f"{host}:{port} can't be listened on: {(error.strerror or '').lower()}") from error
    bound.set_inheritable(True)
    return bound


def _told(bound: socket.socket, ready: Ready) -> None:
    """Tell when the first worker answers: it is bound before anybody listens."""
    host, port = bound.getsockname()[:2]
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - every address, one's own too
    while True:
        try:
            socket.create_connection((reached, port), timeout=1).close()
        except OSError:
            time.sleep(_LOOK_S)
        else:
            ready(_address(bound))
            return


async def _alone(server: uvicorn.Server, bound: socket.socket, ready: Ready) -> None:
    task = asyncio.get_running_loop().create_task(server.serve(sockets=[bound]))
    while not server.started and not task.done():
        await asyncio.sleep(0.01)
    if server.started:
        ready(_address(bound))
    await task


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"
