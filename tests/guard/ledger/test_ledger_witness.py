"""A witness signs what follows from what it saw, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_world import FORUM, ORIGIN, WITNESSES, Ledger, ledger, signer

from stillwatch.errors import UsageError
from stillwatch.guard.ledger import Checkpoint, Cosigned, Declined, NoteError, Request, Witness, signed

NOW = 1_782_900_000
WITNESS = WITNESSES[0]


def ask(forum: Ledger, old: Checkpoint | None, new: Checkpoint) -> Cosigned | Declined:
    return WITNESS.cosign(old, forum.log.consistency(old.size if old else 0, new.size), new, NOW)


def test_the_first_checkpoint_is_cosigned_without_a_proof() -> None:
    forum = ledger(5)
    answer = ask(forum, None, forum.checkpoints[0])
    assert isinstance(answer, Cosigned)
    cosigned = forum.checkpoints[0].with_signatures([answer.line])
    assert [key for key, _ in cosigned.signers([WITNESS.signer.key])[0]] == [WITNESS.signer.key]
    assert cosigned.fault(FORUM.key) is None


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12))
def test_an_honest_log_is_cosigned_at_every_step(steps: list[int]) -> None:
    forum, seen = ledger(*steps), None
    for checkpoint in forum.checkpoints:
        answer = ask(forum, seen, checkpoint)
        assert isinstance(answer, Cosigned)
        seen = answer.seen
    assert seen == forum.checkpoints[-1]


def test_a_split_view_is_declined_and_proved_by_two_signed_checkpoints() -> None:
    told, untold = ledger(5), ledger(5, word="another story ")
    answer = WITNESS.cosign(told.checkpoints[0], [], untold.checkpoints[0], NOW)
    assert isinstance(answer, Declined)
    assert answer.status == 409
    assert "split view" in answer.reason
    assert answer.evidence == (told.checkpoints[0], untold.checkpoints[0])
    assert all(checkpoint.fault(FORUM.key) is None for checkpoint in answer.evidence)


def test_a_split_view_is_found_even_where_the_asker_names_another_size() -> None:
    told, untold = ledger(5), ledger(5, word="another story ")
    request = Request(3, (), str(untold.checkpoints[0]))
    answer = WITNESS.answer(told.checkpoints[0], request, NOW)
    assert isinstance(answer, Declined)
    assert answer.evidence is not None


def test_a_log_that_grew_from_another_past_is_declined() -> None:
    told, untold = ledger(5), ledger(5, 4, word="another story ")
    answer = WITNESS.cosign(told.checkpoints[0], untold.log.consistency(5, 9), untold.checkpoints[1], NOW)
    assert isinstance(answer, Declined)
    assert answer.status == 422
    assert "does not begin with the 5 leaves" in answer.reason


def test_a_replayed_old_checkpoint_is_declined() -> None:
    forum = ledger(5, 4)
    answer = WITNESS.cosign(forum.checkpoints[1], [], forum.checkpoints[0], NOW)
    assert isinstance(answer, Declined)
    assert (answer.status, answer.size) == (409, 9)
    assert "an older checkpoint" in answer.reason


def test_a_forged_checkpoint_is_declined() -> None:
    forum = ledger(5)
    forged = signed(forum.checkpoints[0].head, signer(ORIGIN, 66))
    answer = WITNESS.cosign(None, [], forged, NOW)
    assert isinstance(answer, Declined)
    assert answer.status == 403


def test_a_log_that_is_not_followed_is_declined() -> None:
    forum = ledger(5)
    other = signed(forum.checkpoints[0].head, signer("other.example/ledger", 1))
    answer = WITNESS.cosign(None, [], other, NOW)
    assert isinstance(answer, Declined)
    assert answer.status == 404


def test_the_asker_is_told_from_where_to_prove() -> None:
    forum = ledger(5, 4)
    request = Request(0, (), str(forum.checkpoints[1]))
    answer = WITNESS.answer(forum.checkpoints[0], request, NOW)
    assert answer == Declined("this witness saw 5 leaves last: prove from there", 409, 5)
    answer = WITNESS.answer(None, Request(10, (), str(forum.checkpoints[1])), NOW)
    assert isinstance(answer, Declined)
    assert answer.status == 400


def test_what_was_cosigned_may_be_cosigned_again_later() -> None:
    forum = ledger(5)
    answer = WITNESS.cosign(forum.checkpoints[0], [], forum.checkpoints[0], NOW + 60)
    assert isinstance(answer, Cosigned)


def test_a_request_reads_back_as_it_was_written() -> None:
    forum = ledger(5, 4)
    request = Request(5, tuple(forum.log.consistency(5, 9)), str(forum.checkpoints[1]))
    assert Request.parse(str(request)) == request
    assert isinstance(WITNESS.answer(forum.checkpoints[0], request, NOW), Cosigned)


@pytest.mark.parametrize(
    "body", ["", "old 05\n\nx", "old 5", "old -1\n\nx", "old 5\nAAAA\n\nx", "old 5\n" * 70 + "\nx"]
)
def test_what_is_no_request_is_refused(body: str) -> None:
    with pytest.raises(NoteError):
        Request.parse(body)


def test_an_unreadable_checkpoint_is_declined_not_raised() -> None:
    answer = WITNESS.answer(None, Request(0, (), "nonsense"), NOW)
    assert isinstance(answer, Declined)
    assert answer.status == 400


def test_the_logs_own_key_can_not_witness_the_log() -> None:
    with pytest.raises(UsageError, match="own key"):
        Witness(signer("forum.example/witness", 1, witness=True), FORUM.key)
