"""Everything that one run of the comparison measured, as plain values: the page is written from these alone."""

import msgspec

from bench.detection.measures import Measured, Threshold


class Cost(msgspec.Struct, frozen=True):
    """One run of one program: ``peak`` bytes of the whole process tree, ``None`` where not known."""

    exchanges: int
    cpu: float
    peak: int | None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One program on one log of the holdout half, by point."""

    case: str
    seed: int
    name: str
    points: dict[str, Measured]
    cost: Cost


class Replay(msgspec.Struct, frozen=True):
    """Campaign -> the share of its exchanges that had been served when a program noticed it; by point."""

    name: str
    points: dict[str, dict[str, float]]


class Results(msgspec.Struct, kw_only=True):
    """The whole run. ``absent``: peer -> the reason why it could not be measured. ``fitting``: CPU seconds."""

    half: str
    seeds: int
    ordinary: int
    material: str
    load: tuple[float, float]
    thresholds: dict[str, dict[str, Threshold]] = {}
    fitting: dict[str, float] = {}
    absent: dict[str, str] = {}
    lines: list[Line] = []
    replays: list[Replay] = []
    replayed: str = ""
    noticed: dict[str, float] = {}
    cpu: float = 0.0
