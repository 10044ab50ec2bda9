"""Whoever tampers with an exported ledger is found out, and the report says how and at which leaf."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_world import FORUM, ORIGIN, STRANGER, WITNESSES, Ledger, leaf, ledger, signer

from stillwatch.errors import UsageError
from stillwatch.guard.ledger import Checkpoint, Log, MemoryNodes, Report, Trust, encode, signed, verify
from stillwatch.guard.ledger.export import checkpoint_line, leaf_line
from stillwatch.guard.ledger.verifying import MAX_FAULTS

WITNESS_KEYS = tuple(witness.signer.key for witness in WITNESSES)
TRUST = Trust(logs=(FORUM.key,), witnesses=WITNESS_KEYS)


def faults(report: Report) -> list[tuple[str, tuple[int, int] | None]]:
    return [(fault.kind, fault.leaves) for fault in report.faults]


def resealed(leaves: list[bytes], like: Ledger) -> list[bytes]:
    """An export with these leaves, numbered and hashed anew, under the honest ledger's checkpoints."""
    forged = Ledger(leaves=leaves, checkpoints=like.checkpoints)
    return forged.lines()


def test_an_honest_ledger_holds() -> None:
    forum = ledger(4, 0, 5, 1)
    forum.witnessed(*WITNESSES[:2])
    report = verify(forum.lines(), Trust((FORUM.key,), WITNESS_KEYS, quorum=2))
    assert report.faults == ()
    assert report.leaves == 10
    assert report.kinds == {"receipt": 6, "release": 4}
    assert report.newest == forum.checkpoints[-1]
    assert report.witnesses == ("member-1.example/witness", "member-2.example/witness")
    assert report.notes == ()


def test_an_empty_ledger_with_a_checkpoint_holds() -> None:
    assert verify(ledger(0).lines(), TRUST).holds


def test_a_rewritten_leaf_is_named() -> None:
    lines = ledger(4, 5).lines()
    lines[3] = lines[3].replace(b"member-2", b"member-3")
    report = verify(lines, TRUST)
    assert faults(report) == [("rewritten", (2, 2))]
    assert report.faults[0].line == 4


def test_a_leaf_that_was_rewritten_and_hashed_anew_is_found_between_two_checkpoints() -> None:
    forum = ledger(4, 5, 6)
    leaves = list(forum.leaves)
    leaves[6] = encode(leaf(6, "rewritten"))
    report = verify(resealed(leaves, forum), TRUST)
    assert faults(report) == [("root", (4, 8))]
    assert "one or more of the leaves 4 to 8" in report.faults[0].text
    assert report.newest == forum.checkpoints[0]


def test_a_leaf_alone_under_its_checkpoint_is_named_even_when_hashed_anew() -> None:
    forum = ledger(4, 1, 4)
    leaves = list(forum.leaves)
    leaves[4] = encode(leaf(4, "rewritten"))
    report = verify(resealed(leaves, forum), TRUST)
    assert faults(report) == [("root", (4, 4))]
    assert "leaf 4 was rewritten" in report.faults[0].text


def test_an_inserted_leaf_is_found() -> None:
    forum = ledger(4, 5)
    leaves = list(forum.leaves)
    leaves.insert(6, encode(leaf(99)))
    report = verify(resealed(leaves, forum), TRUST)
    assert faults(report) == [("root", (4, 8))]


def test_a_leaf_inserted_in_the_file_shifts_what_comes_after() -> None:
    lines = ledger(4, 5).lines()
    lines.insert(3, leaf_line(2, encode(leaf(99))))
    report = verify(lines, TRUST)
    assert faults(report)[0] == ("order", (3, 3))
    assert [kind for kind, _ in faults(report)] == ["order", "misplaced", "misplaced", "unsigned"]


def test_reordered_leaves_are_found() -> None:
    lines = ledger(9).lines()
    lines[4], lines[5] = lines[5], lines[4]
    assert faults(verify(lines, TRUST))[0] == ("order", (3, 4))


def test_reordered_leaves_are_found_even_when_numbered_anew() -> None:
    forum = ledger(4, 5)
    leaves = list(forum.leaves)
    leaves[5], leaves[7] = leaves[7], leaves[5]
    assert faults(verify(resealed(leaves, forum), TRUST)) == [("root", (4, 8))]


def test_a_leaf_cut_out_is_found() -> None:
    lines = ledger(4, 5).lines()
    del lines[3]
    report = verify(lines, TRUST)
    assert faults(report)[:2] == [("order", (2, 3)), ("truncated", (0, 3))]


def test_leaves_cut_from_the_end_are_found_by_the_checkpoint_that_stayed() -> None:
    lines = ledger(4, 5).lines()
    del lines[-3:-1]
    report = verify(lines, TRUST)
    assert faults(report) == [("truncated", (4, 8))]
    assert "2 of the leaves from 4 on were cut out" in report.faults[0].text


def test_a_log_cut_back_to_an_old_checkpoint_is_found_by_who_holds_a_newer_one() -> None:
    forum = ledger(4, 5)
    cut = ledger(4)
    assert verify(cut.lines(), TRUST).holds
    report = verify(cut.lines(), Trust((FORUM.key,), held=(forum.checkpoints[-1],)))
    assert faults(report) == [("truncated", (4, 8))]
    assert "you hold a checkpoint of 9 leaves" in report.faults[0].text


def test_a_reader_who_holds_a_checkpoint_of_another_story_finds_out() -> None:
    report = verify(ledger(4, 5, word="b").lines(), Trust((FORUM.key,), held=(ledger(4).checkpoints[0],)))
    assert faults(report) == [("held", (0, 3))]


def test_a_checkpoint_held_between_two_of_the_file_is_compared_too() -> None:
    forum, held = ledger(4, 5), signed(ledger(6).log.head(), FORUM)
    assert verify(forum.lines(), Trust((FORUM.key,), held=(held,))).holds


def test_a_held_checkpoint_of_somebody_else_is_not_used() -> None:
    held = signed(ledger(4).log.head(), STRANGER)
    assert faults(verify(ledger(4, 5).lines(), Trust((FORUM.key,), held=(held,)))) == [("held", None)]


def test_a_beginning_that_was_cut_off_is_found() -> None:
    report = verify(ledger(4, 5).lines()[1:], TRUST)
    assert faults(report)[0] == ("unreadable", None)
    assert "its beginning is gone" in report.faults[0].text


def test_a_split_view_inside_one_file_is_found() -> None:
    other = signed(ledger(4, word="b").log.head(), FORUM)
    lines = ledger(4).lines()
    lines.append(checkpoint_line(other))
    report = verify(lines, TRUST)
    assert faults(report) == [("split-view", None)]


def test_a_checkpoint_that_a_later_one_contradicts_is_a_split_view_and_no_fault_of_the_leaves() -> None:
    forum = ledger(4, 5)
    forum.checkpoints[0] = signed(ledger(4, word="b").log.head(), FORUM)
    report = verify(forum.lines(), TRUST)
    assert faults(report) == [("split-view", None)]
    assert "a checkpoint of 4 leaves that contradicts one of 9" in report.faults[0].text


def test_a_forged_signature_is_found() -> None:
    forum = ledger(4)
    forum.checkpoints = [signed(forum.log.head(), STRANGER)]
    assert [kind for kind, _ in faults(verify(forum.lines(), TRUST))] == ["signature", "unsigned"]


def test_a_forged_signature_is_found_with_the_key_in_the_file_alone() -> None:
    forum = ledger(4)
    forum.checkpoints = [signed(forum.log.head(), STRANGER)]
    report = verify(forum.lines())
    assert [kind for kind, _ in faults(report)] == ["signature", "unsigned"]


def test_a_forged_cosignature_is_found() -> None:
    forum = ledger(4)
    forger = signer("member-1.example/witness", 77, witness=True)
    blob = forger.cosign(forum.checkpoints[0].text, 1)
    line = forum.checkpoints[0].signatures[0]
    stolen = type(line)(WITNESS_KEYS[0].name, WITNESS_KEYS[0].id, blob).line
    forum.checkpoints = [forum.checkpoints[0].with_signatures([stolen])]
    report = verify(forum.lines(), TRUST)
    assert [kind for kind, _ in faults(report)] == ["signature", "unsigned"]
    assert "the key of member-1.example/witness did not sign it" in report.faults[0].text


def test_a_checkpoint_of_another_log_is_found() -> None:
    forum = ledger(4)
    forum.checkpoints.append(signed(forum.log.head(), signer("other.example/ledger", 1)))
    report = verify(forum.lines(), TRUST)
    assert [kind for kind, _ in faults(report)] == ["origin"]


def test_a_ledger_of_another_log_is_found() -> None:
    report = verify(ledger(4).lines(), Trust((signer("other.example/ledger", 1).key,)))
    assert {kind for kind, _ in faults(report)} == {"origin", "unsigned"}


def test_a_replayed_old_checkpoint_is_found() -> None:
    lines = ledger(4, 5).lines()
    lines.append(lines[5])
    report = verify(lines, TRUST)
    assert faults(report) == [("misplaced", (4, 8))]
    assert "an old checkpoint was replayed" in report.faults[0].text


def test_too_few_witnesses_are_no_quorum() -> None:
    forum = ledger(4)
    forum.witnessed(WITNESSES[0])
    report = verify(forum.lines(), Trust((FORUM.key,), WITNESS_KEYS, quorum=2))
    assert faults(report) == [("quorum", None)]
    assert "1 of the 2 witnesses" in report.faults[0].text


def test_two_names_for_one_key_are_one_witness() -> None:
    twin = type(WITNESSES[0])(signer("twin.example/witness", 11, witness=True), FORUM.key)
    forum = ledger(4)
    forum.witnessed(WITNESSES[0], twin)
    report = verify(forum.lines(), Trust((FORUM.key,), (*WITNESS_KEYS, twin.signer.key), quorum=2))
    assert faults(report) == [("quorum", None)]


def test_the_logs_own_key_is_no_witness_of_the_log() -> None:
    forum = ledger(4)
    own = signer("forum.example/witness", 1, witness=True)
    line = forum.checkpoints[0].signatures[0]
    own_line = type(line)(own.key.name, own.key.id, own.cosign(forum.checkpoints[0].text, 1)).line
    forum.checkpoints = [forum.checkpoints[0].with_signatures([own_line])]
    report = verify(forum.lines(), Trust((FORUM.key,), (own.key,), quorum=1))
    assert faults(report) == [("quorum", None)]


def test_a_quorum_of_witnesses_that_the_file_itself_names_is_not_counted() -> None:
    with pytest.raises(UsageError, match="--witness-key"):
        Trust((FORUM.key,), quorum=1)


def test_unknown_signatures_beside_good_ones_are_ignored() -> None:
    forum = ledger(4)
    stranger = type(WITNESSES[0])(signer("stranger.example/witness", 55, witness=True), FORUM.key)
    forum.witnessed(WITNESSES[0], stranger)
    report = verify(forum.lines(), TRUST)
    assert report.holds
    assert report.witnesses == ("member-1.example/witness",)


def test_without_any_checkpoint_nobody_vouches() -> None:
    forum = ledger(4)
    forum.checkpoints.clear()
    assert faults(verify(forum.lines(), TRUST)) == [("unsigned", None)]


def test_leaves_behind_the_last_checkpoint_were_put_in_or_the_file_was_cut() -> None:
    lines = ledger(4).lines()
    appended = [*lines, leaf_line(4, encode(leaf(4)))]
    assert faults(verify(appended, TRUST)) == [("truncated", (4, 4))]


def test_a_file_cut_anywhere_but_behind_a_checkpoint_is_found() -> None:
    lines = ledger(9).lines()
    ends = [number for number, line in enumerate(lines, 1) if line.startswith(b'{"checkpoint":')]
    assert ends
    for number in range(1, len(lines)):
        assert verify(lines[:number], TRUST).holds is (number in ends)


def test_who_gives_no_key_is_told_what_that_means() -> None:
    notes = " ".join(verify(ledger(4).lines()).notes)
    assert "no key was given" in notes
    assert "no witness key was given" in notes


def test_a_leaf_of_a_kind_that_is_not_known_is_found() -> None:
    forum = ledger(2)
    data = b'{"actor":"a","kind":"gossip","time":"2026-07-01T00:00:00Z"}'
    forum.leaves.append(data)
    forum.checkpoints.append(signed(forum.log.append([data]), FORUM))
    assert faults(verify(forum.lines(), TRUST)) == [("leaf", (2, 2))]


def test_a_line_with_one_key_twice_is_refused() -> None:
    lines = ledger(2).lines()
    lines[1] = lines[1].replace(b'{"index":0,', b'{"index":1,"index":0,')
    assert faults(verify(lines, TRUST))[0] == ("unreadable", None)


def test_a_file_whose_line_ends_were_changed_still_holds() -> None:
    assert verify([line.replace(b"\n", b"\r\n") for line in ledger(4, 2).lines()], TRUST).holds


def test_two_exports_joined_into_one_file_are_found() -> None:
    report = verify(ledger(2).lines() * 2, TRUST)
    assert "two exports were joined" in report.faults[0].text


def test_a_hostile_file_does_not_fill_the_memory_with_faults() -> None:
    report = verify((b"nonsense" for _ in range(5_000)), TRUST)
    assert len(report.faults) == MAX_FAULTS
    assert report.faults_in_all > 5_000


def test_a_key_of_the_wrong_kind_is_a_mistake_of_the_reader() -> None:
    with pytest.raises(UsageError):
        Trust(logs=WITNESS_KEYS)
    with pytest.raises(UsageError):
        Trust(witnesses=(FORUM.key,))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_change_to_a_witnessed_ledger_goes_unseen_by_who_holds_its_keys_and_last_checkpoint(
    data: st.DataObject,
) -> None:
    """Lines are dropped, doubled, swapped, cut, edited or put in from another story of the same log."""
    lines, other = LINES, OTHER
    kind = data.draw(st.sampled_from(["drop", "double", "swap", "cut", "edit", "mix"]))
    place = data.draw(st.integers(1, len(lines) - 1))  # the first line is the file's own word: it proves nothing
    changed = list(lines)
    if kind == "drop":
        del changed[place]
    elif kind == "double":
        changed.insert(data.draw(st.integers(1, len(lines))), lines[place])
    elif kind == "swap":
        with_ = data.draw(st.integers(1, len(lines) - 1))
        changed[place], changed[with_] = lines[with_], lines[place]
    elif kind == "cut":
        del changed[place:]
    elif kind == "edit":
        at = data.draw(st.integers(0, len(lines[place]) - 2))
        letter = data.draw(st.integers(32, 126))
        changed[place] = lines[place][:at] + bytes([letter]) + lines[place][at + 1 :]
    else:
        changed[place] = other[place]
    report = verify(changed, Trust((FORUM.key,), WITNESS_KEYS, quorum=2, held=(LAST,)))
    assert not report.holds or same_leaves(changed, lines)


def same_leaves(one: list[bytes], other: list[bytes]) -> bool:
    """A checkpoint may be missing or doubled in its place: the one that the reader holds still proves every leaf."""

    def leaves(lines: list[bytes]) -> list[bytes]:
        return [line for line in lines if line.startswith(b'{"index"')]

    return leaves(one) == leaves(other)


def story(word: str) -> tuple[list[bytes], Checkpoint]:
    forum = ledger(3, 4, 5, word=word)
    forum.witnessed(*WITNESSES[:2])
    return forum.lines(), forum.checkpoints[-1]


LINES, LAST = story("")
OTHER, _ = story("another story ")


def test_an_export_is_what_the_documentation_shows() -> None:
    lines = [msgspec.json.decode(line) for line in ledger(1).lines()]
    assert [list(line) for line in lines] == [["ledger", "origin", "key", "witnesses"], ["index", "hash", "leaf"],
                                              ["checkpoint"]]  # fmt: skip
    assert lines[0]["origin"] == ORIGIN


def test_the_verifier_and_the_log_agree_on_a_ledger_of_many_batches() -> None:
    forum = Ledger(log=Log(MemoryNodes()))
    forum.grow(10_000)
    forum.grow(1)
    assert verify(forum.lines(), TRUST).holds
