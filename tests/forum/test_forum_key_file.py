"""The ledger's private keys: in a file of their own, never in the database, never another forum's."""

import json
import sqlite3
from pathlib import Path

import httpx
import pytest
from forum_world import Client, indicator
from test_forum_command import run, served

from stillwatch.adapters.stores.forum.signing import KeyFile
from stillwatch.errors import OutputError, StateError
from stillwatch.guard.ledger import LOG_KEY, Checkpoint, Signer, VerifierKey


def founded(folder: Path, *more: str) -> tuple[str, dict[str, str]]:
    """URL and printed keys of a new forum in ``folder``."""
    folder.mkdir(exist_ok=True)
    db = f"sqlite:///{folder / 'forum.db'}"
    logs: dict[str, str] = json.loads(run("forum", "init", "--db", db, *more))["logs"]
    return db, logs


def stored(folder: Path) -> bytes:
    """Every byte of the database, its write-ahead log among them."""
    return b"".join(path.read_bytes() for path in folder.glob("forum.db*") if path.suffix != ".ledger-key")


def signed(base: str, credential: str, key: str) -> bool:
    """Whether the forum signs a checkpoint with this key."""
    headers = {"Authorization": f"Bearer {credential}"}
    text = httpx.get(f"{base}/forum/ledger/forum/checkpoint/", headers=headers).text
    signers, faults = Checkpoint.parse(text).signers([VerifierKey.parse(key)])
    return len(signers) == 1 and not faults


def test_the_private_key_lies_in_a_file_for_its_owner_alone_and_nowhere_in_the_database(tmp_path: Path) -> None:
    db, logs = founded(tmp_path)
    path = tmp_path / "forum.db.ledger-key"
    assert path.stat().st_mode & 0o777 == 0o600
    secret = path.read_text().strip()
    assert str(Signer.parse(secret).key) == logs["forum"]
    credential = run("forum", "member", "add", "alice", "--db", db).strip()
    with served(db) as base:
        assert signed(base, credential, logs["forum"])
    assert secret.split("+", 4)[4].encode() not in stored(tmp_path)


def test_the_file_may_lie_elsewhere_and_holds_the_government_log_s_key_too(tmp_path: Path) -> None:
    path = tmp_path / "apart"
    db, logs = founded(tmp_path / "forum", "--ledger-key", str(path))
    run("forum", "government", "on", "--approved-by", "A", "--approved-by", "B", "--db", db, "--ledger-key", str(path))
    named = [Signer.parse(line).key.name for line in path.read_text().splitlines()]
    assert [name.split("/")[1] for name in named] == ["forum", "government"]
    credential = run("forum", "member", "add", "alice", "--db", db).strip()
    with served(db, "--ledger-key", str(path)) as base:
        assert signed(base, credential, logs["forum"])
    run("forum", "ledger", "export", "--db", db, "--ledger-key", str(path), "--out", str(tmp_path / "log"))
    assert "missing" in run("forum", "ledger", "export", "--db", db, code=5)


def test_serve_refuses_a_missing_an_open_a_damaged_and_another_forum_s_file(tmp_path: Path) -> None:
    db, _ = founded(tmp_path / "one")
    founded(tmp_path / "two")
    path = tmp_path / "one" / "forum.db.ledger-key"
    words = ("forum", "serve", "--db", db, "--listen", "127.0.0.1:0")
    other = run(*words, "--ledger-key", str(tmp_path / "two" / "forum.db.ledger-key"), code=5)
    assert "does not hold the key of the log stillwatch/forum/" in other
    path.chmod(0o640)
    assert "chmod 600" in run(*words, code=5)
    path.chmod(0o600)
    secret = path.read_text()
    path.write_text(secret[:-6])
    told = run(*words, code=5)
    assert "damaged" in told
    assert secret[20:40] not in told
    path.unlink()
    assert "is missing" in run(*words, code=5)
    assert not path.exists()


def test_a_key_that_an_older_release_left_in_the_database_moves_to_the_file_on_the_first_serve(tmp_path: Path) -> None:
    db, logs = founded(tmp_path)
    path = tmp_path / "forum.db.ledger-key"
    secret = path.read_text().strip()
    path.unlink()
    with sqlite3.connect(tmp_path / "forum.db") as connection:  # the tables and the row of the first version
        connection.execute("UPDATE logs SET signing_key = ?", (secret,))
        connection.execute("ALTER TABLE logs DROP COLUMN key")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    assert "forum init" in run("forum", "serve", "--db", db, "--listen", "127.0.0.1:0", code=5)
    assert founded(tmp_path)[1] == logs
    assert secret.encode() in stored(tmp_path)
    credential = run("forum", "member", "add", "alice", "--db", db).strip()
    with served(db) as base:
        client = Client("alice", credential, base)
        client.add(indicator())
        client.http.close()
        assert signed(base, credential, logs["forum"])
    assert path.read_text().strip() == secret
    assert path.stat().st_mode & 0o777 == 0o600
    assert secret.split("+", 4)[4].encode() not in stored(tmp_path)


def test_a_file_that_can_t_be_written_or_is_open_to_others_takes_no_key(tmp_path: Path) -> None:
    signer = Signer.of("stillwatch/test", LOG_KEY, bytes(32))
    with pytest.raises(OutputError):
        KeyFile(tmp_path / "nowhere" / "key").keep(signer)
    open_to_all = tmp_path / "key"
    open_to_all.touch(0o644)
    open_to_all.chmod(0o644)
    with pytest.raises(StateError):
        KeyFile(open_to_all).keep(signer)
    assert open_to_all.read_bytes() == b""


def test_the_database_is_for_its_owner_alone_while_it_is_served_too(tmp_path: Path) -> None:
    db, _ = founded(tmp_path)
    credential = run("forum", "member", "add", "alice", "--db", db).strip()
    with served(db) as base:
        client = Client("alice", credential, base)
        client.add(indicator())
        client.http.close()
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("forum.db*")}
    assert "forum.db-wal" in modes
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("where", ["nowhere/forum.db", "."])
def test_a_database_that_can_t_be_made_there_is_the_caller_s_to_mend(tmp_path: Path, where: str) -> None:
    assert "can't be made" in run("forum", "init", "--db", f"sqlite:///{tmp_path / where}", code=2)
