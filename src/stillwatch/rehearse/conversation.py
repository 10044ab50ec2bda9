"""A conversation in each dialect: plain turns, tool calls with their results, pictures, opaque reasoning.

Shapes follow the public API references ("Chat completions", "Responses", "Messages"; LiteLLM documentation, "Reasoning
content", for reasoning that a chat client sends back).
"""

from typing import Any, NamedTuple

import msgspec

from stillwatch.rehearse.material import Body


class Talk(NamedTuple):
    """What is said: system prompt, turns (user and assistant in turn, user first and last), tools on offer.

    ``called``: assistant turns are tool calls written ``name: argument``, and the user turns after them are results.
    ``images``: addresses of pictures in the last user turn. ``thoughts``: opaque reasoning signatures of the assistant
    turns, "" for a turn without one.
    """

    system: str | None
    turns: tuple[str, ...]
    tools: tuple[Body, ...] = ()
    called: bool = False
    images: tuple[str, ...] = ()
    thoughts: tuple[str, ...] = ()


def messages(dialect: str, talk: Talk) -> list[Any]:
    """The turns as a list of messages (items, for the responses API)."""
    if not (talk.called or talk.images or talk.thoughts):
        roles = ("user", "assistant")
        return [{"role": roles[place % 2], "content": text} for place, text in enumerate(talk.turns)]
    write = {"anthropic-messages": _anthropic, "openai-responses": _responses}.get(dialect, _chat)
    found: list[Any] = []
    for place, text in enumerate(talk.turns):
        thought = talk.thoughts[place // 2] if place % 2 and place // 2 < len(talk.thoughts) else ""
        images = talk.images if place == len(talk.turns) - 1 else ()
        found += write(talk, place, text, thought, images)
    return found


def _call(text: str) -> tuple[str, Body]:
    name, _, argument = text.partition(": ")
    return name, {"input": argument}


def _chat(talk: Talk, place: int, text: str, thought: str, images: tuple[str, ...]) -> list[Body]:
    if place % 2:
        message: Body = {"role": "assistant", "content": text}
        if talk.called:
            name, given = _call(text)
            function = {"name": name, "arguments": msgspec.json.encode(given).decode()}
            message["content"] = None
            message["tool_calls"] = [{"id": f"call_{place}", "type": "function", "function": function}]
        if thought:
            message["thinking_blocks"] = [{"type": "thinking", "thinking": "", "signature": thought}]
        return [message]
    if talk.called and place:
        return [{"role": "tool", "tool_call_id": f"call_{place - 1}", "content": text}]
    if images:
        shown = [{"type": "image_url", "image_url": {"url": address}} for address in images]
        return [{"role": "user", "content": [{"type": "text", "text": text}, *shown]}]
    return [{"role": "user", "content": text}]


def _anthropic(talk: Talk, place: int, text: str, thought: str, images: tuple[str, ...]) -> list[Body]:
    if place % 2:
        parts: list[Body] = [{"type": "thinking", "thinking": "", "signature": thought}] if thought else []
        if talk.called:
            name, given = _call(text)
            parts.append({"type": "tool_use", "id": f"toolu_{place}", "name": name, "input": given})
        else:
            parts.append({"type": "text", "text": text})
        return [{"role": "assistant", "content": parts}]
    if talk.called and place:
        result = {"type": "tool_result", "tool_use_id": f"toolu_{place - 1}", "content": text}
        return [{"role": "user", "content": [result]}]
    if images:
        shown = [{"type": "image", "source": {"type": "url", "url": address}} for address in images]
        return [{"role": "user", "content": [*shown, {"type": "text", "text": text}]}]
    return [{"role": "user", "content": text}]


def _responses(talk: Talk, place: int, text: str, thought: str, images: tuple[str, ...]) -> list[Body]:
    if place % 2:
        items: list[Body] = [{"type": "reasoning", "summary": [], "encrypted_content": thought}] if thought else []
        if talk.called:
            name, given = _call(text)
            arguments = msgspec.json.encode(given).decode()
            items.append({"type": "function_call", "call_id": f"fc_{place}", "name": name, "arguments": arguments})
        else:
            items.append({"role": "assistant", "content": text})
        return items
    if talk.called and place:
        return [{"type": "function_call_output", "call_id": f"fc_{place - 1}", "output": text}]
    if images:
        shown = [{"type": "input_image", "image_url": address} for address in images]
        return [{"role": "user", "content": [{"type": "input_text", "text": text}, *shown]}]
    return [{"role": "user", "content": text}]
