"""Any party may be killed at any step: the match goes on, no budget is lost twice, no answer lacks its commitment."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from matching_world import Member, Party, World, addresses, opened, question, running, sighted

from stillwatch.adapters.stores.forum import database
from stillwatch.adapters.stores.matching.tables import steps
from stillwatch.apps.forum import matching_keys
from stillwatch.apps.matching.running import Outcome, outlasting
from stillwatch.guard.ledger.leaves import MatchingCommitted

DYING = Path(__file__).with_name("dying.py")
PATIENCE = 60
OURS, SHARED = (100, 140), (130, 140)

#: Where a server may die, and at which of its times: it evaluates, checks, and (the forum) stores and answers.
FORUM = [("begin", 1), ("begin", 2), ("begin", 3), ("committed", 1), ("committed", 2), ("answered", 1), ("answered", 2),
         ("answered", 3), ("stored", 1), ("sent", 1), ("sent", 2), ("sent", 3), ("sent", 4)]  # fmt: skip
TRUSTEE = [(point, number) for point in ("begin", "committed", "answered", "sent") for number in (1, 2)]
QUICK = {("forum", "committed", 1), ("trustee", "sent", 2)}
SERVERS = [
    pytest.param(party, point, number, marks=() if (party, point, number) in QUICK else pytest.mark.slow)
    for party, points in (("forum", FORUM), ("trustee", TRUSTEE))
    for point, number in points
]


@pytest.mark.parametrize(("party", "point", "number"), SERVERS)
def test_a_holder_killed_at_any_step_answers_the_same_after_it_is_back(
    founded_world: World, party: Party, point: str, number: int
) -> None:
    world = founded_world
    with running(world):
        world.match(world.member("bob"), addresses(130, 200))
    alice = world.member("alice")
    ports = _free(), _free()
    world.urls = {"forum": f"http://127.0.0.1:{ports[0]}", "trustee": f"http://127.0.0.1:{ports[1]}"}
    port = dict(zip(("forum", "trustee"), ports, strict=True))
    other: Party = "trustee" if party == "forum" else "forum"
    with _serving(world, other, port[other], "never", 1), _serving(world, party, port[party], point, number) as dying:
        found: list[Outcome] = []
        member = threading.Thread(
            target=lambda: found.append(
                outlasting(lambda: world.match(alice, addresses(*OURS)), lambda _: time.sleep(0.2), PAUSES)
            )
        )
        member.start()
        assert dying.wait(PATIENCE) == -signal.SIGKILL, "the server was never killed: the test shows nothing"
        with _serving(world, party, port[party], "never", 1):
            member.join(PATIENCE)
    assert found, "the member did not come to its end"
    assert sighted(found[0]) == addresses(*SHARED)
    _holds(world, alice)


PAUSES = 200


@pytest.mark.parametrize(
    ("point", "number"),
    [
        pytest.param(point, number, marks=() if (point, number) == ("got", 2) else pytest.mark.slow)
        for point in ("sending", "got", "kept")
        for number in range(1, 7)
    ],
)
def test_a_member_killed_at_any_step_goes_on_and_pays_once(world: World, point: str, number: int) -> None:
    alice, bob = world.member("alice"), world.member("bob")
    world.match(bob, addresses(130, 200))
    settings = {
        "folder": str(alice.folder / "sessions"),
        "range": OURS,
        **world.urls,
        **{f"{party}-credential": credential for party, credential in alice.credentials.items()},
    }
    died = subprocess.run([sys.executable, DYING, "match", json.dumps(settings), point, str(number)], timeout=PATIENCE)
    assert died.returncode == -signal.SIGKILL, "the member was never killed: the test shows nothing"
    assert sighted(world.match(alice, addresses(*OURS))) == addresses(*SHARED)
    _holds(world, alice)


def test_an_interrupted_drawing_of_keys_is_drawn_anew_and_an_interrupted_destruction_is_finished(
    world: World, tmp_path: Path
) -> None:
    keys = tmp_path / "forum-keys" / "2026-w48.json"
    keys.write_bytes(b"half a file")  # written, and killed before the transaction was committed
    opened(world, "2026-w48")
    assert keys.stat().st_mode & 0o777 == 0o600
    keys.unlink()  # overwritten and taken away, and killed before the ledger said so
    states = {
        row["epoch"]: row["state"] for row in matching_keys.destroy_epoch(world.dbs["forum"], "2026-w48")["epochs"]
    }
    assert states["2026-w48"] == "destroyed"


def _holds(world: World, member: Member) -> None:
    """Each holder charged once, committed once to each step, and has a commitment for every answer that it keeps."""
    units = OURS[1] - OURS[0] + 1
    assert len(question(addresses(*OURS)).listed) == units - 1
    for party in ("forum", "trustee"):
        assert world.used(party, member.name) == units
        committed = Counter(
            (leaf.session, leaf.step, leaf.batch)
            for leaf in world.leaves(party)
            if isinstance(leaf, MatchingCommitted) and leaf.actor == member.name
        )
        assert max(committed.values()) == 1
        assert sum(1 for _, step, _ in committed if step != "upload") == 2
        engine = database.connect(world.dbs[party])
        with engine.connect() as connection:
            kept = connection.execute(sa.select(steps.c.session, steps.c.step, steps.c.batch, steps.c.answer)).all()
        engine.dispose()
        everybodys = {
            (leaf.session, leaf.step, leaf.batch) for leaf in world.leaves(party) if isinstance(leaf, MatchingCommitted)
        }
        for row in kept:
            assert (row.session.hex(), row.step, f"sha256:{row.batch.hex()}") in everybodys
            assert row.answer is not None


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _serving(world: World, party: Party, port: int, point: str, number: int) -> Iterator["subprocess.Popen[bytes]"]:
    arguments = [party, world.dbs[party], str(world.ledger_key(party)), str(port), point, str(number)]
    process = subprocess.Popen([sys.executable, DYING, "serve", *arguments])
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, "the server did not start"
                assert time.monotonic() < deadline, "the server did not start in time"
                time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait()
