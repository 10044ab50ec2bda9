"""Conversations that carry opaque signatures, from a seed, in one neutral shape and written in four dialects."""

import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from stillwatch.ingest.records import Record

Body = dict[str, Any]

_SUBJECTS = (
    "tide tables", "a sourdough starter", "prime gaps", "the parser of a small language", "leases", "bird song",
    "queues in a hospital", "an index on two columns", "Latin verbs", "the wiring of a lamp", "compound interest",
)  # fmt: skip
_ASKS = (
    "How would you explain {} to a beginner?", "Write a plan for {} in five points.", "¿Cómo empezarías con {}?",
    "What goes wrong with {} most often?", "Compare two ways to look at {}.", "请简要说明{}的要点。",
    "Почему {} так трудно понять?",
)  # fmt: skip
SHORT = ("continue", "yes", "ok, go on", "继续", "weiter")
_WORDS = ("the", "a", "small", "first", "then", "because", "each", "step", "water", "line", "count", "rule", "often")


class Turn(NamedTuple):
    """One question and its answer. ``results`` answer tool calls of the turn before; ``calls`` are ids it makes."""

    question: str
    results: tuple[tuple[str, str], ...]
    signatures: tuple[str, ...]
    text: str
    calls: tuple[str, ...]


class Session(NamedTuple):
    """A conversation up to now, and who holds it."""

    account: str
    organization: str | None
    model: str
    dialect: str
    system: str
    turns: tuple[Turn, ...]


def prose(draw: random.Random, words: int) -> str:
    return " ".join(draw.choice(_WORDS) for _ in range(words)).capitalize() + "."


def token(draw: random.Random) -> str:
    return "".join(
        draw.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", k=draw.randint(80, 400))
    )


def session(seed: int, dialect: str) -> Session:
    """A session of one to seven turns, some of them with tools, some with short words from the caller."""
    draw = random.Random(f"session {seed} {dialect}")
    turns: list[Turn] = []
    for number in range(draw.randint(1, 7)):
        calls = turns[-1].calls if turns else ()
        results = tuple((call, prose(draw, draw.randint(5, 120))) for call in calls)
        if results:
            question = ""
        elif number and draw.random() < 0.3:
            question = draw.choice(SHORT)
        else:
            question = draw.choice(_ASKS).format(draw.choice(_SUBJECTS)) + f" ({draw.randint(1, 10**6)})"
        makes = tuple(f"call_{draw.getrandbits(64):016x}" for _ in range(draw.choice((0, 0, 1, 2))))
        text = "" if makes and draw.random() < 0.4 else prose(draw, draw.randint(3, 150))
        signatures = tuple(token(draw) for _ in range(draw.choice((1, 1, 1, 2))))
        turns.append(Turn(question, results, signatures, text, makes))
    number = draw.randint(0, 10**9)
    return Session(
        f"acct_{number}", f"org_{number}", draw.choice(("m-large", "m-small")), dialect, "Be brief.", tuple(turns)
    )


# ------------------------------------------------------------------------------------------------ the four dialects


def _anthropic_user(turn: Turn) -> Body:
    results = [{"type": "tool_result", "tool_use_id": call, "content": words} for call, words in turn.results]
    if not results:
        return {"role": "user", "content": turn.question}
    return {
        "role": "user",
        "content": [*results, *([{"type": "text", "text": turn.question}] if turn.question else [])],
    }


def _anthropic_answer(turn: Turn) -> Body:
    thoughts = [{"type": "thinking", "thinking": "", "signature": value} for value in turn.signatures]
    text = [{"type": "text", "text": turn.text}] if turn.text else []
    calls = [{"type": "tool_use", "id": call, "name": "look_up", "input": {"n": 1}} for call in turn.calls]
    return {"role": "assistant", "content": [*thoughts, *text, *calls]}


def _anthropic(held: Session, turns: list[Turn], last: Turn | None) -> Body:
    messages = [message for turn in turns for message in (_anthropic_user(turn), _anthropic_answer(turn))]
    messages += [_anthropic_user(last)] if last else []
    return {"model": held.model, "system": held.system, "max_tokens": 4000, "messages": messages}


def _chat_user(turn: Turn) -> list[Body]:
    results = [{"role": "tool", "tool_call_id": call, "content": words} for call, words in turn.results]
    return [*results, *([{"role": "user", "content": turn.question}] if turn.question else [])]


def _chat_answer(turn: Turn) -> Body:
    calls = [
        {"id": call, "type": "function", "function": {"name": "look_up", "arguments": "{}"}} for call in turn.calls
    ]
    thoughts = [{"type": "thinking", "thinking": "", "signature": value} for value in turn.signatures]
    message = {"role": "assistant", "content": turn.text or None, "thinking_blocks": thoughts}
    return {**message, "tool_calls": calls} if calls else message


def _chat(held: Session, turns: list[Turn], last: Turn | None) -> Body:
    messages = [{"role": "system", "content": held.system}]
    for turn in turns:
        messages += [*_chat_user(turn), _chat_answer(turn)]
    messages += _chat_user(last) if last else []
    return {"model": held.model, "messages": messages}


def _responses_user(turn: Turn) -> list[Body]:
    results = [{"type": "function_call_output", "call_id": call, "output": words} for call, words in turn.results]
    said = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": turn.question}]}]
    return [*results, *(said if turn.question else [])]


def _responses_answer(turn: Turn) -> list[Body]:
    items = [{"type": "reasoning", "summary": [], "encrypted_content": value} for value in turn.signatures]
    text = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": turn.text}]}
    calls = [{"type": "function_call", "call_id": call, "name": "look_up", "arguments": "{}"} for call in turn.calls]
    return [*items, *([text] if turn.text else []), *calls]


def _responses(held: Session, turns: list[Turn], last: Turn | None) -> Body:
    items = [item for turn in turns for item in (*_responses_user(turn), *_responses_answer(turn))]
    items += _responses_user(last) if last else []
    return {"model": held.model, "instructions": held.system, "input": items, "store": False}


def _converse_user(turn: Turn) -> Body:
    results = [{"toolResult": {"toolUseId": call, "content": [{"text": words}]}} for call, words in turn.results]
    return {"role": "user", "content": [*results, *([{"text": turn.question}] if turn.question else [])]}


def _converse_answer(turn: Turn) -> Body:
    thoughts = [{"reasoningContent": {"reasoningText": {"text": "", "signature": value}}} for value in turn.signatures]
    calls = [{"toolUse": {"toolUseId": call, "name": "look_up", "input": {}}} for call in turn.calls]
    return {"role": "assistant", "content": [*thoughts, *([{"text": turn.text}] if turn.text else []), *calls]}


def _converse(held: Session, turns: list[Turn], last: Turn | None) -> Body:
    messages = [message for turn in turns for message in (_converse_user(turn), _converse_answer(turn))]
    messages += [_converse_user(last)] if last else []
    body = {"modelId": held.model, "system": [{"text": held.system}], "messages": messages}
    return {**body, "inferenceConfig": {"maxTokens": 4000}}


_REQUESTS: dict[str, Callable[[Session, list[Turn], Turn | None], Body]] = {
    "anthropic-messages": _anthropic, "openai-chat": _chat, "openai-responses": _responses,
    "bedrock-converse": _converse,
}  # fmt: skip
DIALECTS = tuple(_REQUESTS)


def _response(held: Session, turn: Turn) -> Body:
    if held.dialect == "anthropic-messages":
        return {"model": held.model, **_anthropic_answer(turn), "stop_reason": "end_turn"}
    if held.dialect == "openai-chat":
        return {"model": held.model, "choices": [{"index": 0, "message": _chat_answer(turn), "finish_reason": "stop"}]}
    if held.dialect == "openai-responses":
        return {"model": held.model, "output": _responses_answer(turn), "status": "completed"}
    return {"output": {"message": _converse_answer(turn)}, "stopReason": "end_turn"}


def asking(held: Session, turns: list[Turn], last: Turn | None, response: Body | None = None) -> Record:
    """The exchange record of a request in the session's dialect."""
    return Record(
        id="x", occurred_at=0, account=held.account, organization=held.organization,
        request=_REQUESTS[held.dialect](held, turns, last), response=response,
    )  # fmt: skip


def issued(held: Session) -> Iterator[Record]:
    """Every exchange of the session, as the gateway saw them, answers included."""
    for number, turn in enumerate(held.turns):
        yield asking(held, list(held.turns[:number]), turn, _response(held, turn))
