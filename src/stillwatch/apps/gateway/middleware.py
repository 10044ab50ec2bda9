"""One line for an ASGI application: ``app = watched(app, table="/srv/table", tap="/srv/tapped")``."""

from contextlib import ExitStack
from typing import Any

from stillwatch.adapters.gateways.asgi import App, StillwatchMiddleware
from stillwatch.apps.gateway.wiring import GateSettings, opened
from stillwatch.errors import StillwatchError


def watched(app: App, **settings: Any) -> App:
    """``app`` behind a gate with these ``GateSettings``.

    The gate opens with the application's lifespan, or at the first request where a server has none, so that every
    worker has one of its own; it closes with the lifespan. A server whose gate can't open is told so and does not
    start; where a server has no lifespan, requests raise as ``opened`` does.
    """
    return _Watched(app, GateSettings(**settings))


class _Watched:
    def __init__(self, app: App, settings: GateSettings) -> None:
        self._app, self._settings = app, settings
        self._inner: StillwatchMiddleware | None = None
        self._stack = ExitStack()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await (self._inner or self._opened())(scope, receive, send)
            return
        try:
            inner = self._inner or self._opened()
        except StillwatchError as error:  # raised, it would tell servers that there is no lifespan here, and they go on
            await receive()
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        try:
            await inner(scope, receive, send)
        finally:
            self._stack.close()
            self._inner = None

    def _opened(self) -> StillwatchMiddleware:
        gate = self._stack.enter_context(opened(self._settings))
        made = StillwatchMiddleware(self._app, gate, naming=self._settings.naming, pages=self._settings.pages)
        self._inner = made
        return made
