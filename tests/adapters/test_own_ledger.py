from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stillwatch.adapters.stores.own_ledger import append, entries
from stillwatch.errors import IntegrityError, OutputError
from stillwatch.guard.ledger import LOG_KEY, Signer, Trust, digest, verify
from stillwatch.guard.ledger.leaves import CovertTreatment

NOW = datetime(2026, 7, 1, tzinfo=UTC)
OURS = Signer.of("provider.example/ledger", LOG_KEY, bytes(range(32)))


def leaf(case: str) -> CovertTreatment:
    return CovertTreatment(
        time=NOW,
        actor="provider.example",
        case=case,
        treatment="hold",
        grounds=digest(b"grounds"),
        approved_by=("Counsel-1", "Engineer-2"),
        until=NOW + timedelta(days=3),
    )


def test_what_was_recorded_is_there_and_verifies_as_any_export_does(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    assert [append(path, OURS, leaf(f"C-{number}")) for number in range(5)] == [0, 1, 2, 3, 4]
    assert entries(path) == [leaf(f"C-{number}") for number in range(5)]
    report = verify(path.read_bytes().splitlines(), Trust(logs=(OURS.key,)))
    assert report.holds
    assert (report.leaves, report.checkpoints) == (5, 5)


@pytest.mark.parametrize("change", [(b"C-0", b"C-9"), (b"hold", b"reduce-reasoning")])
def test_nothing_is_added_to_a_ledger_that_was_changed(tmp_path: Path, change: tuple[bytes, bytes]) -> None:
    path = tmp_path / "ledger.jsonl"
    append(path, OURS, leaf("C-0"))
    path.write_bytes(path.read_bytes().replace(*change, 1))
    before = path.read_bytes()
    with pytest.raises(IntegrityError, match="does not hold"):
        append(path, OURS, leaf("C-1"))
    assert path.read_bytes() == before


def test_a_ledger_takes_leaves_of_its_own_key_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    append(path, OURS, leaf("C-0"))
    for other in (
        Signer.of("other.example/ledger", LOG_KEY, bytes(range(32))),
        Signer.of("provider.example/ledger", LOG_KEY, bytes(32)),
    ):
        with pytest.raises(IntegrityError):
            append(path, other, leaf("C-1"))
    assert len(entries(path)) == 1


def test_what_is_no_ledger_is_named_and_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b"\xff\n")
    with pytest.raises(IntegrityError, match="no ledger"):
        append(path, OURS, leaf("C-0"))
    assert path.read_bytes() == b"\xff\n"
    with pytest.raises(OutputError, match="is a directory"):
        append(tmp_path, OURS, leaf("C-0"))
