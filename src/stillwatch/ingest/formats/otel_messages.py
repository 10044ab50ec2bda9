"""Prompts and answers inside OpenTelemetry attributes: three generations of names, put back into a chat body."""

from typing import Any

import msgspec

from stillwatch.ingest.formats.format import Raw


def plain(value: Any) -> Any:
    """An OTLP ``AnyValue`` as a plain value. Values that are plain already pass through."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    ((kind, inner),) = value.items()
    match kind:
        case "intValue":
            return int(inner) if isinstance(inner, str) and inner.lstrip("-").isdigit() and inner.isascii() else inner
        case "arrayValue":
            items = inner.get("values") if isinstance(inner, dict) else None
            return [plain(item) for item in items] if isinstance(items, list) else []
        case "kvlistValue":
            items = inner.get("values") if isinstance(inner, dict) else None
            pairs = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
            return {pair["key"]: plain(pair.get("value")) for pair in pairs if isinstance(pair.get("key"), str)}
        case "stringValue" | "boolValue" | "doubleValue" | "bytesValue":
            return inner
    return value


def first(attributes: Raw, *names: str) -> Any:
    """The first of the named attributes that is there."""
    for name in names:
        if attributes.get(name) is not None:
            return attributes[name]
    return None


def structured(value: Any) -> Any:
    """A span may carry structure as a JSON string (registry, note on ``gen_ai.input.messages``)."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return msgspec.json.decode(value)
        except (ValueError, RecursionError):
            return value
    return value


def conversation(attributes: Raw) -> list[Raw]:
    """Messages of the request in a shape that ``bodies.turns`` reads, oldest first."""
    messages: list[Raw] = []
    system = structured(attributes.get("gen_ai.system_instructions"))
    if system:
        messages.append({"role": "system", "content": system})
    given = structured(first(attributes, "gen_ai.input.messages", "gen_ai.prompt", "llm.prompts"))
    if isinstance(given, str):
        messages.append({"role": "user", "content": given})
    elif isinstance(given, list):
        messages += [item for item in given if isinstance(item, dict)]
    else:
        messages += _numbered(attributes, "gen_ai.prompt.") or _numbered(attributes, "llm.prompts.")
    return messages


def _numbered(attributes: Raw, prefix: str) -> list[Raw]:
    """OpenLLMetry flattens lists: ``gen_ai.prompt.0.role``, ``gen_ai.prompt.0.tool_calls.0.name``, and so on."""
    found: dict[int, Raw] = {}
    for key, value in attributes.items():
        number, _, field = key.removeprefix(prefix).partition(".")
        if not key.startswith(prefix) or not number.isascii() or not number.isdigit() or not field:
            continue
        message = found.setdefault(int(number[:9]), {"role": "user"})
        if field.startswith("tool_calls."):
            calls = message.setdefault("tool_calls", [])
            if field.endswith(".name"):
                calls.append({"name": value})
        else:
            message[field] = structured(value) if field == "content" else value
    return [found[number] for number in sorted(found)]


def tools(attributes: Raw) -> list[Raw]:
    """Offered tools, from the attribute of today or the numbered ones of OpenLLMetry."""
    offered = structured(attributes.get("gen_ai.tool.definitions"))
    if isinstance(offered, list):
        return [tool for tool in offered if isinstance(tool, dict)]
    return _numbered(attributes, "llm.request.functions.") or _numbered(attributes, "gen_ai.request.tools.")


def answer(attributes: Raw) -> Raw:
    """The answer as a response body of the own format."""
    reasons = attributes.get("gen_ai.response.finish_reasons")
    body: Raw = {
        "model": first(attributes, "gen_ai.response.model", "llm.response.model"),
        "finish_reason": reasons[0] if isinstance(reasons, list) and reasons else reasons,
        "usage": {
            "prompt_tokens": first(
                attributes, "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens"
            ),
            "completion_tokens": first(
                attributes,
                "gen_ai.usage.output_tokens",
                "gen_ai.usage.completion_tokens",
                "llm.usage.completion_tokens",
            ),
            "reasoning_tokens": first(
                attributes, "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"
            ),
        },
    }
    given = structured(first(attributes, "gen_ai.output.messages", "gen_ai.completion"))
    if isinstance(given, str):
        body["text"] = given
        return body
    messages = [given] if isinstance(given, dict) else given if isinstance(given, list) else None
    if messages is None:
        messages = _numbered(attributes, "gen_ai.completion.") or _numbered(attributes, "llm.completions.")
    if messages:
        body["choices"] = [
            {"message": message, "finish_reason": message.get("finish_reason")}
            for message in messages
            if isinstance(message, dict)
        ]
    return body
