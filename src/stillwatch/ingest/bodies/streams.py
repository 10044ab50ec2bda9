"""Streamed answers that were logged as the list of their events: put together again into one response body.

Sources: Anthropic API reference, "Streaming messages"; OpenAI API reference, "The chat completion chunk object".
"""

from typing import Any

Body = dict[str, Any]


def folded(answer: Any) -> Any:
    """One body for a list of stream events; anything else comes back as it is."""
    if not isinstance(answer, list):
        return answer
    events = [event for event in answer if isinstance(event, dict)]
    if any("choices" in event for event in events):
        return _folded_chunks(events)
    body: Body = {"content": [], "usage": {}}
    blocks: dict[int, Body] = {}
    for event in events:
        _fold_event(event, body, blocks)
    body["content"] = [blocks[index] for index in sorted(blocks)]
    return body


def _fold_event(event: Body, body: Body, blocks: dict[int, Body]) -> None:
    delta = event.get("delta")
    delta = delta if isinstance(delta, dict) else {}
    index = event.get("index")
    index = index if isinstance(index, int) else 0
    match event.get("type"):
        case "message_start" if isinstance(event.get("message"), dict):
            message = event["message"]
            body["model"] = message.get("model")
            _add_usage(body, message.get("usage"))
        case "content_block_start" if isinstance(event.get("content_block"), dict):
            blocks[index] = dict(event["content_block"])
        case "content_block_delta":
            block = blocks.setdefault(index, {"type": "text"})
            for field in ("text", "thinking", "signature"):
                if isinstance(delta.get(field), str):
                    before = block.get(field)
                    block[field] = (before if isinstance(before, str) else "") + delta[field]
        case "message_delta":
            body["stop_reason"] = delta.get("stop_reason")
            _add_usage(body, event.get("usage"))


def _add_usage(body: Body, usage: Any) -> None:
    if isinstance(usage, dict):
        body["usage"] |= {name: count for name, count in usage.items() if count is not None}


def _folded_chunks(events: list[Body]) -> Body:
    body: Body = {}
    text: list[str] = []
    calls: dict[int, Body] = {}
    thinking: list[Body] = []
    finish = None
    for event in events:
        body["model"] = event.get("model") or body.get("model")
        body["usage"] = event.get("usage") or body.get("usage")
        choices = event.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if not isinstance(choice, dict):
                continue
            delta = choice.get("delta")
            delta = delta if isinstance(delta, dict) else {}
            if isinstance(delta.get("content"), str):
                text.append(delta["content"])
            _gather_calls(delta.get("tool_calls"), calls)
            thinking += _signed(delta.get("thinking_blocks"))
            finish = choice.get("finish_reason") or finish
    body |= {"text": "".join(text), "tool_calls": [calls[index] for index in sorted(calls)], "finish_reason": finish}
    return {**body, "thinking_blocks": thinking} if thinking else body


def _gather_calls(made: Any, calls: dict[int, Body]) -> None:
    """Only the first piece of a call has its id."""
    for call in made if isinstance(made, list) else ():
        index = call.get("index") if isinstance(call, dict) else None
        known = calls.setdefault(index if isinstance(index, int) else 0, {"type": "function"})
        if isinstance(call, dict) and isinstance(call.get("id"), str):
            known["id"] = call["id"]


def _signed(blocks: Any) -> list[Body]:
    """The blocks of reasoning that carry a signature: in a stream only the last piece of each does."""
    found = blocks if isinstance(blocks, list) else []
    return [block for block in found if isinstance(block, dict) and block.get("signature")]
