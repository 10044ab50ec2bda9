"""LiteLLM's proxy, in its config.yaml: ``guardrail: stillwatch.apps.gateway.litellm.Guardrail`` with a ``table``.

LiteLLM makes one object for each worker and hands it everything that stands under ``litellm_params``.
"""

import atexit
from contextlib import ExitStack
from typing import Any

import msgspec

from stillwatch.adapters.gateways.litellm_proxy import LiteLLMGuardrail
from stillwatch.apps.gateway.wiring import GateSettings, opened


class Guardrail(LiteLLMGuardrail):
    """The guardrail that LiteLLM starts. Takes the names of ``GateSettings``; the others are LiteLLM's own."""

    # LiteLLM looks for these two hooks in the class itself and passes over inherited ones (1.106, proxy/utils.py).
    async_post_call_response_headers_hook = LiteLLMGuardrail.async_post_call_response_headers_hook
    async_post_call_streaming_iterator_hook = LiteLLMGuardrail.async_post_call_streaming_iterator_hook

    def __init__(self, **settings: Any) -> None:
        ours = {name: settings.pop(name) for name in GateSettings.__struct_fields__ if settings.get(name) is not None}
        for name in GateSettings.__struct_fields__:
            settings.pop(name, None)
        chosen = msgspec.convert(ours, GateSettings)
        stack = ExitStack()
        gate = stack.enter_context(opened(chosen))
        atexit.register(stack.close)
        super().__init__(gate, chosen.pages, **settings)
