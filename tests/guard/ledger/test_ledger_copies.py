"""Two copies of a ledger can be compared, and one leaf can be proved without the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_world import FORUM, STRANGER, WITNESSES, ledger

from stillwatch.errors import NoInputError
from stillwatch.guard.ledger import InclusionProof, NoteError, compare, prove
from stillwatch.guard.ledger.export import leaf_line

WITNESS_KEYS = [witness.signer.key for witness in WITNESSES]


def test_an_older_copy_is_a_beginning_of_a_newer_one() -> None:
    found = compare(ledger(4).lines(), ledger(4, 5).lines())
    assert found.faults == ()
    assert found.leaves == (4, 9)


def test_two_stories_are_told_apart_at_the_first_leaf_that_differs_with_both_signatures_as_evidence() -> None:
    one, other = ledger(4, 5), ledger(4)
    other.grow(5, word="another story ")
    found = compare(one.lines(), other.lines())
    assert found.first_difference == 4
    assert found.evidence == (one.checkpoints[1], other.checkpoints[1])
    assert [fault.split(":")[0] for fault in found.faults] == ["split view", "split view"]


def test_two_stories_of_different_length_are_told_apart_too() -> None:
    found = compare(ledger(4).lines(), ledger(9, word="another story ").lines())
    assert found.first_difference == 0
    assert found.evidence is None


def test_two_ledgers_are_not_two_copies() -> None:
    other = ledger(4)
    lines = other.lines()
    lines[0] = lines[0].replace(b'"origin":"forum', b'"origin":"other')
    assert "two ledgers" in compare(ledger(4).lines(), lines).faults[0]


@given(st.integers(1, 40), st.integers(0, 20), st.data())
def test_every_leaf_of_an_export_can_be_proved(first: int, second: int, data: st.DataObject) -> None:
    forum = ledger(first, second)
    forum.witnessed(WITNESSES[0])
    index = data.draw(st.integers(0, first + second - 1))
    proof = prove(forum.lines(), index)
    assert proof.leaf == forum.leaves[index]
    assert proof.faults([FORUM.key], WITNESS_KEYS, 1) == ()
    assert InclusionProof.parse(str(proof)) == proof


def test_a_proof_that_was_changed_does_not_hold() -> None:
    proof = prove(ledger(9).lines(), 4)
    for change in (
        {"index": 5},
        {"leaf": proof.leaf.replace(b"member-2", b"member-3")},
        {"hashes": proof.hashes[:-1]},
        {"checkpoint": ledger(9, word="b").checkpoints[0]},
    ):
        changed = InclusionProof(**{**vars(proof), **change})
        assert len(changed.faults([FORUM.key])) == 1


def test_a_proof_needs_the_right_key_and_the_witnesses_that_are_asked_for() -> None:
    proof = prove(ledger(9).lines(), 4)
    assert "not signed by the key" in proof.faults([STRANGER.key])[0]
    assert "wrong origin" in proof.faults([])[0]
    assert proof.faults([FORUM.key], WITNESS_KEYS, 1) == (
        "0 of the 1 witnesses that you ask for cosigned the checkpoint",
    )


def test_no_proof_is_made_for_a_leaf_that_no_checkpoint_covers() -> None:
    lines = ledger(4).lines()
    with pytest.raises(NoInputError, match="there is no leaf 4"):
        prove(lines, 4)
    with pytest.raises(NoInputError, match="no checkpoint covers leaf 4"):
        prove([*lines, leaf_line(4, ledger(5).leaves[4])], 4)


@pytest.mark.parametrize(
    "change", [("tlog-proof@v1", "tlog-proof@v2"), ("index 4", "index 04"), ("extra ", "extra !"), ("\n\n", "\nx\n\n")]
)
def test_what_is_no_proof_is_refused(change: tuple[str, str]) -> None:
    text = str(prove(ledger(9).lines(), 4))
    with pytest.raises(NoteError):
        InclusionProof.parse(text.replace(*change, 1))


def test_a_proof_is_written_as_the_specification_has_it() -> None:
    lines = str(prove(ledger(9).lines(), 4)).split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2] == "index 4"
    assert lines[3:8][4] == ""  # four hashes, the empty line, the checkpoint
    assert lines[8:10] == ["forum.example/ledger", "9"]
