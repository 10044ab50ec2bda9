"""Answers: the own format's short form (``text``, ``finish_reason``, ``usage``), or a provider's body as sent."""

from typing import Any

from stillwatch.ingest.bodies.reading import COUNT_LIMIT, Reading, cut, whole
from stillwatch.ingest.bodies.turns import Turns

Body = dict[str, Any]


def read_answer(body: Body, reading: Reading) -> None:
    """Read an answer into ``reading``. What it does not say stays ``None``."""
    model = body.get("model")
    if type(model) is str:
        reading.response_model = model
    usage = body.get("usage")
    if type(usage) is dict:
        _read_usage(usage, reading)
    elif usage is not None:
        reading.doubt("response.usage: expected an object")
    finish = body.get("finish_reason")
    text = body.get("text")
    if type(text) is str:
        reading.response_text = cut(text)
    elif text is not None and type(text) is not dict:
        reading.doubt("response.text: expected text")
    calls = body.get("tool_calls")
    if type(calls) is list:
        reading.tool_calls_out = min(len(calls), COUNT_LIMIT)
    elif type(calls) is int:
        reading.tool_calls_out = max(0, min(calls, COUNT_LIMIT))
    if "choices" in body or "content" in body or "output" in body or "thinking_blocks" in body:
        finish = _read_full(body, reading) or finish
    if type(finish) is str:
        reading.finish_reason = finish


def _read_usage(usage: Body, reading: Reading) -> None:
    reading.prompt_tokens = whole(usage, "prompt_tokens", "input_tokens", "inputTokens")
    # Anthropic counts cached input apart (API reference, "Messages", usage); the others count it in.
    if "cache_read_input_tokens" in usage and "prompt_tokens" not in usage and reading.prompt_tokens is not None:
        cached = (whole(usage, "cache_read_input_tokens") or 0) + (whole(usage, "cache_creation_input_tokens") or 0)
        reading.prompt_tokens = min(reading.prompt_tokens + cached, 2**63 - 1)
    reading.completion_tokens = whole(usage, "completion_tokens", "output_tokens", "outputTokens")
    reasoning = whole(usage, "reasoning_tokens")
    if reasoning is None:
        details = usage.get("completion_tokens_details") or usage.get("output_tokens_details")
        if type(details) is dict:
            reasoning = whole(details, "reasoning_tokens")
    reading.reasoning_tokens = reasoning


def _read_full(body: Body, reading: Reading) -> Any:
    """A response body as the provider sent it. Returns the finish reason."""
    turns = Turns()
    output = body.get("output")
    if type(body.get("choices")) is list:
        finish = _read_choices(body["choices"], turns)
    elif type(output) is list:
        finish = _read_items(body, output, turns)
    elif type(output) is dict and type(output.get("message")) is dict:  # Bedrock Converse
        turns.message({**output["message"], "role": "assistant"})
        finish = body.get("stopReason")
    else:  # Anthropic, or one message of OpenAI chat
        turns.message({**body, "role": "assistant"})
        finish = body.get("stop_reason")
    if turns.assistant:
        reading.response_text = cut("\n\n".join(turns.assistant))
    elif reading.response_text is None and turns.assistants:
        reading.response_text = ""
    reading.tool_calls_out = min(turns.calls, COUNT_LIMIT)
    if turns.signatures:
        reading.issued_signatures = turns.signatures
    return finish


def _read_choices(choices: list[Any], turns: Turns) -> Any:
    finish = None
    for choice in choices:
        if type(choice) is not dict:
            continue
        message = choice.get("message")
        if type(message) is dict:
            turns.message({**message, "role": "assistant"})
        elif type(choice.get("text")) is str:
            turns.message({"role": "assistant", "content": choice["text"]})
        finish = finish or choice.get("finish_reason")
    return finish


def _read_items(body: Body, items: list[Any], turns: Turns) -> Any:
    """OpenAI responses: messages, calls and reasoning are items of one list."""
    turns.assistants += 1
    for item in items:
        kind = item.get("type") if type(item) is dict else None
        if kind == "message":
            text = turns.parts(item.get("content"))
            if text:
                turns.assistant.append(text)
        elif kind == "reasoning":
            turns.sign(item.get("encrypted_content"))
        elif type(kind) is str and kind.endswith("_call"):
            turns.calls += 1
    details = body.get("incomplete_details")
    reason = details.get("reason") if type(details) is dict else None
    return reason or body.get("status")
