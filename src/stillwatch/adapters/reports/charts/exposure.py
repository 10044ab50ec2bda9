"""What was served, against what is publicly known to have moved a student model (DOMAIN section 3).

A logarithmic dot plot: our interval in colour, published numbers as grey dots below. It measures exposure, never
"percent copied": quantity is a crude measure of impact, which is why an interval is drawn and no verdict.
"""

from typing import Any

import altair as alt

from stillwatch.adapters.reports.charts.drawing import NARROW, WIDE, Drawing, Margins, at_x, rows, stacked, svg, words
from stillwatch.adapters.reports.palette import INK, MUTED, UP
from stillwatch.adapters.reports.wording import compact, shortened
from stillwatch.vocabulary.campaigns import PUBLIC_SCALE, Campaign, Exposure

#: The axis begins here; fewer examples than this are drawn at its edge with their true figure beside them.
_LEAST, _MOST = 10, 400_000_000

_ORDER = alt.Y("n:O", axis=None)


def draw(campaign: Campaign) -> Drawing | None:
    """``None`` where nothing was served that a student could learn from."""
    if not campaign.exposure:
        return None
    served = sorted(campaign.exposure, key=lambda item: (-item.mid, item.capability))
    alt_text = f"Exposure of {campaign.name} on a logarithmic scale: " + "; ".join(
        f"{item.capability} {item.mid:,} (between {item.low:,} and {item.high:,}) {item.unit}, "
        f"nearest public scale {item.nearest_public_scale}"
        for item in served
    )
    values = _values(served)
    public = tuple(
        (f"{scale.name} ({scale.source})", f"{scale.low:,}", "", f"{scale.high:,}", "examples", "")
        for scale in PUBLIC_SCALE
    )
    return Drawing(
        alt=alt_text + ".",
        wide=svg(_wide(values), alt_text, width=WIDE, margins=Margins(8, 20, 44, 310)),
        narrow=svg(_narrow(values), alt_text, width=NARROW, margins=Margins(8, 8, 44, 2)),
        columns=("What", "Low", "Middle", "High", "Unit", "Nearest public scale"),
        rows=tuple(
            (i.capability, f"{i.low:,}", f"{i.mid:,}", f"{i.high:,}", i.unit, i.nearest_public_scale) for i in served
        )
        + public,
    )


def _on_axis(number: int) -> int:
    return min(max(number, _LEAST), _MOST)


def _values(served: list[Exposure]) -> list[dict[str, Any]]:
    ours = [(f"served: {item.capability}", item.low, item.mid, item.high, "ours", "") for item in served]
    known = [
        (scale.name, scale.low, None, scale.high, "public", "> " if scale.at_least else "") for scale in PUBLIC_SCALE
    ]
    return [
        {
            "n": number,
            "name": shortened(name, 32),
            "low": _on_axis(low),
            "mid": _on_axis(mid if mid is not None else low),
            "high": _on_axis(high),
            "kind": kind,
            "colour": (UP if kind == "ours" else MUTED).light,
            "figure": more + (compact(low) if low == high else f"{compact(low)} – {compact(high)}"),
        }
        for number, (name, low, mid, high, kind, more) in enumerate([*ours, *known])
    ]


def _layers(values: list[dict[str, Any]], *, shift: int, ticks: list[int], guides: bool = True) -> list[alt.Chart]:
    """Interval and dot of every row; ``shift`` moves them below a name that stands above."""
    axis = alt.Axis(
        title="distinct examples (logarithmic)", values=ticks, labelExpr="replace(format(datum.value, '~s'), 'G', 'B')",
        grid=True, domain=False, ticks=False, labelFlush=True,
    )  # fmt: skip
    scale = alt.Scale(type="log", domain=[_LEAST, _MOST], nice=False)
    colour = alt.Color("colour:N", scale=None)
    base = alt.Chart(rows(values))
    layers = [
        base.mark_bar(size=7, cornerRadius=3, opacity=0.45, yOffset=shift).encode(
            y=_ORDER, x=alt.X("low:Q", scale=scale, axis=axis), x2=alt.X2("high:Q"), color=colour
        ),
    ]
    if guides:
        ours = alt.Chart(rows(v for v in values if v["kind"] == "ours"))
        guide = ours.mark_rule(color=UP.light, strokeDash=[2, 3], opacity=0.6).encode(x=alt.X("mid:Q", scale=scale))
        layers.insert(0, guide)
    dots = [v for v in values if v["kind"] == "ours" or v["low"] == v["high"]]
    layers.append(
        alt.Chart(rows(dots))
        .mark_circle(size=85, opacity=1, yOffset=shift)
        .encode(y=_ORDER, x=alt.X("mid:Q", scale=scale), color=colour)
    )
    return layers


def _texts(values: list[dict[str, Any]], *, left: int, right: int | str, shift: int) -> list[alt.Chart]:
    """Names and figures: our own rows are set bold, the public ones plain."""
    layers = []
    for kind, bold, colour in (("ours", True, INK), ("public", False, MUTED)):
        base = alt.Chart(rows(v for v in values if v["kind"] == kind)).encode(y=_ORDER)
        name = words(base, colour=colour, bold=bold, dy=shift)
        figure = words(base, colour=colour, bold=bold, dy=shift, align="right")
        layers.append(name.encode(x=at_x(left), text=alt.Text("name:N")))
        layers.append(figure.encode(x=at_x(right), text=alt.Text("figure:N")))
    return layers


def _wide(values: list[dict[str, Any]]) -> alt.LayerChart:
    layers = _layers(values, shift=0, ticks=[10**power for power in range(1, 9)])
    return stacked(*layers, *_texts(values, left=-310, right=-14, shift=0), height=alt.Step(25))


def _narrow(values: list[dict[str, Any]]) -> alt.LayerChart:
    layers = _layers(values, shift=9, ticks=[10, 1_000, 100_000, 10_000_000], guides=False)
    return stacked(*layers, *_texts(values, left=0, right="width", shift=-6), height=alt.Step(40))
