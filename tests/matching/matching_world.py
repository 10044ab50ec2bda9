"""A forum and a trustee on real ports, with databases, keys and members of their own, and members that match."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import httpx
from starlette.routing import Route

from stillwatch.adapters.stores.forum import database
from stillwatch.adapters.stores.forum.signing import KeyFile
from stillwatch.adapters.transports.matching import MEDIA_TYPE, KeyHolder
from stillwatch.apps.forum import founding, matching_keys
from stillwatch.apps.forum.gate import Buckets
from stillwatch.apps.forum.server import Listening, server
from stillwatch.apps.forum.service import Service
from stillwatch.apps.matching.asking import Question, item
from stillwatch.apps.matching.keeping import Folder, meaning
from stillwatch.apps.matching.running import Outcome, Runner
from stillwatch.apps.trustee import founding as trustee_founding
from stillwatch.apps.trustee.serving import ROUTES
from stillwatch.guard.ledger import decode, verify
from stillwatch.guard.ledger.leaves import Leaf
from stillwatch.match.identifiers import Listed, read
from stillwatch.match.session import begin
from stillwatch.match.wire import Evaluate, request

Party = Literal["forum", "trustee"]
EPOCH = "2026-w47"
TYPES = ("ipv4", "domain")
OPENS = datetime.now(UTC) - timedelta(days=1)
CLOSES = datetime.now(UTC) + timedelta(days=6)


@dataclass
class Member:
    """A member's credentials and its folder."""

    name: str
    folder: Path
    credentials: dict[Party, str]

    def credential_file(self, party: Party) -> Path:
        path = self.folder / f"{party}.credential"
        path.write_text(self.credentials[party])
        path.chmod(0o600)
        return path


@dataclass
class World:
    """Both holders' databases and addresses."""

    folder: Path
    dbs: dict[Party, str]
    urls: dict[Party, str] = field(default_factory=dict)

    def ledger_key(self, party: Party) -> Path:
        return self.folder / f"{party}.ledger.key"

    def member(self, name: str) -> Member:
        folder = self.folder / name
        folder.mkdir()
        credentials: dict[Party, str] = {
            "forum": founding.add_member(self.dbs["forum"], name, "member"),
            "trustee": founding.add_member(self.dbs["trustee"], name, "member"),
        }
        return Member(name, folder, credentials)

    def match(self, member: Member, values: Sequence[str], kind: str = "ipv4", epoch: str | None = None, *,
              audit: bool = False) -> Outcome:  # fmt: skip
        """Run this member's question to its end."""
        with ExitStack() as stack:
            folder = stack.enter_context(Folder(member.folder / "sessions"))
            forum = stack.enter_context(self.holder(member, "forum"))
            trustee = stack.enter_context(self.holder(member, "trustee"))
            runner = Runner(folder, forum, trustee, datetime.now(UTC), lambda _: None, audit=audit)
            return runner.run(question(values, kind), epoch)

    def move(self, member: Member, old: str, new: str) -> int:
        """Move what this member matched from one epoch to another."""
        with ExitStack() as stack:
            folder = stack.enter_context(Folder(member.folder / "sessions"))
            forum = stack.enter_context(self.holder(member, "forum"))
            trustee = stack.enter_context(self.holder(member, "trustee"))
            return Runner(folder, forum, trustee, datetime.now(UTC), lambda _: None).move(old, new)

    def holder(self, member: Member, party: Party) -> KeyHolder:
        return KeyHolder(party, self.urls[party], member.credentials[party])

    def leaves(self, party: Party) -> list[Leaf]:
        """The holder's whole ledger, which must verify."""
        lines: list[bytes] = []
        founding.export_ledger(self.dbs[party], "forum", lines.append, self.ledger_key(party))
        report = verify(lines)
        assert report.holds, report
        return [decode(json.dumps(each["leaf"], separators=(",", ":")).encode()) for each in _leaves(lines)]

    def used(self, party: Party, name: str, kind: str = "ipv4") -> int:
        """Units that this holder charged."""
        rows = matching_keys.status(self.dbs[party])["used"]
        return sum(row["used"] for row in rows if (row["member"], row["type"]) == (name, kind))


def question(values: Sequence[str], kind: str = "ipv4") -> Question:
    """What a member wants to know of these values; seven accounts, 1,200 exchanges each."""
    lines = [
        json.dumps(
            {"type": kind, "value": value, "accounts": 7, "exchanges": 1_200, "first_seen": "2026-11-02T00:00:00Z",
             "last_seen": "2026-11-20T00:00:00Z"}
        )
        for value in values
    ]  # fmt: skip
    listed: tuple[Listed, ...] = read("list.jsonl", lines).listed
    assert len(listed) == len(values)
    return Question(listed, (), ())


def addresses(start: int, stop: int) -> list[str]:
    """Public IPv4 addresses by number."""
    return [f"8.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}" for number in range(start, stop)]


def evaluation(world: World, member: Member, id: bytes = bytes(16), count: int = 3) -> Evaluate:
    """The first request of a session about so many addresses."""
    with world.holder(member, "forum") as forum:
        epoch = forum.announced().epochs[EPOCH]
    listed = question(addresses(0, count)).listed
    session = begin(id=id, secret=bytes(32), pseudonym=bytes(32), member_name=member.name, epoch=epoch, kind="ipv4",
                    items=[item(each, bytes(32)) for each in listed], now=datetime.now(UTC))  # fmt: skip
    found = request(session.outgoing().body)
    assert isinstance(found, Evaluate)
    return found


def posted(world: World, member: Member, party: Party, body: bytes) -> httpx.Response:
    """What a holder answers to these bytes, whatever they are."""
    headers = {"Authorization": f"Bearer {member.credentials[party]}", "Content-Type": MEDIA_TYPE}
    return httpx.post(f"{world.urls[party]}/match/", content=body, headers=headers)


def sighted(outcome: Outcome) -> list[str]:
    """The values that others hold too."""
    found = []
    for session in outcome.sessions:
        labels = {one.label for one in session.found}
        for each, label in zip(session.items, session.labels, strict=True):
            if label in labels:
                found.append(meaning(each.value, outcome.messages).rpartition(b"/")[2].decode())
    return sorted(found)


def founded(folder: Path, forum_db: str, trustee_db: str, epochs: Sequence[str] = (EPOCH,)) -> World:
    """Both holders with an open epoch, not yet serving."""
    world = World(folder, {"forum": forum_db, "trustee": trustee_db})
    founding.found(forum_db, "A forum for tests", ledger_key=world.ledger_key("forum"))
    matching_keys.prepare(forum_db, folder / "forum-keys", "forum")
    trustee_founding.found(trustee_db, "A trustee for tests", folder / "trustee-keys", world.ledger_key("trustee"))
    for epoch in epochs:
        opened(world, epoch)
    return world


def opened(world: World, epoch: str, opens: datetime = OPENS, closes: datetime = CLOSES, threshold: int = 2) -> None:
    """Both holders draw keys and open an epoch."""
    theirs = matching_keys.draw_epoch(world.dbs["trustee"], epoch, TYPES)
    matching_keys.draw_epoch(world.dbs["forum"], epoch, TYPES)
    description = matching_keys.describe_epoch(
        world.dbs["forum"],
        json.dumps(theirs).encode(),
        opens=opens,
        closes=closes,
        threshold=threshold,
        agreement="threat-signatures",
    )
    matching_keys.adopt_epoch(world.dbs["trustee"], json.dumps(description).encode())


@contextmanager
def running(world: World) -> Iterator[World]:
    """Serve both holders in threads."""
    with _served(world, "forum", None) as forum, _served(world, "trustee", ROUTES) as trustee:
        world.urls = {"forum": forum, "trustee": trustee}
        yield world


@contextmanager
def _served(world: World, party: Party, routes: Sequence[Route] | None) -> Iterator[str]:
    signing = KeyFile(world.ledger_key(party))
    service = Service(database.connect(world.dbs[party]), Buckets(0, 1), fresh=0, signing=signing)
    listening = server(service, Listening("127.0.0.1", 0), routes)
    thread = threading.Thread(target=listening.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not listening.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    port = listening.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        listening.should_exit = True
        thread.join(30)


def _leaves(lines: Sequence[bytes]) -> Iterator[dict[str, Any]]:
    for line in b"".join(lines).splitlines():
        found = json.loads(line)
        if "leaf" in found:
            yield found
