"""Read a request's body without ever holding more than the forum said it would take."""

from starlette.requests import ClientDisconnect, Request

from stillwatch.apps.forum.answers import ProblemError


async def read_body(request: Request, most: int) -> bytes:
    """The body. Raises 413 as soon as it is known to be longer than ``most`` bytes (TAXII 2.1 section 5.5)."""
    length = request.headers.get("content-length")
    if length is not None and length.isdigit() and int(length) > most:
        raise _too_long(most)
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise _too_long(most)
            parts.append(part)
    except ClientDisconnect as error:
        raise ProblemError(400, "Bad request", "the body ended early") from error
    return b"".join(parts)


def _too_long(most: int) -> ProblemError:
    return ProblemError(
        413,
        "Body too long",
        f"max_content_length is {most} bytes: send the objects in several requests",
        {"Connection": "close"},
    )
