"""The local endpoint that real tools talk to while they are recorded. Not a language model: its answers are composed.

It listens on the loopback address only and speaks enough of the OpenAI and Anthropic interfaces for common clients:
chat completions (plain, streamed, tools, JSON schema, ``n``, log-probabilities), completions, responses, embeddings
and messages. The first part of the path names the recording: a tool that is told ``http://127.0.0.1:8011/NAME/v1`` as
its base address is written to ``DIR/NAME.jsonl``, one line a request: path, key, header pairs in the order received
(authorisation, host and length left out of the pairs, kept in the order), body, time, and what was answered.

Start: ``python endpoint.py --out DIR [--port 8011]``.
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import answers
import dialects
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

LEFT_OUT = {"authorization", "x-api-key", "host", "content-length"}


class Recorder:
    """Appends what arrived to one file per recording."""

    def __init__(self, out: Path) -> None:
        self._out = out
        out.mkdir(parents=True, exist_ok=True)

    def write(self, request: Request, body: Any, answer: answers.Answer, seconds: float) -> None:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        row = {
            "at": time.time(),
            "seconds": round(seconds, 4),
            "method": request.method,
            "path": "/" + request.path_params["path"],
            "key": key_of(request),
            "headers": [pair for pair in headers if pair[0] not in LEFT_OUT],
            "order": [name for name, _ in headers],
            "body": body,
            "status": 200,
            "finish": answer.finish,
            "usage": answer.usage,
            "tool_calls": len(answer.tool_calls),
        }
        target = self._out / f"{request.path_params['recording']}.jsonl"
        with target.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def key_of(request: Request) -> str:
    """The credential as the caller sent it, without its scheme."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    return str(bearer or request.headers.get("x-api-key", ""))


async def serve(request: Request) -> Response:
    """Answer one request in the dialect of its path, and write it down."""
    began = time.perf_counter()
    path = request.path_params["path"]
    if path.endswith("models"):
        return JSONResponse({"object": "list", "data": [{"id": "m-large", "object": "model", "owned_by": "local"}]})
    body = json.loads(await request.body() or b"{}")
    answer = answers.compose(path, body)
    await asyncio.sleep(answer.pause)
    request.app.state.recorder.write(request, body, answer, time.perf_counter() - began)
    if body.get("stream"):
        return StreamingResponse(events(path, body, answer), media_type="text/event-stream")
    return JSONResponse(dialects.whole(path, body, answer))


async def events(path: str, body: Any, answer: answers.Answer) -> AsyncIterator[str]:
    """The answer as server-sent events."""
    for name, data in dialects.streamed(path, body, answer):
        text = data if isinstance(data, str) else json.dumps(data)
        yield (f"event: {name}\n" if name else "") + f"data: {text}\n\n"


def main() -> None:
    """Listen on the loopback address until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the recordings")
    parser.add_argument("--port", type=int, default=8011)
    options = parser.parse_args()
    app = Starlette(routes=[Route("/{recording}/{path:path}", serve, methods=["GET", "POST"])])
    app.state.recorder = Recorder(options.out)
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
