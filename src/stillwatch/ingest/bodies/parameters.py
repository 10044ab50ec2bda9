"""Sampling parameters, offered tools and the caller's own label: what stands beside the words of a request."""

from functools import lru_cache
from typing import Any, NamedTuple

from stillwatch.ingest.bodies.reading import COUNT_LIMIT, Reading, cut, whole

_FORMATS = {"text": "text", "json_object": "json_object", "json_schema": "json_schema", "grammar": "grammar"}
_EFFORTS = {
    "none": "none", "minimal": "minimal", "low": "low", "medium": "medium",
    "high": "high", "xhigh": "high", "max": "high",
}  # fmt: skip
_LOGPROBS = frozenset({"logprobs", "top_logprobs"})
_FORMAT = frozenset(
    {
        "response_format",
        "output_format",
        "text",
        "output_config",
        "guided_json",
        "grammar",
        "guided_grammar",
        "guided_regex",
    }
)
_EFFORT = frozenset({"reasoning_effort", "reasoning", "thinking"})


class Names(NamedTuple):
    """The top-level names of a body, and which groups of parameters can be among them: a log has few such sets."""

    joined: str
    logprobs: bool
    format: bool
    effort: bool


@lru_cache(maxsize=4096)
def names_of(names: tuple[str, ...]) -> Names:
    """What the names of a body promise, looked up once for each set of names."""
    there = set(names)
    return Names(
        joined=",".join(sorted(names)),
        logprobs=bool(there & _LOGPROBS),
        format=bool(there & _FORMAT),
        effort=bool(there & _EFFORT),
    )


def read_parameters(body: dict[str, Any], reading: Reading, names: Names | None = None) -> None:
    """Take what most APIs share. ``names`` are those of the body as received, where ``body`` was put together anew."""
    present = names_of(tuple(body))
    reading.parameter_names = present.joined if names is None else names.joined
    model = body.get("model")
    if type(model) is str:
        reading.model = model
    elif model is not None:
        reading.doubt("request.model: expected text")
    for field in ("temperature", "top_p"):
        value = body.get(field)
        if type(value) is float or type(value) is int:
            setattr(reading, field, max(-1e30, min(1e30, float(value))))
        elif value is not None:
            reading.doubt(f"request.{field}: expected a number")
    reading.max_tokens = whole(body, "max_tokens", "max_completion_tokens", "max_output_tokens", "max_tokens_to_sample")
    choices = body.get("n")
    if type(choices) is int:
        reading.choices = max(0, min(choices, COUNT_LIMIT))
    stream = body.get("stream")
    if type(stream) is bool:
        reading.stream = stream
    user = body.get("user")
    if user is None:
        user = _user_elsewhere(body)
    if type(user) is str:
        reading.user_field = user
    if present.logprobs:
        _read_logprobs(body, reading)
    if present.format:
        _read_format(body, reading)
    if present.effort:
        _read_effort(body, reading)


def _user_elsewhere(body: dict[str, Any]) -> Any:
    metadata = body.get("metadata")
    user = metadata.get("user_id") if type(metadata) is dict else None
    return body.get("safety_identifier") if user is None else user


def _read_logprobs(body: dict[str, Any], reading: Reading) -> None:
    asked = body.get("logprobs")
    top = body.get("top_logprobs")
    if type(asked) is int:  # completions: how many
        reading.top_logprobs = max(0, min(asked, COUNT_LIMIT))
    elif type(top) is int and asked is not False:
        reading.top_logprobs = max(0, min(top, COUNT_LIMIT))
    elif asked is True:
        reading.top_logprobs = 0


def _read_format(body: dict[str, Any], reading: Reading) -> None:
    wanted = body.get("response_format") or body.get("output_format")
    if wanted is None:
        text = body.get("text") or body.get("output_config")
        wanted = text.get("format") if type(text) is dict else None
    if type(wanted) is dict:
        kind = wanted.get("type")
        reading.response_format = _FORMATS.get(kind) if type(kind) is str else None
    elif body.get("guided_json") is not None:
        reading.response_format = "json_schema"
    elif any(body.get(field) is not None for field in ("grammar", "guided_grammar", "guided_regex")):
        reading.response_format = "grammar"


def _read_effort(body: dict[str, Any], reading: Reading) -> None:
    effort = body.get("reasoning_effort")
    reasoning = body.get("reasoning")
    if type(reasoning) is dict:
        effort = effort or reasoning.get("effort") or ("budget" if reasoning.get("max_tokens") else None)
    thinking = body.get("thinking")
    if type(thinking) is dict:
        config = body.get("output_config")
        named = config.get("effort") if type(config) is dict else None
        kind = thinking.get("type")
        effort = "none" if kind == "disabled" else "budget" if thinking.get("budget_tokens") else named
    if effort == "budget":
        reading.reasoning_effort = "budget"
    elif type(effort) is str:
        reading.reasoning_effort = _EFFORTS.get(effort)


def read_tools(tools: Any, reading: Reading) -> None:
    """Take names and descriptions of the offered tools, of any API, sorted by name."""
    offered: list[tuple[str, str]] = []
    _collect(tools, offered)
    reading.tools_offered = min(len(offered), COUNT_LIMIT)
    if offered:
        offered.sort()
        reading.tool_text = cut("\n".join(f"{name}: {words}" if words else name for name, words in offered))


def _collect(tools: Any, offered: list[tuple[str, str]]) -> None:
    if type(tools) is not list:
        return
    for tool in tools:
        if type(tool) is not dict:
            continue
        if type(tool.get("tools")) is list:  # a namespace of tools (OpenAI Responses)
            _collect(tool["tools"], offered)
            continue
        inner = tool.get("function") or tool.get("toolSpec") or tool
        if type(inner) is not dict:
            inner = tool
        name, words = inner.get("name") or inner.get("type"), inner.get("description")
        offered.append((name if type(name) is str else "", words if type(words) is str else ""))
