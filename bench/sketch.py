"""Measures the sketch kernels: ``python -m bench.sketch``. One thread, CPU seconds, the median of several repeats.

The bar (issue 2): MinHash 64 and winnowing together on 300-character prompts, 300,000 prompts a core and second.

Other libraries start from lists of tokens that Python has cut beforehand. One row counts that cutting; in all others it
is *not* counted against them, and one gives ``rensa`` tokens that are already hashed. Ours starts from an Arrow column
of strings, folding and cutting included. All make 64 values from the same shingles of eight characters; where the
others are given words as tokens, they have a fifth as many to read.
"""

import os

os.environ.setdefault("RAYON_NUM_THREADS", "1")  # before rensa is imported: one thread, as for the others

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from stillwatch.sketch import content, fingerprints, minhash, skeleton
from stillwatch.sketch.fold import fold
from stillwatch.sketch.keying import SketchKey

CHARACTERS = 300
BAR = 300_000
SEED = 20260301


class Row(NamedTuple):
    """One measurement. ``ratio``, of other libraries: how many times faster our MinHash from an Arrow column is."""

    what: str
    prompts_per_second: float
    ratio: float | None = None
    note: str = ""


def prompts(count: int, characters: int = CHARACTERS) -> list[str]:
    """Prompts of exactly so many characters, from a vocabulary of 5,000 made-up words used as unevenly as real ones."""
    generator = np.random.default_rng(SEED)
    letters = generator.integers(97, 123, (5_000, 12)).astype(np.uint8)
    words = [bytes(row[:size]).decode() for row, size in zip(letters, generator.integers(2, 10, 5_000), strict=True)]
    picks = np.minimum(generator.zipf(1.2, (count, characters // 3)) - 1, 4_999)
    return [" ".join(words[pick] for pick in row)[:characters] for row in picks.tolist()]


def rate(work: Callable[[], object], count: int, repeats: int) -> float:
    """Prompts per CPU second of one thread, after one run that is not counted."""
    work()
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return count / median(seconds)


def run(count: int = 20_000, repeats: int = 7) -> list[Row]:
    """Every row of the table, ours first."""
    some = prompts(count)
    ours = _ours(some, repeats)
    return [*ours, *_others(some, repeats, against=ours[1].prompts_per_second)]


def _ours(some: Sequence[str], repeats: int) -> list[Row]:
    column = pa.array(some)
    folded = fold(column)
    key = SketchKey.from_bytes(bytes(range(32)))
    passages = fingerprints.passages(folded).values

    def everything() -> None:
        symbols = fold(column)
        minhash.signatures(symbols)
        fingerprints.passages(symbols)

    def both() -> None:
        minhash.signatures(folded)
        fingerprints.passages(folded)

    steps: list[tuple[str, Callable[[], object], str]] = [
        ("MinHash 64 + winnowing, from the Arrow column", everything, f"bar: {BAR:,}"),
        ("MinHash 64 alone, from the Arrow column", lambda: minhash.signatures(fold(column)), ""),
        ("MinHash 64 + winnowing, text folded before", both, ""),
        ("  fold", lambda: fold(column), ""),
        ("  MinHash 64", lambda: minhash.signatures(folded), ""),
        ("  winnowing", lambda: fingerprints.passages(folded), f"{len(passages) / len(some):.1f} passages a prompt"),
        ("  ladder, one end", lambda: fingerprints.ladder(folded, from_end=False), ""),
        ("  skeleton", lambda: skeleton.skeleton(folded), ""),
        ("  content vector", lambda: content.vectors(folded, key), ""),
        ("  sealing the passages", lambda: key.seal(passages, "text"), ""),
    ]
    return [Row(what, rate(work, len(some), repeats), None, note) for what, work, note in steps]


def _others(some: Sequence[str], repeats: int, against: float) -> list[Row]:
    try:
        import datasketch
        import rensa
    except ImportError as missing:
        return [Row(f"rensa, datasketch: not installed ({missing.name})", 0.0, None, "make bench installs them")]
    shingles = [[text[at : at + 8] for at in range(len(text) - 7)] for text in some]
    words = [text.split() for text in some]
    bounds = np.cumsum([0, *map(len, shingles)]).astype(np.uint64).tolist()
    hashed = np.array([hash(token) & 0xFFFFFFFF for tokens in shingles for token in tokens], dtype=np.uint64)
    tenth = some[: max(1, len(some) // 10)]
    few = [[token.encode() for token in tokens] for tokens in shingles[:500]]
    matrix = rensa.RMinHash

    def cut_and_hash() -> object:
        cut = [[text[at : at + 8] for at in range(len(text) - 7)] for text in tenth]
        return matrix.digest_matrix_from_token_sets_rho(cut, 64, SEED)

    timed: list[tuple[str, Callable[[], object], int, str]] = [
        (
            "rensa RMinHash rho, tokens hashed before",
            lambda: matrix.digest_matrix_from_flat_token_hashes_rho(hashed, bounds, 64, SEED),
            len(some),
            "hashing not counted",
        ),
        ("rensa RMinHash rho, from the strings", cut_and_hash, len(tenth), "cutting shingles counted"),
        ("rensa RMinHash rho", lambda: matrix.digest_matrix_from_token_sets_rho(shingles, 64, SEED), len(some), ""),
        ("rensa RMinHash", lambda: matrix.digest_matrix_from_token_sets(shingles, 64, SEED), len(some), ""),
        ("rensa CMinHash", lambda: rensa.CMinHash.digests64_from_token_sets(shingles, 64, SEED), len(some), ""),
        (
            "rensa RMinHash rho, words",
            lambda: matrix.digest_matrix_from_token_sets_rho(words, 64, SEED),
            len(some),
            "fewer, longer tokens",
        ),
        ("datasketch MinHash", lambda: datasketch.MinHash.bulk(few, num_perm=64), len(few), "500 prompts"),
    ]
    rows = []
    for what, work, count, note in timed:
        found = rate(work, count, 3 if count < len(some) else repeats)
        rows.append(Row(what, found, against / found, note))
    return rows


def main() -> None:
    """Print the table."""
    table = Table(title=f"Sketch kernels, {CHARACTERS}-character prompts, one thread")
    for heading in ("what", "prompts / CPU second", "ours is faster by", ""):
        table.add_column(heading, justify="right" if heading.startswith(("prompts", "ours")) else "left")
    for row in run():
        ratio = "" if row.ratio is None else f"{row.ratio:.1f} x"
        table.add_row(row.what, f"{row.prompts_per_second:,.0f}", ratio, row.note)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
