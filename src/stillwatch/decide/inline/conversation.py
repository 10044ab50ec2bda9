"""A request body as turns with places: who spoke, which words, which tool calls, which opaque signatures, and where.

``ingest`` reads the same bodies into columns and forgets where things stood. An inline rule needs the place: a
signature is judged by what stands before and behind it, and staff want to see it. The dialects are those of
``ingest/bodies``; a test holds the two readers to the same signatures. Nothing here descends more than four lists, so
that deep nesting costs nothing, and one walk looks at ``MOST_PIECES`` pieces at most.
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

#: Messages of one body that are looked at, the last ones, and pieces (parts, calls, results) of these. The rest is
#: passed over: a rule never makes a caller wait.
MOST_MESSAGES = 10_000
MOST_PIECES = 50_000

Side = Literal["system", "user", "assistant"]
_SIDES: dict[str, Side] = {
    "system": "system", "developer": "system", "assistant": "assistant", "model": "assistant", "ai": "assistant",
    "user": "user", "tool": "user", "function": "user", "ipython": "user",
}  # fmt: skip
_CALLS = frozenset({"tool_use", "tool_call", "server_tool_use", "mcp_tool_use", "function_call"})
_RESULTS = ("tool_result", "tool_call_response", "_output")


class Piece(msgspec.Struct, gc=False):
    """One thing said: ``kind`` is text, call, result or signature. ``place`` is a JSON pointer (RFC 6901)."""

    kind: Literal["text", "call", "result", "signature"]
    value: str
    place: str
    #: The number of the message it stands in: an edit within a message differs from another message.
    message: int = 0


class Turn(msgspec.Struct):
    """What one side said until the other spoke."""

    side: Side
    pieces: list[Piece]

    def values(self, kind: str) -> list[str]:
        """The values of all pieces of that kind, in order."""
        return [piece.value for piece in self.pieces if piece.kind == kind]


class _Walk:
    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.message = -1
        self.left = MOST_PIECES
        self.items = False

    def add(self, side: Side, kind: Literal["text", "call", "result", "signature"], value: Any, place: str) -> None:
        if type(value) is not str or not value or self.left <= 0:
            return
        self.left -= 1
        if not self.turns or self.turns[-1].side != side:
            self.opens(side)
        self.turns[-1].pieces.append(Piece(kind, value, place, self.message))

    def opens(self, side: Side) -> None:
        """A message begins; an empty one is a turn too. Items of one side are one message: reasoning, words, calls."""
        turns = not self.turns or self.turns[-1].side != side
        self.message += turns or not self.items
        if turns:
            self.turns.append(Turn(side, []))

    def parts(self, content: Any, side: Side, place: str) -> None:
        if type(content) is str:
            self.add(side, "text", content, place)
            return
        for at, part in _numbered(content):
            if self.left <= 0:
                return
            where = place if at is None else f"{place}/{at}"
            if type(part) is str:
                self.add(side, "text", part, where)
            elif type(part) is dict:
                self.part(part, side, where)

    def part(self, part: dict[str, Any], side: Side, place: str) -> None:
        kind = part.get("type")
        if type(kind) is not str:
            self._untyped_part(part, side, place)
        elif kind.endswith("text") or kind == "refusal":
            field = next((name for name in ("text", "refusal", "content") if type(part.get(name)) is str), None)
            if field is not None:
                self.add(side, "text", part[field], f"{place}/{field}")
        elif kind in _CALLS or kind.endswith("_call"):
            self.add(side, "call", _name(part), place)
        elif kind.endswith(_RESULTS):
            self.result(part, side, place)
        elif "thinking" in kind or kind.startswith("reasoning") or kind == "compaction":
            for field in ("signature", "data", "encrypted_content"):
                if field in part:
                    self.add(side, "signature", part[field], f"{place}/{field}")

    def _untyped_part(self, part: dict[str, Any], side: Side, place: str) -> None:
        """Amazon Bedrock's Converse: the name of the field is the type."""
        self.add(side, "text", part.get("text"), f"{place}/text")
        use, result, reasoning = part.get("toolUse"), part.get("toolResult"), part.get("reasoningContent")
        if type(use) is dict:
            self.add(side, "call", _name(use), f"{place}/toolUse")
        if type(result) is dict:
            self.result(result, side, f"{place}/toolResult")
        if type(reasoning) is dict:
            base = f"{place}/reasoningContent"
            self.add(side, "signature", reasoning.get("redactedContent"), f"{base}/redactedContent")
            inner = reasoning.get("reasoningText")
            if type(inner) is dict:
                self.add(side, "signature", inner.get("signature"), f"{base}/reasoningText/signature")

    def result(self, part: dict[str, Any], side: Side, place: str) -> None:
        """The result of a tool call: the call's id and the words, one piece."""
        content = part.get("content")
        if content is None:
            content = part.get("output")
        words = "\n".join(_words(content))
        self.add(side, "result", f"{_name(part)}\0{words}", place)


def turns(body: dict[str, Any]) -> list[Turn]:
    """The conversation of a request body, in order. A body of no known shape gives no turns."""
    walk = _Walk()
    for field in ("system", "instructions"):
        walk.parts(body.get(field), "system", f"/{field}")
    messages = body.get("messages")
    if type(messages) is list:
        _messages(walk, messages, "/messages")
    elif body.get("prompt") is not None:
        walk.opens("user")
        walk.parts(body["prompt"], "user", "/prompt")
    elif type(body.get("input")) is str:
        walk.opens("user")
        walk.parts(body["input"], "user", "/input")
    elif type(body.get("input")) is list:
        _items(walk, body["input"], "/input")
    return walk.turns


def answer(body: dict[str, Any]) -> Turn:
    """What the model answered, of any dialect, as one turn."""
    walk = _Walk()
    walk.opens("assistant")
    choices, output = body.get("choices"), body.get("output")
    if type(choices) is list:
        messages = [choice.get("message") for choice in choices if type(choice) is dict]
        _messages(walk, [{**message, "role": "assistant"} for message in messages if type(message) is dict], "")
    elif type(output) is list:
        _items(walk, output, "/output")
    elif type(output) is dict and type(output.get("message")) is dict:
        _messages(walk, [{**output["message"], "role": "assistant"}], "")
    else:
        if body.get("content") is None and type(body.get("text")) is str:  # the own format's short form
            body = {**body, "content": body["text"]}
        _messages(walk, [{**body, "role": "assistant"}], "")
    return Turn("assistant", [piece for turn in walk.turns if turn.side == "assistant" for piece in turn.pieces])


def finished(body: dict[str, Any]) -> bool:
    """Whether an answer is known to its end: it says why it ended, and names its calls instead of counting them.

    A stream that broke off, or that was put together without the ids of its calls, is not what the client holds.
    """
    if type(body.get("tool_calls")) is int:
        return False
    choices = body.get("choices")
    ends = [body, *(choices if type(choices) is list else ())]
    fields = ("finish_reason", "stop_reason", "stopReason", "status")
    return any(type(end) is dict and type(end.get(field)) is str for end in ends for field in fields)


def _messages(walk: _Walk, messages: list[Any], place: str) -> None:
    first = max(0, len(messages) - MOST_MESSAGES)
    for at, message in enumerate(messages[first:], first):
        if walk.left <= 0:
            return
        where = f"{place}/{at}"
        if type(message) is str:
            walk.opens("user")
            walk.add("user", "text", message, where)
        elif type(message) is dict:
            _message(walk, message, where)


def _message(walk: _Walk, message: dict[str, Any], place: str) -> None:
    role = message.get("role")
    side = _SIDES.get(role) if type(role) is str else None
    if side is None:
        return
    walk.opens(side)
    if side == "user" and role != "user":
        walk.result(message, side, place)
        return
    for field in ("thinking_blocks", "reasoning_details"):  # before the words: the model thought first
        if field in message:
            walk.parts(message[field], side, f"{place}/{field}")
    content = message.get("content")
    field = "parts" if content is None else "content"
    walk.parts(message.get(field), side, f"{place}/{field}")
    for at, call in _numbered(message["tool_calls"]) if "tool_calls" in message else ():
        if type(call) is dict:
            walk.add(side, "call", _name(call), f"{place}/tool_calls/{at}")


def _items(walk: _Walk, items: list[Any], place: str) -> None:
    """OpenAI's Responses: messages, calls, results and reasoning are items of one list."""
    walk.items = True
    first = max(0, len(items) - MOST_MESSAGES)
    for at, item in enumerate(items[first:], first):
        if walk.left <= 0:
            return
        where = f"{place}/{at}"
        if type(item) is str:
            walk.opens("user")
            walk.add("user", "text", item, where)
        elif type(item) is dict:
            kind = item.get("type")
            if type(kind) is not str or kind == "message":
                _message(walk, item, where)
            elif kind.endswith("_output"):
                walk.result(item, "user", where)
            else:
                walk.part(item, "assistant", where)


def _numbered(content: Any) -> Iterator[tuple[int | None, Any]]:
    if type(content) is list:
        yield from enumerate(content)
    elif type(content) is dict:
        yield None, content


def _words(content: Any) -> Iterator[str]:
    """The words in the content of a tool's result."""
    if type(content) is str:
        yield content
    for _, part in _numbered(content):
        if type(part) is str:
            yield part
        elif type(part) is dict and type(part.get("text")) is str:
            yield part["text"]


def _name(part: dict[str, Any]) -> str:
    """The id that ties a call to its result; a call without one is known by its name."""
    for field in ("call_id", "tool_use_id", "tool_call_id", "toolUseId", "id", "name"):
        value = part.get(field)
        if type(value) is str and value:
            return value
    return ""
