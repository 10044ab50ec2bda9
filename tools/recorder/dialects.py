"""One composed answer in the wire shapes of the OpenAI and Anthropic interfaces, whole and streamed.

Field names follow the public API references of both ("Create chat completion", "Create a model response",
"Messages", "Streaming"); only what clients read is filled in.
"""

import base64
import json
import struct
from collections.abc import Iterator
from typing import Any

from answers import Answer, numbers_for

Event = tuple[str | None, Any]


def whole(path: str, body: Any, answer: Answer) -> dict[str, Any]:
    """The complete JSON answer for a path such as ``v1/chat/completions``."""
    if path.endswith("embeddings"):
        return _embeddings(body, answer)
    if path.endswith("messages"):
        return _message(body, answer)
    if path.endswith("responses"):
        return _response(body, answer)
    if path.endswith("chat/completions"):
        return _chat(body, answer)
    return _completion(body, answer)


def streamed(path: str, body: Any, answer: Answer) -> Iterator[Event]:
    """The same answer as (event name or ``None``, data) pairs."""
    if path.endswith("messages"):
        yield from _message_events(body, answer)
    elif path.endswith("responses"):
        yield from _response_events(body, answer)
    else:
        yield from _chat_events(body, answer)


def _base(body: Any, answer: Answer, kind: str) -> dict[str, Any]:
    return {"id": f"local-{answer.mark}", "object": kind, "created": 1767225600, "model": body.get("model", "m-large")}


def _calls(answer: Answer) -> list[dict[str, Any]]:
    return [
        {"id": f"call_{answer.mark}{i}", "type": "function", "function": {"name": name, "arguments": json.dumps(given)}}
        for i, (name, given) in enumerate(answer.tool_calls)
    ]


def _logprobs(body: Any, answer: Answer) -> dict[str, Any] | None:
    if not body.get("logprobs"):
        return None
    top = int(body.get("top_logprobs") or 0)
    tokens = []
    for i, word in enumerate(answer.text.split()):
        others = [{"token": f"{word}{j}", "logprob": -1.5 - j, "bytes": None} for j in range(top)]
        tokens.append({"token": word, "logprob": -0.1 - (i % 7) / 10, "bytes": None, "top_logprobs": others})
    return {"content": tokens, "refusal": None}


def _chat(body: Any, answer: Answer) -> dict[str, Any]:
    choices = []
    for index in range(int(body.get("n") or 1)):
        message: dict[str, Any] = {"role": "assistant", "content": answer.variant(index), "refusal": None}
        if answer.tool_calls:
            message |= {"content": None, "tool_calls": _calls(answer)}
        choices.append(
            {"index": index, "message": message, "finish_reason": answer.finish, "logprobs": _logprobs(body, answer)}
        )
    return _base(body, answer, "chat.completion") | {"choices": choices, "usage": answer.usage}


def _chat_events(body: Any, answer: Answer) -> Iterator[Event]:
    base = _base(body, answer, "chat.completion.chunk")
    if answer.tool_calls:
        calls = [call | {"index": i} for i, call in enumerate(_calls(answer))]
        yield None, base | {"choices": [{"index": 0, "delta": {"role": "assistant", "tool_calls": calls}}]}
    else:
        for word in answer.text.split(" "):
            delta = {"role": "assistant", "content": word + " "}
            yield None, base | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    last = base | {"choices": [{"index": 0, "delta": {}, "finish_reason": answer.finish}]}
    yield None, last
    if (body.get("stream_options") or {}).get("include_usage"):
        yield None, base | {"choices": [], "usage": answer.usage}
    yield None, "[DONE]"


def _completion(body: Any, answer: Answer) -> dict[str, Any]:
    prompts = body.get("prompt") or [""]
    if isinstance(prompts, str) or (prompts and isinstance(prompts[0], int)):
        prompts = [prompts]
    choices = []
    for index, prompt in enumerate(prompts):
        choice = {"index": index, "text": answer.variant(index), "finish_reason": "stop", "logprobs": None}
        if body.get("logprobs") is not None:
            words = (prompt.split(" ") if isinstance(prompt, str) and body.get("echo") else []) + ["A"]
            values = [None] + [-0.5 - value for value in numbers_for(str(prompt), len(words) - 1)]
            offsets = [sum(len(w) + 1 for w in words[:i]) for i in range(len(words))]
            choice["logprobs"] = {
                "tokens": words,
                "token_logprobs": values,
                "text_offset": offsets,
                "top_logprobs": [None] + [{word: -0.5} for word in words[1:]],
            }
        choices.append(choice)
    return _base(body, answer, "text_completion") | {"choices": choices, "usage": answer.usage}


def _embeddings(body: Any, answer: Answer) -> dict[str, Any]:
    given = body.get("input") or ""
    texts = [given] if isinstance(given, str) else given
    size = int(body.get("dimensions") or 64)
    rows: list[dict[str, Any]] = []
    for index, text in enumerate(texts):
        vector = numbers_for(str(text), size)
        packed = base64.b64encode(struct.pack(f"<{size}f", *vector)).decode()
        value: Any = packed if body.get("encoding_format") == "base64" else vector
        rows.append({"object": "embedding", "index": index, "embedding": value})
    return {"object": "list", "data": rows, "model": body.get("model", ""), "usage": answer.usage}


def _response(body: Any, answer: Answer) -> dict[str, Any]:
    text = {"type": "output_text", "text": answer.text, "annotations": []}
    output = [
        {"id": f"msg_{answer.mark}", "type": "message", "role": "assistant", "status": "completed", "content": [text]}
    ]
    used = answer.usage
    usage = {
        "input_tokens": used["prompt_tokens"],
        "output_tokens": used["completion_tokens"],
        "total_tokens": used["total_tokens"],
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    return {
        "id": f"resp_{answer.mark}",
        "object": "response",
        "created_at": 1767225600,
        "status": "completed",
        "model": body.get("model", "m-large"),
        "output": output,
        "usage": usage,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
    }


def _response_events(body: Any, answer: Answer) -> Iterator[Event]:
    done = _response(body, answer)
    item = done["output"][0]
    place = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    yield "response.created", {"type": "response.created", "response": done | {"output": [], "status": "in_progress"}}
    yield "response.output_item.added", {"type": "response.output_item.added", "output_index": 0, "item": item}
    for word in answer.text.split(" "):
        name = "response.output_text.delta"
        yield name, {"type": name, "delta": word + " ", "logprobs": [], **place}
    yield "response.output_item.done", {"type": "response.output_item.done", "output_index": 0, "item": item}
    yield "response.completed", {"type": "response.completed", "response": done}


def _blocks(answer: Answer) -> list[dict[str, Any]]:
    if answer.tool_calls:
        return [
            {"type": "tool_use", "id": f"toolu_{answer.mark}{i}", "name": name, "input": given}
            for i, (name, given) in enumerate(answer.tool_calls)
        ]
    return [{"type": "text", "text": answer.text}]


def _message(body: Any, answer: Answer) -> dict[str, Any]:
    usage = {"input_tokens": answer.usage["prompt_tokens"], "output_tokens": answer.usage["completion_tokens"]}
    return {
        "id": f"msg_{answer.mark}",
        "type": "message",
        "role": "assistant",
        "model": body.get("model", "m-large"),
        "content": _blocks(answer),
        "stop_reason": "tool_use" if answer.tool_calls else "end_turn",
        "stop_sequence": None,
        "usage": usage,
    }


def _message_events(body: Any, answer: Answer) -> Iterator[Event]:
    done = _message(body, answer)
    yield "message_start", {"type": "message_start", "message": done | {"content": [], "stop_reason": None}}
    for index, block in enumerate(done["content"]):
        empty: dict[str, Any] = {**block, "text": ""} if block["type"] == "text" else {**block, "input": {}}
        yield "content_block_start", {"type": "content_block_start", "index": index, "content_block": empty}
        if block["type"] == "text":
            pieces = [{"type": "text_delta", "text": word + " "} for word in block["text"].split(" ")]
        else:
            pieces = [{"type": "input_json_delta", "partial_json": json.dumps(block["input"])}]
        for piece in pieces:
            yield "content_block_delta", {"type": "content_block_delta", "index": index, "delta": piece}
        yield "content_block_stop", {"type": "content_block_stop", "index": index}
    delta = {"stop_reason": done["stop_reason"], "stop_sequence": None}
    yield "message_delta", {"type": "message_delta", "delta": delta, "usage": done["usage"]}
    yield "message_stop", {"type": "message_stop"}
