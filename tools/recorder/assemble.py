"""Composes the sample under ``samples/`` from recordings: real requests, composed accounts and times.

``python assemble.py --recordings DIR --out DIR [--seed N]``. The same recordings and seed give the same bytes.
Writes ``exchanges.jsonl.gz``, ``accounts.jsonl``, ``permits.jsonl`` and ``truth.json``.
"""

import argparse
import gzip
import json
import random
from pathlib import Path
from typing import Any

import campaigns
import ordinary
from cast import Registry
from recordings import exchange, load
from sample import Sample


def compose(folder: Path, seed: int) -> Sample:
    """Everyone's part of the week, from the recordings in ``folder``."""
    rng = random.Random(seed)
    sample = Sample(rng, Registry(rng), load(folder))
    for part in (*campaigns.PARTS, *ordinary.PARTS):
        part(sample)
    return sample


def write(sample: Sample, out: Path) -> None:
    """The files of the sample; the compressed one carries no time and no name, so that equal content is equal bytes."""
    out.mkdir(parents=True, exist_ok=True)
    placed = sorted(sample.placed, key=lambda item: item[0])
    with (out / "exchanges.jsonl.gz").open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        for number, (seconds, account, row) in enumerate(placed, start=1):
            record = {"id": f"x-{number}"} | exchange(sample.rng, account, row, seconds)
            file.write((json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n").encode())
    seen = {account.name for _, account, _ in placed}
    accounts = sorted((a.row for a in sample.registry.accounts if a.name in seen), key=lambda row: str(row["account"]))
    _lines(out / "accounts.jsonl", accounts)
    _lines(out / "permits.jsonl", sample.permits)
    truth = {"campaigns": sample.campaigns, "ordinary": sample.ordinary()}
    (out / "truth.json").write_text(json.dumps(truth, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def main() -> None:
    """Compose and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    write(compose(options.recordings, options.seed), options.out)


if __name__ == "__main__":
    main()
