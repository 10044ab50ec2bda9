"""When: the campaign's exchanges over time, and how the weight grew as they were served.

What was served before the campaign could have been noticed stands in copper, the rest in grey: the area in
copper is what detection cost. Times are UTC throughout: no local day or night is drawn, for a time zone is no
evidence.
"""

from collections import defaultdict
from datetime import UTC, datetime

import altair as alt

from stillwatch.adapters.reports.charts.drawing import (
    NARROW,
    WIDE,
    Drawing,
    Margins,
    at_x,
    at_y,
    rows,
    stacked,
    svg,
    words,
)
from stillwatch.adapters.reports.palette import AFTER, INK, MUTED, REVIEW, UP
from stillwatch.adapters.reports.wording import bits, counted, minute, percent
from stillwatch.vocabulary.campaigns import Campaign, Figures
from stillwatch.vocabulary.times import instant

_HOUR, _DAY = 3_600, 86_400
#: Widths of a bar and distances of ticks that a reader can name, in seconds.
_STEPS = (_HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY, 28 * _DAY, 91 * _DAY)
_NAMES = {_HOUR: "hour", _DAY: "day", 7 * _DAY: "week"}


def draw(campaign: Campaign, figures: Figures) -> Drawing:
    """Exchanges per hour, day or coarser, as many bars as each size can show."""
    sizes = {width: _merged(figures, most) for width, most in ((WIDE, 180), (NARROW, 60))}
    bars, seconds = sizes[WIDE]
    peak = max(bars.values(), default=0)
    noticed = (
        f"It would have been noticed at {minute(campaign.noticed_at)}, after "
        f"{counted(campaign.noticed_after_exchanges or 0, 'exchange')}."
        if campaign.noticed_at
        else "Replayed in order of time it never reached review."
    )
    alt_text = (
        f"Timeline of {campaign.name}: {counted(campaign.exchanges, 'exchange')} from "
        f"{minute(campaign.first_exchange_at)} to {minute(campaign.last_exchange_at)}, at most {peak:,} per "
        f"{per(seconds)}. {noticed}"
    )
    return Drawing(
        alt=alt_text,
        wide=svg(_chart(campaign, *sizes[WIDE], ticks=9), alt_text, width=WIDE, margins=Margins(42, 10, 26, 46)),
        narrow=svg(_chart(campaign, *sizes[NARROW], ticks=4), alt_text, width=NARROW, margins=Margins(42, 8, 26, 40)),
        columns=("From (UTC)", f"Exchanges per {per(sizes[NARROW][1])}"),
        rows=tuple((minute(_iso(start)), f"{number:,}") for start, number in sizes[NARROW][0].items()),
    )


def per(seconds: int) -> str:
    """``hour``, ``3 hours``, ``day``, ``2 weeks``."""
    if seconds in _NAMES:
        return _NAMES[seconds]
    unit = max(size for size in _NAMES if seconds % size == 0)
    return counted(seconds // unit, _NAMES[unit])


def _merged(figures: Figures, most: int) -> tuple[dict[int, int], int]:
    """Buckets by start (seconds since 1970) and their width, the finest that needs at most ``most`` bars."""
    starts = [(int(instant(bucket.start).timestamp()), bucket.exchanges) for bucket in figures.timeline]
    span = max((s for s, _ in starts), default=0) - min((s for s, _ in starts), default=0) + figures.bucket_seconds
    finest = [step for step in _STEPS if step >= figures.bucket_seconds and span / step <= most]
    seconds = max(figures.bucket_seconds, finest[0] if finest else _STEPS[-1])
    merged: dict[int, int] = defaultdict(int)
    for start, exchanges in sorted(starts):
        merged[start - start % seconds] += exchanges
    return dict(merged), seconds


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _ticks(low: int, high: int, most: int) -> list[int]:
    step = next((step for step in _STEPS if (high - low) / step <= most), _STEPS[-1])
    return [tick * 1000 for tick in range(low - low % -step, high + 1, step)]


def _chart(campaign: Campaign, bars: dict[int, int], seconds: int, *, ticks: int) -> alt.LayerChart:
    low, high = min(bars, default=0), max(bars, default=0) + seconds
    scale = alt.Scale(type="utc", domain=[low * 1000, high * 1000], nice=False)
    noticed = int(instant(campaign.noticed_at).timestamp()) if campaign.noticed_at else high
    before = [start < noticed for start in bars]
    values = [
        {
            "from": start * 1000,
            "to": (start + seconds) * 1000,
            "n": number,
            "zero": 0,
            "colour": (UP if early else AFTER).light,
        }
        for (start, number), early in zip(bars.items(), before, strict=True)
    ]
    names = "utchours(datum.value) == 0 ? utcFormat(datum.value, '%-d %b') : utcFormat(datum.value, '%H:%M')"
    marked = _ticks(low, high, ticks)
    axis = alt.Axis(title=None, values=marked, labelExpr=names, grid=False, labelOverlap=True, labelFlush=True)
    x = alt.X("from:T", scale=scale, axis=axis)
    counts = alt.Axis(title=None, tickCount=3, format="~s", domain=False, ticks=False)
    colour = alt.Color("colour:N", scale=None)
    drawn = (
        alt.Chart(rows(values))
        .mark_rect()
        .encode(x=x, x2=alt.X2("to:T"), y=alt.Y("n:Q", axis=counts), y2=alt.Y2("zero"), color=colour)
    )
    return stacked(drawn, *_marks(campaign, scale, low, high), height=150)


def _marks(campaign: Campaign, scale: alt.Scale, low: int, high: int) -> list[alt.Chart]:
    """The first exchange and the moment of notice, each named on its own line above the bars."""
    share = (campaign.noticed_after_exchanges or 0) / max(1, campaign.exchanges)
    notes = [(campaign.first_exchange_at, "first exchange", MUTED, -26)]
    if campaign.noticed_at:
        notes.append((campaign.noticed_at, f"noticed, {percent(share)} served", REVIEW, -8))
    layers: list[alt.Chart] = []
    for time, name, colour, height in notes:
        at = min(max(int(instant(time).timestamp()), low), high)
        left = at - low < (high - low) / 2
        base = alt.Chart(rows([{"at": at * 1000, "name": name}])).encode(x=alt.X("at:T", scale=scale))
        layers.append(
            base.mark_rule(color=colour.light, strokeWidth=1.5, strokeDash=[3, 2]).encode(
                y=at_y(height - 6),
                y2=alt.Y2Value(150),  # type: ignore[no-untyped-call]
            )
        )
        text = words(base, colour=colour, align="left" if left else "right", dx=5 if left else -5, size=12, bold=True)
        layers.append(text.encode(y=at_y(height), text=alt.Text("name:N")))
    return layers


def draw_growth(campaign: Campaign, figures: Figures) -> Drawing | None:
    """Weight against exchanges served, replayed in order of time; ``None`` where nothing was replayed."""
    points = sorted(figures.replay, key=lambda point: point.exchanges)
    if len(points) < 2:
        return None
    after = campaign.noticed_after_exchanges
    alt_text = f"Weight of {campaign.name} as its exchanges were served: " + (
        f"review ({bits(figures.review_bits)} bits) was reached after {counted(after, 'exchange')}."
        if after is not None
        else f"it never reached review ({bits(figures.review_bits)} bits)."
    )
    return Drawing(
        alt=alt_text,
        wide=svg(_growth(campaign, figures), alt_text, width=WIDE, margins=Margins(20, 10, 44, 46)),
        narrow=svg(_growth(campaign, figures), alt_text, width=NARROW, margins=Margins(20, 12, 44, 40)),
        columns=("Exchanges served", "Bits"),
        rows=tuple((f"{point.exchanges:,}", bits(point.weight_bits)) for point in points),
    )


def _growth(campaign: Campaign, figures: Figures) -> alt.LayerChart:
    values = [{"n": max(1, p.exchanges), "bits": p.weight_bits} for p in figures.replay]
    ends = [0.0, figures.review_bits, *(p.weight_bits for p in figures.replay)]
    x = alt.X(
        "n:Q",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(title="exchanges served (logarithmic)", tickCount=4, format="~s", grid=False),
    )
    y = alt.Y(
        "bits:Q",
        scale=alt.Scale(domain=[min(ends), max(ends) * 1.08 or 1]),
        axis=alt.Axis(title=None, tickCount=4, domain=False, ticks=False),
    )
    line = alt.Chart(rows(values)).mark_line(interpolate="step-after", color=INK.light, strokeWidth=2).encode(x=x, y=y)
    level = alt.Chart(rows([{"bits": figures.review_bits, "name": f"review {bits(figures.review_bits)} bits"}]))
    review = level.mark_rule(color=REVIEW.light, strokeDash=[4, 3], strokeWidth=1.5).encode(y=alt.Y("bits:Q"))
    name = words(level, colour=REVIEW, dy=-8, size=12, bold=True).encode(
        y=alt.Y("bits:Q"), x=at_x(4), text=alt.Text("name:N")
    )
    layers = [review, name, line]
    if campaign.noticed_after_exchanges is not None:
        reached = [p.weight_bits for p in figures.replay if p.exchanges >= campaign.noticed_after_exchanges]
        height = reached[0] if reached else figures.review_bits
        moment = alt.Chart(rows([{"n": max(1, campaign.noticed_after_exchanges), "bits": height}]))
        layers.append(
            moment.mark_point(filled=True, size=90, color=REVIEW.light, opacity=1).encode(
                x=alt.X("n:Q"), y=alt.Y("bits:Q")
            )
        )
    return stacked(*layers, height=130)
