"""Writes composed logs: ``python -m bench.compose CASE OUT_DIR --seed N`` for cases with known truth.

Writes ``exchanges.jsonl.zst`` (with ``--by-day`` one ``exchanges-DD.jsonl.zst`` a day), ``accounts.jsonl``,
``permits.jsonl`` and ``truth.json``. ``bulk`` writes a large log fast, for measuring speed only: it has no truth.
"""

import argparse
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec
import zstandard

from bench import bulk
from stillwatch.adapters.material import folder, shipped
from stillwatch.rehearse import builtin
from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.material import Material, halved
from stillwatch.rehearse.population import Population
from stillwatch.rehearse.scenario import scaled

RECORDED = Path(__file__).resolve().parents[1].parent / "shared" / "data"


def material(choice: str, half: str) -> Material:
    """``auto`` takes recorded material where it stands beside the checkout, else the built-in words."""
    root = RECORDED if choice == "auto" else Path(choice)
    whole = builtin.material() if choice == "builtin" or (choice == "auto" and not root.is_dir()) else folder.read(root)
    return halved(whole, half)  # type: ignore[arg-type]


def write_lines(path: Path, lines: Iterable[bytes]) -> int:
    """JSON Lines through Zstandard level 1; returns how many."""
    count = 0
    with path.open("wb") as raw, zstandard.ZstdCompressor(level=1).stream_writer(raw) as out:
        block: list[bytes] = []
        for line in lines:
            block.append(line)
            if len(block) == 2_000:
                out.write(b"\n".join(block) + b"\n")
                count += len(block)
                block.clear()
        if block:
            out.write(b"\n".join(block) + b"\n")
            count += len(block)
    return count


def write(population: Population, out: Path, *, by_day: bool = False) -> int:
    """The four files of a population. Returns the number of exchanges."""
    out.mkdir(parents=True, exist_ok=True)
    if by_day:
        count = sum(
            write_lines(out / f"exchanges-{day + 1:02d}.jsonl.zst", population.lines(day))
            for day in range(population.scenario.days)
        )
    else:
        count = write_lines(out / "exchanges.jsonl.zst", population.lines())
    for name, rows in (("accounts", population.accounts()), ("permits", population.permits())):
        (out / f"{name}.jsonl").write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
    (out / "truth.json").write_bytes(msgspec.json.encode(population.truth()))
    return count


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.compose", description=__doc__)
    parser.add_argument("case", help=f"bulk, {', '.join(shipped.names())}, or a scenario file")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ordinary", type=int, help="another number of ordinary accounts; look-alikes grow alike")
    parser.add_argument("--half", choices=("tuning", "holdout", "all"), default="tuning")
    parser.add_argument("--material", default="auto", help="auto, builtin, or a folder of recorded material")
    parser.add_argument("--by-day", action="store_true", help="one file of exchanges for each day")
    parser.add_argument("--days", type=int, help="another length of the log; bulk writes one file a day")
    parser.add_argument("--only", action="append", help="keep this campaign of the scenario (may be repeated)")
    parser.add_argument("--millions", type=float, default=1.0, help="bulk: how many million exchanges")
    chosen = parser.parse_args(arguments)
    began = time.perf_counter()
    if chosen.case == "bulk":
        count = bulk.write(chosen.out, millions=chosen.millions, days=chosen.days or 1, seed=chosen.seed)
        print(f"bulk: {count:,} exchanges in {time.perf_counter() - began:.1f} s -> {chosen.out}")
        return
    scenario = scaled(shipped.scenario(chosen.case), chosen.ordinary)
    if chosen.days:
        scenario = msgspec.structs.replace(scenario, days=chosen.days)
    if chosen.only:
        kept = tuple(plan for plan in scenario.campaign if plan.name in chosen.only)
        scenario = msgspec.structs.replace(scenario, campaign=kept)
    population = compose(scenario, material(chosen.material, chosen.half), chosen.seed)
    count = write(population, chosen.out, by_day=chosen.by_day)
    seconds = time.perf_counter() - began
    print(
        f"{chosen.case}: {count:,} exchanges of {len(population.actors):,} accounts in {seconds:.1f} s -> {chosen.out}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
