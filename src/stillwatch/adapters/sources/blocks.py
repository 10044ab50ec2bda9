"""One input to blocks, whatever it is packed in. Whatever goes wrong is a ``Reject``, and what came before it stays."""

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from typing import BinaryIO

from stillwatch.adapters.sources.documents import spans
from stillwatch.adapters.sources.expand import Source
from stillwatch.adapters.sources.lines import Lost, Span
from stillwatch.adapters.sources.parquet import batches
from stillwatch.adapters.sources.unpack import GZIP, PARQUET, UNREADABLE, ZSTD, chunks
from stillwatch.ingest.blocks import Block
from stillwatch.vocabulary.quarantine import Reject

MAX_LINE_BYTES = 64 * 1024 * 1024
BLOCK_BYTES = 8 * 1024 * 1024
_HEAD = 64 * 1024


class _Counted:
    """A stream that knows how many of its bytes were read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.consumed = 0

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self.consumed += len(data)
        return data


def blocks(
    source: Source, *, index: int, max_line_bytes: int = MAX_LINE_BYTES, block_bytes: int = BLOCK_BYTES
) -> Iterator[Block | Reject]:
    """The records of ``source`` in order, in blocks of about ``block_bytes``; ``index`` is its place among the inputs.

    Memory stays within a few times the larger of the two sizes. Nothing is raised for what the input is or holds.
    """
    line = 0
    try:
        stream = source.path.open("rb") if source.path is not None else nullcontext(sys.stdin.buffer)
        with stream as opened:
            counted = _Counted(opened)
            head = counted.read(_HEAD)
            if head.startswith(PARQUET):
                found = _parquet(source, index, block_bytes)
            else:
                found = _lines(source, index, head, counted, block_bytes, max_line_bytes)
            for item in found:
                if isinstance(item, Block):
                    line = item.first_line
                    yield item
                else:
                    line = item.line
                    yield Reject(file=source.name, line=item.line, reason=item.reason)
    except OSError as error:
        yield Reject(
            file=source.name, line=line, reason=f"can't be read: {(error.strerror or 'no reason given').lower()}"
        )


def _parquet(source: Source, index: int, block_bytes: int) -> Iterator[Block | Lost]:
    if source.path is None or source.size is None:
        yield Lost(0, "Parquet can't be read from a pipe: name the file")
        return
    yield from batches(source.path, index=index, name=source.name, block_bytes=block_bytes, size=source.size)


def _lines(
    source: Source, index: int, head: bytes, stream: _Counted, block_bytes: int, max_line_bytes: int
) -> Iterator[Block | Lost]:
    reason = _unreadable(head)
    if reason is not None:
        yield Lost(0, reason)
        return
    empty = True
    plain = _checked(chunks(head, stream), packed=head.startswith((GZIP, ZSTD)))
    try:
        for item in spans(plain, block_bytes=block_bytes, max_line_bytes=max_line_bytes):
            if isinstance(item, Span):
                if empty and item.data.isspace():
                    continue
                empty = False
                yield Block(
                    source=index,
                    file=source.name,
                    first_line=item.first_line,
                    data=item.data,
                    consumed=stream.consumed,
                )
            else:
                empty = False
                yield item
    except _NotTextError as error:
        yield Lost(0, str(error))
        return
    if empty:
        yield Lost(0, "empty file")


class _NotTextError(Exception):
    """What was packed is no text; the message says what it is."""


def _checked(plain: Iterator[bytes], *, packed: bool) -> Iterator[bytes]:
    first = True
    for chunk in plain:
        if first and packed and chunk:
            first = False
            if chunk.startswith((PARQUET, GZIP, ZSTD)):
                raise _NotTextError("packed twice, or Parquet inside gzip or zstd: unpack it first")
            reason = _unreadable(chunk)
            if reason is not None:
                raise _NotTextError(reason)
        yield chunk


def _unreadable(head: bytes) -> str | None:
    return next((reason for magic, reason in UNREADABLE if head.startswith(magic)), None)
