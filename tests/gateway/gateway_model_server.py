"""A model server in Starlette, behind ``watched``: run by the tests on uvicorn, its settings in the environment."""

import asyncio
import json
import os
from collections.abc import AsyncIterator

from gateway_world import ANSWER, REASONING, chunks, whole
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from stillwatch.apps.gateway.middleware import watched


async def answer(request: Request) -> Response:
    body = await request.json()
    if body.get("model") == "broken":
        raise RuntimeError("the model server fails")
    decided = request.scope["state"].get("stillwatch")
    told = {
        "course-told": request.headers.get("stillwatch-course", ""),
        "course-state": "" if decided is None else decided.effective,
        "body-bytes": str(len(await request.body())),
    }
    reasoning = "" if told["course-told"] == "reduce-reasoning" else REASONING
    if not body.get("stream"):
        return JSONResponse(whole(ANSWER, reasoning), headers=told)

    async def events() -> AsyncIterator[bytes]:
        for one in chunks(ANSWER, reasoning):
            yield b"data: " + json.dumps(one).encode() + b"\n\n"
            await asyncio.sleep(0.02)
        yield b"data: [DONE]\n\n"

    return StreamingResponse(events(), media_type="text/event-stream", headers=told)


async def other(_request: Request) -> Response:
    return JSONResponse({"models": []})


def application() -> object:
    app = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"]), Route("/v1/models", other)])
    return watched(app, **json.loads(os.environ["GATE"]))
