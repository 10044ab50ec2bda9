"""Keys, signed notes and checkpoints are those of C2SP: checked against vectors that others published."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_world import FORUM, ORIGIN, STRANGER, WITNESSES, ledger, signer

from stillwatch.errors import UsageError
from stillwatch.guard.ledger import LOG_KEY, Checkpoint, Head, NoteError, Signer, VerifierKey, signed

#: golang.org/x/mod/sumdb/note, package documentation: key, text and the exact signature.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_BLOB = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="

#: A checkpoint of a public certificate log with cosignatures of public witnesses, as the log served it.
PUBLIC = """arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
"""  # noqa: E501
PUBLIC_LOG = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
PUBLIC_WITNESSES = [
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
    "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
    "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
]


def test_the_example_key_of_the_go_note_package_signs_as_it_does_there() -> None:
    signing = Signer.parse(PETER_SECRET)
    assert str(signing.key) == PETER
    assert signing.secret == PETER_SECRET
    line = Checkpoint("x", Head(0, bytes(32))).with_signatures([f"— PeterNeumann {PETER_BLOB}"]).signatures[0]
    assert line.is_of(VerifierKey.parse(PETER))
    assert line.blob == signing.sign(PETER_TEXT)
    assert VerifierKey.parse(PETER).verifies(PETER_TEXT, line.blob)


def test_the_example_key_of_the_specification_reads_and_writes_unchanged() -> None:
    text = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"  # C2SP signed-note, verifier keys
    assert str(VerifierKey.parse(text)) == text


def test_a_checkpoint_that_public_witnesses_cosigned_verifies_with_their_keys() -> None:
    checkpoint = Checkpoint.parse(PUBLIC)
    witnesses = [VerifierKey.parse(key) for key in PUBLIC_WITNESSES]
    assert checkpoint.fault(VerifierKey.parse(PUBLIC_LOG)) is None
    found, faults = checkpoint.signers(witnesses)
    assert [key for key, _ in found] == witnesses
    assert faults == []
    assert {signature.time for _, signature in found} == {1779573024}
    assert str(checkpoint) == PUBLIC


def test_a_public_checkpoint_with_another_size_is_signed_by_nobody() -> None:
    checkpoint = Checkpoint.parse(PUBLIC.replace("1432088532", "1432088533"))
    assert "forged signature" in str(checkpoint.fault(VerifierKey.parse(PUBLIC_LOG)))
    found, faults = checkpoint.signers(map(VerifierKey.parse, PUBLIC_WITNESSES))
    assert found == []
    assert len(faults) == len(PUBLIC_WITNESSES)


def test_a_checkpoint_reads_back_as_it_was_written() -> None:
    checkpoint = ledger(5).checkpoints[-1]
    assert Checkpoint.parse(str(checkpoint)) == checkpoint
    assert checkpoint.fault(FORUM.key) is None


def test_a_key_of_the_same_name_is_another_key() -> None:
    checkpoint = signed(Head(1, bytes(32)), STRANGER)
    assert checkpoint.fault(FORUM.key) == f"the checkpoint is not signed by the key of {ORIGIN}"


def test_after_a_change_of_keys_both_keys_speak_for_the_log() -> None:
    checkpoint = signed(Head(1, bytes(32)), STRANGER)
    assert checkpoint.fault(FORUM.key, STRANGER.key) is None


def test_a_checkpoint_of_another_log_is_of_a_wrong_origin() -> None:
    checkpoint = signed(Head(1, bytes(32)), signer("other.example/ledger", 1))
    assert str(checkpoint.fault(FORUM.key)).startswith("wrong origin")
    assert str(checkpoint.fault()).startswith("wrong origin")


def test_a_known_keys_bad_line_spoils_the_note_even_beside_its_good_one() -> None:
    checkpoint = signed(Head(1, bytes(32)), FORUM)
    other = signed(Head(2, bytes(32)), FORUM).signatures[0].line
    assert "forged signature" in str(checkpoint.with_signatures([other]).fault(FORUM.key))


def test_a_cosignature_given_for_the_log_or_the_reverse_is_refused() -> None:
    witness = WITNESSES[0].signer
    with pytest.raises(UsageError):
        witness.sign("text\n")
    with pytest.raises(UsageError):
        FORUM.cosign("text\n", 1)
    with pytest.raises(NoteError):
        signed(Head(0, bytes(32)), witness)


def test_a_cosignature_holds_for_its_own_second_alone() -> None:
    witness = WITNESSES[0].signer
    blob = witness.cosign("a\n1\nb\n", 100)
    assert witness.key.verifies("a\n1\nb\n", blob)
    assert not witness.key.verifies("a\n1\nb\n", (101).to_bytes(8, "big") + blob[8:])
    assert not witness.key.verifies("a\n1\nb\n", blob[:-1])


def test_a_private_key_is_not_shown_by_accident() -> None:
    assert FORUM.secret not in f"{FORUM} {FORUM!r}"
    with pytest.raises(UsageError) as refusal:
        Signer.parse(FORUM.secret[:-6] + "AAAAA=")
    assert FORUM.secret[40:60] not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    ["", "x", PETER[:-1], PETER.replace("c74f", "c74e"), PETER.replace("ARpc", "BRpc"), PETER.replace("ARpc", "AhRp"),
     PETER.replace("+", "", 1), PETER + "=", PETER.replace("Peter", "Pe\u2003ter")],
)  # fmt: skip
def test_what_is_no_public_key_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(UsageError):
        VerifierKey.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "x" * 256])
def test_a_key_can_not_have_a_name_that_would_break_a_note(name: str) -> None:
    with pytest.raises(UsageError):
        Signer.of(name, LOG_KEY, bytes(32))


GOOD = str(ledger(3).checkpoints[-1])
TEXT, SIGNATURE = GOOD.split("\n\n")


@pytest.mark.parametrize(
    "note",
    [
        "", TEXT, GOOD.rstrip("\n"), GOOD.replace("\n\n", "\n"), GOOD.replace("\n3\n", "\n03\n"),
        GOOD.replace("\n3\n", "\n-3\n"), GOOD.replace("\n3\n", "\n+3\n"), GOOD.replace("\n3\n", "\n٣\n"),
        GOOD.replace("=\n\n", "\n\n"), GOOD.replace("— ", "- "), GOOD.replace("\n", "\r\n"), GOOD + "\n", GOOD + "x\n",
        GOOD.replace(ORIGIN + "\n3", "\n3"), GOOD.replace("\n3\n", f"\n{10**19}\n"), f"{TEXT}\n\n— {ORIGIN} AAAA\n",
    ],
)  # fmt: skip
def test_what_is_no_checkpoint_to_the_letter_is_not_taken_for_one(note: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(note)


@given(st.integers(0, len(GOOD) - 1), st.characters())
def test_no_character_of_a_checkpoint_can_be_changed_unnoticed(place: int, letter: str) -> None:
    changed = GOOD[:place] + letter + GOOD[place + 1 :]
    try:
        checkpoint = Checkpoint.parse(changed)
    except NoteError:
        return
    assert changed == GOOD or checkpoint.fault(FORUM.key) is not None


@given(st.text(max_size=300))
def test_any_text_is_a_checkpoint_or_refused_and_nothing_else(text: str) -> None:
    with suppress(NoteError):
        assert str(Checkpoint.parse(text)) == text


def test_signatures_are_added_once() -> None:
    checkpoint = ledger(3).checkpoints[-1]
    line = checkpoint.signatures[0].line
    assert checkpoint.with_signatures([line, line]) == checkpoint
