"""The commands as a stranger types them, in processes of their own."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forum_world import Client, indicator

STILLWATCH = (sys.executable, "-m", "stillwatch")


def run(*words: str, code: int = 0) -> str:
    done = subprocess.run([*STILLWATCH, *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


@contextmanager
def served(db: str, *more: str) -> Iterator[str]:
    """The base URL of ``forum serve`` on a free port."""
    words = [*STILLWATCH, "forum", "serve", "--db", db, "--listen", "127.0.0.1:0", *more]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            line = process.stderr.readline()
            found = re.search(r"(https?://\S+)/taxii2/", line)
            assert found, line
            yield found[1]
        finally:
            process.send_signal(signal.SIGTERM)
            rest = process.communicate(timeout=30)[1]
            assert "Traceback" not in rest, rest


def test_init_member_collection_serve_and_anybody_can_post_at_once(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'forum.db'}"
    made = json.loads(run("forum", "init", "--db", db))
    assert made["api_root"] == "/stillwatch/"
    assert {place["agreement"] for place in made["collections"]} == {"open-stix", "threat-signatures"}
    credential = run("forum", "member", "add", "Acme & Co", "--db", db).strip()
    extra = json.loads(run("forum", "collection", "add", "Exchange", "--agreement", "open-stix", "--db", db))
    ids = [extra["id"], *(place["id"] for place in made["collections"] if place["agreement"] == "open-stix")]
    with served(db) as base:
        client = Client("Acme & Co", credential, base)
        for place in ids:
            item = indicator()
            client.add(item, collection=place)
            assert client.objects(place) == [item]
        told = json.loads(run("forum", "why-can", "Acme & Co", item["id"], "--db", db))
        assert told["may_see"] is True
        fresh = run("forum", "member", "rotate", "Acme & Co", "--db", db).strip()
        client.http.headers["Authorization"] = f"Bearer {fresh}"
        assert client.get("/taxii2/").status_code == 200
        run("forum", "member", "suspend", "Acme & Co", "--db", db)
        assert client.get("/taxii2/").status_code == 401
        client.http.close()
    out, key = tmp_path / "ledger.jsonl", tmp_path / "key"
    run("forum", "ledger", "export", "--db", db, "--out", str(out))
    key.write_text(made["logs"]["forum"])
    run("ledger", "verify", str(out), "--key", str(key))


def test_mistakes_are_told_in_one_line_and_change_nothing(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'forum.db'}"
    assert "forum init" in run("forum", "member", "add", "x", "--db", db, code=2)
    run("forum", "init", "--db", db)
    assert "--role" in run("forum", "member", "add", "x", "--role", "king", "--db", db, code=2)
    run("forum", "member", "add", "x", "--db", db)
    assert "rotate" in run("forum", "member", "add", "x", "--db", db, code=2)
    assert "no member" in run("forum", "member", "suspend", "y", "--db", db, code=2)
    assert "agreement" in run("forum", "collection", "add", "T", "--agreement", "handshake", "--db", db, code=2)
    assert "--tls-cert" in run("forum", "serve", "--db", db, "--listen", "0.0.0.0:8080", code=2)
