"""What was measured, one JSON line each, so that a run that was stopped goes on where it was.

A line knows under what it was measured (``Origin``). Lines of another origin, such as another state of the detector,
stay in the file but neither count as done nor appear on the page.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from bench.evasion.cells import Cell
from bench.evasion.costs import Prices, Tactic
from bench.evasion.weeks import Seen

_SOURCE = Path(__file__).resolve().parents[2] / "src" / "stillwatch"
_ROOMS = ("ingest", "sketch", "profile", "detect", "cases", "rehearse")


class Origin(msgspec.Struct, frozen=True):
    """``code``: the first digits of a hash of the rooms that decide what is found."""

    code: str
    half: str
    material: str
    ordinary: int


class CellSeen(msgspec.Struct, frozen=True, kw_only=True, tag="cell"):
    """One cell with one seed."""

    origin: Origin
    seed: int
    cell: Cell
    seen: Seen


class Checked(msgspec.Struct, frozen=True, kw_only=True, tag="check"):
    """A cell that was found, or not, in company, and the same campaign alone among the same strangers."""

    origin: Origin
    seed: int
    cell: Cell
    together: bool
    by_itself: bool


class Attacked(msgspec.Struct, frozen=True, kw_only=True, tag="attack"):
    """One run of one attacker. ``tactic`` is what it settled on, or ``None``; ``shares`` are what it then got before
    notice in fresh weeks, and ``unnoticed`` in how many of them nothing was noticed. ``failed`` and ``failed_cost``:
    campaigns that were noticed on the way, and their bill; ``failed_useful``: useful exchanges that they brought.
    ``tries`` is what a white-box attacker has in this contest, ``budget`` what this attacker had, ``used`` of it.
    """

    origin: Origin
    attacker: str
    seed: int
    useful: int
    prices: Prices
    tries: int
    fresh: int
    budget: int
    used: int
    tactic: Tactic | None
    multiplier: float | None
    shares: tuple[float, ...] = ()
    unnoticed: int = 0
    failed: int = 0
    failed_cost: float = 0.0
    failed_useful: float = 0.0


Line = CellSeen | Checked | Attacked
Kind = TypeVar("Kind", CellSeen, Checked, Attacked)


def code_now() -> str:
    """Twelve hexadecimal digits that change when a room that decides what is found changes."""
    digest = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((_SOURCE / room).rglob("*")):
            if path.suffix in {".py", ".json", ".toml"}:
                digest.update(path.relative_to(_SOURCE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


class Kept:
    """A file of lines. ``add`` writes at once; a last line that was cut short when a run was killed is dropped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lines: list[Line] = []
        decoder = msgspec.json.Decoder(Line)
        raw = path.read_bytes() if path.exists() else b""
        whole = raw[: raw.rfind(b"\n") + 1]
        if len(whole) < len(raw):
            path.write_bytes(whole)
        self.lines = [decoder.decode(line) for line in whole.splitlines() if line]

    def add(self, lines: Iterable[Line]) -> None:
        """Keep lines."""
        new = list(lines)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as out:
            out.write(b"".join(msgspec.json.encode(line) + b"\n" for line in new))
        self.lines += new

    def of(self, kind: type[Kind], origin: Origin) -> list[Kind]:
        """The lines of one kind and origin."""
        return [line for line in self.lines if isinstance(line, kind) and line.origin == origin]

    def done(self, origin: Origin) -> set[tuple[Cell, int]]:
        """Cells and seeds that need not be run again."""
        return {(line.cell, line.seed) for line in self.of(CellSeen, origin)}


def origins(lines: Sequence[Line]) -> list[Origin]:
    """Those in a file, the last one last."""
    return list(dict.fromkeys(line.origin for line in lines))
