"""Clocks that run backwards inside one file: the rows are kept, the doubt is noted once a block."""

from stillwatch.ingest.blocks import Block
from stillwatch.ingest.notes import Notes
from stillwatch.ingest.times import HOUR_US
from stillwatch.vocabulary.quarantine import Reject

REASON = "occurred_at: more than an hour earlier than a row before it"


def backwards_within(times: list[int], lines: list[int], notes: Notes) -> int | None:
    """Note rows that lie more than an hour behind the newest row before them. Returns the newest time.

    ``times`` are microseconds in the order of the file, ``lines`` where they stood.
    """
    if not times:
        return None
    newest = times[0]
    for time, line in zip(times, lines, strict=True):
        if time > newest:
            newest = time
        elif time < newest - HOUR_US:
            notes.doubt(line, REASON)
    return newest


def backwards_between(newest_before_us: int | None, block: Block, newest_us: int | None) -> Reject | None:
    """The same across the border of two blocks of one file; ``newest_before_us`` is the newest time of
    earlier blocks, ``newest_us`` that of this one.

    Blocks are read apart (in worker processes), so only whoever puts them in order again can ask this.
    """
    if newest_before_us is None or newest_us is None or newest_us >= newest_before_us - HOUR_US:
        return None
    return Reject(file=block.file, line=block.first_line, reason=REASON + " (the whole block)", kept=True)
