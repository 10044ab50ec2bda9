"""When things happen: composed times for recorded requests, in seconds since the start.

The week starts on a Monday at 00:00 UTC. Hours of a person's day follow a curve with two humps, moved by an offset.
"""

import random
from collections.abc import Callable, Sequence

HOUR = 3600.0
DAY = 24 * HOUR
WEEK = 7 * DAY

#: Relative activity of a person by hour of the own day.
CURVE = [1, 0.5, 0.3, 0.2, 0.2, 0.4, 1, 3, 6, 8, 9, 8, 6, 7, 8, 8, 7, 6, 6, 7, 8, 7, 5, 2]

Clock = Callable[[], float]


def person(rng: random.Random) -> Clock:
    """Sittings of someone awake by day, on favourite days of the week; the first sitting may fall on any day."""
    offset = rng.uniform(-9, 10)
    days = [rng.random() ** 2 * (0.5 if day > 4 else 1.0) + 0.02 for day in range(7)]

    def when() -> float:
        day = rng.choices(range(7), days)[0]
        hour = rng.choices(range(24), CURVE)[0] + rng.random()
        return (day * DAY + (hour - offset) * HOUR) % WEEK

    return when


def between(rng: random.Random, low: float, high: float) -> Clock:
    """Anywhere in an interval, evenly."""
    return lambda: rng.uniform(low, high)


def sittings(rng: random.Random, clock: Clock, continues: Sequence[bool], keep: float) -> list[float]:
    """Times for requests in their order: a conversation goes on within minutes; with chance ``keep`` so does a sitting.

    ``continues[i]`` says that request ``i`` answers the one before it.
    """
    groups: list[list[int]] = []
    for index, going_on in enumerate(continues):
        if groups and (going_on or rng.random() < keep):
            groups[-1].append(index)
        else:
            groups.append([index])
    out = [0.0] * len(continues)
    for start, group in zip(sorted(clock() for _ in groups), groups, strict=True):
        at = start
        for index in group:
            out[index] = at
            at += rng.lognormvariate(4.0, 0.7)
    return out


def run(rng: random.Random, start: float, count: int, gap: float) -> list[float]:
    """A program working through a list: steady gaps in seconds with a little noise."""
    out, at = [], start
    for _ in range(count):
        out.append(at)
        at += gap * rng.lognormvariate(0.0, 0.35)
    return out


def even(rng: random.Random, start: float, end: float, count: int) -> list[float]:
    """A balanced load: ``count`` times spread evenly over an interval, day and night."""
    step = (end - start) / count
    return [start + step * (index + rng.random()) for index in range(count)]
