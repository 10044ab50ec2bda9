"""What goes back on the wire: TAXII resources as JSON, and the error resource (TAXII 2.1 section 3.6.1)."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

TAXII = "application/taxii+json;version=2.1"
STIX = "application/stix+json;version=2.1"


class ProblemError(Exception):
    """A request that is not fulfilled. ``title`` and ``description`` go to the client and say how to be allowed."""

    def __init__(
        self, status: int, title: str, description: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {title}: {description}")
        self.status = status
        self.title = title
        self.description = description
        self.headers = dict(headers or {})


def taxii(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A TAXII resource."""
    return raw(msgspec.json.encode(content), status, headers)


def raw(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A TAXII resource whose JSON is ready."""
    return Response(body, status, {**(headers or {}), "Content-Type": TAXII})


def error(problem: ProblemError) -> Response:
    """The error resource. ``http_status`` is a string and equals the status code."""
    content = {"title": problem.title, "http_status": str(problem.status)}
    if problem.description:
        content["description"] = problem.description
    return taxii(content, problem.status, problem.headers)


def not_found() -> ProblemError:
    """The same words for what is not there and for what the caller may not know of."""
    return ProblemError(404, "Not found", "there is nothing here, or nothing that you may see")
