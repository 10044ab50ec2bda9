"""What is taken from a request and its answer, whichever API they follow. ``None`` means not known, never zero."""

import binascii
import hashlib
from typing import Any

import msgspec

#: A column of text keeps this many symbols; a longer text keeps its head and its tail, half each.
TEXT_LIMIT = 65_536
_HALF = TEXT_LIMIT // 2

#: Counts are stored in 16 bits.
COUNT_LIMIT = 32_767


class Reading(msgspec.Struct):
    """The columns of ``EXCHANGES`` that come from the two bodies, under the same names (see the comments there)."""

    dialect: str = "other"
    model: str | None = None
    system_text: str | None = None
    first_text: str | None = None
    last_text: str | None = None
    assistant_text: str | None = None
    tool_text: str | None = None
    user_turns: int | None = None
    assistant_turns: int | None = None
    tools_offered: int | None = None
    tool_calls_in: int | None = None
    tool_results: int | None = None
    images: int | None = None
    image_hashes: list[int] | None = None
    signatures: list[int] | None = None
    issued_signatures: list[int] | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    choices: int | None = None
    top_logprobs: int | None = None
    stream: bool | None = None
    response_format: str | None = None
    reasoning_effort: str | None = None
    parameter_names: str | None = None
    user_field: str | None = None
    response_model: str | None = None
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    tool_calls_out: int | None = None
    response_text: str | None = None
    doubts: list[str] | None = None

    def doubt(self, reason: str) -> None:
        """Note that a field of a body was left out."""
        if self.doubts is None:
            self.doubts = []
        self.doubts.append(reason + "; left out")


def cut(text: str) -> str:
    """``text``, or its first and last 32,768 symbols where it is longer than 65,536."""
    return text if len(text) <= TEXT_LIMIT else text[:_HALF] + "\n" + text[-_HALF:]


def digest(data: bytes) -> int:
    """The first 8 bytes of SHA-256 of ``data`` as a signed integer, big-endian."""
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "big", signed=True)


def text_digest(text: str) -> int:
    """``digest`` of the UTF-8 bytes of ``text``."""
    return digest(text.encode("utf-8", "replace"))


def image_digest(address: str, *, is_base64: bool = False) -> int:
    """Hash of an image: of its bytes where the body holds them (base64 or a ``data:`` address), else of its address.

    The same picture gives the same hash whichever API it was sent through.
    """
    payload = address if is_base64 else None
    if address.startswith("data:"):
        head, _, rest = address.partition(",")
        payload = rest if head.endswith(";base64") else None
    if payload is not None:
        try:
            return digest(binascii.a2b_base64(payload))
        except (binascii.Error, ValueError):
            return text_digest(payload)
    return text_digest(address)


def whole(body: dict[str, Any], *names: str) -> int | None:
    """The first of the named fields that holds a whole number that 64 bits can hold."""
    for name in names:
        value = body.get(name)
        if type(value) is int and -(2**63) <= value < 2**63:
            return value
    return None


__all__ = [
    "COUNT_LIMIT", "TEXT_LIMIT", "Reading", "cut", "digest", "image_digest", "text_digest", "whole",
]  # fmt: skip
