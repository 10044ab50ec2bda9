"""A small log to vary: one good record, and the way to read lines."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from stillwatch.ingest import Batch, Block, IngestSettings, read

NOW_US = int(datetime(2026, 7, 2, tzinfo=UTC).timestamp()) * 1_000_000

Read = Callable[..., Batch]
Record = Callable[..., dict[str, Any]]


def lines_of(values: list[Any]) -> bytes:
    return b"\n".join(value if isinstance(value, bytes) else json.dumps(value).encode() for value in values)


@pytest.fixture
def record() -> Record:
    """A good record of the own format, with fields replaced."""

    def build(**changes: Any) -> dict[str, Any]:
        good = {
            "id": "x-1",
            "occurred_at": "2026-07-01T12:00:00.123Z",
            "duration_ms": 812,
            "account": "acct_17",
            "organization": "org_3",
            "credential": "key_9",
            "surface": "api",
            "endpoint": "/v1/chat/completions",
            "status": 200,
            "client": {
                "ip": "203.0.113.7",
                "asn": 64500,
                "user_agent": "A/1",
                "tls": "t13",
                "headers": ["Host", "X-A"],
            },
            "request": {"model": "m-large", "messages": [{"role": "user", "content": "Hello"}], "temperature": 0.7},
            "response": {
                "model": "m-large-2",
                "finish_reason": "stop",
                "usage": {"prompt_tokens": 9, "completion_tokens": 3, "reasoning_tokens": 0},
                "text": "Hello to you",
            },
        }
        return {**good, **changes}

    return build


@pytest.fixture
def read_all() -> Read:
    """Read values (or raw lines) as one block."""

    def run(
        *values: Any, format: str = "stillwatch", settings: IngestSettings | None = None, first_line: int = 1
    ) -> Batch:
        block = Block(source=3, file="day.jsonl", first_line=first_line, data=lines_of(list(values)))
        return read(block, format, now_us=NOW_US, settings=settings)

    return run
