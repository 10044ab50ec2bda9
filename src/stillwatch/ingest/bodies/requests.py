"""Requests: which API a body was made for, and what it says. The dialects are a list, looked at in order."""

from collections.abc import Callable
from typing import Any

from stillwatch.ingest.bodies.parameters import names_of, read_parameters, read_tools
from stillwatch.ingest.bodies.reading import Reading, whole
from stillwatch.ingest.bodies.turns import Turns

Body = dict[str, Any]

#: Top-level names that only one of the APIs with ``messages`` has.
_ANTHROPIC_ONLY = ("system", "anthropic_version", "thinking", "stop_sequences", "output_config")
_CONVERSE_ONLY = ("inferenceConfig", "toolConfig", "additionalModelRequestFields", "guardrailConfig")
_EMBEDDING_ONLY = ("encoding_format", "dimensions", "input_type")
_NOT_WORDS = ("/embeddings", "/rerank", "/moderations", "/audio/speech", "/images/generations")
#: Types of parts that only Anthropic's messages have.
_ANTHROPIC_PARTS = frozenset({"tool_use", "tool_result", "thinking", "redacted_thinking", "image", "document"})


def read_request(body: Body, endpoint: str | None, reading: Reading) -> None:
    """Read a request body into ``reading``. A body of no known API gives its parameters and keeps dialect ``other``."""
    messages = body.get("messages")
    if type(messages) is list:
        dialect = _conversation_dialect(body, messages, endpoint)
        if dialect == "bedrock-converse":
            _read_converse(body, messages, reading)
        else:
            read_parameters(body, reading)
            _read_conversation(body, messages, reading)
        reading.dialect = dialect
        return
    read_parameters(body, reading)
    if body.get("prompt") is not None:
        _read_completions(body, reading)
    elif body.get("input") is not None and not _is_embedding(body, endpoint):
        _read_responses(body, reading)
    elif "messages" in body:
        reading.doubt("request.messages: expected a list")


def _is_embedding(body: Body, endpoint: str | None) -> bool:
    if endpoint is not None and endpoint.endswith(_NOT_WORDS):
        return True
    if endpoint is not None:
        return False
    given = body["input"]
    return any(name in body for name in _EMBEDDING_ONLY) or (
        type(given) is list and all(type(item) in (str, int) for item in given)
    )


def _conversation_dialect(body: Body, messages: list[Any], endpoint: str | None) -> str:
    if endpoint is not None:
        if endpoint.endswith("/chat/completions"):
            return "openai-chat"
        if endpoint.endswith("/messages"):
            return "anthropic-messages"
        if endpoint.endswith(("/converse", "/converse-stream")):
            return "bedrock-converse"
    if any(name in body for name in _CONVERSE_ONLY):
        return "bedrock-converse"
    for message in messages:
        content = message.get("content") if type(message) is dict else None
        for part in content if type(content) is list else ():
            if type(part) is dict:
                if "type" not in part:
                    return "bedrock-converse"
                if part["type"] in _ANTHROPIC_PARTS if type(part["type"]) is str else False:
                    return "anthropic-messages"
    return "anthropic-messages" if any(name in body for name in _ANTHROPIC_ONLY) else "openai-chat"


def _read_conversation(body: Body, messages: list[Any], reading: Reading) -> None:
    """OpenAI chat and Anthropic messages: they differ in where the system prompt stands and in the shapes of parts."""
    turns = Turns()
    system = body.get("system")
    if system is not None:
        words = system if type(system) is str else turns.parts(system)
        if words:
            turns.system.append(words)
    turns.read(messages)
    turns.into(reading)
    read_tools(body.get("tools") or body.get("functions"), reading)


def _read_converse(body: Body, messages: list[Any], reading: Reading) -> None:
    extra = body.get("additionalModelRequestFields")
    flat: Body = {**extra} if type(extra) is dict else {}
    flat["model"] = body.get("modelId") or body.get("model")
    inference = body.get("inferenceConfig")
    if type(inference) is dict:
        flat |= {"temperature": inference.get("temperature"), "top_p": inference.get("topP")}
        flat["max_tokens"] = whole(inference, "maxTokens", "max_new_tokens")
    if type(flat.get("reasoning_config")) is dict:
        flat["thinking"] = flat["reasoning_config"]
    read_parameters(flat, reading, names_of(tuple(body)))
    turns = Turns()
    words = turns.parts(body.get("system"))
    if words:
        turns.system.append(words)
    turns.read(messages)
    turns.into(reading)
    tools = body.get("toolConfig")
    read_tools(tools.get("tools") if type(tools) is dict else None, reading)


def _read_completions(body: Body, reading: Reading) -> None:
    """Text, a list of texts, a list of token ids, or a list of those (OpenAI API reference, "Completions")."""
    prompt = body["prompt"]
    if type(prompt) is str:
        words: str | None = prompt
    elif type(prompt) is list:
        words = _prompts(prompt)
    else:
        words = None
    if words is None:
        reading.doubt("request.prompt: expected text or a list")
        return
    reading.dialect = "openai-completions"
    turns = Turns()
    turns.user(words)
    turns.into(reading)
    reading.tools_offered = 0


def _prompts(prompt: list[Any]) -> str | None:
    if all(type(token) is int for token in prompt):
        return " ".join(map(str, prompt))
    texts = [item if type(item) is str else _prompts(item) if type(item) is list else None for item in prompt[:4096]]
    return None if None in texts else "\n\n".join(text for text in texts if text is not None)


def _read_responses(body: Body, reading: Reading) -> None:
    """``input`` is text or a list of items: messages, calls, results of calls, reasoning (OpenAI API reference)."""
    given = body["input"]
    turns = Turns()
    instructions = body.get("instructions")
    if type(instructions) is str:
        turns.system.append(instructions)
    if type(given) is str:
        turns.user(given)
    elif type(given) is list:
        model_spoke = False
        for item in given:
            kind = _item_kind(item)
            if kind in _BY_MODEL and not model_spoke:  # calls and reasoning up to the next input are one turn
                turns.answered()
            elif kind == "message" and item.get("role") == "assistant" and model_spoke:
                turns.assistants -= 1  # the message belongs to the turn that its reasoning began
            model_spoke = kind in _BY_MODEL or (kind == "message" and item.get("role") == "assistant")
            _ITEMS.get(kind, _read_other_item)(item, turns)
    else:
        reading.doubt("request.input: expected text or a list")
        return
    reading.dialect = "openai-responses"
    turns.into(reading)
    read_tools(body.get("tools"), reading)
    include = body.get("include")
    if reading.top_logprobs is None and type(include) is list and "message.output_text.logprobs" in include:
        reading.top_logprobs = 0


def _item_kind(item: Any) -> str:
    if type(item) is not dict:
        return "text" if type(item) is str else ""
    kind = item.get("type")
    if kind is None:
        return "message" if "role" in item else ""
    if type(kind) is not str:
        return ""
    return "result" if kind.endswith("_output") else "call" if kind.endswith("_call") else kind


def _read_result(item: Body, turns: Turns) -> None:
    turns.results += 1
    turns.answers_open = False
    output = item.get("output")
    turns.parts(output if type(output) in (list, dict) else None)


def _read_call(_: Body, turns: Turns) -> None:
    turns.calls += 1


def _read_reasoning(item: Body, turns: Turns) -> None:
    turns.sign(item.get("encrypted_content"))


def _read_other_item(item: Any, turns: Turns) -> None:
    if type(item) is not dict or type(item.get("type")) is not str:
        turns.odd += 1


#: Items that the model made, apart from its messages.
_BY_MODEL = frozenset({"call", "reasoning"})

_ITEMS: dict[str, Callable[[Any, Turns], None]] = {
    "message": lambda item, turns: turns.message(item),
    "text": lambda item, turns: turns.user(item),
    "result": _read_result,
    "call": _read_call,
    "reasoning": _read_reasoning,
    "compaction": _read_reasoning,
}
