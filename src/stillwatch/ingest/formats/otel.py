"""OpenTelemetry GenAI spans and details events, as OTLP JSON (the collector's file exporter writes one object a line).

Sources: OpenTelemetry Protocol File Exporter; Semantic Conventions for Generative AI (spans, events, and the attribute
registry with its deprecated names); OpenLLMetry, "GenAI Semantic Conventions" (``gen_ai.prompt.N.content``). The file
exporter promises no order of time, so a note about a clock that runs backwards is common here.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from stillwatch.ingest.formats.format import Format, Raw, first_name
from stillwatch.ingest.formats.otel_messages import answer, conversation, first, plain, tools
from stillwatch.ingest.settings import IngestSettings

#: Operations that call no model themselves: their children do (registry, ``gen_ai.operation.name``).
_NO_CALLS = frozenset({"execute_tool", "create_agent", "invoke_agent", "invoke_workflow", "retrieval"})
_DETAILS = "gen_ai.client.inference.operation.details"
_ENDPOINTS = {"embeddings": "/v1/embeddings"}


def _matches(raw: Raw) -> bool:
    return "resourceSpans" in raw or "resourceLogs" in raw


def _rewrite(raw: Raw, settings: IngestSettings) -> Iterable[Raw]:
    for resource, item in _items(raw):
        attributes = _attributes(item.get("attributes"))
        name = item.get("eventName") or attributes.get("event.name")
        if "timeUnixNano" in item and "spanId" in item and "startTimeUnixNano" not in item and name != _DETAILS:
            continue
        _take_events(item, attributes)
        if not any(key.startswith(("gen_ai.", "llm.")) for key in attributes):
            continue
        operation = attributes.get("gen_ai.operation.name")
        if not isinstance(operation, str) or operation not in _NO_CALLS:
            yield _record(item, attributes, resource, settings)


def _items(raw: Raw) -> Iterator[tuple[Raw, Raw]]:
    """Every span or log record with the attributes of its resource."""
    for top, middle, leaf in (
        ("resourceSpans", "scopeSpans", "spans"),
        ("resourceSpans", "instrumentationLibrarySpans", "spans"),
        ("resourceLogs", "scopeLogs", "logRecords"),
    ):
        for group in _objects(raw.get(top)):
            resource = group.get("resource")
            attributes = _attributes(resource.get("attributes") if isinstance(resource, dict) else None)
            for scope in _objects(group.get(middle)):
                for item in _objects(scope.get(leaf)):
                    yield attributes, item


def _objects(value: Any) -> list[Raw]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _attributes(pairs: Any) -> Raw:
    """OTLP's list of ``{"key", "value"}`` as an object. Plain objects, as some exporters write them, pass through."""
    if isinstance(pairs, dict):
        return pairs
    return {pair["key"]: plain(pair.get("value")) for pair in _objects(pairs) if isinstance(pair.get("key"), str)}


def _take_events(span: Raw, attributes: Raw) -> None:
    """Span events hold messages in some instrumentations: take them up as if they were attributes of the span."""
    messages: list[Raw] = []
    for event in _objects(span.get("events")):
        name, own = event.get("name"), _attributes(event.get("attributes"))
        if name in ("gen_ai.content.prompt", "gen_ai.content.completion", _DETAILS):
            for key, value in own.items():
                attributes.setdefault(key, value)
        elif name == "gen_ai.choice":
            attributes.setdefault("gen_ai.completion", own.get("message") or own.get("content"))
            if own.get("finish_reason"):
                attributes.setdefault("gen_ai.response.finish_reasons", [own["finish_reason"]])
        elif isinstance(name, str) and name.startswith("gen_ai.") and name.endswith(".message"):
            role = own.get("role") or name.removeprefix("gen_ai.").removesuffix(".message")
            messages.append({"role": role, "content": own.get("content")})
    if messages:
        attributes.setdefault("gen_ai.prompt", messages)


def _record(item: Raw, attributes: Raw, resource: Raw, settings: IngestSettings) -> Raw:
    start = _whole(item.get("startTimeUnixNano") or item.get("timeUnixNano") or item.get("observedTimeUnixNano"))
    end = _whole(item.get("endTimeUnixNano"))
    who = {**resource, **attributes}
    operation = attributes.get("gen_ai.operation.name")
    trace, span = item.get("traceId"), item.get("spanId")
    return {
        "id": f"{trace}-{span}" if span else attributes.get("gen_ai.response.id"),
        "occurred_at": start,
        "duration_ms": None if start is None or end is None else (end - start) / 1_000_000,
        "account": first_name(who, settings.otel.account),
        "organization": first_name(who, settings.otel.organization),
        "credential": first_name(who, settings.otel.credential),
        "endpoint": _ENDPOINTS.get(operation) if isinstance(operation, str) else None,
        "status": _status(item, attributes),
        "client": {"ip": attributes.get("client.address"), "user_agent": attributes.get("user_agent.original")},
        "request": _request(attributes, operation),
        "response": answer(attributes),
    }


def _request(attributes: Raw, operation: Any) -> Raw:
    body: Raw = {
        "model": attributes.get("gen_ai.request.model") or attributes.get("llm.request.model"),
        "temperature": first(attributes, "gen_ai.request.temperature", "llm.temperature"),
        "top_p": first(attributes, "gen_ai.request.top_p", "llm.top_p"),
        "max_tokens": first(attributes, "gen_ai.request.max_tokens", "llm.request.max_tokens"),
        "n": attributes.get("gen_ai.request.choice.count"),
        "stream": first(attributes, "gen_ai.request.stream", "llm.is_streaming"),
        "reasoning_effort": attributes.get("gen_ai.request.reasoning_effort"),
        "user": first(attributes, "gen_ai.request.user", "llm.user"),
    }
    kind = first(attributes, "gen_ai.output.type", "gen_ai.openai.request.response_format")
    if isinstance(kind, str):
        body["response_format"] = {"type": {"json": "json_object"}.get(kind, kind)}
    body = {name: value for name, value in body.items() if value is not None}
    words = conversation(attributes)
    if words:
        body["messages"] = words
    offered = tools(attributes)
    if offered:
        body["tools"] = offered
    if operation == "text_completion" and len(words) == 1 and isinstance(words[0].get("content"), str):
        body["prompt"] = body.pop("messages")[0]["content"]
    return body


def _status(item: Raw, attributes: Raw) -> int | None:
    status = first(attributes, "http.response.status_code", "http.status_code", "error.type")
    if isinstance(status, int) or (isinstance(status, str) and status.isascii() and status.isdigit()):
        return int(status)
    state = item.get("status")
    failed = isinstance(state, dict) and state.get("code") in (2, "STATUS_CODE_ERROR")
    return None if failed or "error.type" in attributes else 200


def _whole(value: Any) -> int | None:
    """OTLP JSON writes 64-bit integers as text (Protocol Buffers JSON mapping)."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value[:20])
    return value if type(value) is int else None


FORMAT = Format(name="otel", title="OpenTelemetry GenAI spans (OTLP JSON)", matches=_matches, rewrite=_rewrite)
