"""Clients that others wrote, or write: taxii2-client, and a poller that pages by added_after alone."""

import threading
from pathlib import Path
from typing import Any

import pytest
from forum_world import Client, World, indicator, running
from taxii2client.v21 import Collection, Server, as_pages

OPEN = "/stillwatch/collections/open-stix/"


def open_stix(world: World, client: Client) -> Collection:
    server = Server(f"{world.base}/taxii2/", user=client.name, password=client.credential)
    assert server.default.url == server.api_roots[0].url
    found: Collection = next(each for each in server.api_roots[0].collections if each.title == "Open STIX")
    return found


def test_taxii2_client_adds_reads_pages_and_deletes(world: World, alice: Client) -> None:
    place = open_stix(world, alice)
    items = [indicator() for _ in range(7)]
    status = place.add_objects({"objects": items})
    assert (status.status, status.success_count, status.failure_count) == ("complete", 7, 0)
    assert place.get_objects()["objects"] == items
    assert place.get_objects(type="malware") == {}
    pages = [page["objects"] for page in as_pages(place.get_objects, per_request=3)]
    assert [len(page) for page in pages] == [3, 3, 1]
    records = [record for page in as_pages(place.get_manifest, per_request=2) for record in page["objects"]]
    assert [record["id"] for record in records] == [item["id"] for item in items]
    assert place.get_object(items[3]["id"])["objects"] == [items[3]]
    assert place.object_versions(items[3]["id"])["versions"] == [items[3]["modified"]]
    place.delete_object(items[3]["id"])
    assert len(place.get_objects()["objects"]) == 6


class Poller:
    """Reads what was added after the last date it saw, and nothing else: as OpenCTI's TAXII connector does."""

    def __init__(self, client: Client, limit: int) -> None:
        self.client = client
        self.limit = limit
        self.after: str | None = None
        self.seen: list[str] = []

    def poll(self) -> int:
        params: dict[str, Any] = {"limit": self.limit, "match_version": "all"}
        if self.after:
            params["added_after"] = self.after
        response = self.client.get(f"{OPEN}objects/", **params)
        assert response.status_code == 200
        found = response.json().get("objects", [])
        self.seen += [item["id"] + item["modified"] for item in found]
        if found:
            self.after = response.headers["x-taxii-date-added-last"]
        return len(found)


def poll_while_writing(world: World, writers: int, posts: int, limit: int) -> None:
    sent: list[str] = []
    lock = threading.Lock()

    def write(client: Client, number: int) -> None:
        for post in range(posts):
            items = [indicator() for _ in range(1 + (number + post) % 7)]
            client.add(*items)
            with lock:
                sent.extend(item["id"] + item["modified"] for item in items)

    clients = [world.member(f"writer {number}") for number in range(writers)]
    threads = [threading.Thread(target=write, args=(client, at)) for at, client in enumerate(clients)]
    poller = Poller(world.member("poller"), limit)
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        poller.poll()
    while poller.poll():
        pass
    assert sorted(poller.seen) == sorted(sent)
    assert len(set(poller.seen)) == len(poller.seen)


def test_a_poller_by_added_after_alone_loses_nothing_while_members_write(world: World) -> None:
    poll_while_writing(world, writers=6, posts=15, limit=3)


@pytest.mark.slow
def test_a_poller_loses_nothing_when_two_servers_share_one_sqlite_file(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'forum.db'}"
    with running(db) as first, running(db) as second:
        poll_between(first, second)


def poll_between(first: World, second: World) -> None:
    """Members write to two servers on one database while one of them is polled."""
    sent: list[str] = []

    def write(client: Client) -> None:
        for _ in range(20):
            item = indicator()
            client.add(item)
            sent.append(item["id"] + item["modified"])

    clients = [first.member("a"), first.member("b")]
    third = second.member("c")
    threads = [threading.Thread(target=write, args=(client,)) for client in (*clients, third)]
    poller = Poller(second.member("poller"), 2)
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        poller.poll()
    while poller.poll():
        pass
    assert sorted(poller.seen) == sorted(sent)
