"""LiteLLM's proxy: a custom guardrail that decides before the call, carries a course out, and taps what was served.

Sources: LiteLLM documentation, "Custom Guardrail" and "Custom callbacks"; ``StandardLoggingPayload``. Loaded inside the
proxy's own process, where ``litellm`` is; nothing else in Stillwatch imports this file.

*Hold* keeps a streamed answer until it is whole. *Reduce-reasoning* takes reasoning text and thinking blocks out of the
answer; the answer itself is untouched.
"""

import logging
import uuid
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import HTTPException
from litellm.integrations.custom_guardrail import CustomGuardrail

from stillwatch.adapters.gateways.gate import Gate
from stillwatch.adapters.gateways.problems import reply
from stillwatch.decide.decision import Decision
from stillwatch.ingest.formats.litellm import FORMAT
from stillwatch.ingest.records import Client, Record, RefusedError, mend
from stillwatch.ingest.settings import IngestSettings

_LOG = logging.getLogger("stillwatch.litellm")
#: Where this request's decision is kept while LiteLLM serves it.
_KEPT = "stillwatch_decision"
_REASONING = ("reasoning_content", "thinking_blocks", "reasoning")
_SETTINGS = IngestSettings()
#: What LiteLLM adds to a body.
_NOT_THE_CALLERS = frozenset(
    ("metadata", "litellm_metadata", "proxy_server_request", "secret_fields", "litellm_logging_obj", "litellm_call_id")
)


class LiteLLMGuardrail(CustomGuardrail):  # type: ignore[misc]
    """``gate`` in front of every model of the proxy. What it can't read it lets pass: an adapter breaks nothing."""

    def __init__(self, gate: Gate, pages: str = "", **settings: Any) -> None:
        super().__init__(**settings)
        self._gate, self._pages = gate, pages

    async def async_pre_call_hook(self, user_api_key_dict: Any, cache: Any, data: Any, call_type: Any) -> Any:
        """Ask the gate; raise what the caller shall read where the request does not go on. LiteLLM logs that as a
        failure, and so it is tapped like everything else."""
        record = _asked(user_api_key_dict, data)
        decision = self._gate.ask(record)
        said = reply(decision, self._pages)
        if said.status == 200:
            _metadata(data)[_KEPT] = msgspec.to_builtins(decision)
            return data
        headers = {name.decode(): value.decode() for name, value in said.headers}
        raise HTTPException(status_code=said.status, detail=msgspec.json.decode(said.body), headers=headers)

    async def async_post_call_response_headers_hook(
        self,
        data: Any,
        user_api_key_dict: Any,
        response: Any,
        request_headers: Any = None,
        litellm_call_info: Any = None,
    ) -> dict[str, str] | None:
        """What goes on says so in headers."""
        decision = _kept(data)
        if decision is None:
            return None
        return {name.decode(): value.decode() for name, value in reply(decision, self._pages).headers}

    async def async_post_call_success_hook(self, data: Any, user_api_key_dict: Any, response: Any) -> Any:
        """Take reasoning out of a whole answer where that is the course."""
        decision = _kept(data)
        if decision is not None and decision.effective == "reduce-reasoning":
            for choice in getattr(response, "choices", None) or ():
                _without_reasoning(getattr(choice, "message", None))
        return response

    async def async_post_call_streaming_iterator_hook(
        self, user_api_key_dict: Any, response: Any, request_data: Any
    ) -> AsyncIterator[Any]:
        """Hold a streamed answer, or take reasoning out of it, piece by piece."""
        decision = _kept(request_data)
        course = "allow" if decision is None else decision.effective
        held = []
        async for chunk in response:
            if course == "reduce-reasoning":
                for choice in getattr(chunk, "choices", None) or ():
                    _without_reasoning(getattr(choice, "delta", None))
            if course == "hold":
                held.append(chunk)
            else:
                yield chunk
        for chunk in held:
            yield chunk

    async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """Tap what was served."""
        self._tapped(kwargs)

    async def async_log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """Tap what failed."""
        self._tapped(kwargs)

    def _tapped(self, kwargs: Any) -> None:
        payload = kwargs.get("standard_logging_object") if isinstance(kwargs, Mapping) else None
        if not isinstance(payload, dict):
            return
        try:
            plain = msgspec.to_builtins(payload, enc_hook=str)
            (raw,) = FORMAT.rewrite({"standard_logging_object": plain}, _SETTINGS)
            record, _ = mend(raw)
        except (RefusedError, TypeError, ValueError, RecursionError):
            _LOG.exception("a payload of LiteLLM can't be tapped; requests go on")
            return
        if isinstance(record.occurred_at, int | float):
            record.occurred_at = datetime.fromtimestamp(record.occurred_at, tz=UTC)
        # The id of the payload is the answer's, which one answer from a cache has in common with the next.
        record.id = str(kwargs.get("litellm_call_id") or record.id)
        parameters = kwargs.get("litellm_params")
        metadata = parameters.get("metadata") if isinstance(parameters, Mapping) else None
        decision = _decision(metadata.get(_KEPT)) if isinstance(metadata, Mapping) else None
        if decision is not None and (record.status is None or record.status < 400):
            self._gate.count(decision)
        self._gate.served(record)


def _asked(key: Any, data: Any) -> Record:
    """The caller's own body where LiteLLM kept it; else what it made of it. Names as the tap's format has them."""
    received = data.get("proxy_server_request") or {}
    headers = received.get("headers") or {}
    team, organization = getattr(key, "team_id", None), getattr(key, "org_id", None)
    hashed = getattr(key, "api_key", None)
    body = received.get("body")
    request = {k: v for k, v in (body if isinstance(body, dict) else data).items() if k not in _NOT_THE_CALLERS}
    return Record(
        id=str(data.get("litellm_call_id") or uuid.uuid4().hex),
        occurred_at=datetime.now(UTC),
        account=getattr(key, "user_id", None) or team or hashed or "anonymous",
        organization=organization or team,
        credential=hashed,
        endpoint=str(received.get("url") or ""),
        client=Client(
            ip=_metadata(data).get("requester_ip_address"),
            user_agent=headers.get("user-agent"),
            headers=[str(name).lower() for name in headers],
        ),
        request=request,
    )


def _metadata(data: Any) -> dict[str, Any]:
    name = "litellm_metadata" if isinstance(data.get("litellm_metadata"), dict) else "metadata"
    found: dict[str, Any] | None = data.get(name)
    if not isinstance(found, dict):
        found = data[name] = {}
    return found


def _kept(data: Any) -> Decision | None:
    return _decision(_metadata(data).get(_KEPT)) if isinstance(data, dict) else None


def _decision(plain: Any) -> Decision | None:
    try:
        return msgspec.convert(plain, Decision)
    except msgspec.ValidationError:
        return None


def _without_reasoning(message: Any) -> None:
    for name in _REASONING:
        if getattr(message, name, None):
            setattr(message, name, None)
