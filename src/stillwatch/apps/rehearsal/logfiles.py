"""A composed population as the files a scan reads."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
import zstandard

from stillwatch.rehearse.population import Population

_LINES = 2_000


def write_lines(path: Path, lines: Iterable[bytes]) -> None:
    """JSON Lines through Zstandard level 1."""
    with path.open("wb") as raw, zstandard.ZstdCompressor(level=1).stream_writer(raw) as out:
        block: list[bytes] = []
        for line in lines:
            block.append(line)
            if len(block) == _LINES:
                out.write(b"\n".join(block) + b"\n")
                block.clear()
        if block:
            out.write(b"\n".join(block) + b"\n")


def write(population: Population, folder: Path) -> tuple[Path, Path, Path]:
    """Exchanges, accounts and permits of ``population`` below ``folder``, which must not exist yet."""
    folder.mkdir()
    exchanges = folder / "exchanges.jsonl.zst"
    write_lines(exchanges, population.lines())
    found = [exchanges]
    for name, rows in (("accounts", population.accounts()), ("permits", population.permits())):
        file = folder / f"{name}.jsonl"
        file.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
        found.append(file)
    return found[0], found[1], found[2]
