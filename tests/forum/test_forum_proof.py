"""Every object added, refused or deleted is in the ledger, and the ledger holds."""

import io
import json
import secrets
import sqlite3
import time
from typing import Any

from forum_world import RED, Client, World, indicator

from stillwatch.adapters.stores.forum import ledger
from stillwatch.apps.forum import founding
from stillwatch.guard.ledger import (
    WITNESS_KEY,
    Checkpoint,
    Cosigned,
    InclusionProof,
    Request,
    Signer,
    Trust,
    VerifierKey,
    Witness,
    consistency_fault,
    verify,
)

OPEN = "/stillwatch/collections/open-stix/"
LEDGER = "/forum/ledger/forum/"


def export(world: World, log: str = "forum") -> list[bytes]:
    lines: list[bytes] = []
    founding.export_ledger(world.db, log, lines.append)
    return lines


def leaves(world: World) -> list[dict[str, Any]]:
    return [json.loads(line)["leaf"] for line in export(world) if line.startswith(b'{"index"')]


def test_adding_refusing_and_deleting_each_leave_a_leaf(world: World, alice: Client) -> None:
    item, bad = indicator(), indicator(confidence="much")
    alice.post([item, bad])
    alice.http.delete(f"{OPEN}objects/{item['id']}/")
    found = [(leaf["kind"], leaf["item"]) for leaf in leaves(world) if leaf["kind"] != "membership"]
    assert found == [("receipt", item["id"]), ("refusal", bad["id"]), ("retraction", item["id"])]


def test_a_duplicate_leaves_no_second_leaf(world: World, alice: Client) -> None:
    item = indicator()
    alice.add(item)
    alice.add(item)
    assert sum(leaf["kind"] == "receipt" for leaf in leaves(world)) == 1


def test_the_export_verifies_with_the_key_that_init_printed(world: World, alice: Client) -> None:
    for size in (1, 5, 30):
        alice.add(*(indicator() for _ in range(size)))
        alice.get(f"{LEDGER}checkpoint/")
    key = VerifierKey.parse(founding.found(world.db, "again")["logs"]["forum"])
    report = verify(export(world), Trust((key,)))
    assert report.holds, report
    assert report.leaves == 37  # and alice's admission


def test_what_is_added_while_an_export_is_written_waits_for_the_next_one(world: World, alice: Client) -> None:
    alice.add(indicator())
    alice.get(f"{LEDGER}checkpoint/")
    alice.add(indicator())
    with founding.opened(world.db) as connection:
        lines = list(ledger.exported(connection, "forum"))
    report = verify(lines)
    assert report.holds
    assert report.kinds["receipt"] == 1
    assert len(export(world)) > len(lines)


def test_a_leaf_changed_in_the_database_is_found(world: World, alice: Client) -> None:
    alice.add(*(indicator() for _ in range(9)))
    alice.get(f"{LEDGER}checkpoint/")
    with sqlite3.connect(world.db.removeprefix("sqlite:///")) as database:
        (body,) = database.execute("SELECT body FROM leaves WHERE number = 4").fetchone()
        changed = bytes(body).replace(b'"sender":"alice"', b'"sender":"mally"')
        assert changed != body
        database.execute("UPDATE leaves SET body = ? WHERE number = 4", (changed,))
    key = VerifierKey.parse(founding.found(world.db, "again")["logs"]["forum"])
    assert not verify(export(world), Trust((key,))).holds


def test_a_member_proves_what_it_brought_and_others_what_they_see(alice: Client, bob: Client) -> None:
    item = indicator()
    alice.add(indicator(), item, indicator())
    key = VerifierKey.parse(alice.get(f"{LEDGER}key/").text.strip())
    for client in (alice, bob):
        (found,) = client.get(f"{LEDGER}inclusion/", object=item["id"]).json()["proofs"]
        proof = InclusionProof.parse(found["proof"])
        assert proof.faults([key]) == ()
        assert json.loads(proof.leaf)["item"] == item["id"]


def test_a_refusal_is_shown_to_its_sender_alone(alice: Client, bob: Client) -> None:
    bad = indicator(confidence="much")
    alice.post([bad])
    assert len(alice.get(f"{LEDGER}inclusion/", object=bad["id"]).json()["proofs"]) == 1
    assert bob.get(f"{LEDGER}inclusion/", object=bad["id"]).status_code == 404


def test_a_named_recipient_can_prove_a_red_object_and_its_leaf_shows_no_plain_hash(alice: Client, bob: Client) -> None:
    item = indicator(object_marking_refs=[RED])
    alice.add(item, recipients="bob")
    (found,) = bob.get(f"{LEDGER}inclusion/", object=item["id"]).json()["proofs"]
    assert found["leaf"]["body"].startswith("hmac-sha256:")


def test_checkpoints_grow_consistently(alice: Client) -> None:
    first = Checkpoint.parse(alice.get(f"{LEDGER}checkpoint/").text)
    alice.add(*(indicator() for _ in range(13)))
    second = Checkpoint.parse(alice.get(f"{LEDGER}checkpoint/").text)
    found = alice.get(f"{LEDGER}consistency/", old=first.size, new=second.size).json()
    proof = [bytes.fromhex(each) for each in found["hashes"]]
    assert consistency_fault(*first.head, *second.head, proof) is None
    assert alice.get(f"{LEDGER}checkpoint/", size=first.size).text == str(first)


def test_a_member_cosigns_and_everybody_sees_its_signature(world: World, alice: Client, bob: Client) -> None:
    signer = Signer.of("alice.example/witness", WITNESS_KEY, secrets.token_bytes(32))
    founding.set_witness(world.db, "alice", str(signer.key))
    key = VerifierKey.parse(alice.get(f"{LEDGER}key/").text.strip())
    asked = Request.parse(alice.get(f"{LEDGER}witness/", old=0).text)
    answer = Witness(signer, key).answer(None, asked, int(time.time()))
    assert isinstance(answer, Cosigned)
    size = Checkpoint.parse(asked.note).size
    posted = alice.http.post(f"{LEDGER}cosignatures/", params={"size": size}, content=answer.line)
    assert posted.status_code == 204, posted.text
    shown = Checkpoint.parse(bob.get(f"{LEDGER}checkpoint/", size=size).text)
    assert [found.name for found, _ in shown.signers([signer.key])[0]] == ["alice.example/witness"]
    report = verify(export(world), Trust((key,), (signer.key,), None))
    assert report.holds, report
    forged = answer.line.replace(answer.line[-20:-10], "A" * 10)
    assert alice.http.post(f"{LEDGER}cosignatures/", params={"size": size}, content=forged).status_code == 422
    assert bob.http.post(f"{LEDGER}cosignatures/", params={"size": size}, content=answer.line).status_code == 403


def test_the_whole_log_is_for_operator_and_auditor(world: World, alice: Client) -> None:
    alice.add(indicator())
    assert alice.get(f"{LEDGER}export/").status_code == 403
    auditor = world.member("otto", "auditor")
    report = verify(io.BytesIO(auditor.get(f"{LEDGER}export/").content), Trust())
    assert report.leaves >= 2


def test_ones_own_record_holds_ones_own_leaves_alone(alice: Client, bob: Client) -> None:
    alice.add(indicator())
    item = indicator()
    bob.add(item)
    lines = [json.loads(line) for line in bob.get("/forum/transparency/").text.splitlines()]
    assert [line["leaf"]["kind"] for line in lines] == ["membership", "receipt"]
    assert lines[1]["leaf"]["item"] == item["id"]
    assert {line["log"] for line in lines} == {"forum"}


def test_a_log_that_is_not_there_is_404(world: World, alice: Client) -> None:
    operator = world.member("olga", "operator")
    for client in (alice, operator):
        for part in ("key/", "checkpoint/", "witness/", "consistency/", "export/"):
            assert client.get(f"/forum/ledger/government/{part}", old=0, new=0).status_code == 404
