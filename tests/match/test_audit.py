"""What was uploaded as evidence is opened as it was, or the audit says which row failed and why."""

import msgspec
import numpy as np
import pytest

from stillwatch.match import audit
from stillwatch.match.audit import Opening, Record
from stillwatch.match.identifiers import Identifier
from stillwatch.match.payload import Note

SECRET = bytes(range(32))
NOTE = Note.of(3, 900, 20_000, 20_010)
TODAY = 20_020
ROWS = 40
HELD = [Identifier("ipv4", f"198.51.100.{host}".encode()) for host in range(ROWS)]
RECORDS = [Record(NOTE, tuple(audit.source(SECRET, f"x-{host}-{n}") for n in range(3))) for host in range(ROWS)]
UPLOADED = [audit.evidence(SECRET, *each) for each in zip(HELD, RECORDS, strict=True)]


def _opening(held: Identifier, record: Record) -> Opening:
    return audit.opening(SECRET, held, record.encoded())


OPENINGS = dict(enumerate(map(_opening, HELD, RECORDS)))
DRAWN = audit.drawn(audit.seed(b"auditor", b"root"), ROWS, 10)


def test_honest_evidence_holds_and_no_digest_or_opening_shows_an_identifier():
    assert audit.failures("ipv4", UPLOADED, DRAWN, OPENINGS, TODAY) == ()
    assert {len(each) for each in UPLOADED} == {audit.DIGEST}
    for row, held in enumerate(HELD):
        shown = UPLOADED[row] + OPENINGS[row].seal + OPENINGS[row].record
        assert held.value not in shown


def test_the_seal_hides_the_identifier_from_whoever_tries_all_with_another_secret():
    seals = {OPENINGS[row].seal for row in DRAWN}
    assert not seals & {audit.sealed(audit.row_secret(bytes(32), held), held) for held in HELD}
    assert not seals & {audit.sealed(bytes(32), held) for held in HELD}


def _with_row(opened: Opening | None) -> dict[int, Opening]:
    rest = {row: each for row, each in OPENINGS.items() if row != DRAWN[3]}
    return rest if opened is None else rest | {DRAWN[3]: opened}


REUSED = Record(NOTE, (*RECORDS[DRAWN[3]].sources, RECORDS[DRAWN[0]].sources[1]))
TWICE = Record(NOTE, RECORDS[DRAWN[3]].sources[:1] * 2)
TO_COME = Record(Note.of(3, 900, 20_000, TODAY + 1), RECORDS[DRAWN[3]].sources)


@pytest.mark.parametrize(
    ("record", "opened", "why"),
    [
        (RECORDS[DRAWN[3]], None, "not opened"),
        (RECORDS[DRAWN[3]], OPENINGS[DRAWN[2]], "something else"),
        (RECORDS[DRAWN[3]], Opening(OPENINGS[DRAWN[3]].seal[:16], OPENINGS[DRAWN[3]].record), "something else"),
        (REUSED, _opening(HELD[DRAWN[3]], REUSED), "row"),
        (TWICE, _opening(HELD[DRAWN[3]], TWICE), "twice"),
        (TO_COME, _opening(HELD[DRAWN[3]], TO_COME), "days to come"),
    ],
    ids=["silent", "another row's", "cut seal", "an exchange of another row", "one exchange twice", "future"],
)
def test_a_row_that_does_not_hold_is_named_with_the_reason(record, opened, why):
    uploaded = list(UPLOADED)
    uploaded[DRAWN[3]] = audit.evidence(SECRET, HELD[DRAWN[3]], record)
    (failed,) = audit.failures("ipv4", uploaded, DRAWN, _with_row(opened), TODAY)
    assert failed.row == DRAWN[3]
    assert why in failed.reason


@pytest.mark.parametrize(
    "record",
    [b"", b"\x00" * 40, msgspec.msgpack.encode((NOTE, ())), msgspec.msgpack.encode(((99, 0, 0, 0), (b"x" * 16,)))],
)
def test_what_is_no_record_is_told_from_one_even_where_its_digest_was_uploaded(record):
    uploaded, row = list(UPLOADED), DRAWN[3]
    uploaded[row] = audit.digest(OPENINGS[row].seal, record)
    (failed,) = audit.failures("ipv4", uploaded, DRAWN, _with_row(Opening(OPENINGS[row].seal, record)), TODAY)
    assert "no record" in failed.reason


def test_two_templates_may_rest_on_one_exchange_and_two_addresses_may_not():
    both = [Record(NOTE, RECORDS[0].sources), Record(NOTE, RECORDS[0].sources)]
    for kind, failed in (("template", 0), ("ipv4", 1)):
        held = [Identifier(kind, b"1"), Identifier(kind, b"2")]
        uploaded = [audit.evidence(SECRET, *each) for each in zip(held, both, strict=True)]
        openings = dict(enumerate(map(_opening, held, both)))
        assert len(audit.failures(kind, uploaded, (0, 1), openings, TODAY)) == failed


def test_a_draw_follows_from_both_the_auditors_secret_and_the_root_and_every_row_is_as_likely():
    first = audit.drawn(audit.seed(b"secret", b"root"), 1_000, 50)
    assert first == audit.drawn(audit.seed(b"secret", b"root"), 1_000, 50)
    assert first != audit.drawn(audit.seed(b"secret", b"root 2"), 1_000, 50)
    assert first != audit.drawn(audit.seed(b"secret 2", b"root"), 1_000, 50)
    counts = np.zeros(20)
    for number in range(4_000):
        counts[list(audit.drawn(audit.seed(b"secret", str(number).encode()), 20, 5))] += 1
    assert np.abs(counts - 1_000).max() < 4.5 * np.sqrt(4_000 * 0.25 * 0.75)
    assert audit.drawn(bytes(32), 3, 50) == (0, 1, 2)


def test_the_chance_to_escape_a_draw_is_what_drawing_shows():
    invented = set(range(100))
    escaped = sum(
        not invented.intersection(audit.drawn(audit.seed(b"s", number.to_bytes(4, "big")), 1_000, 20))
        for number in range(3_000)
    )
    expected = audit.escape(1_000, 100, 20)
    assert abs(escaped / 3_000 - expected) < 4 * np.sqrt(expected * (1 - expected) / 3_000)
    assert round(audit.escape(1_000, 100, 50), 4) == 0.0045
