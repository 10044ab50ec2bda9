"""What members share beside the template: dear to know, so it is asked only about groups that may be findings.

Every core exchange has dozens of passages, and a huge campaign stands in hundreds of overlapping groups. A group's
exchanges are therefore sampled by whole prompt beyond ``MOST_LOOKED``, and groups are asked about in stretches.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from stillwatch.detect.group import Columns, Group
from stillwatch.detect.population import I64, UNKNOWN
from stillwatch.detect.tables import columns_of
from stillwatch.profile import standing
from stillwatch.profile.engine import Engine

#: Core exchanges of one group that are looked at, and of all groups of one question.
MOST_LOOKED, MOST_AT_ONCE = 3_000, 150_000
#: Stands in ``reuse`` for an exchange that was not looked at.
NOT_LOOKED = -1


def reused(engine: Engine, numbers: Sequence[int], groups: Sequence[Group]) -> Iterator[I64]:
    """For each group, per core exchange: passages beside the template that another member shows too.

    ``numbers`` are the groups' candidates in table ``cores``, rising.
    """
    looked = [sampled(group.core) for group in groups]
    first = 0
    while first < len(groups):
        last, held = first + 1, len(looked[first])
        while last < len(groups) and held + len(looked[last]) <= MOST_AT_ONCE:
            held += len(looked[last])
            last += 1
        yield from _stretch(engine, numbers[first:last], groups[first:last], looked[first:last])
        first = last


def sampled(core: Columns) -> I64:
    """Rows of the core to look at: all, or about ``MOST_LOOKED``, copies of a prompt together."""
    one_in = -(-len(core["exchange"]) // MOST_LOOKED)
    prompt = np.where(core["prompt"] == UNKNOWN, core["exchange"], core["prompt"])
    # Sealed prompts are as good as a draw; the upper bits, since large cores were drawn by the lower ones already.
    return np.flatnonzero((prompt >> 20) % max(1, one_in) == 0).astype(np.int64)


def _stretch(engine: Engine, numbers: Sequence[int], groups: Sequence[Group], looked: Sequence[I64]) -> Iterator[I64]:
    rows = {
        "candidate": np.repeat(np.asarray(numbers, dtype=np.int64), [len(mine) for mine in looked]),
        "exchange": np.concatenate([group.core["exchange"][mine] for group, mine in zip(groups, looked, strict=True)]),
        "account": np.concatenate([group.core["account"][mine] for group, mine in zip(groups, looked, strict=True)]),
    }
    engine.hold("looked", pa.table({name: pa.array(column, pa.int64()) for name, column in rows.items()}))
    found = columns_of(engine.table(standing.payload_reuse()))
    order = np.lexsort((found["exchange"], found["candidate"]))
    columns = (np.asarray(found[name][order], dtype=np.int64) for name in ("candidate", "exchange", "shared"))
    candidate, exchange, shared = columns
    for number, group, mine in zip(numbers, groups, looked, strict=True):
        own = slice(*np.searchsorted(candidate, [number, number + 1]))
        reuse = np.full(len(group.core["exchange"]), NOT_LOOKED, dtype=np.int64)
        reuse[mine] = _looked_up(group.core["exchange"][mine], exchange[own], shared[own])
        yield reuse


def _looked_up(wanted: I64, keys: I64, values: I64) -> I64:
    """``values`` of ``wanted`` among sorted ``keys``; 0 where absent."""
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.int64)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, values[at], 0)
