"""When requests happen: people sleep and have weekends, services breathe with their customers, machines do not.

All functions give sorted whole microseconds since 1970 in a window of ``days`` days that begins at ``start_us``
(midnight UTC). A person's phase stands for where and how they live; it is never evidence of anything.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
Weights = NDArray[np.float64]

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US

#: Share of requests by hour of day, when nothing is measured: low at night, two humps by day.
WAKING: tuple[float, ...] = (
    1.0, 0.5, 0.3, 0.2, 0.2, 0.3, 0.8, 2.0, 4.0, 6.0, 7.0, 6.8,
    5.6, 6.0, 6.9, 7.0, 6.4, 5.4, 4.6, 4.9, 5.2, 4.8, 3.4, 2.0,
)  # fmt: skip


def hour_weights(hourly: tuple[float, ...], days: int, phase: float, weekend: float, first_weekday: int = 0) -> Weights:
    """Weight of each hour of the window: the daily curve moved by ``phase`` hours, weekends scaled."""
    hours = np.arange(days * 24)
    curve = np.interp((hours - phase) % 24, np.arange(25), np.array([*hourly, hourly[0]]))
    weekday = (first_weekday + hours // 24) % 7
    weights: Weights = np.where(weekday >= 5, curve * weekend, curve)
    return weights


def by_weights(rng: np.random.Generator, weights: Weights, count: int, start_us: int) -> Times:
    """``count`` moments drawn from hourly weights."""
    cumulative = np.cumsum(weights, dtype=np.float64)
    hours = np.searchsorted(cumulative, rng.random(count) * cumulative[-1], side="right")
    within = rng.integers(0, HOUR_US, count)
    return np.sort(start_us + hours * HOUR_US + within).astype(np.int64)


class Day(NamedTuple):
    """One person's day. ``wakes``: hour of the day in UTC, 0 to 24; ``pause``: hours of every night without a request;
    ``curve``: weight of each hour since waking; ``weekend``: how much of a weekday's requests a weekend day has."""

    wakes: float
    pause: float
    curve: Weights
    weekend: float


def own_day(rng: np.random.Generator) -> Day:
    """A day of somebody's own. A curve measured over customers everywhere is flat, and no single one of them is:
    phases are spread over the whole clock, so that a population of people is as flat as the measured one."""
    return Day(
        float(rng.uniform(0, 24)), float(rng.uniform(6.5, 9)), rng.gamma(3.0, 1 / 3.0, 24), float(rng.uniform(0.2, 1.2))
    )


def day_weights(rng: np.random.Generator, day: Day, days: int, first_weekday: int = 0) -> Weights:
    """Weight of each hour of the window for one person: nothing while they sleep. Nobody gets up by the minute, and
    now and then a night is short."""
    hours = np.arange(days * 24)
    since = hours + 0.5 - day.wakes
    which = np.floor(since / 24).astype(np.int64) + 1  # the night before the window's first morning is number 0
    late = np.clip(rng.exponential(0.4, days + 2), 0, 3)[which]
    since = since % 24 - rng.normal(0, 0.3, days + 2)[which]
    awake = (since >= 0) & (since < 24 - day.pause + late)
    weekday = (first_weekday + hours // 24) % 7
    weights: Weights = np.where(awake, day.curve[since.astype(np.int64) % 24], 0.0)
    return np.where(weekday >= 5, weights * day.weekend, weights)


def fading(days: int, from_day: float, mean_days: float) -> Weights:
    """Weight of each hour of the window when something comes up at ``from_day`` and is forgotten again."""
    since = (np.arange(days * 24) + 0.5) / 24 - from_day
    weights: Weights = np.where(since >= 0, np.exp(-np.maximum(since, 0.0) / mean_days), 0.0)
    return weights


def human(
    rng: np.random.Generator, sessions: NDArray[np.int64], start_us: int, days: int, day: Day | None = None
) -> Times:
    """Moments of sessions of the given lengths, one after another: starts in a person's ``day`` (``None``: somebody's),
    then a minute or so between turns (log-normal). Grouped by session, in the order given; sorted within each."""
    weights = day_weights(rng, day or own_day(rng), days)
    favourite = np.repeat(rng.gamma(2.0, 0.5, days) + 0.02, 24)  # nobody is at it every day alike
    starts = by_weights(rng, weights * favourite, len(sessions), start_us)
    gaps = (rng.lognormal(np.log(55), 0.9, int(sessions.sum())) * 1e6).astype(np.int64)
    first = np.concatenate(([0], np.cumsum(sessions)[:-1])) if len(sessions) else np.zeros(0, np.int64)
    gaps[first] = 0
    walked = np.cumsum(gaps)
    return np.repeat(starts - walked[first], sessions) + walked


def service(
    rng: np.random.Generator, hourly: tuple[float, ...], count: int, start_us: int, days: int, nightly: float
) -> Times:
    """An application's requests: its customers' daily curve over a floor (``nightly``, 0..1) that never sleeps."""
    weights = hour_weights(hourly, days, float(rng.normal(0, 6)), float(rng.uniform(0.3, 1.1)))
    weights = weights / weights.mean() * (1 - nightly) + nightly
    burst = rng.gamma(3.0, 1 / 3.0, len(weights))
    return by_weights(rng, weights * burst, count, start_us)


def runs(rng: np.random.Generator, count: int, starts: Times, gap_s: float) -> Times:
    """A job that runs at each of ``starts`` and asks one thing after another about every ``gap_s`` seconds."""
    share = np.full(len(starts), count // max(1, len(starts)))
    share[: count - int(share.sum())] += 1
    parts = [
        begin + np.cumsum(rng.gamma(4.0, gap_s / 4.0, size) * 1e6).astype(np.int64)
        for begin, size in zip(starts, share, strict=True)
        if size
    ]
    return np.sort(np.concatenate(parts)) if parts else np.zeros(0, np.int64)


def even(rng: np.random.Generator, count: int, from_us: int, until_us: int, jitter: float = 0.35) -> Times:
    """Round the clock: one request every so often, with some jitter."""
    step = (until_us - from_us) / max(1, count)
    moments = from_us + step * (np.arange(count) + 0.5 + rng.uniform(-jitter, jitter, count))
    return np.sort(moments).astype(np.int64)
