"""Decisions over HTTP: a plain ASGI application, since it stands inside every request and a framework would be most of
its cost. Pages, appeals and health are a small Starlette application behind it.

``POST /v1/decide``           an exchange record without its response; the decision comes back as JSON
``POST /v1/served``           the same record with its response: learned from and tapped
``GET|POST /v1/ext-authz...`` Envoy's ``ext_authz`` over HTTP, and nginx's ``auth_request`` with ``?only=403``
"""

import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from stillwatch.adapters.gateways.exchanges import Naming, asked
from stillwatch.adapters.gateways.gate import Gate
from stillwatch.adapters.gateways.problems import FOR_UPSTREAM, Headers, Reply, reply
from stillwatch.decide.decision import Decision
from stillwatch.ingest.records import DECODER, Record, RefusedError, mend

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

EXT_AUTHZ = "/v1/ext-authz"
#: Bytes of a body: a record holds a whole request, images included.
LARGEST = 32 * 1024 * 1024
_JSON = (b"content-type", b"application/json")
_PROBLEM = (b"content-type", b"application/problem+json")
_PLAIN = (b"cache-control", b"no-store")
_FOR_UPSTREAM = FOR_UPSTREAM.encode()
#: Who called, as the proxy in front says it. Of those forwarded the last: the others are the caller's own words.
_CALLERS = (b"x-envoy-external-address", b"x-real-ip", b"x-forwarded-for")


class Answered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What ``/v1/decide`` says. ``status`` is what a gateway would answer the caller with, 200 where it goes on.
    ``covert``: carry the course out, and tell the caller nothing of all this."""

    course: str
    reason: str
    case: str
    version: str
    status: int
    expires_at: str | None = None
    retry_after: int | None = None
    shadow: bool = False
    permit: str | None = None
    warning: str | None = None
    covert: bool = False


@dataclass
class Service:
    """The application. ``others`` answers every path that is not asked in the request path."""

    gate: Gate
    others: Callable[[Any, Receive, Send], Awaitable[None]]
    naming: Naming
    pages: str = ""

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = scope["path"]
            if path.startswith(EXT_AUTHZ):
                await self._ext_authz(scope, receive, send)
                return
            if path in ("/v1/decide", "/v1/served"):
                if scope["method"] != "POST":
                    await _send(send, _ONLY_POST)
                elif path == "/v1/decide":
                    await self._decide(receive, send)
                else:
                    await self._served(receive, send)
                return
        await self.others(scope, receive, send)

    async def _decide(self, receive: Receive, send: Send) -> None:
        record = await _record(receive, send)
        if record is None:
            return
        decision = self.gate.ask(record)
        said = reply(decision, self.pages)
        if said.status == 503:
            await _send(send, said)
            return
        if said.status == 200:
            self.gate.count(decision)
        else:
            self.gate.served(msgspec.structs.replace(record, status=said.status))
        body = msgspec.json.encode(_answered(decision, said.status))
        await _send(send, Reply(200, [_JSON, _PLAIN], body))

    async def _served(self, receive: Receive, send: Send) -> None:
        record = await _record(receive, send)
        if record is not None:
            self.gate.served(record)
            await _send(send, Reply(204, []))

    async def _ext_authz(self, scope: Any, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        headers: Headers = scope["headers"]
        path = scope["path"][len(EXT_AUTHZ) :] or _original(headers)
        record = asked(
            uuid.uuid4().hex,
            datetime.now(UTC),
            self.naming,
            headers,
            path=path,
            body=body or b"",
            ip=_caller(headers),
        )
        decision = self.gate.ask(record)
        said = reply(decision, self.pages)
        if said.status == 200:
            self.gate.count(decision)
            if decision.effective != "allow":
                said.headers.append((_FOR_UPSTREAM, decision.effective.encode()))
        self.gate.served(record if said.status == 200 else msgspec.structs.replace(record, status=said.status))
        alone = scope["path"] == EXT_AUTHZ  # Envoy appends the caller's own path, and its query
        if alone and b"only=403" in scope.get("query_string", b"") and said.status not in (200, 403):
            # nginx's auth_request takes 2xx, 401 and 403; any other status becomes a 500 for the caller.
            said = Reply(403, [*said.headers, (b"stillwatch-status", str(said.status).encode())], said.body)
        await _send(send, said)


def _answered(decision: Decision, status: int) -> Answered:
    expires = decision.expires_us
    return Answered(
        course=decision.course,
        reason=decision.reason,
        case=decision.case,
        version=decision.version,
        status=status,
        expires_at=None
        if expires is None
        else datetime.fromtimestamp(expires / 1e6, tz=UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        retry_after=decision.retry_after,
        shadow=decision.shadow,
        permit=decision.permit,
        warning=decision.warning,
        covert=decision.covert,
    )


async def _record(receive: Receive, send: Send) -> Record | None:
    """The record in a body; ``None`` once the caller has been told what is wrong with it."""
    body = await _body(receive)
    if body is None:
        await _send(send, _problem(413, "Content too large", f"a record has at most {LARGEST} bytes"))
        return None
    try:
        record = DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            record, _ = mend(_with_defaults(msgspec.json.decode(body)))
        except (RefusedError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            await _send(send, _problem(400, "No exchange record", f"{error}: see DESIGN section 4, docs/formats.md"))
            return None
    return record


def _with_defaults(raw: Any) -> Any:
    """A question needs no id and no time: it is asked now."""
    if isinstance(raw, dict):
        raw.setdefault("id", uuid.uuid4().hex)
        raw.setdefault("occurred_at", time.time())
    return raw


def _problem(status: int, title: str, detail: str) -> Reply:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "reason": "bad-request"}
    return Reply(status, [_PROBLEM, _PLAIN], msgspec.json.encode(body))


_ONLY_POST = _problem(405, "Method not allowed", "send a record with POST")
_ONLY_POST.headers.append((b"allow", b"POST"))


async def _body(receive: Receive) -> bytes | None:
    """The whole body; ``None`` where it is larger than we read. What is too large is read to its end and dropped, so
    that whoever sends it hears the answer."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body if len(body) <= LARGEST else None
    parts, size = [body], len(body)
    while message.get("more_body", False):
        message = await receive()
        size += len(message.get("body", b""))
        if size <= LARGEST:
            parts.append(message.get("body", b""))
    return b"".join(parts) if size <= LARGEST else None


async def _send(send: Send, said: Reply) -> None:
    headers = [*said.headers, (b"content-length", str(len(said.body)).encode())]
    await send({"type": "http.response.start", "status": said.status, "headers": headers})
    await send({"type": "http.response.body", "body": said.body})


def _caller(headers: Headers) -> str | None:
    for wanted in _CALLERS:
        for name, value in headers:
            if name == wanted:
                return value.rpartition(b",")[2].strip().decode("latin-1") or None
    return None


def _original(headers: Headers) -> str:
    """The path that nginx was asked for, without its query: that may hold a key."""
    found = next((value for name, value in headers if name == b"x-original-uri"), b"")
    return found.partition(b"?")[0].decode("latin-1")
