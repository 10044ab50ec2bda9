"""From exchanges with words to numbers without: the one function through which text leaves memory for good."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sketch import fingerprints, identity, minhash
from stillwatch.sketch.answers import answers, refused
from stillwatch.sketch.capability import codes
from stillwatch.sketch.content import vectors
from stillwatch.sketch.fingerprints import Ragged
from stillwatch.sketch.fold import Folded, fold
from stillwatch.sketch.keying import SketchKey
from stillwatch.sketch.skeleton import skeleton
from stillwatch.sketch.techniques import scores
from stillwatch.vocabulary.sketches import CONTENT_DIMENSIONS, KINDS, LINKS, SCORE_COLUMNS, SKETCHES

#: About so many passages of user text and of system text are kept per exchange, whatever the length.
PROMPT_PASSAGES = 32
SYSTEM_PASSAGES = 8
#: Rungs of the affix ladders, in symbols.
RUNGS = (16, 32, 64, 128, 256)
#: Bands of eight MinHash values: two texts share one of them from a similarity of about 0.7 on.
BANDS = 8

_U64 = npt.NDArray[np.uint64]
_Bool = npt.NDArray[np.bool_]


class Sketched(NamedTuple):
    """What is kept of a batch: tables of the schemas ``SKETCHES``, ``LINKS`` and ``DICTIONARY``."""

    sketches: pa.RecordBatch
    links: pa.RecordBatch
    dictionary: pa.Table


class _Words(NamedTuple):
    talk: Folded  # first and last user text
    system: Folded
    assistant: Folded
    prompt: _U64  # the whole last user text, public hash; 0 where there is none
    opening: _U64
    skeleton: _U64
    tools: _U64


def sketch(batch: pa.RecordBatch, key: SketchKey) -> Sketched:
    """Sketch a batch of ``EXCHANGES``. Rows stay in order; every value that comes from text is sealed under ``key``."""
    words = _words(batch)
    who, dictionary = identity.identities(batch, key)
    technique = scores(batch, words.system, words.talk, words.assistant)
    columns: dict[str, pa.Array] = {
        **who,
        "source": batch["source"],
        "line": batch["line"],
        "ts_us": batch["ts_us"],
        "asn": batch["asn"],
        "status": batch["status"],
        "prompt": _sealed(words.prompt, key),
        "opening": _sealed(words.opening, key),
        "system": _sealed(words.skeleton, key),
        "tools": _sealed(words.tools, key),
        "prompt_symbols": pa.array(np.diff(words.talk.offsets).astype(np.int32)),
        "system_symbols": pa.array(np.diff(words.system.offsets).astype(np.int32)),
        "content": _binary(vectors(words.talk, key)),
        "capability": pa.array(codes(batch, words.system, words.talk)),
        "answer": pa.array(answers(batch, technique)),
        "refused": pa.array(refused(batch)),
        **{name: pa.array(technique[:, i].astype(np.int16)) for i, name in enumerate(SCORE_COLUMNS)},
    }
    for name in ("user_turns", "assistant_turns", "tools_offered", "tool_results", "images"):
        columns[name] = pc.fill_null(batch[name], pa.scalar(0, pa.int16()))
    for field in SKETCHES:
        if field.name not in columns:
            columns[field.name] = batch[field.name]
    sketches = pa.RecordBatch.from_arrays([columns[field.name] for field in SKETCHES], schema=SKETCHES)
    return Sketched(sketches, _links(batch, words, columns, key), dictionary)


def _words(batch: pa.RecordBatch) -> _Words:
    first, last = batch["first_text"], batch["last_text"]
    later = pc.is_valid(last)
    both = pc.if_else(later, pc.binary_join_element_wise(pc.fill_null(first, ""), pc.fill_null(last, ""), "\n"), first)
    talk = fold(both)
    system = fold(batch["system_text"])
    whole = fingerprints.whole(talk)
    several = np.asarray(later.to_numpy(zero_copy_only=False), dtype=bool)
    prompt, opening = whole.copy(), whole.copy()
    if several.any():
        prompt[several] = fingerprints.whole(fold(last.filter(later)))
        opening[several] = fingerprints.whole(fold(first.filter(later)))
    return _Words(
        talk=talk,
        system=system,
        assistant=fold(batch["assistant_text"]),
        prompt=prompt,
        opening=opening,
        skeleton=skeleton(system),
        tools=fingerprints.whole(fold(batch["tool_text"])),
    )


def _sealed(public: _U64, key: SketchKey) -> pa.Array:
    """Sealed hashes, null where the public hash is 0 (no text)."""
    return pa.array(key.seal(public, "text"), mask=public == 0)


def _binary(rows: npt.NDArray[np.int8]) -> pa.Array:
    data = np.ascontiguousarray(rows, dtype=np.int8)
    return pa.Array.from_buffers(pa.binary(CONTENT_DIMENSIONS), len(data), [None, pa.py_buffer(data)])


def _links(batch: pa.RecordBatch, words: _Words, columns: dict[str, pa.Array], key: SketchKey) -> pa.RecordBatch:
    """Every link of the batch, ordered by kind. One seal over all text values: the dearest step is done once."""
    skeletons = words.skeleton != 0
    near = _rows(
        minhash.bands(minhash.signatures(words.talk), bands=BANDS), np.diff(words.talk.offsets) >= 2 * RUNGS[0]
    )
    text: list[tuple[str, Ragged]] = [
        ("passage", fingerprints.passages(words.talk, most=PROMPT_PASSAGES)),
        ("prefix", fingerprints.ladder(words.talk, from_end=False, rungs=RUNGS)),
        ("suffix", fingerprints.ladder(words.talk, from_end=True, rungs=RUNGS)),
        ("system", fingerprints.passages(words.system, most=SYSTEM_PASSAGES)),
        ("system", _rows(words.skeleton[:, None], skeletons)),
        ("near", near),
    ]
    opaque = [
        ("image", _listed(batch["image_hashes"])),
        ("signature-shown", _listed(batch["signatures"])),
        ("signature-issued", _listed(batch["issued_signatures"])),
    ]
    values = np.concatenate([ragged.values for _, ragged in text])
    sealed = np.concatenate(
        [key.seal(values, "text"), *(key.seal(ragged.values, kind.partition("-")[0]) for kind, ragged in opaque)]
    )
    parts = [*text, *opaque]
    row = np.concatenate([np.repeat(np.arange(batch.num_rows), np.diff(ragged.offsets)) for _, ragged in parts])
    kinds = np.repeat(
        np.array([KINDS.index(kind) for kind, _ in parts], dtype=np.int8), [len(ragged.values) for _, ragged in parts]
    )
    arrays = [columns[name].to_numpy(zero_copy_only=False)[row] for name in ("exchange", "account", "ts_us")]
    return pa.RecordBatch.from_arrays([*(pa.array(a) for a in arrays), pa.array(kinds), pa.array(sealed)], schema=LINKS)


def _rows(values: _U64, use: _Bool) -> Ragged:
    """The rows of a matrix that are in use, as ragged values."""
    counts = np.where(use, values.shape[1], 0)
    return Ragged(np.ascontiguousarray(values[use]).reshape(-1), np.r_[0, np.cumsum(counts)].astype(np.int64))


def _listed(column: pa.Array) -> Ragged:
    counts = pc.fill_null(pc.list_value_length(column), 0).to_numpy().astype(np.int64)
    values = pc.drop_null(column).flatten().to_numpy(zero_copy_only=False).astype(np.int64)
    return Ragged(values.view(np.uint64), np.r_[0, np.cumsum(counts)].astype(np.int64))
