"""Recorded traffic of real tools, wrapped in the own format, is read without a reject."""

import gzip
import json
from pathlib import Path

import pytest

from stillwatch.ingest import Block, read

CAPTURES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "captures"
DIALECTS = {
    "/v1/chat/completions": "openai-chat",
    "/v1/completions": "openai-completions",
    "/v1/messages": "anthropic-messages",
    "/v1/responses": "openai-responses",
    "/v1/embeddings": "other",
}


@pytest.mark.shared
def test_every_recorded_request_is_read_without_a_reject():
    files = sorted(CAPTURES.glob("*/*.jsonl.gz"))
    if not files:
        pytest.skip("the development data (shared/data/captures beside the checkout) is not here")
    for file in files:
        with gzip.open(file) as stream:
            captured = [json.loads(line) for line in stream]
        wrapped = [
            {
                "id": f"{file.stem}-{number}",
                "occurred_at": 1_782_907_200 + request["t"],
                "account": request["key"],
                "endpoint": request["path"],
                "client": {"headers": request["header_order"]},
                "request": request["body"],
                "response": {"usage": request["resp"].get("usage")},
            }
            for number, request in enumerate(captured)
        ]
        data = "\n".join(map(json.dumps, wrapped)).encode()
        batch = read(
            Block(source=0, file=file.name, first_line=1, data=data), "stillwatch", now_us=1_783_000_000_000_000
        )
        assert batch.rejects == [], file.name
        assert batch.exchanges.num_rows == len(captured), file.name
        for row, request in zip(batch.exchanges.to_pylist(), captured, strict=True):
            assert row["dialect"] == DIALECTS[request["path"]], file.name
            if row["dialect"] != "other":
                assert row["first_text"] or row["system_text"], file.name
