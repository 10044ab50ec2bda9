"""The own format: every column, and every kind of line that can't be read or is read with a doubt."""

from typing import Any

import pytest

from stillwatch.ingest import Batch, Block, backwards_between, recognise
from stillwatch.vocabulary.exchanges import EXCHANGES


def only(batch: Batch) -> dict[str, Any]:
    assert batch.exchanges.num_rows == 1, batch.rejects
    return dict(batch.exchanges.to_pylist()[0])


def reasons(batch: Batch) -> list[tuple[int, str, bool]]:
    return [(reject.line, reject.reason, reject.kept) for reject in batch.rejects]


def test_a_good_line_fills_its_columns(read_all, record):
    row = only(read_all(record()))
    assert row["source"] == 3
    assert row["line"] == 1
    assert row["ts_us"] == 1_782_907_200_123_000
    assert row["duration_us"] == 812_000
    assert row["ip"] == "203.0.113.7"
    assert row["header_names"] == "host,x-a"
    assert row["dialect"] == "openai-chat"
    assert row["first_text"] == "Hello"
    assert row["last_text"] is None
    assert row["system_text"] is None
    assert row["temperature"] == pytest.approx(0.7)
    assert row["parameter_names"] == "messages,model,temperature"
    assert row["response_text"] == "Hello to you"
    assert row["reasoning_tokens"] == 0
    assert row["user_turns"] == 1
    assert row["tools_offered"] == 0


def test_the_batch_has_the_schema_of_the_vocabulary_even_when_empty(read_all, record):
    assert read_all(record()).exchanges.schema == EXCHANGES
    assert read_all(b"").exchanges.schema == EXCHANGES


def test_what_is_missing_is_null_and_not_zero(read_all):
    row = only(read_all({"id": "a", "occurred_at": "2026-07-01T12:00:00Z", "account": "b"}))
    known = {name for name, value in row.items() if value is not None}
    assert known == {"source", "line", "id", "ts_us", "account", "dialect"}
    assert row["dialect"] == "other"


@pytest.mark.parametrize(
    ("value", "ts_us"),
    [
        ("2026-07-01T12:00:00Z", 1_782_907_200_000_000),
        ("2026-07-01T14:00:00+02:00", 1_782_907_200_000_000),
        ("2026-07-01t12:00:00.123456789z", 1_782_907_200_123_457),
        (1_782_907_200, 1_782_907_200_000_000),
        (1_782_907_200.5, 1_782_907_200_500_000),
        (1_782_907_200_123, 1_782_907_200_123_000),
        (1_782_907_200_123_456, 1_782_907_200_123_456),
        (1_782_907_200_123_456_789, 1_782_907_200_123_456),
    ],
)
def test_a_time_may_have_any_offset_or_count_any_unit_since_1970(read_all, record, value, ts_us):
    batch = read_all(record(occurred_at=value))
    assert batch.rejects == []
    assert only(batch)["ts_us"] == ts_us


def test_a_time_without_offset_is_read_as_utc_and_noted(read_all, record):
    batch = read_all(record(occurred_at="2026-07-01T12:00:00"))
    assert only(batch)["ts_us"] == 1_782_907_200_000_000
    assert reasons(batch) == [(1, "occurred_at: no offset from UTC; read as UTC", True)]


def test_whole_numbers_are_accepted_as_names(read_all, record):
    row = only(read_all(record(id=7, account=17, organization=3)))
    assert (row["id"], row["account"], row["organization"]) == ("7", "17", "3")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"account": 1.5}, "account: expected text, found a number"),
        ({"account": True}, "account: expected text, found true or false"),
        ({"account": ["a"]}, "account: expected text, found a list"),
        ({"account": None}, "account: missing"),
        ({"account": ""}, "account: empty"),
        ({"id": {"a": 1}}, "id: expected text, found an object"),
        ({"id": None}, "id: missing"),
        ({"occurred_at": "yesterday"}, "occurred_at: expected a time, found text"),
        ({"occurred_at": None}, "occurred_at: missing"),
        ({"occurred_at": "2014-12-31T23:59:59Z"}, "occurred_at: before 2015"),
        ({"occurred_at": 0}, "occurred_at: before 2015"),
        ({"occurred_at": "2026-07-03T00:00:01Z"}, "occurred_at: more than 24 hours in the future"),
        ({"occurred_at": 10**30}, "occurred_at: more than 24 hours in the future"),
    ],
)
def test_a_required_field_that_is_wrong_rejects_the_line_and_is_named(read_all, record, changes, reason):
    batch = read_all(record(), record(**changes), record())
    assert batch.exchanges.num_rows == 2
    assert reasons(batch) == [(2, reason, False)]


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"duration_ms": "fast"}, "duration_us", "duration_ms: expected a number, found text; left out"),
        ({"duration_ms": -5}, "duration_us", "duration_ms: negative; left out"),
        ({"surface": 5}, "surface", "surface: expected text, found a number; left out"),
        ({"status": 99_999}, "status", "status: out of range; left out"),
        ({"client": {"ip": "nowhere"}}, "ip", "client.ip: not an address; left out"),
        ({"client": {"asn": 1.5}}, "asn", "client.asn: expected a whole number, found a number; left out"),
        (
            {"client": {"headers": "host"}},
            "header_names",
            "client.headers: expected a list of text, found text; left out",
        ),
        ({"client": 5}, "ip", "client: expected an object, found a number; left out"),
        ({"request": [1]}, "first_text", "request: expected an object, found a list; left out"),
        ({"request": {"messages": 5}}, "first_text", "request.messages: expected a list; left out"),
        ({"request": {"model": 5, "messages": []}}, "model", "request.model: expected text; left out"),
        ({"response": {"text": 5}}, "response_text", "response.text: expected text; left out"),
    ],
)
def test_an_optional_field_that_is_wrong_costs_the_field_and_not_the_row(read_all, record, changes, column, reason):
    batch = read_all(record(**changes))
    assert only(batch)[column] is None
    assert reasons(batch) == [(1, reason, True)]


def test_the_same_doubt_in_many_rows_is_one_note_with_a_count(read_all, record):
    batch = read_all(*[record(surface=5)] * 40)
    assert batch.exchanges.num_rows == 40
    expected = "surface: expected text, found a number; left out (and 39 more near here)"
    assert reasons(batch) == [(1, expected, True)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": "a", "occ', "broken JSON: ends before it is complete"),
        (b"{'id': 1}", "broken JSON at byte 1"),
        (b"hello", "broken JSON at byte 0"),
        (b'{"id": "\xff\xfe"}', "invalid UTF-8 at byte 8"),
        (b'{"id": "a\x00b"}', "a NUL byte at byte 9"),
        (b"{" + b" ," * 5_000, "broken JSON: ends before it is complete"),
        (b",", "broken JSON at byte 0"),
        (b"42", "expected an object, found a number"),
        (b"[]", "an empty list"),
        (b'{"a":' * 9_999 + b"1" + b"}" * 9_999, "nested too deeply"),
    ],
    ids=["cut", "quotes", "no-json", "utf-8", "nul", "commas", "comma", "number", "empty-list", "deep"],
)
def test_a_line_that_is_no_record_is_rejected_with_its_place_and_the_next_is_read(read_all, record, line, reason):
    batch = read_all(record(), line, record(), first_line=101)
    assert batch.exchanges.column("line").to_pylist() == [101, 103]
    assert reasons(batch) == [(102, reason, False)]


def test_no_reason_quotes_the_line(read_all, record):
    secret = "correct-horse-battery"
    bad = [
        record(**{field: {secret: secret}})
        for field in ("id", "account", "occurred_at", "surface", "status", "duration_ms")
    ]
    bad += [record(client={"ip": secret, secret: 1}), record(request={"messages": secret}), record(request=secret)]
    batch = read_all(*bad, f'{{"{secret}'.encode(), f'"{secret}"'.encode())
    assert batch.rejects
    assert not [reject for reject in batch.rejects if secret in reject.reason]


def test_half_a_surrogate_pair_does_not_cost_the_line(read_all):
    line = rb'{"id":"a","account":"b","occurred_at":"2026-07-01T12:00:00Z","request":{"prompt":"cut \ud83d"}}'
    batch = read_all(line)
    assert only(batch)["first_text"] == "cut \ufffd"
    assert [reject.kept for reject in batch.rejects] == [True]


def test_blank_lines_are_no_lines(read_all, record):
    batch = read_all(b"", record(), b"  \r", record())
    assert batch.lines == 2
    assert batch.rejects == []
    assert batch.exchanges.column("line").to_pylist() == [2, 4]


def test_an_array_on_one_line_is_many_rows_of_that_line(read_all, record):
    batch = read_all([record(id="a"), record(id="b"), 5])
    assert batch.exchanges.column("id").to_pylist() == ["a", "b"]
    assert reasons(batch) == [(1, "expected an object, found a number", False)]


def test_a_clock_that_runs_back_by_more_than_an_hour_is_noted_once_with_a_count(read_all, record):
    hours = [record(occurred_at=f"2026-07-01T{hour:02}:00:00Z") for hour in (8, 12, 11, 10, 9, 13)]
    batch = read_all(*hours)
    assert batch.exchanges.num_rows == 6
    assert reasons(batch) == [
        (4, "occurred_at: more than an hour earlier than a row before it (and 1 more near here)", True)
    ]


def test_a_clock_that_runs_back_between_two_blocks_is_noted(read_all, record):
    block = Block(source=0, file="day.jsonl", first_line=501, data=b"")
    batch = read_all(record(occurred_at="2026-07-01T12:00:00Z"))
    noon = 1_782_907_200_000_000
    assert batch.newest_us == noon
    assert backwards_between(None, block, batch.newest_us) is None
    assert backwards_between(noon + 3_600_000_000, block, batch.newest_us) is None
    note = backwards_between(noon + 3_600_000_001, block, batch.newest_us)
    assert note is not None
    assert (note.file, note.line, note.kept) == ("day.jsonl", 501, True)


def test_a_comma_after_a_record_does_not_cost_the_line(read_all):
    batch = read_all(b'{"id":1,"account":2,"occurred_at":1782907200},')
    assert only(batch)["id"] == "1"
    assert batch.rejects == []


def test_bodies_may_be_json_in_text(read_all, record):
    row = only(read_all(record(request='{"model": "m", "prompt": "Once"}', response='{"text": "upon"}')))
    assert (row["dialect"], row["first_text"], row["response_text"]) == ("openai-completions", "Once", "upon")


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("203.0.113.7:443", "203.0.113.7"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_an_address_is_canonical(read_all, record, given, canonical):
    assert only(read_all(record(client={"ip": given})))["ip"] == canonical


def test_a_long_text_keeps_its_head_and_its_tail(read_all, record):
    text = "a" * 70_000 + "b" * 70_000
    kept = only(read_all(record(request={"prompt": text})))["first_text"]
    assert kept == "a" * 32_768 + "\n" + "b" * 32_768


def test_the_own_format_is_recognised_behind_broken_lines(record):
    assert recognise(b'broken\n\n{"id":1,"occurred_at":2,"account":3}\n') == "stillwatch"
    assert recognise(b'{"level":"info","msg":"started"}\n') is None
    assert recognise(b"\x00\xff") is None
