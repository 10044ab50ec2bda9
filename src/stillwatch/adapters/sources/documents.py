"""Files that hold one JSON document instead of lines: pretty-printed, or an array. Each element becomes a line."""

from collections.abc import Iterator
from itertools import chain

import msgspec

from stillwatch.adapters.sources.lines import Lost, Span, whole_lines
from stillwatch.adapters.sources.unpack import DamagedError


def spans(chunks: Iterator[bytes], *, block_bytes: int, max_line_bytes: int) -> Iterator[Span | Lost]:
    """Like ``whole_lines``, but a file whose first line leaves a bracket open is first tried as one document.

    A document may have ``max_line_bytes``, as a line may. The "line" of an element is its place in the array.
    """
    try:
        first = next(chunks, b"")
    except DamagedError as error:
        first, chunks = b"", _damaged(error)
    taken = [first]
    if not _left_open(first):
        yield from whole_lines(chain(taken, chunks), block_bytes=block_bytes, max_line_bytes=max_line_bytes)
        return
    damage: DamagedError | None = None
    try:
        size = len(first)
        for chunk in chunks:
            taken.append(chunk)
            size += len(chunk)
            if size > max_line_bytes:
                break
        else:
            yield from _document(b"".join(taken), block_bytes)
            return
    except DamagedError as error:
        if not _has_lines(b"".join(taken)):
            yield Lost(0, f"{error}: the JSON document in it is cut off")
            return
        damage = error
    except _NoDocumentError:
        pass
    rest = _damaged(damage) if damage is not None else chunks
    yield from whole_lines(chain(taken, rest), block_bytes=block_bytes, max_line_bytes=max_line_bytes)


class _NoDocumentError(Exception):
    """These bytes are no JSON document; perhaps they are lines."""


def _damaged(damage: DamagedError) -> Iterator[bytes]:
    yield from ()
    raise damage


def _left_open(first: bytes) -> bool:
    line = first.removeprefix(b"\xef\xbb\xbf").lstrip()[:65_536].partition(b"\n")[0].rstrip()
    return line[:1] in (b"{", b"[") and line[-1:] in (b"{", b"[", b",", b":") and b"\n" in first


def _document(data: bytes, block_bytes: int) -> Iterator[Span | Lost]:
    text = data.removeprefix(b"\xef\xbb\xbf")
    try:
        compact = msgspec.json.format(text, indent=-1)
        elements = [compact] if compact[:1] == b"{" else msgspec.json.decode(compact, type=list[msgspec.Raw])
    except (ValueError, RecursionError) as error:
        if _has_lines(text):
            raise _NoDocumentError from error
        yield Lost(0, "a JSON document that is broken or cut off")
        return
    gathered: list[bytes] = []
    size, first = 0, 1
    for element in elements:
        gathered.append(bytes(element))
        size += len(gathered[-1])
        if size >= block_bytes:
            yield Span(first, b"\n".join(gathered))
            first += len(gathered)
            gathered, size = [], 0
    if gathered:
        yield Span(first, b"\n".join(gathered))


def _has_lines(text: bytes) -> bool:
    """Whether the second line is an object by itself: then the first was merely broken."""
    lines = text.split(b"\n", 2)
    try:
        return len(lines) > 1 and isinstance(msgspec.json.decode(lines[1]), dict)
    except (ValueError, RecursionError):
        return False
