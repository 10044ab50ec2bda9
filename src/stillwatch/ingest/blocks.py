"""What travels from ``adapters/sources`` to ``read``: whole lines (or rows of Parquet) of one input, as bytes.

A block pickles as one ``bytes`` object, so that it is cheap to hand to a worker process.
"""

from typing import Literal

import msgspec
import pyarrow as pa

from stillwatch.vocabulary.quarantine import Reject


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive records of one input.

    ``data`` is UTF-8 JSON, one value a line, for ``kind`` "lines", and one Arrow IPC stream for "arrow". ``first_line``
    is the 1-based line (row) of the first record. ``consumed`` counts the bytes of the input, as it lies on disk, that
    were read up to the end of this block: with ``Source.size`` it gives the progress.
    """

    source: int
    file: str
    first_line: int
    data: bytes
    kind: Literal["lines", "arrow"] = "lines"
    consumed: int = 0


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What ``read`` made of a block: a record batch with schema ``vocabulary.exchanges.EXCHANGES``, and the rejects.

    ``lines`` counts the lines that were not blank. ``passed_over`` counts records that are no model call at all (a
    database span in a trace, say): they are neither rows nor rejects. ``newest_us`` is the latest time in the batch,
    for ``clock.backwards_between``.
    """

    exchanges: pa.RecordBatch
    rejects: list[Reject]
    lines: int
    passed_over: int = 0
    newest_us: int | None = None
