"""A forum on a real port, with real members: what the tests of this folder tell their stories with."""

import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from stillwatch.adapters.stores.forum import database
from stillwatch.apps.forum import founding
from stillwatch.apps.forum.gate import Buckets
from stillwatch.apps.forum.server import Listening, server
from stillwatch.apps.forum.service import Service

TAXII = "application/taxii+json;version=2.1"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
AMBER_STRICT = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"
AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"


def indicator(modified: str = "2026-01-01T00:00:00.000Z", **more: Any) -> dict[str, Any]:
    """A valid STIX 2.1 indicator with an id of its own."""
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid.uuid4()}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": modified,
        "pattern": "[ipv4-addr:value = '203.0.113.7']",
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        **more,
    }


@dataclass
class Client:
    """One member's HTTP client."""

    name: str
    credential: str
    base: str
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {"Authorization": f"Bearer {self.credential}", "Accept": TAXII}
        self.http = httpx.Client(base_url=self.base, headers=headers, timeout=60)

    def get(self, path: str, headers: Mapping[str, str] | None = None, **params: Any) -> httpx.Response:
        named = {f"match[{key[6:]}]" if key.startswith("match_") else key: value for key, value in params.items()}
        return self.http.get(path, params=named, headers=headers)

    def objects(self, collection: str = "open-stix", **params: Any) -> list[dict[str, Any]]:
        response = self.get(f"/stillwatch/collections/{collection}/objects/", **params)
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = response.json().get("objects", [])
        return found

    def post(
        self, items: Sequence[Any], collection: str = "open-stix", recipients: str | None = None, **headers: str
    ) -> httpx.Response:
        sent = {"Content-Type": TAXII, **headers}
        if recipients is not None:
            sent["X-Stillwatch-Recipients"] = recipients
        return self.http.post(
            f"/stillwatch/collections/{collection}/objects/", json={"objects": list(items)}, headers=sent
        )

    def add(self, *items: Any, collection: str = "open-stix", recipients: str | None = None) -> dict[str, Any]:
        """Post, and insist that every object was taken."""
        response = self.post(items, collection, recipients)
        assert response.status_code == 202, response.text
        status: dict[str, Any] = response.json()
        assert status["failure_count"] == 0, status
        return status


@dataclass
class World:
    """A running forum."""

    db: str
    base: str
    service: Service
    clients: list[Client] = field(default_factory=list)

    def member(self, name: str, role: str = "member") -> Client:
        client = Client(name, founding.add_member(self.db, name, role), self.base)
        self.clients.append(client)
        return client

    def collection(self, title: str, agreement: str = "open-stix", *, private: bool = False) -> str:
        """The id of a new collection."""
        return str(founding.add_collection(self.db, title, agreement, "", private=private)["id"])


@contextmanager
def running(db: str, *, rate: float = 0, burst: float = 1, max_content_length: int | None = None) -> Iterator[World]:
    """Found (where needed) and serve a forum on a free port of this machine."""
    founding.found(db, "A forum for tests", max_content_length or founding.MAX_CONTENT_LENGTH)
    service = Service(database.connect(db), Buckets(rate, burst), fresh=0)
    listening = server(service, Listening("127.0.0.1", 0))
    thread = threading.Thread(target=listening.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not listening.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    port = listening.servers[0].sockets[0].getsockname()[1]
    world = World(db, f"http://127.0.0.1:{port}", service)
    try:
        yield world
    finally:
        for client in world.clients:
            client.http.close()
        listening.should_exit = True
        thread.join(30)
