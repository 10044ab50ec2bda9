"""What was served: what a student model could learn from this answer (DOMAIN section 3), and whether it was refused.

The kinds are ``ANSWERS`` in rising order; an answer is of the highest kind that fits. A request asked for reasoning, or
for a grade, where its technique scores say so: what was asked for is taken as served unless the answer was refused.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sketch.cues import matcher
from stillwatch.sketch.fold import fold
from stillwatch.sketch.kernels import I8, U8
from stillwatch.vocabulary.sketches import ANSWERS
from stillwatch.vocabulary.techniques import SCORED

Bools = npt.NDArray[np.bool_]

#: A score from which a request counts as having asked for it.
PLAIN_TO_SEE = 50
#: A refusal is short: an essay that quotes "I cannot help with that" is an answer.
SHORT_ANSWER = 600
#: Refusals and thinking tags stand at the start, so only so many code points are read.
OPENING = 400
_DECLINED = pa.array(["content_filter", "refusal", "safety", "guardrail_intervened", "content_filtered", "blocked"])
_RATE_LIMITED = 429
NONE, PLAIN, GRADED, TRAJECTORY, REASONING = (ANSWERS.index(kind) for kind in ANSWERS)


class Read(NamedTuple):
    """What the words of the answers say, bool[rows] each."""

    words: Bools
    declined: Bools
    shown_reasoning: Bools


def answers(batch: pa.RecordBatch, scores: U8) -> I8:
    """The kind of every answer, int8[rows], an index into ``ANSWERS``; ``scores`` as from ``techniques.scores``."""
    read = _read(batch)
    asked = {technique: scores[:, column] >= PLAIN_TO_SEE for column, technique in enumerate(SCORED)}
    served = _served(batch, read) & ~_refused(batch, read)
    calls_out, calls_in, results = (
        _number(batch, name) for name in ("tool_calls_out", "tool_calls_in", "tool_results")
    )
    kind = np.full(batch.num_rows, PLAIN, dtype=np.int8)
    kind[asked["SW-T22"] | asked["SW-T23"]] = GRADED
    kind[(calls_out > 0) | (calls_in > 0) | (results > 0) | asked["SW-T25"]] = TRAJECTORY
    kind[
        asked["SW-T16"]
        | asked["SW-T17"]
        | asked["SW-T19"]
        | read.shown_reasoning
        | (_number(batch, "reasoning_tokens") > 0)
    ] = REASONING
    kind[~served] = NONE
    return kind


def refused(batch: pa.RecordBatch) -> Bools:
    """Whether the provider or the model declined: bool[rows].

    By status (4xx, but 429 is only "later"), by finish reason, or by a short answer that opens with a refusal.
    """
    return _refused(batch, _read(batch))


def _refused(batch: pa.RecordBatch, read: Read) -> Bools:
    status = _number(batch, "status")
    by_status = (status >= 400) & (status < 500) & (status != _RATE_LIMITED)
    reason = pc.utf8_lower(batch.column("finish_reason"))
    by_reason = np.asarray(pc.is_in(reason, value_set=_DECLINED).fill_null(False), dtype=np.bool_)
    return np.asarray(by_status | by_reason | read.declined, dtype=np.bool_)


def _served(batch: pa.RecordBatch, read: Read) -> Bools:
    """Where something was answered: no error, and not known to be empty."""
    known_empty = (_number(batch, "completion_tokens") == 0) & (_number(batch, "tool_calls_out") <= 0) & ~read.words
    return np.asarray((_number(batch, "status") < 400) & ~known_empty, dtype=np.bool_)


def _read(batch: pa.RecordBatch) -> Read:
    words = batch.column("response_text").cast(pa.large_string())
    cues = matcher("answers")
    hits = cues.hits(fold(pc.utf8_slice_codeunits(words, 0, OPENING)))
    length = np.asarray(pc.utf8_length(words).fill_null(0), dtype=np.int64)
    return Read(
        words=length > 0,
        declined=(hits[:, cues.cues.index("refusal")] > 0) & (length <= SHORT_ANSWER),
        shown_reasoning=hits[:, cues.cues.index("shown_reasoning")] > 0,
    )


def _number(batch: pa.RecordBatch, name: str) -> npt.NDArray[np.int64]:
    """A whole-number column with -1 where it is not known."""
    return np.asarray(batch.column(name).cast(pa.int64()).fill_null(-1), dtype=np.int64)
