"""`stillwatch ledger`, run as a person runs it: files in, words and an exit code out."""

import sys
from pathlib import Path

import pytest
from ledger_world import FORUM, WITNESSES, Ledger, ledger

from stillwatch.apps.cli.main import main
from stillwatch.guard.ledger import Checkpoint, Request


class Desk:
    """A folder with an export and the public keys, and the command beside it."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, caught: pytest.CaptureFixture[str]) -> None:
        self.folder, self.patch, self.caught = folder, patch, caught
        self.write("ledger.key", f"# the forum\n{FORUM.key}\n")
        for number, witness in enumerate(WITNESSES, 1):
            self.write(f"witness-{number}.key", f"{witness.signer.key}\n")

    def write(self, name: str, text: str | bytes, mode: int = 0o644) -> None:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)

    def export(self, name: str, forum: Ledger) -> None:
        self.write(name, b"".join(forum.lines()))

    def run(self, *words: str) -> tuple[int, str, str]:
        """The whole command in this process: a process of its own takes seconds to start."""
        self.patch.setattr(sys, "argv", ["stillwatch", "ledger", *words])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = self.caught.readouterr()
        return code, said.out, said.err


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, monkeypatch, capsys)


def test_verify_says_what_holds_and_what_a_reader_must_know(desk: Desk) -> None:
    forum = ledger(4, 5)
    forum.witnessed(*WITNESSES[:2])
    desk.export("ledger.jsonl", forum)
    code, out, err = desk.run(
        "verify", "ledger.jsonl", "--key", "ledger.key", "--witness-key", "witness-1.key", "--witness-key",
        "witness-2.key", "--quorum", "2",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert out == (
        "forum.example/ledger: 9 leaves (6 receipt, 3 release), 2 checkpoints.\n"
        "The newest checkpoint that holds covers 9 leaves.\n"
        "It was cosigned by member-1.example/witness, member-2.example/witness.\n"
        "The ledger holds.\n"
    )
    code, out, _ = desk.run("verify", "ledger.jsonl")
    assert code == 0
    assert "Know: no key was given" in out


def test_verify_names_the_rewritten_leaf_and_fails_with_the_code_of_a_broken_proof(desk: Desk) -> None:
    lines = ledger(4, 5).lines()
    lines[3] = lines[3].replace(b"member-2", b"member-3")
    desk.write("ledger.jsonl", b"".join(lines))
    code, out, err = desk.run("verify", "ledger.jsonl", "--key", "ledger.key")
    assert code == 7
    assert "Wrong: leaf 2 was rewritten: it does not match the hash beside it.\n" in out
    assert "the ledger does not hold, 1 fault; the first: leaf 2 was rewritten" in err
    code, out, _ = desk.run("verify", "ledger.jsonl", "--key", "ledger.key", "--json")
    assert code == 7
    assert '"leaves":[2,2]' in out


def test_verify_finds_a_log_that_was_cut_back_behind_a_checkpoint_that_was_kept(desk: Desk) -> None:
    desk.write("kept", str(ledger(4, 5).checkpoints[-1]))
    desk.export("ledger.jsonl", ledger(4))
    code, _, err = desk.run("verify", "ledger.jsonl", "--key", "ledger.key", "--checkpoint", "kept")
    assert code == 7
    assert "you hold a checkpoint of 9 leaves" in err


def test_verify_can_not_be_made_to_move_the_cursor(desk: Desk) -> None:
    lines = ledger(1).lines()
    lines[0] = lines[0].replace(b'"origin":"forum', '"origin":"\\u001b[2J\u202eforum'.encode())
    desk.write("ledger.jsonl", b"".join(lines))
    _, out, err = desk.run("verify", "ledger.jsonl", "--key", "ledger.key")
    assert "\x1b" not in out + err
    assert "\u202e" not in out + err


def test_a_missing_or_empty_file_is_no_input_and_a_bad_key_is_a_mistake(desk: Desk) -> None:
    assert desk.run("verify", "nowhere.jsonl")[0] == 3
    desk.write("empty.jsonl", "")
    assert desk.run("verify", "empty.jsonl")[0] == 3
    desk.export("ledger.jsonl", ledger(1))
    desk.write("bad.key", "nonsense\n")
    assert desk.run("verify", "ledger.jsonl", "--key", "bad.key")[0] == 2
    assert desk.run("verify", "ledger.jsonl", "--key", "witness-1.key")[0] == 2


def test_a_proof_is_made_and_judged_without_the_ledger(desk: Desk) -> None:
    desk.export("ledger.jsonl", ledger(4, 5))
    code, proof, _ = desk.run("inclusion", "ledger.jsonl", "6", "--key", "ledger.key")
    assert code == 0
    desk.write("leaf.tlog-proof", proof)
    code, out, _ = desk.run("check", "leaf.tlog-proof", "--key", "ledger.key")
    assert code == 0
    assert "is leaf 6 of forum.example/ledger, which then had 9 leaves.\n" in out
    desk.write("leaf.tlog-proof", proof.replace("index 6", "index 5"))
    assert desk.run("check", "leaf.tlog-proof", "--key", "ledger.key")[0] == 7
    assert desk.run("inclusion", "ledger.jsonl", "9", "--key", "ledger.key")[0] == 3


def test_compare_prints_both_checkpoints_of_a_split_view(desk: Desk) -> None:
    one, other = ledger(4), ledger(4, word="another story ")
    desk.export("mine.jsonl", one)
    desk.export("theirs.jsonl", other)
    code, out, err = desk.run("compare", "mine.jsonl", "theirs.jsonl", "--key", "ledger.key")
    assert code == 7
    assert str(one.checkpoints[0]) in out
    assert str(other.checkpoints[0]) in out
    assert "leaf 0 is not the same in both files" in err
    desk.export("older.jsonl", ledger(2))
    code, out, _ = desk.run("compare", "mine.jsonl", "older.jsonl", "--key", "ledger.key")
    assert (code, out) == (0, "The same ledger: 2 leaves are in both, in the same order; one has 2 more behind them.\n")


def test_a_member_witnesses_from_its_own_desk(desk: Desk) -> None:
    code, public, _ = desk.run("key", "member-4.example/witness", "--witness", "--out", "mine.secret")
    assert code == 0
    assert (desk.folder / "mine.secret").stat().st_mode & 0o777 == 0o600
    assert desk.run("key", "again", "--out", "mine.secret")[0] == 4

    forum = ledger(4, 5)
    options = ("--signing-key", "mine.secret", "--key", "ledger.key", "--seen", "seen")
    desk.write("first", str(Request(0, (), str(forum.checkpoints[0]))))
    code, line, _ = desk.run("cosign", "first", *options)
    assert code == 0
    assert Checkpoint.parse((desk.folder / "seen").read_text()) == forum.checkpoints[0]

    desk.write("second", str(Request(4, tuple(forum.log.consistency(4, 9)), str(forum.checkpoints[1]))))
    code, line, _ = desk.run("cosign", "second", *options)
    assert code == 0
    forum.checkpoints[1] = forum.checkpoints[1].with_signatures([line])
    desk.export("ledger.jsonl", forum)
    desk.write("member-4.key", public)
    verified = desk.run(
        "verify", "ledger.jsonl", "--key", "ledger.key", "--witness-key", "member-4.key", "--quorum", "1"
    )
    assert verified[0] == 0

    assert desk.run("cosign", "first", *options)[0] == 2  # asked from the wrong size: nothing is wrong yet
    split = ledger(9, word="another story ")
    desk.write("split", str(Request(9, (), str(split.checkpoints[0]))))
    code, out, err = desk.run("cosign", "split", *options)
    assert code == 7
    assert "split view" in err
    assert str(split.checkpoints[0]) in out
    assert Checkpoint.parse((desk.folder / "seen").read_text()).root == forum.checkpoints[1].root


def test_a_secret_that_others_may_read_is_not_used(desk: Desk) -> None:
    desk.run("key", "member-4.example/witness", "--witness", "--out", "mine.secret")
    (desk.folder / "mine.secret").chmod(0o644)
    desk.write("first", str(Request(0, (), str(ledger(4).checkpoints[0]))))
    code, _, err = desk.run("cosign", "first", "--signing-key", "mine.secret", "--key", "ledger.key", "--seen", "seen")
    assert code == 5
    assert "PRIVATE" not in err
