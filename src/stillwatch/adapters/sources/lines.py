"""A stream of bytes to blocks of whole lines, in bounded memory whatever the length of a line."""

from collections.abc import Iterable, Iterator

import msgspec

from stillwatch.adapters.sources.unpack import DamagedError

_BOM = b"\xef\xbb\xbf"


class Span(msgspec.Struct, frozen=True):
    """Whole lines; ``first_line`` is 1-based."""

    first_line: int
    data: bytes


class Lost(msgspec.Struct, frozen=True):
    """A line, or everything from a line on, that can't be handed over."""

    line: int
    reason: str


def whole_lines(chunks: Iterable[bytes], *, block_bytes: int, max_line_bytes: int) -> Iterator[Span | Lost]:
    """Cut ``chunks`` into spans of about ``block_bytes`` that end with a line.

    A line longer than ``max_line_bytes`` is not kept: its bytes are dropped as they come, up to its end. Where the
    stream is damaged, every whole line before the damage comes first.
    """
    cutter = _Cutter(block_bytes, max_line_bytes)
    try:
        for chunk in chunks:
            yield from cutter.take(chunk)
    except DamagedError as damage:
        yield from cutter.flush()
        yield Lost(cutter.line, f"{damage}: nothing from this line on can be read")
        return
    yield from cutter.end()


class _Cutter:
    def __init__(self, block_bytes: int, max_line_bytes: int) -> None:
        self.block_bytes = block_bytes
        self.max_line_bytes = max_line_bytes
        self.line = 1  # the line that the next whole line will be
        self.whole: list[bytes] = []
        self.whole_bytes = 0
        self.part: list[bytes] = []  # the beginning of a line whose end is not there yet
        self.part_bytes = 0
        self.skipped_bytes = 0  # of a line that is too long; 0: none is being skipped
        self.begun = False

    def take(self, chunk: bytes) -> Iterator[Span | Lost]:
        if not self.begun and chunk:
            self.begun = True
            chunk = chunk.removeprefix(_BOM)
        if self.skipped_bytes:
            end = chunk.find(b"\n")
            if end < 0:
                self.skipped_bytes += len(chunk)
                return
            yield self._skipped(end)
            chunk = chunk[end + 1 :]
        last = chunk.rfind(b"\n")
        if last >= 0:
            yield from self._complete(chunk[: last + 1])
            chunk = chunk[last + 1 :]
        if chunk:
            self.part.append(chunk)
            self.part_bytes += len(chunk)
        if self.part_bytes > self.max_line_bytes:
            yield from self.flush()
            self._drop()

    def _complete(self, lines: bytes) -> Iterator[Span | Lost]:
        """Take whole lines, the first of which ends what ``part`` began."""
        if self.part and self.part_bytes + lines.find(b"\n") > self.max_line_bytes:
            yield from self.flush()
            self._drop()
            end = lines.find(b"\n")
            yield self._skipped(end)
            lines = lines[end + 1 :]
        self.whole += [*self.part, lines]
        self.whole_bytes += self.part_bytes + len(lines)
        self.part, self.part_bytes = [], 0
        if self.whole_bytes >= self.block_bytes:
            yield from self.flush()

    def _drop(self) -> None:
        self.skipped_bytes = self.part_bytes
        self.part, self.part_bytes = [], 0

    def _skipped(self, end: int) -> Lost:
        size = self.skipped_bytes + end
        lost = Lost(self.line, f"the line is longer than {self.max_line_bytes:,} bytes (it has {size:,})")
        self.skipped_bytes = 0
        self.line += 1
        return lost

    def flush(self) -> Iterator[Span]:
        """Hand over the whole lines that are there."""
        data = b"".join(self.whole)
        if data:
            yield Span(self.line, data)
            self.line += data.count(b"\n")
        self.whole, self.whole_bytes = [], 0

    def end(self) -> Iterator[Span | Lost]:
        """The stream is over: a last line needs no newline."""
        if self.skipped_bytes:
            yield self._skipped(0)
            return
        self.whole += self.part
        yield from self.flush()
