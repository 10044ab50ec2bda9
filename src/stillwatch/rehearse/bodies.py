"""Request and response bodies in the dialects that providers speak, built from one common idea of a conversation.

Shapes follow the public API references ("Chat completions", "Completions", "Responses", "Messages"). Parameters are
a habit of the account, not of its purpose.
"""

from typing import NamedTuple

import numpy as np

from stillwatch.rehearse.conversation import Talk, messages
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.material import Body

__all__ = ["PATHS", "Asked", "Talk", "a_dialect", "compose_body", "habits", "image", "signature"]

PATHS = {
    "openai-chat": "/v1/chat/completions",
    "openai-completions": "/v1/completions",
    "openai-responses": "/v1/responses",
    "anthropic-messages": "/v1/messages",
}


class Asked(NamedTuple):
    """One request before it has an address and a time: what is asked, and what kind of answer it draws."""

    dialect: str
    body: Body
    answer: str = "plain"  # plain | graded | reasoning | trajectory | code | label | list | refusal
    issued: str | None = None  # an opaque reasoning signature that the answer hands out


def habits(rng: np.random.Generator, dialect: str) -> Body:
    """The parameters that one account sends with every request; many send none."""
    body: Body = {}
    if rng.random() < 0.5:
        body["temperature"] = float(
            rng.choice((0.0, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 1.0), p=(0.22, 0.1, 0.06, 0.06, 0.06, 0.3, 0.06, 0.14))
        )
    if dialect == "anthropic-messages" or rng.random() < 0.42:
        limit = int(rng.choice((256, 512, 800, 1000, 1024, 2000, 2048, 4096, 8192, 16384)))
        body["max_output_tokens" if dialect == "openai-responses" else "max_tokens"] = limit
    if rng.random() < 0.16:
        body["top_p"] = float(rng.choice((0.9, 0.95, 1.0)))
    if rng.random() < 0.35:
        body["stream"] = bool(rng.random() < 0.8)
    if dialect == "openai-chat" and rng.random() < 0.07:
        body["n"] = int(rng.choice((1, 2, 4), p=(0.6, 0.2, 0.2)))
    if dialect == "openai-chat" and rng.random() < 0.08:
        body["frequency_penalty"], body["presence_penalty"] = 0.0, 0.0
    if dialect in ("openai-chat", "openai-completions") and rng.random() < 0.04:
        body["seed"] = int(rng.integers(10_000))
    return body


def compose_body(dialect: str, model: str, habit: Body, talk: Talk, model_first: bool = True) -> Body:
    """The body as the client would send it."""
    body: Body = {"model": model} if model_first else {}
    said = messages(dialect, talk)
    if dialect == "openai-completions":
        body["prompt"] = "\n\n".join(([talk.system] if talk.system else []) + list(talk.turns))
    elif dialect == "anthropic-messages":
        if talk.system:
            body["system"] = talk.system
        body["messages"] = said
    elif dialect == "openai-responses":
        if talk.system:
            body["instructions"] = talk.system
        body["input"] = said if len(said) > 1 or talk.images else talk.turns[0]
    else:
        body["messages"] = [{"role": "system", "content": talk.system}, *said] if talk.system else said
    if not model_first:
        body["model"] = model
    if talk.tools:
        body["tools"] = [_tool(dialect, tool) for tool in talk.tools]
    body.update(habit)
    return body


def _tool(dialect: str, tool: Body) -> Body:
    if dialect == "anthropic-messages":
        return {"name": tool["name"], "description": tool["description"], "input_schema": tool["parameters"]}
    if dialect == "openai-responses":
        return {"type": "function", **tool}
    return {"type": "function", "function": tool}


def signature(*seed: int) -> str:
    """An opaque reasoning signature: the same seed, the same text."""
    dice = Dice(*seed)
    return "Eq" + "".join(f"{dice.roll(1 << 30):08x}" for _ in range(12))


def image(*seed: int) -> str:
    """The address of a picture that nobody else shows."""
    dice = Dice(*seed)
    return f"https://images.example/{dice.roll(1 << 30):08x}{dice.roll(1 << 30):08x}.jpg"


def a_dialect(rng: np.random.Generator) -> str:
    """A dialect by popularity."""
    return str(rng.choice(list(PATHS), p=(0.74, 0.03, 0.06, 0.17)))
