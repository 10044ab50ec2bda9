"""LiteLLM, OpenTelemetry and Bedrock logs, and what a TOML file may change."""

import json
from typing import Any

import pytest

from stillwatch.errors import UsageError
from stillwatch.ingest import FORMATS, read_settings, recognise


def only(batch: Any) -> dict[str, Any]:
    assert batch.exchanges.num_rows == 1, batch.rejects
    return dict(batch.exchanges.to_pylist()[0])


def litellm(**changes: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "call_type": "acompletion",
        "status": "success",
        "startTime": 1_782_907_200.25,
        "endTime": 1_782_907_201.25,
        "model": "openai/m-large",
        "model_group": "m-large",
        "metadata": {
            "user_api_key_hash": "hash-1",
            "user_api_key_user_id": "user-1",
            "user_api_key_org_id": "org-1",
            "requester_ip_address": "203.0.113.9",
        },
        "end_user": "end-1",
        "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Hi"}],
        "response": {"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "Yes"}}]},
        "prompt_tokens": 4,
        "completion_tokens": 1,
        "model_parameters": {"temperature": 0.5, "stream": False},
        **changes,
    }


def bedrock(**changes: Any) -> dict[str, Any]:
    return {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": "2026-07-01T12:00:00Z",
        "accountId": "111122223333",
        "identity": {"arn": "arn:aws:iam::111122223333:user/seven"},
        "region": "eu-west-1",
        "requestId": "r-1",
        "operation": "Converse",
        "modelId": "maker.model-v1:0",
        "input": {
            "inputContentType": "application/json",
            "inputBodyJson": {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]},
            "inputTokenCount": 5,
        },
        "output": {
            "outputBodyJson": {
                "output": {"message": {"role": "assistant", "content": [{"text": "Yes"}]}},
                "stopReason": "end_turn",
                "metrics": {"latencyMs": 302},
                "usage": {"inputTokens": 5, "outputTokens": 1},
            },
            "outputTokenCount": 1,
        },
        **changes,
    }


def otel(attributes: dict[str, Any], *, events: Any = (), resource: dict[str, Any] | None = None) -> dict[str, Any]:
    span = {
        "traceId": "5b8e",
        "spanId": "eee1",
        "name": "chat m",
        "startTimeUnixNano": "1782907200000000000",
        "endTimeUnixNano": "1782907200500000000",
        "attributes": pairs(attributes),
        "events": [{"name": name, "attributes": pairs(own)} for name, own in events],
    }
    scopes = [{"scope": {}, "spans": [span]}]
    return {"resourceSpans": [{"resource": {"attributes": pairs(resource or {})}, "scopeSpans": scopes}]}


def pairs(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": any_value(value)} for key, value in attributes.items()]


def any_value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [any_value(item) for item in value]}}
        case dict():
            return {"kvlistValue": {"values": pairs(value)}}
        case _:
            return {"stringValue": value}


def test_every_format_is_recognised_by_its_content(record):
    logs = {
        "stillwatch": record(),
        "litellm": litellm(),
        "otel": otel({"gen_ai.request.model": "m"}),
        "bedrock": bedrock(),
    }
    assert set(logs) == {format_.name for format_ in FORMATS}
    for name, log in logs.items():
        assert recognise(json.dumps(log).encode()) == name


def test_a_litellm_payload_becomes_a_row(read_all):
    got = only(read_all(litellm(), format="litellm"))
    assert (got["id"], got["account"], got["organization"], got["credential"]) == (
        "chatcmpl-1",
        "user-1",
        "org-1",
        "hash-1",
    )
    assert (got["ts_us"], got["duration_us"]) == (1_782_907_200_250_000, 1_000_000)
    assert (got["dialect"], got["system_text"], got["first_text"]) == ("openai-chat", "S", "Hi")
    assert (got["model"], got["temperature"], got["stream"], got["user_field"]) == ("m-large", 0.5, False, "end-1")
    assert (got["response_text"], got["finish_reason"], got["prompt_tokens"]) == ("Yes", "stop", 4)
    assert (got["ip"], got["status"]) == ("203.0.113.9", 200)


def test_a_wrapped_litellm_payload_with_bodies_as_text_is_read(read_all):
    inner = litellm()
    inner["messages"], inner["response"] = json.dumps(inner["messages"]), json.dumps(inner["response"])
    got = only(read_all({"standard_logging_object": inner}, format="litellm"))
    assert (got["first_text"], got["response_text"]) == ("Hi", "Yes")


def test_a_failed_litellm_call_keeps_its_status(read_all):
    failed = litellm(status="failure", error_information={"error_code": "429"}, response=None)
    assert only(read_all(failed, format="litellm"))["status"] == 429


def test_a_bedrock_log_becomes_a_row(read_all):
    got = only(read_all(bedrock(), format="bedrock"))
    assert (got["id"], got["account"]) == ("r-1", "arn:aws:iam::111122223333:user/seven")
    assert (got["organization"], got["surface"]) == ("111122223333", "cloud:bedrock")
    assert (got["dialect"], got["first_text"], got["response_text"]) == ("bedrock-converse", "Hi", "Yes")
    assert (got["duration_us"], got["completion_tokens"], got["finish_reason"]) == (302_000, 1, "end_turn")
    assert got["model"] == "maker.model-v1:0"


def test_a_streamed_bedrock_answer_is_put_together(read_all):
    request = {"anthropic_version": "bedrock-2023-05-31", "messages": [{"role": "user", "content": "Hi"}]}
    events = [
        {"type": "message_start", "message": {"model": "m", "usage": {"input_tokens": 8}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "SIG"}},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Ye"}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "s"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
    ]
    log = bedrock(
        operation="InvokeModelWithResponseStream",
        input={"inputBodyJson": request},
        output={"outputBodyJson": events},
    )
    got = only(read_all(log, format="bedrock"))
    assert (got["dialect"], got["response_text"], got["finish_reason"]) == ("anthropic-messages", "Yes", "end_turn")
    assert (got["prompt_tokens"], got["completion_tokens"], got["stream"]) == (8, 2, True)
    assert len(got["issued_signatures"]) == 1


def test_a_streamed_chat_answer_keeps_its_calls_and_the_signatures_of_its_reasoning(read_all):
    def chunk(finish=None, **delta):
        return {"model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    events = [
        chunk(thinking_blocks=[{"type": "thinking", "thinking": "Hm", "signature": ""}]),
        chunk(thinking_blocks=[{"type": "thinking", "thinking": "", "signature": "SIG"}]),
        chunk(content="Ye"),
        chunk(content="s"),
        chunk(tool_calls=[{"index": 0, "id": "call_1", "function": {"name": "f", "arguments": "{"}}]),
        chunk(tool_calls=[{"index": 0, "function": {"arguments": "}"}}], finish="tool_calls"),
    ]
    request = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    log = bedrock(input={"inputBodyJson": request}, output={"outputBodyJson": events})
    got = only(read_all(log, format="bedrock"))
    assert (got["response_text"], got["finish_reason"], got["tool_calls_out"]) == ("Yes", "tool_calls", 1)
    assert got["issued_signatures"] is not None
    assert len(got["issued_signatures"]) == 1


def test_a_bedrock_log_whose_body_lies_elsewhere_is_kept_without_words(read_all):
    got = only(
        read_all(bedrock(input={"inputBodyS3Path": "s3://b/k"}, output={}, operation="InvokeModel"), format="bedrock")
    )
    assert (got["dialect"], got["first_text"]) == ("other", None)


TODAY = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "maker",
    "gen_ai.request.model": "m",
    "gen_ai.request.temperature": 0.5,
    "gen_ai.system_instructions": [{"type": "text", "content": "S"}],
    "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]),
    "gen_ai.output.messages": json.dumps(
        [{"role": "assistant", "parts": [{"type": "text", "content": "Yes"}], "finish_reason": "stop"}]
    ),
    "gen_ai.usage.input_tokens": 4,
    "gen_ai.usage.output_tokens": 1,
}
FLAT = {
    "gen_ai.system": "maker",
    "gen_ai.request.model": "m",
    "gen_ai.request.temperature": 0.5,
    "gen_ai.prompt.0.role": "system",
    "gen_ai.prompt.0.content": "S",
    "gen_ai.prompt.1.role": "user",
    "gen_ai.prompt.1.content": "Hi",
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": "Yes",
    "gen_ai.completion.0.finish_reason": "stop",
    "gen_ai.usage.prompt_tokens": 4,
    "gen_ai.usage.completion_tokens": 1,
}
BARE = {name: TODAY[name] for name in ("gen_ai.request.model", "gen_ai.request.temperature")}
USAGE = {name: TODAY[name] for name in ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens")}
CONTENT_EVENTS = [
    (
        "gen_ai.content.prompt",
        {"gen_ai.prompt": json.dumps([{"role": "system", "content": "S"}, {"role": "user", "content": "Hi"}])},
    ),
    ("gen_ai.content.completion", {"gen_ai.completion": json.dumps([{"role": "assistant", "content": "Yes"}])}),
]
MESSAGE_EVENTS = [
    ("gen_ai.system.message", {"content": "S"}),
    ("gen_ai.user.message", {"content": "Hi"}),
    ("gen_ai.choice", {"message": {"role": "assistant", "content": "Yes"}, "finish_reason": "stop"}),
]


@pytest.mark.parametrize(
    ("attributes", "events"),
    [(TODAY, ()), (FLAT, ()), ({**BARE, **USAGE}, CONTENT_EVENTS), ({**BARE, **USAGE}, MESSAGE_EVENTS)],
    ids=["today", "numbered", "content-events", "message-events"],
)
def test_every_generation_of_otel_names_gives_the_same_row(read_all, attributes, events):
    got = only(read_all(otel({**attributes, "user.id": "u-7"}, events=events), format="otel"))
    assert (got["id"], got["account"]) == ("5b8e-eee1", "u-7")
    assert (got["ts_us"], got["duration_us"], got["status"]) == (1_782_907_200_000_000, 500_000, 200)
    assert (got["model"], got["temperature"], got["system_text"], got["first_text"]) == ("m", 0.5, "S", "Hi")
    assert (got["response_text"], got["prompt_tokens"], got["completion_tokens"]) == ("Yes", 4, 1)


def test_spans_that_call_no_model_are_passed_over(read_all):
    batch = read_all(otel({"db.system": "x"}), otel({"gen_ai.operation.name": "execute_tool"}), format="otel")
    assert batch.exchanges.num_rows == 0
    assert batch.rejects == []
    assert batch.passed_over == 2


def test_an_otel_span_without_account_says_so(read_all):
    batch = read_all(otel({"gen_ai.request.model": "m"}), format="otel")
    assert [reject.reason for reject in batch.rejects] == [
        "account: nothing stands where [otel] account looks; the settings choose where"
    ]


def test_a_details_event_in_a_log_is_an_exchange(read_all):
    log = {
        "timeUnixNano": "1782907200000000000",
        "eventName": "gen_ai.client.inference.operation.details",
        "traceId": "5b8e",
        "spanId": "eee1",
        "attributes": pairs({**TODAY, "user.id": "u-7"}),
    }
    got = only(read_all({"resourceLogs": [{"scopeLogs": [{"logRecords": [log]}]}]}, format="otel"))
    assert (got["id"], got["first_text"], got["response_text"]) == ("5b8e-eee1", "Hi", "Yes")


def test_toml_chooses_which_attribute_is_the_account(read_all):
    settings = read_settings('[otel]\naccount = ["customer.number"]\n[detect]\nother = 1\n')
    log = otel({"gen_ai.request.model": "m", "user.id": "u-7"}, resource={"customer.number": 42})
    assert only(read_all(log, format="otel", settings=settings))["account"] == "42"


def test_toml_chooses_which_field_is_the_account_of_litellm_and_bedrock(read_all):
    settings = read_settings('[litellm]\naccount = ["end_user"]\n[bedrock]\naccount = ["accountId"]\n')
    assert only(read_all(litellm(), format="litellm", settings=settings))["account"] == "end-1"
    assert only(read_all(bedrock(), format="bedrock", settings=settings))["account"] == "111122223333"


@pytest.mark.parametrize("text", ["[otel", '[otel]\naccounts = ["a"]', '[otel]\naccount = "a"'])
def test_settings_that_can_not_be_used_are_the_typists_to_mend(text):
    with pytest.raises(UsageError):
        read_settings(text)


def test_a_line_of_another_format_is_rejected_with_the_format_named(read_all, record):
    batch = read_all(record(), format="bedrock")
    assert [reject.reason for reject in batch.rejects] == ["not a record of the format bedrock"]
