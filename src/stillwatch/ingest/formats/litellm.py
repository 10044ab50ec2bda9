"""LiteLLM's StandardLoggingPayload, as its callbacks and object-store loggers write it.

Source: LiteLLM documentation, "StandardLoggingPayload Specification". Some loggers wrap the payload in
``standard_logging_object``.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from stillwatch.ingest.formats.format import Format, Raw, at, first_name
from stillwatch.ingest.settings import IngestSettings

#: ``call_type`` -> endpoint, where the type of call alone says which API the caller used.
_ENDPOINTS = {
    "completion": "/v1/chat/completions",
    "text_completion": "/v1/completions",
    "embedding": "/v1/embeddings",
    "responses": "/v1/responses",
    "anthropic_messages": "/v1/messages",
}


def _matches(raw: Raw) -> bool:
    if "standard_logging_object" in raw:
        return True
    return "startTime" in raw and any(name in raw for name in ("call_type", "model_parameters", "hidden_params"))


def _rewrite(raw: Raw, settings: IngestSettings) -> Iterable[Raw]:
    inner = raw.get("standard_logging_object")
    log = inner if isinstance(inner, dict) else raw
    call_type = log.get("call_type")
    endpoint = _ENDPOINTS.get(call_type.removeprefix("a")) if isinstance(call_type, str) else None
    if call_type == "anthropic_messages":
        endpoint = _ENDPOINTS["anthropic_messages"]
    record: Raw = {
        "id": log.get("id") or log.get("trace_id"),
        "occurred_at": log.get("startTime"),
        "duration_ms": _milliseconds(log),
        "account": first_name(log, settings.litellm.account),
        "organization": first_name(log, settings.litellm.organization),
        "credential": first_name(log, settings.litellm.credential),
        "endpoint": endpoint,
        "status": _status(log),
        "client": {
            "ip": log.get("requester_ip_address") or at(log, "metadata.requester_ip_address"),
            "user_agent": log.get("user_agent") or at(log, "metadata.user_agent"),
        },
        "request": _request(log, endpoint),
        "response": _response(log),
    }
    return (record,)


def _milliseconds(log: Raw) -> float | None:
    start, end = log.get("startTime"), log.get("endTime")
    if isinstance(start, int | float) and isinstance(end, int | float):
        return (end - start) * 1_000
    return None


def _status(log: Raw) -> int | None:
    code = at(log, "error_information.error_code")
    if isinstance(code, str) and code.isascii() and code.isdigit():
        return int(code[:4])
    return 200 if log.get("status") == "success" else None


def _request(log: Raw, endpoint: str | None) -> Raw:
    """The caller's body, put together again: LiteLLM logs its parameters apart from its messages."""
    parameters = log.get("model_parameters")
    body: Raw = dict(parameters) if isinstance(parameters, dict) else {}
    body["model"] = log.get("model_group") or log.get("model")
    end_user = log.get("end_user")
    if isinstance(end_user, str) and end_user:
        body.setdefault("user", end_user)
    words = _decoded(log.get("messages"))
    if isinstance(words, dict):  # pass-through calls log the whole body
        return {**body, **words}
    name = {"/v1/completions": "prompt", "/v1/responses": "input", "/v1/embeddings": "input"}.get(endpoint or "")
    if isinstance(words, list) and name != "input" and words and isinstance(words[0], dict):
        name = "messages"
        if endpoint == "/v1/completions":
            return {**body, "prompt": [m.get("content") for m in words if isinstance(m, dict)]}
    if words is not None:
        body[name or ("messages" if isinstance(words, list) else "prompt")] = words
    return body


def _response(log: Raw) -> Raw:
    answer = _decoded(log.get("response"))
    body: Raw = dict(answer) if isinstance(answer, dict) else {"text": answer} if isinstance(answer, str) else {}
    body.setdefault("model", log.get("model"))
    if not isinstance(body.get("usage"), dict):
        body["usage"] = {name: log.get(name) for name in ("prompt_tokens", "completion_tokens")}
    return body


def _decoded(value: Any) -> Any:
    """Object-store and database loggers may write nested JSON as text."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return msgspec.json.decode(value)
        except (ValueError, RecursionError):
            return value
    return value


FORMAT = Format(name="litellm", title="LiteLLM StandardLoggingPayload", matches=_matches, rewrite=_rewrite)
