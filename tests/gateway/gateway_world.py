"""A table with one account for each course, a gateway on a real port, and a small server that answers like a model."""

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from bench.gateway import running
from bench.gateway.running import Running, free_port, until_open
from stillwatch.adapters.stores.table_folder import TableFolder
from stillwatch.adapters.stores.table_keys import public_file, signing_key
from stillwatch.decide.compile import Compiled
from stillwatch.decide.course import Course
from stillwatch.decide.order import Order
from stillwatch.decide.permits import Line, Manners
from stillwatch.decide.rings import Ring

DAY_US = 86_400_000_000
#: Account and what two people ordered about it without its being told.
COVERT: dict[str, Course] = {"held-unsaid": "hold", "reduced-unsaid": "reduce-reasoning"}
#: Account and what is decided about it; ``in-shadow`` would be refused, ``nobody`` stands in no table.
COURSES: dict[str, Course] = {
    "told": "notice",
    "slowed": "throttle",
    "reduced": "reduce-reasoning",
    "asked": "challenge",
    "held": "hold",
    "refused": "refuse",
}
HEADERS = {"x-stillwatch-account": "nobody"}
CHAT = "/v1/chat/completions"
MESSAGES = [{"role": "user", "content": "What is the capital of Peru?"}]
ANSWER = "Lima is the capital of Peru."
REASONING = "Peru lies in South America; its capital is Lima."
SIGNATURE = "c2lnbmF0dXJlIG9mIGFuIG9wYXF1ZSByZWFzb25pbmcgYmxvY2sgb2YgdGhpcyB0ZXN0IG9ubHkgMDAwMQ=="


def compiled(courses: dict[str, Course], *, stale_us: int = DAY_US, now_us: int | None = None) -> Compiled:
    """A table of these accounts, those of ``COVERT``, one in shadow, and a permit of ``org_p`` for three exchanges."""
    until = (now_us or time.time_ns() // 1000) + DAY_US
    orders, accounts = [], {}
    for place, (name, course) in enumerate(courses.items()):
        retry = 17 if course == "throttle" else None
        orders.append(
            Order(course=course, reason="usage-under-review", author="rule r", expires_us=until, retry_after=retry)
        )
        accounts[name] = (place, case_of(name))
    orders.append(Order(course="refuse", reason="usage-under-review", author="rule r", expires_us=until, shadow=True))
    accounts["in-shadow"] = (len(orders) - 1, case_of("in-shadow"))
    for name, course in COVERT.items():
        orders.append(
            Order(course=course, reason="usage-under-review", author="two people", expires_us=until, covert=True)
        )
        accounts[name] = (len(orders) - 1, case_of(name))
    permit = Line(reference="P-1", organization="org_p", until="2099-01-01", max_exchanges=3).permit()
    return Compiled(
        orders=tuple(orders), accounts=accounts, organizations={"org_r": (len(courses) - 1, case_of("org_r"))},
        cases=(), rulings=(), permits=(permit,), manners=Manners(), rings=(Ring(name="general"),), places=(),
        stale_us=stale_us, rules="test",
    )  # fmt: skip


def case_of(name: str) -> str:
    return f"C-{name}"


@dataclass
class World:
    """A folder with a key and a table."""

    folder: Path

    @property
    def table(self) -> Path:
        return self.folder / "table"

    @property
    def public(self) -> Path:
        return public_file(self.folder / "table.key")

    def publish(self, courses: dict[str, Course] | None = None, **changes: Any) -> str:
        """Bring a table into force; its version."""
        key, _ = signing_key(self.folder / "table.key")
        made = compiled(COURSES if courses is None else courses, **changes)
        moment = changes.get("now_us") or time.time_ns() // 1000
        return TableFolder(self.table).publish(made, key, moment, "Engineer 1").version

    def settings(self, **more: Any) -> dict[str, Any]:
        """``GateSettings`` for a gate in this folder."""
        return {
            "table": str(self.table),
            "keys": (str(self.public),),
            "state": str(self.folder / "state"),
            "sketch_key": str(self.folder / "sketch.key"),
            "tap": str(self.folder / "tapped"),
            **more,
        }

    def tapped(self, wanted: int = 0, seconds: float = 20.0) -> list[dict[str, Any]]:
        """What stands in the tap, once there are ``wanted`` records."""
        ends = time.monotonic() + seconds
        while True:
            files = sorted((self.folder / "tapped").glob("*.jsonl"))
            lines = [line for file in files for line in file.read_bytes().splitlines()]
            if len(lines) >= wanted or time.monotonic() > ends:
                return [json.loads(line) for line in lines]
            time.sleep(0.05)


def world(folder: Path) -> World:
    made = World(folder)
    made.publish()
    return made


def gateway(made: World, *options: str, listen: str = "127.0.0.1:0") -> AbstractContextManager[Running]:
    """``stillwatch gateway serve`` on a free port, stopped at the end."""
    return running.gateway(made.folder, made.public, *options, listen=listen)


def environment(made: World) -> dict[str, str]:
    """An environment in which nothing of the person who runs the tests is found."""
    return {**os.environ, "XDG_CONFIG_HOME": str(made.folder / "config"), "XDG_STATE_HOME": str(made.folder / "home")}


def chunks(text: str, reasoning: str = "") -> Iterator[dict[str, Any]]:
    """A streamed answer in the dialect of OpenAI's chat completions, a word each."""
    said = [{"role": "assistant", "content": ""}]
    said += [{"reasoning_content": word + " "} for word in reasoning.split()]
    said += [{"content": word + " "} for word in text.split()]
    for delta in said:
        yield {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m-large",
               "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}  # fmt: skip
    yield {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m-large",
           "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}  # fmt: skip


def whole(text: str, reasoning: str = "") -> dict[str, Any]:
    """The same answer in one piece."""
    message = {"role": "assistant", "content": text, "reasoning_content": reasoning}
    return {"id": "c-1", "object": "chat.completion", "created": 1, "model": "m-large",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16}}  # fmt: skip


@dataclass
class Upstream:
    """A model server, and the headers and bodies that reached it."""

    url: str
    seen: list[tuple[dict[str, str], bytes]]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextlib.contextmanager
def upstream(pause: float = 0.0) -> Iterator[Upstream]:
    """An HTTP server that answers every POST like OpenAI's chat completions, streamed where that is asked for."""
    seen: list[tuple[dict[str, str], bytes]] = []

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
            try:
                streamed = bool(json.loads(body).get("stream"))
            except ValueError:
                streamed = False
            self.send_response(200)
            if streamed:
                self._stream()
                return
            said = json.dumps(whole(ANSWER, REASONING)).encode()
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST

        def _stream(self) -> None:
            self.send_header("content-type", "text/event-stream")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            events = [b"data: " + json.dumps(one).encode() + b"\n\n" for one in chunks(ANSWER, REASONING)]
            for event in [*events, b"data: [DONE]\n\n"]:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
                self.wfile.flush()
                time.sleep(pause)
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Upstream(f"http://127.0.0.1:{server.server_address[1]}", seen)
    finally:
        server.shutdown()
        server.server_close()


#: A request of no harm.
BODY = {"model": "m-large", "messages": MESSAGES}


def decided(http: httpx.Client, account: str, **more: object) -> dict[str, object]:
    answer = http.post("/v1/decide", json={"account": account, "request": BODY, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


__all__ = ["Running", "free_port", "until_open"]
