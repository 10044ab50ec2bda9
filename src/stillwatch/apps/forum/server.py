"""Wire the endpoints into an application, and serve it."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from stillwatch.apps.forum import beside, matching, matching_letters, proving, taxii
from stillwatch.apps.forum.answers import ProblemError, error, not_found
from stillwatch.apps.forum.service import Service
from stillwatch.errors import StateError, UnavailableError

_LOG = logging.getLogger("stillwatch.forum")


def application(service: Service, routes: Sequence[Route] | None = None) -> ASGIApp:
    """The forum as an ASGI application, or another holder's ``routes``; its lifespan starts and stops ``service``."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.stop()

    app = Starlette(
        routes=_routes() if routes is None else list(routes),
        lifespan=lifespan,
        exception_handlers={
            ProblemError: _problem,
            HTTPException: _http,
            UnavailableError: _unavailable,
            StateError: _damaged,
            sa.exc.OperationalError: _unavailable,
            sa.exc.InterfaceError: _unavailable,
            Exception: _fault,
        },
    )
    app.router.redirect_slashes = False
    app.state.service = service
    return _Slashed(app)


def _routes() -> list[Route]:
    root = taxii.API_ROOT
    place = f"{root}collections/{{collection}}/"
    return [
        # Tried in this order, so what is called most stands first.
        Route(f"{place}objects/", taxii.objects, methods=["GET", "POST"]),
        Route("/taxii2/", taxii.discovery),
        Route(root, taxii.api_root),
        Route(f"{root}status/{{status}}/", taxii.status),
        Route(f"{root}collections/", taxii.collections),
        Route(place, taxii.collection),
        Route(f"{place}manifest/", taxii.manifest),
        Route(f"{place}objects/{{object}}/", taxii.an_object, methods=["GET", "DELETE"]),
        Route(f"{place}objects/{{object}}/versions/", taxii.object_versions),
        Route("/forum/me/", beside.whoami),
        Route("/forum/why-can/", beside.why_can),
        Route("/forum/counters/", beside.give_and_take),
        Route("/forum/transparency/", beside.transparency),
        *LEDGER,
        *matching.ROUTES,
        matching_letters.ROUTE,
    ]


#: Whoever keeps a ledger proves it in the same places.
LEDGER = (
    Route("/forum/ledger/{log}/key/", proving.key),
    Route("/forum/ledger/{log}/checkpoint/", proving.checkpoint),
    Route("/forum/ledger/{log}/witness/", proving.witness),
    Route("/forum/ledger/{log}/cosignatures/", proving.cosignatures, methods=["POST"]),
    Route("/forum/ledger/{log}/consistency/", proving.consistency),
    Route("/forum/ledger/{log}/inclusion/", proving.inclusion),
    Route("/forum/ledger/{log}/export/", proving.exported),
)


class _Slashed:
    """Paths end in a slash (TAXII 2.1 section 3.1); one that was left out is added, without a redirect."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].endswith("/"):
            scope = {**scope, "path": scope["path"] + "/"}
        await self._app(scope, receive, send)


async def _problem(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, ProblemError)
    return error(problem)


async def _http(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    if problem.status_code == 404:
        return error(not_found())
    return error(ProblemError(problem.status_code, problem.detail, "", problem.headers))


async def _unavailable(_request: Request, _problem: Exception) -> Response:
    return error(ProblemError(503, "Unavailable", "the forum's database does not answer", {"Retry-After": "5"}))


async def _damaged(_request: Request, problem: Exception) -> Response:
    # The operator must act, and reads what to do in the log; a client may only learn that it is not its own fault.
    _LOG.error("%s", problem)
    told = "the forum can't do this until its operator has mended it; nothing was taken: send it again later"
    return error(ProblemError(503, "Unavailable", told, {"Retry-After": "600"}))


async def _fault(request: Request, problem: Exception) -> Response:
    # Not request.url: that decodes the query, and a query may be any bytes.
    _LOG.error("%s %s failed", request.method, request.scope["path"], exc_info=problem)
    return error(ProblemError(500, "Internal error", "the forum failed; its operator finds the reason in its log"))


@dataclass(frozen=True)
class Listening:
    """Where and how to listen."""

    host: str
    port: int
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None
    behind_proxy: bool = False


def server(service: Service, listening: Listening, routes: Sequence[Route] | None = None) -> uvicorn.Server:
    """A uvicorn server, not yet running."""
    import ssl

    settings: dict[str, Any] = {}
    if listening.tls_cert is not None:
        settings = {"ssl_certfile": str(listening.tls_cert), "ssl_keyfile": str(listening.tls_key or "") or None}
        if listening.client_ca is not None:
            settings |= {"ssl_ca_certs": str(listening.client_ca), "ssl_cert_reqs": ssl.CERT_REQUIRED}
    config = uvicorn.Config(
        application(service, routes),
        host=listening.host,
        port=listening.port,
        proxy_headers=listening.behind_proxy,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=64 * 1024,
        **settings,
    )
    return uvicorn.Server(config)
