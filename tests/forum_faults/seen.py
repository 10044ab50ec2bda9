"""What a member should see, computed the plain way, and what the forum shows it, in process."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.testclient import TestClient

from stillwatch.adapters.stores.forum import database, directory
from stillwatch.apps.forum import founding
from stillwatch.apps.forum.gate import Buckets
from stillwatch.apps.forum.server import application
from stillwatch.apps.forum.service import Service, now_us
from stillwatch.guard.agreement import shipped_text

TAXII = "application/taxii+json;version=2.1"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
STRICT = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"

#: Everybody of the forum. Roles decide what is open to them without a grant, and what AMBER+STRICT hides.
ROLES = {
    "ann": "member",
    "ben": "member",
    "cleo": "analyst",
    "dora": "counsel",
    "emil": "operator",
    "finn": "auditor",
}
OVERSEERS = {"operator", "auditor"}
STANDING = {"member": (True, True), "analyst": (True, True), "counsel": (True, False)}


@dataclass(frozen=True)
class Post:
    """One object that a member tries to add."""

    sender: str
    stix_id: str
    modified: str
    marking: str | None
    granular: bool
    named: frozenset[str]

    def body(self) -> dict[str, Any]:
        """The object. Its name tells the sender, so that a body of another's version would be noticed."""
        found: dict[str, Any] = {
            "type": self.stix_id.partition("--")[0],
            "spec_version": "2.1",
            "id": self.stix_id,
            "created": "2026-01-01T00:00:00.000Z",
            "modified": self.modified,
            "name": f"secret of {self.sender}",
        }
        if found["type"] == "indicator":
            found |= {"pattern": "[ipv4-addr:value = '203.0.113.7']", "pattern_type": "stix"}
            found["valid_from"] = found["created"]
        if self.marking is not None and self.granular:
            found["granular_markings"] = [{"marking_ref": self.marking, "selectors": ["name"]}]
        elif self.marking is not None:
            found["object_marking_refs"] = [self.marking]
        return found


@dataclass
class Place:
    """A collection as the forum should keep it: what was added, in order."""

    uuid: str
    number: int
    everyone: bool
    grants: dict[str, tuple[bool, bool]]
    kept: list[Post] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)  #: of every object that anybody may have added

    def standing(self, member: str) -> tuple[bool, bool]:
        if member in self.grants:
            return self.grants[member]
        return STANDING.get(ROLES[member], (False, False)) if self.everyone else (False, False)

    def sees(self, member: str, post: Post) -> bool:
        """Whether ``member``, as a reader of this collection, may see ``post``."""
        if post.marking == RED:
            return member == post.sender or member in post.named
        return not (post.marking == STRICT and ROLES[member] in OVERSEERS)

    def add(self, post: Post) -> bool:
        """Keep it unless it is there; whether the sender may be told that it was there before."""
        scope = post.sender if post.marking == RED else None
        for other in self.kept:
            theirs = other.sender if other.marking == RED else None
            if (other.stix_id, other.modified, theirs) == (post.stix_id, post.modified, scope):
                return self.sees(post.sender, other)
        self.kept.append(post)
        return False

    def listed(self, member: str, versions: str) -> list[tuple[str, str]]:
        """(id, version) of what ``member`` should get, in order; ``versions`` is all, last or first."""
        seen: dict[tuple[str, str], None] = {}
        for post in self.kept:
            if self.sees(member, post):
                seen.setdefault((post.stix_id, post.modified))
        if versions == "all":
            return list(seen)
        choose = max if versions == "last" else min
        return [key for key in seen if key[1] == choose(other[1] for other in seen if other[0] == key[0])]


class Forum:
    """A forum in process with its members' clients."""

    def __init__(self, url: str, client: TestClient, credentials: dict[str, str]) -> None:
        self._engine = database.connect(url)
        self._client = client
        self._credentials = credentials

    def close(self) -> None:
        self._engine.dispose()

    def place(self, everyone: bool, grants: dict[str, tuple[bool, bool]]) -> Place:
        """A new collection."""
        values = {
            "title": "Group",
            "description": "",
            "agreement": "open-stix",
            "agreement_text": shipped_text("open-stix"),
            "everyone": everyone,
            "log": directory.MAIN_LOG,
        }
        with self._engine.begin() as connection:
            place = directory.add_collection(connection, values, now_us())
            for name, (read, write) in grants.items():
                directory.grant(connection, place.uuid, name, read, write)
        return Place(place.uuid, place.id, everyone, grants)

    def call(
        self, member: str, method: str, path: str, params: dict[str, Any] | None = None, **more: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._credentials[member]}", "Accept": TAXII, **more.pop("headers", {})}
        return self._client.request(method, path, params=params, headers=headers, **more)

    def post(self, place: Place, posts: Sequence[Post]) -> httpx.Response:
        """Add objects of one sender and one set of recipients."""
        headers = {"Content-Type": TAXII, "X-Stillwatch-Recipients": ",".join(sorted(posts[0].named))}
        content = json.dumps({"objects": [post.body() for post in posts]})
        path = f"/stillwatch/collections/{place.uuid}/objects/"
        return self.call(posts[0].sender, "POST", path, headers=headers, content=content)

    def pages(self, member: str, path: str, params: dict[str, Any]) -> Iterator[tuple[dict[str, Any], httpx.Response]]:
        """Every page, following ``next``."""
        while True:
            response = self.call(member, "GET", path, params)
            assert response.status_code == 200, response.text
            page = response.json()
            yield page, response
            if not page.get("more"):
                assert "next" not in page
                return
            params = {**params, "next": page["next"]}


@contextmanager
def forum(folder: Path) -> Iterator[Forum]:
    """A new forum with everybody of ``ROLES``."""
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder / 'forum.db'}"
    founding.found(url, "A forum to look at")
    credentials = {name: founding.add_member(url, name, role) for name, role in ROLES.items()}
    service = Service(database.connect(url), Buckets(0, 1), fresh=0)
    with TestClient(application(service)) as client:  # type: ignore[arg-type]
        found = Forum(url, client, credentials)
        try:
            yield found
        finally:
            found.close()
