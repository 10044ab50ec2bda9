"""A volume threshold: the busiest accounts. What a rate limit or a first look at a dashboard gives."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from bench.detection.events import Event
from bench.detection.suspicions import Variant


def fit(history: Sequence[Event]) -> None:
    """Nothing to learn."""


def score(events: Sequence[Event], fitted: None) -> dict[str, Variant]:
    """Exchanges of an account in all, and in its busiest day and hour."""
    windows: dict[str, dict[str, Counter[int]]] = {name: defaultdict(Counter) for name in ("day", "hour")}
    for event in events:
        windows["day"][event.account][int(event.at // 86_400)] += 1
        windows["hour"][event.account][int(event.at // 3_600)] += 1
    most = {
        f"busiest {name}": {account: float(max(counted.values())) for account, counted in found.items()}
        for name, found in windows.items()
    }
    most["in all"] = {account: float(counted.total()) for account, counted in windows["day"].items()}
    return {name: Variant(scores=scores) for name, scores in most.items()}
