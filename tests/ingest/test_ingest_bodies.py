"""Bodies of each API: words, turns, tools, images, opaque reasoning signatures, parameters and answers."""

import base64
import hashlib
from typing import Any

import pytest


@pytest.fixture
def row(read_all, record):
    """The row of one exchange with this request and answer; nothing may be rejected or doubted."""

    def run(
        request: dict[str, Any], response: dict[str, Any] | None = None, endpoint: str | None = None
    ) -> dict[str, Any]:
        batch = read_all(record(request=request, response=response, endpoint=endpoint))
        assert batch.rejects == []
        return dict(batch.exchanges.to_pylist()[0])

    return run


def hashed(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "big", signed=True)


def test_a_chat_keeps_first_and_last_user_words_and_the_model_words_between(row):
    got = row(
        {
            "messages": [
                {"role": "system", "content": "Be kind."},
                {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
                {"role": "user", "content": "One"},
                {"role": "assistant", "content": "A"},
                {"role": "user", "content": "Two"},
                {"role": "assistant", "content": "B"},
                {"role": "user", "content": [{"type": "text", "text": "Three"}, {"type": "text", "text": "more"}]},
                {"role": "user", "content": "and four"},
            ]
        }
    )
    assert got["dialect"] == "openai-chat"
    assert got["system_text"] == "Be kind.\n\nBe brief."
    assert got["first_text"] == "One"
    assert got["last_text"] == "Three\nmore\n\nand four"
    assert got["assistant_text"] == "A\n\nB"
    assert (got["user_turns"], got["assistant_turns"]) == (4, 2)


def test_tool_results_are_no_user_words(row):
    got = row(
        {
            "messages": [
                {"role": "user", "content": "Weather?"},
                {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}, {"id": "2"}]},
                {"role": "tool", "content": "rain", "tool_call_id": "1"},
                {"role": "tool", "content": [{"type": "text", "text": "sun"}], "tool_call_id": "2"},
            ],
            "tools": [
                {"type": "function", "function": {"name": "zeta", "description": "Last."}},
                {"type": "function", "function": {"name": "alpha"}},
            ],
        }
    )
    assert (got["first_text"], got["last_text"]) == ("Weather?", None)
    assert (got["tool_calls_in"], got["tool_results"], got["tools_offered"]) == (2, 2, 2)
    assert got["tool_text"] == "alpha\nzeta: Last."


def test_a_message_of_anthropic_tool_results_alone_is_no_user_turn(row):
    got = row(
        {
            "system": [{"type": "text", "text": "S"}],
            "messages": [
                {"role": "user", "content": "Go"},
                {"role": "assistant", "content": [{"type": "text", "text": "ok"}, {"type": "tool_use", "id": "t"}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "done"}]},
            ],
            "tools": [{"name": "run", "description": "Runs."}],
        }
    )
    assert got["dialect"] == "anthropic-messages"
    assert got["system_text"] == "S"
    assert (got["user_turns"], got["tool_results"], got["tool_calls_in"]) == (1, 1, 1)
    assert got["last_text"] is None
    assert got["tool_text"] == "run: Runs."


def test_the_same_picture_has_the_same_hash_whichever_api_carried_it(row):
    picture = b"\x89PNG pretend"
    encoded = base64.b64encode(picture).decode()
    data_url = f"data:image/png;base64,{encoded}"
    chat = row({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": data_url}}]}]})
    anthropic_image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": encoded}}
    anthropic = row({"messages": [{"role": "user", "content": [anthropic_image]}]})
    converse = row({"messages": [{"role": "user", "content": [{"image": {"source": {"bytes": encoded}}}]}]})
    items = [{"role": "user", "content": [{"type": "input_image", "image_url": data_url}]}]
    responses = row({"input": items})
    for got in (chat, anthropic, converse, responses):
        assert got["image_hashes"] == [hashed(picture)]
        assert got["images"] == 1
        assert got["first_text"] == ""


def test_a_picture_by_address_is_hashed_by_its_address(row):
    url = "https://pictures.example/1.png"
    got = row({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]})
    assert got["image_hashes"] == [hashed(url.encode())]


def test_a_picture_inside_a_tool_result_counts(row):
    image = {"type": "image", "source": {"type": "url", "url": "https://pictures.example/2.png"}}
    got = row({"messages": [{"role": "user", "content": [{"type": "tool_result", "content": [image]}]}]})
    assert got["images"] == 1


@pytest.mark.parametrize(
    "request_body",
    [
        {"messages": [{"role": "assistant", "content": [{"type": "thinking", "thinking": "h", "signature": "SIG"}]}]},
        {"messages": [{"role": "assistant", "content": [{"type": "redacted_thinking", "data": "SIG"}]}]},
        {"input": [{"type": "reasoning", "encrypted_content": "SIG", "summary": []}]},
        {
            "messages": [
                {"role": "assistant", "content": "", "thinking_blocks": [{"type": "thinking", "signature": "SIG"}]}
            ]
        },
        {
            "messages": [
                {
                    "role": "assistant",
                    "content": [{"reasoningContent": {"reasoningText": {"text": "h", "signature": "SIG"}}}],
                }
            ]
        },
        {"messages": [{"role": "assistant", "content": [{"reasoningContent": {"redactedContent": "SIG"}}]}]},
    ],
    ids=["anthropic", "anthropic-redacted", "responses", "litellm", "converse", "converse-redacted"],
)
def test_an_opaque_reasoning_signature_that_the_caller_shows_is_hashed(row, request_body):
    assert row(request_body)["signatures"] == [hashed(b"SIG")]


@pytest.mark.parametrize(
    "response",
    [
        {"content": [{"type": "thinking", "thinking": "h", "signature": "SIG"}, {"type": "text", "text": "yes"}]},
        {"output": [
            {"type": "reasoning", "encrypted_content": "SIG"},
            {"type": "message", "content": [{"type": "output_text", "text": "yes"}]},
        ]},
        {"choices": [{"message": {"content": "yes", "thinking_blocks": [{"type": "thinking", "signature": "SIG"}]}}]},
        {"output": {"message": {"content": [
            {"reasoningContent": {"reasoningText": {"signature": "SIG"}}}, {"text": "yes"},
        ]}}},
        {"text": "yes", "thinking_blocks": [{"type": "redacted_thinking", "data": "SIG"}]},
    ],
    ids=["anthropic", "responses", "litellm", "converse", "own"],
)  # fmt: skip
def test_an_opaque_reasoning_signature_that_the_answer_issues_is_hashed(row, response):
    got = row({"messages": []}, response)
    assert got["issued_signatures"] == [hashed(b"SIG")]
    assert got["response_text"] == "yes"
    assert got["signatures"] is None


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("Once upon", "Once upon"),
        (["Once", "upon"], "Once\n\nupon"),
        ([32, 19646, 1481], "32 19646 1481"),
        ([[1, 2], [3]], "1 2\n\n3"),
    ],
)
def test_a_completions_prompt_may_be_texts_or_token_ids(row, prompt, words):
    got = row({"prompt": prompt, "max_tokens": 1, "logprobs": 5})
    assert (got["dialect"], got["first_text"], got["top_logprobs"]) == ("openai-completions", words, 5)


def test_a_responses_request_reads_instructions_items_and_tools(row):
    got = row(
        {
            "instructions": "Be exact.",
            "input": [
                {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "Dev"}]},
                {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Fix it"}]},
                {"type": "reasoning", "encrypted_content": "E", "summary": []},
                {"type": "function_call", "name": "f", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c", "output": "done"},
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Fixed"}]},
                {"role": "user", "content": "Thanks, next"},
            ],
            "tools": [{"type": "web_search"}, {"type": "namespace", "tools": [{"name": "inner", "description": "d"}]}],
            "reasoning": {"effort": "high"},
            "text": {"format": {"type": "json_schema"}},
            "max_output_tokens": 50,
            "include": ["message.output_text.logprobs"],
        }
    )
    assert got["dialect"] == "openai-responses"
    assert got["system_text"] == "Be exact.\n\nDev"
    assert (got["first_text"], got["last_text"]) == ("Fix it", "Thanks, next")
    assert (got["assistant_turns"], got["tool_calls_in"], got["tool_results"]) == (2, 1, 1)
    assert got["tool_text"] == "inner: d\nweb_search"
    assert (got["reasoning_effort"], got["response_format"], got["max_tokens"]) == ("high", "json_schema", 50)
    assert got["top_logprobs"] == 0


def test_reasoning_and_the_message_it_led_to_are_one_turn(row):
    items = [
        {"role": "user", "content": "Q"},
        {"type": "reasoning", "encrypted_content": "E"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "A"}]},
        {"role": "user", "content": "Q2"},
    ]
    assert row({"input": items})["assistant_turns"] == 1


def test_a_converse_request_reads_its_nested_parameters(row):
    got = row(
        {
            "system": [{"text": "S"}],
            "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
            "inferenceConfig": {"maxTokens": 7, "temperature": 0.5, "topP": 0.25},
            "toolConfig": {"tools": [{"toolSpec": {"name": "look", "description": "Looks."}}]},
            "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
        }
    )
    assert got["dialect"] == "bedrock-converse"
    assert (got["system_text"], got["first_text"], got["tool_text"]) == ("S", "Hi", "look: Looks.")
    assert (got["max_tokens"], got["temperature"], got["top_p"]) == (7, 0.5, 0.25)
    assert got["reasoning_effort"] == "budget"
    assert got["parameter_names"] == "additionalModelRequestFields,inferenceConfig,messages,system,toolConfig"


@pytest.mark.parametrize(
    ("body", "column", "value"),
    [
        ({"logprobs": True}, "top_logprobs", 0),
        ({"logprobs": True, "top_logprobs": 20}, "top_logprobs", 20),
        ({"logprobs": False, "top_logprobs": 20}, "top_logprobs", None),
        ({}, "top_logprobs", None),
        ({"n": 4}, "choices", 4),
        ({"stream": True}, "stream", True),
        ({"response_format": {"type": "json_object"}}, "response_format", "json_object"),
        ({"guided_grammar": "x"}, "response_format", "grammar"),
        ({"reasoning_effort": "minimal"}, "reasoning_effort", "minimal"),
        ({"thinking": {"type": "disabled"}}, "reasoning_effort", "none"),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}, "reasoning_effort", "low"),
        ({"user": "u-1"}, "user_field", "u-1"),
        ({"metadata": {"user_id": "u-2"}}, "user_field", "u-2"),
        ({"max_completion_tokens": 9}, "max_tokens", 9),
        ({"temperature": 1}, "temperature", 1.0),
    ],
)
def test_a_parameter_is_read_where_each_api_has_it(row, body, column, value):
    assert row({"messages": [{"role": "user", "content": "x"}], **body})[column] == value


def test_embeddings_keep_the_exchange_without_its_words(row):
    got = row({"input": ["secret"], "model": "e"}, endpoint="/v1/embeddings")
    assert (got["dialect"], got["first_text"], got["user_turns"], got["model"]) == ("other", None, None, "e")


def test_usage_and_finish_reason_are_read_by_any_name(row):
    anthropic = row(
        {"messages": []},
        {
            "model": "m",
            "stop_reason": "end_turn",
            "content": [{"type": "text", "text": "a"}, {"type": "tool_use", "id": "t"}],
            "usage": {"input_tokens": 3, "cache_read_input_tokens": 10, "output_tokens": 2},
        },
    )
    assert (anthropic["prompt_tokens"], anthropic["completion_tokens"]) == (13, 2)
    assert (anthropic["finish_reason"], anthropic["tool_calls_out"]) == ("end_turn", 1)
    chat = row(
        {"messages": []},
        {
            "choices": [
                {"finish_reason": "length", "message": {"content": "a"}},
                {"finish_reason": "stop", "message": {"content": "b"}},
            ],
            "usage": {"prompt_tokens": 1, "completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": 1}},
        },
    )
    assert (chat["response_text"], chat["finish_reason"], chat["reasoning_tokens"]) == ("a\n\nb", "length", 1)
    cut_off = row(
        {"input": "x"}, {"output": [], "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    )
    assert (cut_off["finish_reason"], cut_off["response_text"]) == ("max_output_tokens", "")


def test_parts_of_unknown_shape_are_noted_and_the_rest_is_read(read_all, record):
    messages = [5, {"role": "robot", "content": "?"}, {"role": "user", "content": ["plain", 7, {"type": "audio"}]}]
    batch = read_all(record(request={"messages": messages}))
    assert batch.exchanges.column("first_text").to_pylist() == ["plain"]
    assert [reject.reason for reject in batch.rejects] == ["request: a message or part of unknown shape; left out"]


def test_words_put_into_the_mouth_of_the_model_do_not_hide_the_last_question(row):
    prefill = {"role": "assistant", "content": "<think>"}
    turns = [
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": "A"},
        {"role": "user", "content": "Two"},
    ]
    assert row({"messages": [*turns, prefill]})["last_text"] == "Two"
    assert row({"messages": [turns[0], prefill]})["last_text"] is None
    assert row({"messages": [*turns, prefill, {"role": "tool", "content": "r"}]})["last_text"] is None


def test_a_list_of_texts_without_endpoint_is_taken_for_embeddings(row):
    assert row({"input": ["a", "b"]})["dialect"] == "other"
    assert row({"input": "a"})["dialect"] == "openai-responses"
