"""Whatever bytes come: no exception escapes, and every line that is not blank is a row, a reject, or passed over."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_rich_records import RICH

from stillwatch.ingest import FORMATS, Block, accounts, permits, read, recognise
from stillwatch.vocabulary.exchanges import EXCHANGES

NOW_US = 1_783_000_000_000_000

#: Names that the formats look at, so that random objects reach deep into them.
_NAMES = """
id occurred_at account duration_ms organization client request response status ip asn headers model messages
role content text type prompt input output system tools function name usage choices message image_url source
data url image toolUse toolResult reasoningContent thinking_blocks signature standard_logging_object startTime
endTime metadata model_parameters call_type resourceSpans scopeSpans spans attributes key value stringValue
arrayValue values events gen_ai.input.messages gen_ai.prompt.0.content startTimeUnixNano schemaType modelId
identity inputBodyJson outputBodyJson delta index thinking output_config logprobs response_format temperature
n
"""
NAMES = st.sampled_from(_NAMES.split())
WORDS = st.sampled_from(
    ["user", "assistant", "tool", "text", "image", "image_url", "tool_result", "thinking", "function_call", "reasoning",
     "message", "blob", "2026-07-01T12:00:00Z", "/v1/messages", "gen_ai.prompt", "ModelInvocationLog", "data:,x",
     "anthropic_messages", "content_block_delta"]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=25
)
RECORDS = st.fixed_dictionaries(
    {"id": st.just("a"), "account": st.just("b"), "occurred_at": st.just(1_782_907_200), "request": VALUES},
    optional={"response": VALUES, "client": VALUES, "status": VALUES, "duration_ms": VALUES, "endpoint": WORDS},
)
WRAPPED = (
    st.fixed_dictionaries({"startTime": SCALARS, "call_type": WORDS, "messages": VALUES, "response": VALUES})
    | st.fixed_dictionaries({"schemaType": st.just("ModelInvocationLog"), "input": VALUES, "output": VALUES})
    | st.builds(
        lambda span: {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]},
        st.fixed_dictionaries({"attributes": st.dictionaries(NAMES, VALUES, max_size=6), "events": VALUES}),
    )
)
LINES = st.binary(max_size=80) | st.builds(lambda value: json.dumps(value).encode(), VALUES | RECORDS | WRAPPED)


def block(data: bytes) -> Block:
    return Block(source=0, file="f", first_line=1, data=data)


@settings(max_examples=300, deadline=None)
@given(lines=st.lists(LINES, max_size=6))
@pytest.mark.parametrize("format_", [format_.name for format_ in FORMATS])
def test_every_line_is_a_row_or_a_reject_or_passed_over(format_: str, lines: list[bytes]) -> None:
    data = b"\n".join(lines)
    batch = read(block(data), format_, now_us=NOW_US)
    batch.exchanges.validate(full=True)
    assert not [reject for reject in batch.rejects if "reader" in reject.reason]
    assert batch.exchanges.schema == EXCHANGES
    not_blank = [number for number, part in enumerate(data.split(b"\n"), 1) if part.strip()]
    assert batch.lines == len(not_blank)
    left_out = [reject.line for reject in batch.rejects if not reject.kept]
    accounted = set(batch.exchanges.column("line").to_pylist()) | set(left_out)
    assert accounted <= set(not_blank)
    missing = set(not_blank) - accounted
    assert len(missing) <= batch.passed_over
    if format_ == "stillwatch":
        assert not missing


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a decoded JSON value."""
    found = [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        found += places(item, (*path, key))
    return found


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


ODD: list[Any] = [None, True, 7, -(2**70), 1e308, "", "x", [], [[]], [7], [None, {}], {}, {"a": []}, ["x"], {"a": 1}]


def check(format_: str, raw: Any) -> None:
    batch = read(block(json.dumps(raw).encode()), format_, now_us=NOW_US)
    assert not [reject for reject in batch.rejects if "reader" in reject.reason], raw
    assert batch.exchanges.num_rows or batch.passed_over or [reject for reject in batch.rejects if not reject.kept]


@pytest.mark.parametrize(("format_", "raw"), RICH)
def test_one_wrong_value_anywhere_in_a_record_never_meets_an_error_in_the_reader(format_: str, raw: Any) -> None:
    for place in places(raw):
        for odd in ODD:
            check(format_, changed(raw, place, odd))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_several_wrong_values_never_meet_an_error_in_the_reader(data: st.DataObject) -> None:
    format_, raw = data.draw(st.sampled_from(RICH))
    for _ in range(data.draw(st.integers(2, 4))):
        raw = changed(raw, data.draw(st.sampled_from(places(raw))), data.draw(st.sampled_from(ODD)))
    check(format_, raw)


@settings(max_examples=200, deadline=None)
@given(record=RECORDS)
def test_a_record_with_its_required_fields_is_kept_whatever_its_bodies_hold(record: dict[str, Any]) -> None:
    batch = read(
        block(json.dumps(record).replace("NaN", "1").replace("Infinity", "1").encode()), "stillwatch", now_us=NOW_US
    )
    assert batch.exchanges.num_rows == 1


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200) | LINES)
def test_recognition_and_the_side_files_never_fail(data: bytes) -> None:
    recognise(data)
    lines = data.split(b"\n")
    for table, rejects in (accounts(lines), permits(lines)):
        not_blank = sum(1 for line in lines if line.strip())
        assert table.num_rows + len([reject for reject in rejects if not reject.kept]) <= not_blank
