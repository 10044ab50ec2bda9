"""The waterfall of evidence: from the prior, line by line, to the weight of the campaign, in bits.

The idea is the match-weight waterfall of Splink (documentation page "Waterfall chart"): analysts trust a sum whose
every term they can see. Copper goes towards a campaign, teal towards an innocent explanation.
"""

from typing import Any, NamedTuple, cast

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
from stillwatch.adapters.reports.palette import ACT, DOWN, INK, LINE, MUTED, REVIEW, TOTAL, UP
from stillwatch.adapters.reports.wording import bits, shortened, title
from stillwatch.vocabulary.campaigns import Campaign, EvidenceShown, Figures

#: More bars than this no longer read as a sum; the lightest are drawn as one.
MOST_LINES = 14

_ORDER = alt.Y("n:O", axis=None)


class Step(NamedTuple):
    """One bar, from ``start`` to ``end`` bits."""

    label: str
    family: str
    start: float
    end: float
    kind: str  # prior | up | down | rest | total


def draw(campaign: Campaign, figures: Figures) -> Drawing:
    """The sum of ``campaign``'s evidence, with the weights at which ``review`` and ``act`` begin."""
    steps = summed(campaign, figures.prior_bits)
    alt_text = _in_words(campaign, figures)
    return Drawing(
        alt=alt_text,
        wide=svg(_wide(steps, figures), alt_text, width=WIDE, margins=Margins(38, 6, 38, 250)),
        narrow=svg(_narrow(steps, figures), alt_text, width=NARROW, margins=Margins(38, 2, 38, 2)),
        columns=("Line", "Family", "Bits", "Sum so far"),
        rows=tuple((s.label, s.family, bits(_height(s), signed=s.kind != "total"), bits(s.end)) for s in steps),
    )


def in_order(evidence: tuple[EvidenceShown, ...]) -> list[EvidenceShown]:
    """Heaviest first, what speaks against last: so that the eye sees what innocence takes away again."""
    return sorted(evidence, key=lambda line: (line.weight_bits < 0, -abs(line.weight_bits), line.id))


def summed(campaign: Campaign, prior: float) -> list[Step]:
    """The bars. A gap between the lines and the campaign's weight is shown, never hidden in a line."""
    lines = in_order(campaign.evidence)
    light: list[EvidenceShown] = []
    if len(lines) > MOST_LINES:
        light = sorted(lines, key=lambda line: abs(line.weight_bits))[: len(lines) - MOST_LINES + 1]
    terms = [(title(line.id), line.family, line.weight_bits) for line in lines if line not in light]
    if light:
        terms.append((f"{len(light)} lighter lines", "several", sum(line.weight_bits for line in light)))
    rest = campaign.weight_bits - prior - sum(line.weight_bits for line in campaign.evidence)
    if abs(rest) >= 0.05:
        terms.append(
            (("Lines that overlap, counted once" if rest < 0 else "Weight of no single line"), "combination", rest)
        )
    steps = [Step("Prior", "prior", 0.0, prior, "prior")] if prior else []
    reached = prior
    for label, family, weight in terms:
        steps.append(Step(label, family, reached, reached + weight, "up" if weight >= 0 else "down"))
        reached += weight
    return [*steps, Step("Weight of evidence", "total", 0.0, campaign.weight_bits, "total")]


def _height(step: Step) -> float:
    return step.end - step.start


def _in_words(campaign: Campaign, figures: Figures) -> str:
    lines = in_order(campaign.evidence)
    against = [line for line in lines if line.weight_bits < 0]
    heaviest = f"; the heaviest is “{title(lines[0].id)}” with {bits(lines[0].weight_bits)} bits" if lines else ""
    return (
        f"Waterfall of evidence for {campaign.name}: {len(lines) - len(against)} lines for and {len(against)} against "
        f"add up to {bits(campaign.weight_bits)} bits{heaviest}. "
        f"Review begins at {bits(figures.review_bits)} bits, act at {bits(figures.act_bits)} bits."
    )


def _values(steps: list[Step], limit: int) -> list[dict[str, Any]]:
    return [
        {
            "n": number,
            "label": shortened(step.label, limit),
            "start": step.start,
            "end": step.end,
            "low": min(step.start, step.end),
            "high": max(step.start, step.end),
            "kind": step.kind,
            "bits": bits(_height(step), signed=step.kind != "total"),
            "next": number + 1,
        }
        for number, step in enumerate(steps)
    ]


def _domain(steps: list[Step], figures: Figures, room: float) -> alt.Scale:
    """From the lowest to the highest sum or level, with ``room`` (a share) for the figures beside the bars."""
    ends = [0.0, figures.review_bits, figures.act_bits, *(s.start for s in steps), *(s.end for s in steps)]
    span = max(ends) - min(ends) or 1.0
    low = min(ends)
    return alt.Scale(domain=[low - (room * span if low < 0 else 0), max(ends) + room * span], nice=False, zero=False)


def _colour() -> alt.Color:
    kinds = {"prior": MUTED, "up": UP, "down": DOWN, "total": TOTAL}
    scale = alt.Scale(domain=list(kinds), range=[colour.light for colour in kinds.values()])
    return alt.Color("kind:N", scale=scale, legend=None)


def _levels(figures: Figures, x: alt.Scale, most: float) -> list[alt.Chart]:
    """Dashed lines where ``review`` and ``act`` begin, each named on its own line above the bars."""
    lines: list[alt.Chart] = []
    names: list[alt.Chart] = []
    for weight, name, height, colour in (
        (figures.review_bits, "review", -4, REVIEW),
        (figures.act_bits, "act", -20, ACT),
    ):
        base = alt.Chart(rows([{"x": weight, "name": f"{name} from {bits(weight)}"}])).encode(x=alt.X("x:Q", scale=x))
        line = base.mark_rule(color=colour.light, strokeDash=[4, 3], strokeWidth=1.5)
        lines.append(line.encode(y=at_y(height - 12), y2=alt.Y2Value("height")))  # type: ignore[no-untyped-call]
        align, shift = ("left", 5) if weight < most / 2 else ("right", -5)
        named = words(base, colour=colour, size=12, bold=True, baseline="bottom", align=align, dx=shift)
        names.append(named.encode(y=at_y(height), text=alt.Text("name:N")))
    return [*lines, *names]  # a name may cross the other line, and must stay readable


def _bars(values: list[dict[str, Any]], x: alt.Scale, *, size: int, shift: int, ticks: int) -> alt.Chart:
    axis = alt.Axis(title="bits", tickCount=ticks, grid=True, domain=False, ticks=False)
    drawn = alt.Chart(rows(values)).mark_bar(size=size, cornerRadius=2, yOffset=shift)
    return cast(
        alt.Chart, drawn.encode(y=_ORDER, x=alt.X("low:Q", scale=x, axis=axis), x2=alt.X2("high:Q"), color=_colour())
    )


def _wide(steps: list[Step], figures: Figures) -> alt.LayerChart:
    values = _values(steps, 38)
    x = _domain(steps, figures, 0.09)
    joins = alt.Chart(rows(values[:-1])).mark_rule(color=MUTED.light, opacity=0.55)
    zero = alt.Chart(rows([{"x": 0}])).mark_rule(color=LINE.light).encode(x=alt.X("x:Q", scale=x))
    name = words(alt.Chart(rows(values)), colour=INK)
    up = alt.Chart(rows(v for v in values if v["kind"] != "down"))
    down = alt.Chart(rows(v for v in values if v["kind"] == "down"))
    more = words(up, colour=INK, dx=6, size=12, bold=True)
    less = words(down, colour=INK, align="right", dx=-6, size=12, bold=True)
    return stacked(
        zero,
        joins.encode(y=_ORDER, y2=alt.Y2("next"), x=alt.X("end:Q", scale=x)),
        _bars(values, x, size=17, shift=0, ticks=8),
        *_levels(figures, x, max(s.end for s in steps)),
        name.encode(y=_ORDER, x=at_x(-250), text=alt.Text("label:N")),
        more.encode(y=_ORDER, x=alt.X("high:Q", scale=x), text=alt.Text("bits:N")),
        less.encode(y=_ORDER, x=alt.X("low:Q", scale=x), text=alt.Text("bits:N")),
        height=alt.Step(27),
    )


def _narrow(steps: list[Step], figures: Figures) -> alt.LayerChart:
    """Names and figures stand above their bars, where a phone has room for them."""
    values = _values(steps, 36)
    x = _domain(steps, figures, 0.03)
    base = alt.Chart(rows(values))
    name = words(base, colour=INK, dy=-6)
    figure = words(base, colour=INK, align="right", dy=-6, bold=True)
    return stacked(
        *_levels(figures, x, max(s.end for s in steps)),
        _bars(values, x, size=11, shift=9, ticks=4),
        name.encode(y=_ORDER, x=at_x(0), text=alt.Text("label:N")),
        figure.encode(y=_ORDER, x=at_x("width"), text=alt.Text("bits:N")),
        height=alt.Step(42),
    )
