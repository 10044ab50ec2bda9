"""A model server of one answer in Starlette, behind the middleware: ``watched`` with the settings in ``GATE``."""

import json
import os
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stillwatch.apps.gateway.middleware import watched

ANSWER = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Lima."}, "finish_reason": "stop"}]}


async def _answer(request: Request) -> Response:
    await request.body()
    return JSONResponse(ANSWER)


def plain() -> Any:
    """The model server alone."""
    return Starlette(routes=[Route("/v1/chat/completions", _answer, methods=["POST"])])


def behind() -> Any:
    """The model server behind a gate."""
    return watched(plain(), **json.loads(os.environ["GATE"]))
