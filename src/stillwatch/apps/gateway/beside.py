"""What stands beside the request path: pages that callers read, appeals, health and figures.

A caller proves that a case is theirs by the account that the provider's own layer of authentication names in the
header, as for every request; who names another's case hears the same as who names none.
"""

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from string import Template
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from stillwatch.adapters.gateways.exchanges import Naming
from stillwatch.adapters.gateways.problems import REASONS
from stillwatch.adapters.stores.appeals import AppealStore
from stillwatch.apps.gateway.gate import LocalGate
from stillwatch.decide.appeals import CALLERS, Act, Deadlines, Event, public
from stillwatch.decide.order import case_reference
from stillwatch.errors import UsageError

_RULES = ("signature-replay", "anti-flag", "banned-template", "access-ring")
#: Bytes of an appeal.
_LARGEST = 32 * 1024
_PAGE = Template("""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>$title</title>
<style>body{font:16px/1.55 system-ui,sans-serif;max-width:38em;margin:3em auto;padding:0 1em;color:#1d2430}
h1{font-size:1.35em}code{background:#eef1f4;padding:.1em .3em;border-radius:3px}textarea,input{width:100%;font:inherit}
@media(prefers-color-scheme:dark){body{background:#14181d;color:#dde3ea}code{background:#232a32}}</style>
<h1>$title</h1>$body</html>""")


@dataclass
class Beside:
    """The endpoints. ``author_of`` tells who decided a case of an account, ``None`` where there is no such case."""

    gate: LocalGate
    naming: Naming
    appeals: AppealStore | None
    author_of: Callable[[str, str], str | None]
    deadlines: Deadlines = field(default_factory=Deadlines)

    def application(self) -> Starlette:
        """The Starlette application."""
        made = Starlette(
            routes=[
                Route("/healthz", self.health),
                Route("/metrics", self.metrics),
                Route("/reasons/{reason}", self.reason),
                Route("/cases/{case}", self.case),
                Route("/v1/appeals", self.file, methods=["POST"]),
                Route("/v1/appeals/{reference}", self.appeal, methods=["GET", "POST"]),
            ],
            exception_handlers={UsageError: _usage, HTTPException: _http},
        )
        made.router.redirect_slashes = False
        return made

    async def health(self, _request: Request) -> Response:
        """200 while all is well; 503 with the reasons where an operator must look. Decisions go on either way."""
        now_us = self.gate.now_us()
        manifest = self.gate.tables.current.manifest
        alarms = self.gate.alarms()
        body = {
            "version": manifest.version,
            "age_seconds": max(0, now_us - manifest.made_us) // 1_000_000,
            "accounts": manifest.accounts,
            "alarms": alarms,
        }
        return _json(body, 503 if alarms else 200)

    async def metrics(self, _request: Request) -> Response:
        """Figures of this worker in the text format of Prometheus."""
        now_us = self.gate.now_us()
        manifest = self.gate.tables.current.manifest
        lines = [
            "# TYPE stillwatch_decisions_total counter",
            *(f'stillwatch_decisions_total{{course="{course}"}} {n}' for course, n in sorted(self.gate.asked.items())),
            "# TYPE stillwatch_failures_total counter",
            f"stillwatch_failures_total {self.gate.failures}",
            "# TYPE stillwatch_table_age_seconds gauge",
            f"stillwatch_table_age_seconds {max(0, now_us - manifest.made_us) / 1e6:.0f}",
            "# TYPE stillwatch_alarms gauge",
            f"stillwatch_alarms {len(self.gate.alarms())}",
        ]
        if self.gate.tap is not None:
            lines += ["# TYPE stillwatch_tapped_total counter", f"stillwatch_tapped_total {self.gate.tap.written}"]
            lines += ["# TYPE stillwatch_untapped_total counter", f"stillwatch_untapped_total {self.gate.tap.dropped}"]
        return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")

    async def reason(self, request: Request) -> Response:
        """What a reason code means."""
        code = request.path_params["reason"]
        sentence = REASONS.get(code)
        if sentence is None:
            return _page("No such reason", "<p>This gateway gives no such reason code.</p>", 404)
        return _page("Why was this?", f"<p><code>{html.escape(code)}</code></p><p>{html.escape(sentence)}</p>{_HOW}")

    async def case(self, request: Request) -> Response:
        """What to do with a reference. It looks the same for every reference: a page is no oracle."""
        case = html.escape(request.path_params["case"][:40])
        body = (
            f"<p>Your reference is <code>{case}</code>. It stands for a decision about how your requests are answered."
            " It holds no accusation, and nobody else can read anything from it.</p>" + _HOW
        )
        return _page("A decision about your requests", body)

    async def file(self, request: Request) -> Response:
        """File an appeal: JSON with ``case`` and ``statement``."""
        if self.appeals is None:
            return _problem(501, "This gateway takes no appeals", "Write to the provider and quote your reference.")
        account, organization, _ = self.naming.who(request.headers.raw)
        asked = await _object(request)
        case, statement = asked.get("case"), asked.get("statement")
        if not isinstance(case, str) or not isinstance(statement, str):
            raise UsageError("an appeal is a JSON object with `case` (your reference) and `statement` (your words)")
        author = self._author(account, organization, case)
        if author is None:
            return _problem(404, "No such case", "There is no decision with this reference for this account.")
        found, new = self.appeals.file(case, account, organization, author, statement, self.gate.now_us())
        return _json(msgspec.to_builtins(public(found, self.deadlines, self.gate.now_us())), 201 if new else 200)

    async def appeal(self, request: Request) -> Response:
        """Read one's own appeal; ``POST`` answers a question or withdraws it."""
        found = None if self.appeals is None else self.appeals.find(request.path_params["reference"])
        account, _, _ = self.naming.who(request.headers.raw)
        if self.appeals is None or found is None or found.account != account:
            return _problem(404, "No such appeal", "There is no appeal with this reference for this account.")
        if request.method == "POST":
            asked = await _object(request)
            act, message = asked.get("act", "answer"), asked.get("message", asked.get("statement", ""))
            if act not in CALLERS or act == "filed" or not isinstance(message, str):
                raise UsageError("send `act` (answer or withdrawn) and `message` (your words)")
            if act == "answer" and not message.strip():
                raise UsageError("an answer needs a `message`: your words")
            event = Event(act=_act(act), at_us=self.gate.now_us(), actor=account, message=message)
            found = self.appeals.advance(found.reference, event)
        return _json(msgspec.to_builtins(public(found, self.deadlines, self.gate.now_us())))

    def _author(self, account: str, organization: str | None, case: str) -> str | None:
        """Who decided this case, if it is the caller's: by the book, the table in force, or an inline rule."""
        known = self.author_of(case, account)
        if known is not None:
            return known
        decision = self.gate.tables.current.decide(account, organization, None, self.gate.now_us())
        if decision.case and decision.case == case:
            return "the table in force"
        for rule in _RULES:
            if case_reference(self.gate.secret, account, rule) == case:
                return f"rule {rule}"
        return None


_HOW = (
    "<p><b>You can ask why and appeal.</b> Send your reference and what you would like to say to "
    "<code>POST /v1/appeals</code> as JSON, with the key that you use for the model:</p>"
    '<pre><code>{"case": "C-…", "statement": "What you do, and why this is wrong."}</code></pre>'
    "<p>Another person than the one who decided will answer. If nobody answers in time, the decision is suspended. "
    "If you distil with permission, or would like to, say so: a permit is an ordinary thing.</p>"
)


def _act(name: str) -> Act:
    return "withdrawn" if name == "withdrawn" else "answer"


async def _object(request: Request) -> dict[str, Any]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            raise UsageError(f"that is more than {_LARGEST} bytes")
    try:
        found = msgspec.json.decode(bytes(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"the body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise UsageError("the body is no JSON object")
    return found


def _page(title: str, body: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.substitute(title=html.escape(title), body=body), status)


def _json(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def _problem(status: int, title: str, detail: str) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(msgspec.json.encode(body), status, media_type="application/problem+json")


async def _http(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    found = _problem(problem.status_code, problem.detail, "See docs/gateway.md for what this gateway answers.")
    found.headers.update(problem.headers or {})
    return found


async def _usage(_request: Request, problem: Exception) -> Response:
    return _problem(400, "Not understood", str(problem))
