"""A streamed answer put together again, with its reasoning and signatures.

Of Anthropic's messages the arguments of tool calls, which come in pieces of JSON, are left out: nothing reads them.

Sources: WHATWG HTML, section 9.2 (server-sent events); OpenAI API reference, "The chat completion chunk object" and
"Streaming events" of responses; Anthropic API reference, "Streaming messages" (folded by ``ingest``, as in logs).
"""

from typing import Any

import msgspec

from stillwatch.ingest.bodies.streams import folded

Body = dict[str, Any]


def streamed(body: bytes) -> Body | None:
    """The whole answer of a stream of events; ``None`` where there is no event in it that we know."""
    events = list(filter(None, map(_event, body.splitlines())))
    if not events:
        return None
    for event in reversed(events):  # OpenAI's responses: the last event holds the whole answer
        if event.get("type") in ("response.completed", "response.incomplete"):
            whole = event.get("response")
            return whole if isinstance(whole, dict) else None
    if any(isinstance(event.get("choices"), list) for event in events):
        return _chat(events)
    put = folded(events)
    return put if isinstance(put, dict) else None


def _event(line: bytes) -> Body | None:
    if not line.startswith(b"data:"):
        return None
    try:
        found = msgspec.json.decode(line[5:])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _chat(events: list[Body]) -> Body:
    """Chunks of chat completions as the body that is not streamed: a message for each choice."""
    whole: Body = {}
    choices: dict[int, Body] = {}
    for event in events:
        for name, value in event.items():
            if name != "choices" and value is not None:
                whole[name] = value
        listed = event.get("choices")
        for choice in listed if isinstance(listed, list) else ():
            if not isinstance(choice, dict):
                continue
            index = choice.get("index")
            place = choices.setdefault(index if isinstance(index, int) else 0, {"message": {}})
            if isinstance(choice.get("delta"), dict):
                _add(place["message"], choice["delta"])
            if choice.get("finish_reason") is not None:
                place["finish_reason"] = choice["finish_reason"]
    whole["object"] = "chat.completion"
    whole["choices"] = [{"index": index, **choices[index]} for index in sorted(choices)]
    return whole


def _add(message: Body, delta: Body) -> None:
    """Texts grow, lists grow or are filled by ``index``, objects are filled; of anything else the last holds."""
    for name, value in delta.items():
        before = message.get(name)
        if value is None:
            message.setdefault(name, None)
        elif name in ("role", "type", "id") or before is None:
            message[name] = _placed(value) if isinstance(value, list) else value
        elif isinstance(before, str) and isinstance(value, str):
            message[name] = before + value
        elif isinstance(before, dict) and isinstance(value, dict):
            _add(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            _extend(before, value)
        else:
            message[name] = value


def _placed(items: list[Any]) -> list[Any]:
    found: list[Any] = []
    _extend(found, items)
    return found


def _extend(found: list[Any], items: list[Any]) -> None:
    """Tool calls come in pieces that say where they belong; what says nothing is a piece of its own."""
    for item in items:
        index = item.get("index") if isinstance(item, dict) else None
        there = None if index is None else next((one for one in found if _index(one) == index), None)
        if there is None:
            found.append(item)
        else:
            _add(there, {name: value for name, value in item.items() if name != "index"})


def _index(item: Any) -> Any:
    return item.get("index") if isinstance(item, dict) else None
