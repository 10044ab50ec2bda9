"""Amazon Bedrock model-invocation logs, as delivered to S3 (gzip, JSON Lines) or CloudWatch Logs.

Source: Amazon Bedrock User Guide, "Monitor model invocation using CloudWatch Logs and Amazon S3". Bodies over 100 kB
and binary data are delivered apart (``inputBodyS3Path``); such an exchange is kept without its words.
"""

from collections.abc import Iterable
from typing import Any

from stillwatch.ingest.bodies.streams import folded
from stillwatch.ingest.formats.format import Format, Raw, at, first_name
from stillwatch.ingest.settings import IngestSettings

_ENDPOINTS = {"Converse": "/converse", "ConverseStream": "/converse-stream"}

#: errorCode -> HTTP status (Bedrock API reference, "Common Errors" and the errors of InvokeModel).
_STATUSES = {
    "ValidationException": 400, "AccessDeniedException": 403, "ResourceNotFoundException": 404,
    "ModelTimeoutException": 408, "ModelErrorException": 424, "ThrottlingException": 429,
    "ModelNotReadyException": 429, "ServiceQuotaExceededException": 400, "InternalServerException": 500,
    "ServiceUnavailableException": 503,
}  # fmt: skip


def _matches(raw: Raw) -> bool:
    return raw.get("schemaType") == "ModelInvocationLog" or all(
        name in raw for name in ("modelId", "input", "identity")
    )


def _rewrite(raw: Raw, settings: IngestSettings) -> Iterable[Raw]:
    operation = raw.get("operation")
    answer = folded(at(raw, "output.outputBodyJson"))
    error = raw.get("errorCode")
    record: Raw = {
        "id": raw.get("requestId"),
        "occurred_at": raw.get("timestamp"),
        "duration_ms": at(answer, "metrics.latencyMs"),
        "account": first_name(raw, settings.bedrock.account),
        "organization": first_name(raw, settings.bedrock.organization),
        "credential": first_name(raw, settings.bedrock.credential),
        "surface": "cloud:bedrock",
        "endpoint": _ENDPOINTS.get(operation) if isinstance(operation, str) else None,
        "status": _STATUSES.get(error) if isinstance(error, str) else 200 if isinstance(answer, dict) else None,
        "request": _request(raw, operation),
        "response": _response(raw, answer),
    }
    return (record,)


def _request(raw: Raw, operation: Any) -> Raw:
    given = at(raw, "input.inputBodyJson")
    body: Raw = dict(given) if isinstance(given, dict) else {}
    if isinstance(body.get("inputText"), str):  # Titan text models
        config = body.pop("textGenerationConfig", None)
        body["prompt"] = body.pop("inputText")
        if isinstance(config, dict):
            body |= {"temperature": config.get("temperature"), "top_p": config.get("topP")}
            body["max_tokens"] = config.get("maxTokenCount")
    elif isinstance(body.get("message"), str):  # Cohere command models
        body["prompt"] = body.pop("message")
    body["model"] = raw.get("modelId")
    if isinstance(operation, str) and operation.endswith("Stream"):
        body["stream"] = True
    return body


def _response(raw: Raw, answer: Any) -> Raw:
    body: Raw = dict(answer) if isinstance(answer, dict) else {}
    if isinstance(body.get("results"), list) and body["results"] and isinstance(body["results"][0], dict):  # Titan
        body |= {
            "text": body["results"][0].get("outputText"),
            "finish_reason": body["results"][0].get("completionReason"),
        }
    for name in ("generation", "completion"):  # Llama, older Claude
        if isinstance(body.get(name), str):
            body["text"] = body[name]
    body.setdefault("finish_reason", body.get("stop_reason"))
    if not isinstance(body.get("usage"), dict):
        body["usage"] = {
            "prompt_tokens": at(raw, "input.inputTokenCount"),
            "completion_tokens": at(raw, "output.outputTokenCount"),
        }
    return body


FORMAT = Format(name="bedrock", title="Amazon Bedrock model-invocation logs", matches=_matches, rewrite=_rewrite)
