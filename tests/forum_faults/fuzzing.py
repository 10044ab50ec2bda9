"""Throw malformed, hostile and merely odd requests at the forum, in process, straight at its ASGI interface.

``python tests/forum_faults/fuzzing.py --requests 50000 --seed 1``. Straight at ASGI, so that also paths, headers and
bodies arrive that no HTTP client would send. Every answer must be below 500 and come within ``PATIENCE`` seconds, and
memory must not grow with the number of requests. Seeded: the same seed sends the same requests.
"""

import argparse
import asyncio
import base64
import json
import random
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from stillwatch.adapters.stores.forum import database
from stillwatch.apps.forum import founding
from stillwatch.apps.forum.gate import Buckets
from stillwatch.apps.forum.server import application
from stillwatch.apps.forum.service import Service

TAXII = "application/taxii+json;version=2.1"
PATIENCE = 10.0
BODY_LIMIT = 64 * 1024

_ODD = (
    "", "0", "-1", "1", "2.1", "last", "all", "first", "last,first", "all,all", ",", "a" * 9_000, "9" * 30, "1e9",
    "\x00", "١", "é", "\ud800", "../..", "%00", "%", "' OR 1=1 --", "{}", "[]", "null", "NaN", "2026-01-01T00:00:00Z",
    "2026-13-45T99:99:99Z", "9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z", "0000-00-00T00:00:00Z",
    "indicator", "indicator--", "indicator--" + "0" * 36, "*", "?", "a,b,c", ",".join(f"t{n}" for n in range(600)),
)  # fmt: skip
_NAMES = (
    "added_after", "limit", "next", "match[id]", "match[type]", "match[version]", "match[spec_version]", "match[]",
    "match", "object", "member", "size", "old", "new", "x",
)  # fmt: skip
_METHODS = ("HEAD", "PUT", "OPTIONS", "PATCH", "TRACE", "GÉT", "")


@dataclass
class Found:
    """What a run saw."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0
    kilobytes: tuple[int, int] = (0, 0)  #: resident memory after the first tenth, and at the end


class Generator:
    """Requests, as ASGI sees them. Half of them are nearly right, so that they get past the first check."""

    def __init__(self, seed: int, credentials: list[str], collections: list[str]) -> None:
        self._draw = random.Random(seed)
        self._credentials = credentials
        self._collections = [*collections, "open-stix", "open-stix", "threat-signatures", str(uuid.UUID(int=7))]
        self.ids = [f"indicator--{uuid.UUID(int=n, version=4)}" for n in range(1, 40)]
        self.tokens: list[str] = []

    def request(self) -> tuple[dict[str, Any], list[bytes]]:
        draw = self._draw
        posting = draw.random() < 0.4
        method = "POST" if posting else draw.choice(("GET",) * 12 + ("DELETE",))
        if draw.random() < 0.04:
            method = draw.choice(_METHODS)
        path = self._path(posting)
        headers = self._headers()
        body = self._body() if method == "POST" or draw.random() < 0.05 else b""
        if draw.random() < 0.05:
            headers.append((b"content-length", self._bytes(draw.choice((str(len(body)), "-1", "9" * 40, "x", "")))))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode("utf-8", "surrogatepass"),
            "query_string": b"" if draw.random() < 0.3 else self._query(),
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        cut = draw.randrange(len(body) + 1)
        return scope, [body[:cut], body[cut:]]

    def _path(self, posting: bool) -> str:
        draw = self._draw
        place = draw.choice(self._collections) if draw.random() < 0.93 else draw.choice(_ODD)
        item = draw.choice(self.ids) if draw.random() < 0.7 else draw.choice(_ODD)
        root = f"/stillwatch/collections/{place}"
        if posting and draw.random() < 0.9:
            return f"{root}/objects/"
        log = draw.choice(("forum", "government", draw.choice(_ODD)))
        ending = draw.choice(("key", "checkpoint", "witness", "cosignatures", "consistency", "inclusion", "export"))
        return draw.choice((
            f"{root}/objects/", f"{root}/objects/", f"{root}/manifest/", f"{root}/objects/{item}/",
            f"{root}/objects/{item}/versions/", f"{root}/", "/stillwatch/collections/", "/stillwatch/", "/taxii2/",
            f"/stillwatch/status/{item}/", "/forum/me/", "/forum/why-can/", "/forum/counters/", "/forum/transparency/",
            f"/forum/ledger/{log}/{ending}/", f"/{draw.choice(_ODD)}", f"{root}//objects",
        ))  # fmt: skip

    def _query(self) -> bytes:
        draw = self._draw
        parts = []
        for _ in range(draw.randrange(1, 4)):
            name = draw.choice(_NAMES) if draw.random() < 0.9 else draw.choice(_ODD)
            value = draw.choice(_ODD)
            if name == "next" and self.tokens and draw.random() < 0.7:
                value = draw.choice(self.tokens)
            elif name in {"match[id]", "object"} and draw.random() < 0.6:
                value = ",".join(draw.sample(self.ids, draw.randrange(1, 4)))
            elif name in {"limit", "size", "old", "new"} and draw.random() < 0.6:
                value = str(draw.randrange(0, 40))
            raw = value.encode("utf-8", "surrogatepass")
            parts.append(name.encode("utf-8", "surrogatepass") + b"=" + self._escaped(raw))
        return b"&".join(parts)

    def _escaped(self, raw: bytes) -> bytes:
        if self._draw.random() < 0.05:
            return self._draw.randbytes(self._draw.randrange(12))
        return quote_from_bytes(raw).encode()

    def _headers(self) -> list[tuple[bytes, bytes]]:
        draw = self._draw
        found = [(b"host", b"forum")]
        credential = draw.choices(self._credentials, (5, 2, 1, 1))[0]
        basic = base64.b64encode(f"x:{credential}".encode()).decode()
        authorization = f"Bearer {credential}"
        if draw.random() < 0.12:
            authorization = draw.choice((f"Basic {basic}", "Basic é", "Basic ====", "Bearer", "", *_ODD))
        found.append((b"authorization", self._bytes(authorization)))
        accept = (
            TAXII if draw.random() < 0.92 else draw.choice(("*/*", "text/html", "application/taxii+json;q=x", *_ODD))
        )
        found.append((b"accept", self._bytes(accept)))
        kind = TAXII if draw.random() < 0.95 else draw.choice(("application/json", *_ODD))
        found.append((b"content-type", self._bytes(kind)))
        if draw.random() < 0.1:
            found.append((b"content-encoding", self._bytes(draw.choice(("gzip", "identity", *_ODD)))))
        if draw.random() < 0.15:
            names = draw.choice(("second", "second,first", "nobody", ",,,", *_ODD))
            found.append((b"x-stillwatch-recipients", self._bytes(names)))
        return found

    @staticmethod
    def _bytes(text: str) -> bytes:
        return text.encode("utf-8", "surrogatepass")

    def _body(self) -> bytes:
        draw = self._draw
        chance = draw.random()
        if chance < 0.08:
            return draw.randbytes(draw.randrange(200))
        if chance < 0.11:
            deep = draw.choice((50, 2_000, 20_000))
            return b'{"objects":[' + b'{"a":' * deep + b"1" + b"}" * deep + b"]}"
        if chance < 0.13:
            return b'{"objects":["' + b"a" * draw.choice((BODY_LIMIT, BODY_LIMIT * 3)) + b'"]}'
        items = [self._item() for _ in range(draw.randrange(0, 6))]
        text = json.dumps({"objects": items}, ensure_ascii=draw.random() < 0.9)
        body = text.encode("utf-8", "surrogatepass")
        if draw.random() < 0.15 and body:
            spoiled = bytearray(body)
            for _ in range(draw.randrange(1, 4)):
                spoiled[draw.randrange(len(spoiled))] = draw.randrange(256)
            return bytes(spoiled)
        return body

    def _item(self) -> Any:
        draw = self._draw
        if draw.random() < 0.05:
            return self._value()
        moment = f"2026-01-{draw.randrange(1, 29):02d}T00:00:00.000Z"
        item: dict[str, Any] = {
            "type": "indicator",
            "spec_version": "2.1",
            "id": draw.choice(self.ids),
            "created": "2026-01-01T00:00:00.000Z",
            "modified": moment,
            "pattern": "[ipv4-addr:value = '203.0.113.7']",
            "pattern_type": "stix",
            "valid_from": "2026-01-01T00:00:00Z",
        }
        if draw.random() < 0.15:
            item["object_marking_refs"] = ["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]
        for _ in range(draw.choice((0, 0, 1, 2))):
            extra = ("object_marking_refs", "granular_markings", "extensions", "external_references", "revoked", "x")
            item[draw.choice((*item, *extra))] = self._value()
        return item

    def _value(self, depth: int = 0) -> Any:
        draw = self._draw
        kind = draw.randrange(9 if depth < 3 else 6)
        if kind < 3:
            return draw.choice(_ODD)
        if kind < 6:
            return draw.choice((None, True, False, 0, -1, 1e308, 2**63, 2**64, 10**400, float("nan"), 0.1))
        if kind == 6:
            return [self._value(depth + 1) for _ in range(draw.randrange(4))]
        return {draw.choice(_ODD): self._value(depth + 1) for _ in range(draw.randrange(4))}


async def _call(app: Any, scope: dict[str, Any], chunks: list[bytes]) -> tuple[int, bytes]:
    """Status and body of the answer to one request; the client goes away after its body."""
    waiting = [{"type": "http.request", "body": part, "more_body": n == 0} for n, part in enumerate(chunks)]
    status, parts = 0, []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return status, b"".join(parts)


async def _one(app: Any, generator: Generator, found: Found) -> None:
    scope, chunks = generator.request()
    began = time.monotonic()
    told = f"{scope['method']} {scope['path'][:120]!r}?{scope['query_string'][:200]!r} {b''.join(chunks)[:300]!r}"
    try:
        status, body = await asyncio.wait_for(_call(app, scope, chunks), PATIENCE)
    except TimeoutError:
        found.faults.append(f"no answer in {PATIENCE} s: {told}")
    except Exception as error:  # noqa: BLE001  whatever comes out of the application is what this looks for
        found.faults.append(f"{type(error).__name__} {error}: {told}")
    else:
        found.statuses[status] += 1
        if status >= 500 or status < 200:
            found.faults.append(f"{status}: {told}")
        if b'"next":"' in body and len(generator.tokens) < 200:
            generator.tokens.append(json.loads(body)["next"])
    found.requests += 1
    found.slowest = max(found.slowest, time.monotonic() - began)


def resident() -> int:
    """Resident memory of this process in kB."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


async def _run(url: str, requests: int, seed: int, credentials: list[str], places: list[str], say: Any) -> Found:
    service = Service(database.connect(url), Buckets(0, 1))
    app = application(service)
    generator, found = Generator(seed, credentials, places), Found()
    await service.start()
    early = 0
    try:
        while found.requests < requests and len(found.faults) < 50:
            await asyncio.gather(*(_one(app, generator, found) for _ in range(min(4, requests - found.requests))))
            if not early and found.requests >= requests / 10:
                early = resident()
            if found.requests % 5_000 == 0:
                say(f"{found.requests:,} requests, {resident() // 1024} MB, {len(found.faults)} faults")
    finally:
        await service.stop()
    found.kilobytes = (early, resident())
    return found


def fuzz(folder: Path, requests: int, seed: int, say: Callable[[str], Any] = lambda _text: None) -> Found:
    """Send ``requests`` to a new forum."""
    url = f"sqlite:///{folder / 'forum.db'}"
    founding.found(url, "A forum that is pestered", BODY_LIMIT)
    names = (("first", "member"), ("second", "analyst"), ("third", "counsel"), ("fourth", "auditor"))
    credentials = [founding.add_member(url, name, role) for name, role in names]
    place = founding.add_collection(url, "Private", "open-stix", "", private=True)["id"]
    founding.grant(url, place, "first", can_read=True, can_write=True)
    founding.grant(url, place, "second", can_read=False, can_write=True)
    return asyncio.run(_run(url, requests, seed, credentials, [place], say))


def main() -> None:
    """Fuzz from the command line."""
    parser = argparse.ArgumentParser(description="Fuzz the forum's HTTP surface.")
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = fuzz(Path(folder), chosen.requests, chosen.seed, lambda text: print(text, flush=True))
    for fault in found.faults:
        print(fault)
    early, late = found.kilobytes
    print(f"{found.requests:,} requests, slowest {found.slowest:.2f} s, {len(found.faults)} faults")
    print(f"resident memory {early // 1024} MB after a tenth, {late // 1024} MB at the end")
    print(dict(sorted(found.statuses.items())))


if __name__ == "__main__":
    main()
