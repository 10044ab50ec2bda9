"""Streams of three dialects, put together again."""

import json
from collections.abc import Iterable

from gateway_world import ANSWER, REASONING, chunks
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.adapters.gateways.streams import streamed


def sent(events: Iterable[object]) -> bytes:
    return (
        b"".join(b"event: e\ndata: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"
    )


def test_chat_chunks_become_the_answer_with_its_reasoning() -> None:
    found = streamed(sent(chunks(ANSWER, REASONING)))
    assert found is not None
    (choice,) = found["choices"]
    assert choice["finish_reason"] == "stop"
    assert choice["message"]["content"].strip() == ANSWER
    assert choice["message"]["reasoning_content"].strip() == REASONING
    assert found["model"] == "m-large"


def chunk(index: int = 0, **delta: object) -> dict[str, object]:
    return {"choices": [{"index": index, "delta": delta}]}


def test_tool_calls_and_signed_blocks_are_put_where_they_belong() -> None:
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"a"'}}
    more = {"index": 0, "function": {"arguments": ": 1}"}}
    found = streamed(
        sent([
            chunk(role="assistant", tool_calls=[call], reasoning_details=[{"type": "encrypted", "data": "abc"}]),
            chunk(tool_calls=[more], reasoning_details=[{"type": "encrypted", "data": "def"}]),
            chunk(1, content="other"),
        ])
    )  # fmt: skip
    assert found is not None
    first, second = found["choices"]
    assert first["message"]["tool_calls"][0]["function"] == {"name": "look", "arguments": '{"a": 1}'}
    assert [one["data"] for one in first["message"]["reasoning_details"]] == ["abc", "def"]
    assert second["message"]["content"] == "other"


def test_the_last_event_of_a_response_holds_all_of_it() -> None:
    whole = {"id": "r", "output": [{"type": "reasoning", "encrypted_content": "abc"}]}
    assert streamed(sent([{"type": "response.created"}, {"type": "response.completed", "response": whole}])) == whole


def test_a_message_keeps_its_thinking_and_the_signature_of_it() -> None:
    found = streamed(sent([
        {"type": "message_start", "message": {"model": "m", "usage": {"input_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Peru is "}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "in America."}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "abc"}},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Lima"}},
    ]))  # fmt: skip
    assert found is not None
    thought, said = found["content"]
    assert thought == {"type": "thinking", "thinking": "Peru is in America.", "signature": "abc"}
    assert said == {"type": "text", "text": "Lima"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["choices", "delta", "index", "content", "type", "message", "x"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=1000)
@given(st.lists(JSON, max_size=5))
def test_any_events_end_in_an_answer_or_none(events: list[object]) -> None:
    assert isinstance(streamed(sent(events)), dict | None)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_an_answer_or_none(body: bytes) -> None:
    assert isinstance(streamed(b"data: " + body), dict | None)
