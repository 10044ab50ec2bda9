"""The commands of docs/matching-operations.md as two operators and two members type them, in processes of their own."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from stillwatch.guard.ledger import verify
from stillwatch.vocabulary.campaigns import Campaign

PAGE = Path(__file__).parents[2] / "docs" / "matching-operations.md"
STILLWATCH = (sys.executable, "-m", "stillwatch")


def run(*words: str | Path, code: int = 0) -> str:
    done = subprocess.run([*STILLWATCH, *map(str, words)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


@contextmanager
def served(*words: str) -> Iterator[str]:
    """The address of a server on a free port."""
    with subprocess.Popen(
        [*STILLWATCH, *words, "--listen", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            line = process.stderr.readline()
            found = re.search(r"(http://127\.0\.0\.1:\d+)/", line)
            assert found, line
            yield found[1]
        finally:
            process.send_signal(signal.SIGTERM)
            rest = process.communicate(timeout=30)[1]
            assert "Traceback" not in rest, rest


def _member(folder: Path, name: str, forum: str, trustee: str) -> list[str]:
    """Let a member in at both; the options with which it asks."""
    options = []
    for option, party, db in (("--credential", "forum", forum), ("--trustee-credential", "trustee", trustee)):
        path = folder / f"{name}.{party}"
        path.touch(mode=0o600)
        path.write_text(run(party, "member", "add", name, "--db", db))
        options += [option, str(path)]
    return options


def _watchlist(folder: Path, campaign: str, values: list[str]) -> Path:
    """A campaign of a scan, and the scan's watch-list beside it."""
    folder.mkdir()
    when = "2026-11-09T00:00:00Z"
    found = Campaign(
        id=campaign, name="Campaign 1", rank=1, weight_bits=20.0, p_value=None, level="watch", accounts=(),
        exchanges=40, first_exchange_at=when, last_exchange_at=when, noticed_at=None, noticed_after_exchanges=None,
        techniques=(), capabilities={}, exposure=(), evidence=(), could_be_wrong=(),
    )  # fmt: skip
    (folder / "campaign.json").write_bytes(msgspec.json.encode(found))
    with (folder / "watchlist.jsonl").open("w") as file:
        for value in values:
            line = {"type": "ipv4", "value": value, "campaign": campaign, "level": "watch", "accounts": 3}
            file.write(json.dumps({**line, "exchanges": 40, "first_seen": when, "last_seen": when}) + "\n")
        file.write(json.dumps({"type": "ipv4", "value": "9.9.9.9", "campaign": "campaign--other"}) + "\n")
    return folder / "campaign.json"


@pytest.mark.slow
def test_two_operators_and_two_members_type_what_the_page_says(tmp_path: Path) -> None:
    forum, trustee = (f"sqlite:///{tmp_path / name}.db" for name in ("forum", "trustee"))
    run("forum", "init", "--db", forum)
    run("forum", "match", "init", "--db", forum, "--keys", tmp_path / "forum-keys")
    run("trustee", "init", "--db", trustee, "--keys", tmp_path / "trustee-keys")
    opens, closes = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 6))
    theirs, description = tmp_path / "trustee.json", tmp_path / "epoch.json"
    theirs.write_text(run("trustee", "epoch", "draw", "w1", "--db", trustee, "--type", "ipv4"))
    run("forum", "match", "epoch", "draw", "w1", "--db", forum, "--type", "ipv4")
    times = ("--opens", opens.isoformat(), "--closes", closes.isoformat())
    description.write_text(run("forum", "match", "epoch", "open", "--trustee", theirs, *times, "--db", forum))
    run("trustee", "epoch", "open", description, "--db", trustee)
    alice, bob = (_member(tmp_path, name, forum, trustee) for name in ("alice", "bob"))
    lists = {
        "alice": _watchlist(tmp_path / "a", "campaign--1", ["8.1.1.1", "8.1.1.2"]),
        "bob": _watchlist(tmp_path / "b", "campaign--2", ["8.1.1.2", "8.1.1.3"]),
    }
    with served("forum", "serve", "--db", forum) as there, served("trustee", "serve", "--db", trustee) as beside:
        for name, options in (("alice", alice), ("bob", bob), ("alice", alice)):
            out = tmp_path / f"{name}.json"
            where = ("--forum", there, "--trustee", beside, "--out", out)
            run("match", *where, "--campaign", lists[name], *options)
            assert out.stat().st_mode & 0o777 == 0o600
        found = json.loads((tmp_path / "alice.json").read_text())
        assert [(one["value"], one["members"], one["exchanges"]) for one in found["sightings"]] == [
            ("8.1.1.2", "2", "10-99")
        ]
        assert found["asked"] == 2
        post = {
            name: ("--contact", f"desk@{name}.example", "--state", tmp_path / f"{name}.json.match", "--forum", there,
                   *options[:2])
            for name, options in (("alice", alice), ("bob", bob))
        }  # fmt: skip
        wanted = run("match", "wish", "ipv4", "8.1.1.2", *post["alice"]).strip()
        assert json.loads(run("match", "letters", *post["bob"]))["wishes"][0]["wish"] == wanted
        run("match", "agree", wanted, *post["bob"])
        assert json.loads(run("match", "letters", *post["alice"]))["met"][0]["member"] == "bob"
        assert json.loads(run("match", "letters", *post["bob"]))["met"][0]["member"] == "alice"
        run("trustee", "epoch", "destroy", "w1", "--db", trustee)
        said = run("match", *where, "--campaign", lists["alice"], *alice, code=2)
        assert "no epoch is open" in said
    assert json.loads(run("forum", "match", "watch", "--db", forum)) == []
    for party, db in (("forum", forum), ("trustee", trustee)):
        export = run(party, "ledger", "export", "--db", db)
        assert verify(export.encode().splitlines(keepends=True)).holds
    assert not (tmp_path / "trustee-keys" / "w1.json").exists()


def test_every_command_that_the_page_names_exists() -> None:
    named = {
        tuple(word for word in re.split(r"\s+", line) if re.fullmatch(r"[a-z]+", word))
        for line in re.findall(r"stillwatch ((?:forum match|trustee|match)(?: [a-z]+)*)", PAGE.read_text())
    }
    assert len(named) > 8
    from typer.main import get_command

    from stillwatch.apps.cli.main import build

    root = get_command(build(("forum", "match", "trustee")))
    for words in named:
        command = root
        for word in words:
            commands = getattr(command, "commands", None)
            if commands is None or word not in commands:
                # `stillwatch match ipv4 …` and the like: what follows a command is its argument.
                assert commands is None or command is not root, words
                break
            command = commands[word]
