"""What an auditor can do by commands alone: compare both ledgers, set canaries without holding them, open rows."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from matching_world import EPOCH, Member, Party, World, addresses, sighted

from stillwatch.adapters.stores.matching import steps
from stillwatch.apps.forum import founding
from stillwatch.apps.matching.comparing import differences
from stillwatch.apps.matching.running import Runner
from stillwatch.errors import IntegrityError
from stillwatch.guard.ledger.leaves import MatchingCommitted
from stillwatch.match.commitment import Difference
from stillwatch.match.session import Outgoing, Session
from stillwatch.match.wire import Check, Evaluate, commitment, request

BOTH: tuple[Party, Party] = ("forum", "trustee")


def _run(*words: str | Path, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "stillwatch", *map(str, words)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def _exported(world: World, folder: Path) -> dict[Party, Path]:
    paths = {party: folder / f"{party}.jsonl" for party in BOTH}
    for party, path in paths.items():
        with path.open("wb") as file:
            founding.export_ledger(world.dbs[party], "forum", file.write, world.ledger_key(party))
    return paths


def _options(world: World, member: Member) -> Sequence[str]:
    return ("--forum", world.urls["forum"], "--trustee", world.urls["trustee"],
            "--credential", str(member.credential_file("forum")),
            "--trustee-credential", str(member.credential_file("trustee")))  # fmt: skip


def test_both_ledgers_of_an_honest_run_are_accepted(world: World, alice: Member, bob: Member, tmp_path: Path) -> None:
    world.match(alice, addresses(0, 20))
    world.match(bob, addresses(10, 30), audit=True)
    world.match(alice, addresses(0, 25))
    paths = _exported(world, tmp_path)
    assert differences(paths["forum"], paths["trustee"]) == ()
    assert json.loads(_run("match", "compare", paths["forum"], paths["trustee"])) == []


@pytest.mark.parametrize("cheat", BOTH)
def test_a_holder_that_writes_down_less_than_it_answered_is_named(
    world: World, alice: Member, bob: Member, tmp_path: Path, cheat: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lets bob past his budget: its ledger says one unit for each of his requests."""
    world.match(alice, addresses(0, 10))
    asked: list[Party] = []
    sending = Runner._send

    def send(self: Runner, out: Outgoing) -> bytes:
        asked.append(out.party)
        return sending(self, out)

    def cheap(**words: object) -> MatchingCommitted:
        less = {"units": 1} if (words["actor"], asked[-1]) == ("bob", cheat) and words["units"] else {}
        return MatchingCommitted(**(words | less))  # type: ignore[arg-type]

    monkeypatch.setattr(Runner, "_send", send)
    monkeypatch.setattr(steps, "MatchingCommitted", cheap)
    (session,) = world.match(bob, addresses(20, 60)).sessions
    paths = _exported(world, tmp_path)
    told = {"forum": 41, "trustee": 41} | {cheat: 2}
    found = differences(paths["forum"], paths["trustee"])
    assert found == (Difference(session.id.hex(), EPOCH, "ipv4", told["forum"], told["trustee"], False),)
    assert "tell differently of 1 sessions" in _run("match", "compare", paths["forum"], paths["trustee"], code=7)


def test_an_export_that_was_cut_or_is_the_other_holders_is_no_ground_to_compare(
    world: World, alice: Member, tmp_path: Path
) -> None:
    world.match(alice, addresses(0, 10))
    paths = _exported(world, tmp_path)
    with pytest.raises(IntegrityError, match="have one each"):
        differences(paths["forum"], paths["forum"])
    lines = paths["trustee"].read_bytes().splitlines(keepends=True)
    paths["trustee"].write_bytes(b"".join(line for line in lines if b"matching-commitment" not in line))
    with pytest.raises(IntegrityError, match="does not hold"):
        differences(paths["forum"], paths["trustee"])


@pytest.mark.parametrize("party", BOTH)
def test_what_a_holder_wrote_commits_to_exactly_what_the_member_sent(
    world: World, alice: Member, party: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: dict[str, Evaluate | Check] = {}
    honest = Session.outgoing

    def outgoing(self: Session) -> Outgoing:
        out = honest(self)
        asked = request(out.body)
        if out.party == party and isinstance(asked, Evaluate | Check):
            sent[type(asked).__name__] = asked
        return out

    monkeypatch.setattr(Session, "outgoing", outgoing)
    world.match(alice, addresses(0, 10))
    leaves = [leaf for leaf in world.leaves(party) if isinstance(leaf, MatchingCommitted) and leaf.units]
    assert len(leaves) == len(sent) == 2
    for leaf, asked in zip(leaves, (sent["Evaluate"], sent["Check"]), strict=True):
        assert (leaf.session, leaf.epoch, leaf.type) == (asked.session.hex(), asked.epoch, asked.kind)
        assert (leaf.units, leaf.batch) == (asked.units, f"sha256:{commitment(asked).hex()}")


def test_who_counts_through_an_auditors_canaries_rings_and_the_auditor_itself_does_not(
    world: World, alice: Member, tmp_path: Path
) -> None:
    auditor = world.member("auditor")
    labels = tmp_path / "labels"
    network = ("--network", "8.0.0.0/28", "--count", "5", "--secret", tmp_path / "secret", "--out", labels)
    _run("match", "canaries", *network, *_options(world, auditor))
    assert len(set(labels.read_text().split())) == 5
    assert world.used("forum", "auditor") == world.used("trustee", "auditor") == 6
    said = _run("forum", "match", "canaries", EPOCH, "ipv4", labels, "--db", world.dbs["forum"])
    assert said.startswith("5 canaries")
    assert sighted(world.match(alice, addresses(0, 16))) == []
    alarms = json.loads(_run("forum", "match", "watch", "--db", world.dbs["forum"]))
    assert [(one["member"], one["rule"], one["canaries"], one["new"]) for one in alarms] == [
        ("alice", "canaries", 5, True)
    ]


def test_an_audit_goes_from_commit_to_check_by_commands(world: World, alice: Member, tmp_path: Path) -> None:
    db, secret = ("--db", world.dbs["forum"]), ("--secret", tmp_path / "audit.key")
    ledger_key = world.ledger_key("forum")
    assert ledger_key.exists()
    _run("forum", "match", "audit", "commit", EPOCH, *secret, *db)
    world.match(alice, addresses(0, 20))
    drawn, opened = tmp_path / "drawn.json", tmp_path / "opened.json"
    drawn.write_text(_run("forum", "match", "audit", "draw", "alice", EPOCH, "ipv4", *secret, *db, "--size", "6"))
    opened.write_text(_run("match", "open", drawn, "--state", alice.folder / "sessions"))
    assert json.loads(_run("forum", "match", "audit", "check", drawn, opened, *db)) == []
    shown = json.loads(opened.read_text())
    shown["openings"].popitem()
    opened.write_text(json.dumps(shown))
    (failed,) = json.loads(_run("forum", "match", "audit", "check", drawn, opened, *db))
    assert failed["reason"] == "was not opened"
