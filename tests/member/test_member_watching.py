"""A forum that rewrites, forgets or forks its ledger is found at the next reading."""

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from member_world import Forum, Someone, indicator

from stillwatch.guard.ledger import Signer

TODAY = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def forum(tmp_path: Path) -> Iterator[Forum]:
    """A forum of this test's own: its database is put back."""
    made = Forum(tmp_path)
    made.found()
    made.start()
    yield made
    made.kill()


def share(one: Someone, number: int) -> None:
    one.post(one.signed(indicator(one.name, TODAY, number)))


def receive(one: Someone, code: int = 0) -> str:
    run = one.run("receive", "--into", "in")
    assert run.returncode == code, run.stderr
    return run.stderr


def size(one: Someone) -> int:
    note = json.loads((one.folder / "in" / "ledger.json").read_text())["forum"]["checkpoint"]
    return int(note.splitlines()[1])


def put_back(forum: Forum) -> None:
    """The database as it was before, as an operator could put it back."""
    forum.kill()
    for name in ("forum.db-wal", "forum.db-shm"):
        (forum.folder / name).unlink(missing_ok=True)
    shutil.copy(forum.folder / "before", forum.folder / "forum.db")
    forum.start()


def kept(forum: Forum) -> None:
    forum.kill()
    forum.start()  # folds the write-ahead log away when the first connection closes
    forum.kill()
    with sqlite3.connect(forum.folder / "forum.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copy(forum.folder / "forum.db", forum.folder / "before")
    forum.start()


def test_a_ledger_that_grows_is_followed(pair: tuple[Someone, Someone]) -> None:
    ada, bea = pair
    share(ada, 1)
    receive(bea)
    before = size(bea)
    share(ada, 2)
    receive(bea)
    assert size(bea) > before
    assert len(bea.feed(bea.folder / "in")) == 2


def test_a_rollback_is_found_and_both_checkpoints_are_kept(forum: Forum, pair: tuple[Someone, Someone]) -> None:
    ada, bea = pair
    share(ada, 1)
    kept(forum)
    share(ada, 2)
    receive(bea)
    seen = size(bea)
    put_back(forum)
    assert "went back" in receive(bea, code=7)
    assert size(bea) == seen
    assert len(json.loads((bea.folder / "in" / "ledger-evidence.json").read_text())["checkpoints"]) == 2
    assert len(bea.feed(bea.folder / "in")) == 2  # what we hold still feeds the scan


def test_a_fork_is_found_and_nothing_is_read_from_it(forum: Forum, pair: tuple[Someone, Someone]) -> None:
    ada, bea = pair
    share(ada, 1)
    kept(forum)
    share(ada, 2)
    receive(bea)
    put_back(forum)
    for number in (3, 4, 5):
        share(ada, number)
    assert "does not begin with" in receive(bea, code=7)
    assert len(bea.feed(bea.folder / "in")) == 2


def test_a_ledger_that_another_key_signs_is_not_believed(forum: Forum, pair: tuple[Someone, Someone]) -> None:
    _, bea = pair
    other = Forum(forum.folder / "other")
    other.folder.mkdir()
    other.found()
    line = (other.folder / "forum.db.ledger-key").read_text().strip()
    text = bea.settings.read_text()
    key = Signer.parse(line).key
    bea.settings.write_text(text.replace("[groups.peers]", f'[ledger_keys]\nforum = "{key}"\n[groups.peers]'))
    assert "wrong origin" in receive(bea, code=7)


def test_a_credential_that_is_refused_is_no_ledger_that_is_hidden(forum: Forum, pair: tuple[Someone, Someone]) -> None:
    ada, bea = pair
    share(ada, 1)
    receive(bea)
    bea.settings.with_name("credential").write_text("sw_revoked\n")
    assert "refused our credential" in receive(bea, code=2)


def test_what_expires_goes_though_the_forum_refuses_us(forum: Forum, pair: tuple[Someone, Someone]) -> None:
    ada, bea = pair
    ends = datetime.now(UTC) + timedelta(seconds=6)
    ada.post(ada.signed(indicator(ada.name, TODAY, 1), ends))
    receive(bea)
    assert len(bea.feed(bea.folder / "in")) == 1
    bea.settings.with_name("credential").write_text("sw_revoked\n")
    time.sleep(max(0.0, (ends - datetime.now(UTC)).total_seconds()))
    receive(bea, code=2)
    assert bea.feed(bea.folder / "in") == []


def test_a_damaged_feed_is_named_and_not_shown(forum: Forum, pair: tuple[Someone, Someone]) -> None:
    ada, bea = pair
    share(ada, 1)
    receive(bea)
    (bea.folder / "in" / "indicators.jsonl").write_text("{\n")
    run = bea.run("receive", "show", "--into", "in")
    assert run.returncode == 5
    assert "is damaged" in run.stderr
