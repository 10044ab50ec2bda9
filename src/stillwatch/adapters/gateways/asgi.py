"""Middleware for any ASGI application (ASGI 3.0): one line before a model server decides and taps.

It reads the request's body before the application does, since inline rules look at it, and hands it on unchanged. What
it must not do is break what it watches: a body beyond ``largest`` is handed on unread and decided by its account alone.

*Hold*: a streamed answer is kept until it is whole and then sent at once, which leaves the caller the answer and takes
what a harvester of streams pays for. *Reduce-reasoning* is the application's to carry out: it finds the course in
``scope["state"]["stillwatch"]`` and in the request header ``stillwatch-course``, which callers can't set themselves.
"""

import time
import uuid
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from stillwatch.adapters.gateways.exchanges import Naming, answered, asked
from stillwatch.adapters.gateways.gate import Gate
from stillwatch.adapters.gateways.problems import Reply, reply
from stillwatch.decide.decision import Decision
from stillwatch.ingest.records import Record

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

#: Where callers ask models: OpenAI's chat, completions and responses, Anthropic's messages.
PATHS = ("/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages")
#: Bytes of a request that are read, of an answer that are tapped, and of one that is held back.
LARGEST = 32 * 1024 * 1024
TAPPED = 8 * 1024 * 1024
_COURSE = b"stillwatch-course"


class StillwatchMiddleware:
    """``app`` behind ``gate``. ``paths`` are those of requests to a model; everything else passes untouched."""

    def __init__(
        self,
        app: App,
        gate: Gate,
        *,
        paths: Collection[str] = PATHS,
        naming: Naming | None = None,
        pages: str = "",
        largest: int = LARGEST,
    ) -> None:
        self._app, self._gate, self._paths = app, gate, frozenset(paths)
        self._naming, self._pages, self._largest = naming or Naming(), pages, largest

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
            return
        read, whole = await _read(receive, self._largest)
        started = time.perf_counter()
        body = b"".join(message.get("body", b"") for message in read) if whole else b""
        client = scope.get("client")
        record = asked(
            uuid.uuid4().hex,
            datetime.now(UTC),
            self._naming,
            scope["headers"],
            path=scope["path"],
            body=body,
            ip=client[0] if client else None,
        )
        decision = self._gate.ask(record)
        said = reply(decision, self._pages)
        if said.status != 200:
            await _send(send, said)
            self._gate.served(answered(record, status=said.status, duration_ms=_since(started), media="", body=b""))
            return
        answer = _Answer(send, said, held=decision.effective == "hold")
        try:
            await self._app(_told(scope, decision), _again(read, receive), answer)
        finally:
            await answer.finish()
            self._tap(record, decision, answer, started)

    def _tap(self, record: Record, decision: Decision, answer: "_Answer", started: float) -> None:
        body = b"".join(answer.body) if answer.tapped <= TAPPED else b""
        if answer.status < 400:
            self._gate.count(decision)
        self._gate.served(
            answered(record, status=answer.status, duration_ms=_since(started), media=answer.media, body=body)
        )


@dataclass
class _Answer:
    """What the application sends: passed on, or held, and kept for the tap."""

    send: Send
    said: Reply
    held: bool
    status: int = 500  # until the application says otherwise: it failed
    media: str = ""
    body: list[bytes] = field(default_factory=list)
    tapped: int = 0
    _waiting: list[Message] = field(default_factory=list)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            self.media = next((v.decode("latin-1") for k, v in headers if k.lower() == b"content-type"), "")
            message = {**message, "headers": [*headers, *self.said.headers]}
        elif message["type"] == "http.response.body":
            self.tapped += len(message.get("body", b""))
            if self.tapped <= TAPPED:
                self.body.append(bytes(message.get("body", b"")))
            else:
                self.body.clear()
        if not self.held:
            await self.send(message)
            return
        self._waiting.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            await self.finish()
        elif self.tapped > TAPPED:  # longer than we hold: from here on it flows
            await self.finish()
            self.held = False

    async def finish(self) -> None:
        """Send what is held, in one piece where it is whole."""
        waiting, self._waiting = self._waiting, []
        parts = [message for message in waiting if message["type"] == "http.response.body"]
        for message in waiting:
            if message["type"] != "http.response.body":
                await self.send(message)
        if parts:
            whole = b"".join(part.get("body", b"") for part in parts)
            await self.send({**parts[-1], "body": whole})


async def _read(receive: Receive, largest: int) -> tuple[list[Message], bool]:
    """The request's messages, and whether that is all of it: no more than ``largest`` bytes are kept."""
    messages, size = [], 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            return messages, message["type"] == "http.request" and size <= largest
        if size > largest:
            return messages, False


def _again(read: list[Message], receive: Receive) -> Receive:
    """Give the application what was read, then whatever comes next."""
    waiting = iter(read)

    async def again() -> Message:
        message = next(waiting, None)
        return await receive() if message is None else message

    return again


def _told(scope: MutableMapping[str, Any], decision: Decision) -> MutableMapping[str, Any]:
    """The scope with the course; what a caller wrote into the header is taken out."""
    course = decision.effective
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != _COURSE]
    if course in ("hold", "reduce-reasoning"):
        headers.append((_COURSE, course.encode()))
    state = {**scope.get("state", {}), "stillwatch": decision}
    return {**scope, "headers": headers, "state": state}


async def _send(send: Send, said: Reply) -> None:
    headers = [*said.headers, (b"content-length", str(len(said.body)).encode())]
    await send({"type": "http.response.start", "status": said.status, "headers": headers})
    await send({"type": "http.response.body", "body": said.body})


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
