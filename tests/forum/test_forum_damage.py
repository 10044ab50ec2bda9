"""A database that holds less than it should: the operator is told what to do, and nothing comes in by a guess."""

import sqlite3
from pathlib import Path

import pytest
from forum_world import Client, World, indicator
from test_forum_command import run, served


def damage(db: str, text: str) -> None:
    with sqlite3.connect(db.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE collections SET agreement_text = ? WHERE alias = 'open-stix'", (text,))
        connection.execute("UPDATE forum SET generation = generation + 1")


@pytest.mark.parametrize("text", ["", "title = ", 'name = "open-stix"', "\x00"])
def test_a_damaged_agreement_takes_nothing_and_is_no_fault_of_the_sender(
    world: World, alice: Client, text: str
) -> None:
    damage(world.db, text)
    answer = alice.post([indicator()])
    assert answer.status_code == 503
    assert "operator" in answer.json()["description"]
    assert "Retry-After" in answer.headers
    assert alice.objects() == []


def test_serve_refuses_to_start_on_a_damaged_agreement_and_restore_puts_it_back(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'forum.db'}"
    run("forum", "init", "--db", db)
    credential = run("forum", "member", "add", "alice", "--db", db).strip()
    damage(db, "")
    told = run("forum", "serve", "--db", db, "--listen", "127.0.0.1:0", code=5)
    assert "Open STIX (open-stix)" in told
    assert "forum collection restore open-stix --agreement open-stix" in told
    wrong = run("forum", "collection", "restore", "open-stix", "--agreement", "threat-signatures", "--db", db, code=2)
    assert "bound to the agreement open-stix" in wrong
    run("forum", "collection", "restore", "open-stix", "--agreement", "open-stix", "--db", db)
    with served(db) as base:
        client = Client("alice", credential, base)
        client.add(indicator())
        client.http.close()


def test_an_agreement_that_can_be_used_is_never_replaced(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'forum.db'}"
    run("forum", "init", "--db", db)
    told = run("forum", "collection", "restore", "open-stix", "--agreement", "open-stix", "--db", db, code=2)
    assert "not damaged" in told
