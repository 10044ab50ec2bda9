"""Logs in, sketches out: reads blocks of lines, has worker processes parse and sketch them, and counts what was left
out.

Text lives in a worker's memory for one block and nowhere else. A few blocks are under way at once, so memory is bounded
whatever the size of the log.
"""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch import ingest
from stillwatch.adapters.sources import Source, blocks, total_size
from stillwatch.ingest import FORMATS, Block, IngestSettings
from stillwatch.sketch.assemble import sketch
from stillwatch.sketch.keying import SketchKey
from stillwatch.vocabulary.quarantine import Reject
from stillwatch.vocabulary.sketches import DICTIONARY

#: A run smaller than this is done in this process: starting workers would take longer.
SMALL_BYTES = 12 * 1024 * 1024
WORKERS = 2
#: Blocks that are read ahead of the workers.
AHEAD = 2 * WORKERS
#: Columns of ``LINKS`` that say the same some forty times in a row; entities hardly repeat.
_REPEATING = ["exchange", "account", "ts_us", "kind"]


@dataclass(frozen=True)
class Task:
    """What a worker needs beside a block. ``folder`` takes the Parquet files; ``key`` is the sketch key."""

    folder: Path
    key: bytes
    now_us: int
    settings: IngestSettings


@dataclass(frozen=True)
class Piece:
    """A block with its number, its format and how many bytes of the run had been read after it."""

    block: Block
    number: int
    format: str
    consumed: int


@dataclass(frozen=True)
class Digest:
    """What came of one block; ``batch`` keeps its counts and times but no rows."""

    exchanges: int
    rejects: list[Reject]
    dictionary: pa.Table
    newest_us: int | None


@dataclass
class Intake:
    """The whole of what was read: counts, and the names behind the sealed identifiers."""

    exchanges: int = 0
    dictionary: set[tuple[str, int, str]] = field(default_factory=set)

    def take(self, digest: Digest) -> None:
        """Add what came of one block."""
        self.exchanges += digest.exchanges
        columns = [digest.dictionary[name].to_pylist() for name in ("kind", "key", "name")]
        self.dictionary.update(zip(*columns, strict=True))


def take_in(
    sources: Sequence[Source],
    task: Task,
    *,
    format_: str | None,
    max_line_bytes: int,
    reject: Callable[[Reject], None],
    progress: Callable[[int, int], None],
) -> Intake:
    """Read every source. ``reject`` is handed what can't be read; ``progress`` bytes read and exchanges kept so far."""
    intake = Intake()
    newest: dict[int, int] = {}
    size = total_size(sources)
    pieces = _pieces(sources, format_, max_line_bytes, reject)
    for piece, digest in _digested(pieces, task, small=size is not None and size < SMALL_BYTES):
        intake.take(digest)
        for item in digest.rejects:
            reject(item)
        doubt = _backwards(newest, piece, digest)
        if doubt is not None:
            reject(doubt)
        progress(piece.consumed, intake.exchanges)
    return intake


def _pieces(
    sources: Sequence[Source], format_: str | None, max_line_bytes: int, reject: Callable[[Reject], None]
) -> Iterator[Piece]:
    before = number = 0
    for index, source in enumerate(sources):
        consumed = 0
        named = format_
        for found in blocks(source, index=index, max_line_bytes=max_line_bytes):
            if isinstance(found, Reject):
                reject(found)
                continue
            consumed = found.consumed
            # A block whose first lines are all broken is read as our own format: each line then says what is wrong.
            named = named or ingest.recognise_block(found)
            yield Piece(found, number, named or FORMATS[0].name, before + consumed)
            number += 1
        before += source.size or consumed


def _digested(pieces: Iterator[Piece], task: Task, *, small: bool) -> Iterator[tuple[Piece, Digest]]:
    """Pieces in order with what came of them; in worker processes unless the run is ``small``."""
    if small:
        for piece in pieces:
            yield piece, digest(piece, task)
        return
    with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        under_way: deque[tuple[Piece, Future[Digest]]] = deque()
        try:
            for piece in pieces:
                with _deaf():
                    under_way.append((_without_data(piece), pool.submit(digest, piece, task)))
                if len(under_way) > AHEAD:
                    first, future = under_way.popleft()
                    yield first, future.result()
            while under_way:
                first, future = under_way.popleft()
                yield first, future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes that start meanwhile never hear Ctrl-C: a terminal sends it to all of a group, and one that waits for
    work would answer with a traceback. This process ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _without_data(piece: Piece) -> Piece:
    block = piece.block
    empty = Block(source=block.source, file=block.file, first_line=block.first_line, data=b"")
    return Piece(empty, piece.number, piece.format, piece.consumed)


def _backwards(newest: dict[int, int], piece: Piece, digest: Digest) -> Reject | None:
    """A whole block that lies behind the ones before it in its file."""
    if digest.newest_us is None:
        return None
    before = newest.get(piece.block.source)
    newest[piece.block.source] = max(digest.newest_us, before or digest.newest_us)
    return ingest.backwards_between(before, piece.block, digest.newest_us)


def digest(piece: Piece, task: Task) -> Digest:
    """Parse and sketch one block; write its sketches and links as Parquet. Runs in a worker process."""
    batch = ingest.read(piece.block, piece.format, now_us=task.now_us, settings=task.settings)
    if not batch.exchanges.num_rows:
        return Digest(0, batch.rejects, DICTIONARY.empty_table(), None)
    sketched = sketch(batch.exchanges, SketchKey.from_bytes(task.key))
    _write(task.folder / f"sketches-{piece.number:06d}.parquet", sketched.sketches, repeating=False)
    _write(task.folder / f"links-{piece.number:06d}.parquet", sketched.links, repeating=_REPEATING)
    addresses = named_addresses(batch.exchanges, sketched.sketches)
    _write(task.folder / f"addresses-{piece.number:06d}.parquet", addresses, repeating=False)
    return Digest(batch.exchanges.num_rows, batch.rejects, sketched.dictionary, batch.newest_us)


def named_addresses(exchanges: pa.RecordBatch, sketches: pa.RecordBatch) -> pa.RecordBatch:
    """The addresses behind sealed ones, each once: (key, name). They stay in the work folder; history has none."""
    names = pc.dictionary_encode(exchanges["ip"])
    keys = sketches["address"].to_numpy(zero_copy_only=False)
    places = names.indices.to_numpy(zero_copy_only=False)
    known = np.flatnonzero(np.asarray(names.is_valid()))
    first = known[np.unique(places[known], return_index=True)[1]]
    found = [pa.array(keys[first].astype(np.int64)), names.take(pa.array(first)).cast(pa.string())]
    return pa.RecordBatch.from_arrays(found, names=["key", "name"])


def _write(path: Path, rows: pa.RecordBatch, *, repeating: list[str] | bool) -> None:
    """``repeating``: columns worth a Parquet dictionary. Elsewhere the search for repeats costs more than it saves."""
    with pq.ParquetWriter(
        path, rows.schema, compression="zstd", compression_level=1, use_dictionary=repeating
    ) as writer:
        writer.write_batch(rows)
