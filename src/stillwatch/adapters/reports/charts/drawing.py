"""From a Vega-Altair chart to a small, self-contained piece of SVG.

Every chart is drawn twice, for a desk and for a phone: shrinking one drawing to a phone's width would leave text of
four pixels. The style sheet shows one of them. vl-convert renders without network or browser.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast
from xml.etree import ElementTree

import altair as alt
import vl_convert
from markupsafe import Markup

from stillwatch.adapters.reports.palette import GRID, LINE, MUTED, Colour

#: Outer widths in CSS pixels: the text column of a desktop page, and a 390 px phone less its margins.
WIDE, NARROW = 912, 358

_MEANINGLESS = ("class", "pointer-events", "font-family", "stroke-miterlimit", "version", "width", "height")


class Drawing(NamedTuple):
    """A chart for those who see it and for those who don't."""

    alt: str  # the point of the chart in words
    wide: Markup
    narrow: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: tuple[str, str] = ("", "")  # what the wide and the narrow drawing do not show, a sentence each


def words(
    base: alt.Chart, *, colour: Colour, align: str = "left", bold: bool = False, size: int = 13, **place: Any
) -> alt.Chart:
    """A text mark in the report's manner; ``place``: what else Vega-Lite's text mark knows (``dx``, ``baseline``)."""
    look: dict[str, Any] = {"align": align, "fontWeight": "bold" if bold else "normal", "fontSize": size, **place}
    return cast(alt.Chart, base.mark_text(color=colour.light, **look))


def at_x(pixels: int | str) -> alt.XValue:
    """A fixed place across the plot (``"width"``: its right edge)."""
    return alt.XValue(pixels)  # type: ignore[no-untyped-call]


def at_y(pixels: int) -> alt.YValue:
    """A fixed place down the plot; negative: in the margin above."""
    return alt.YValue(pixels)  # type: ignore[no-untyped-call]


def stacked(*layers: alt.Chart | alt.LayerChart, height: int | alt.Step) -> alt.LayerChart:
    """Layers over each other, ``height`` pixels tall (or so many a row)."""
    return cast(alt.LayerChart, alt.layer(*layers).properties(height=height))


def rows(values: Iterable[dict[str, Any]]) -> alt.InlineData:
    """Data inside the specification; nothing is fetched."""
    return alt.InlineData(values=list(values))


class Margins(NamedTuple):
    """Room around the plot for axes, names and notes, in pixels; set by hand so that charts line up."""

    top: int
    right: int
    bottom: int
    left: int


def svg(chart: alt.LayerChart, description: str, *, width: int, margins: Margins) -> Markup:
    """The chart, ``width`` pixels in all, as an inline ``<svg>`` that reads as one image."""
    chart = (
        chart.properties(width=width - margins.left - margins.right, autosize=alt.AutoSizeParams(type="none"))
        .configure(aria=False, background="transparent", padding=margins._asdict())
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=MUTED.light, titleColor=MUTED.light, gridColor=GRID.light, domainColor=LINE.light,
            tickColor=LINE.light, labelFontSize=12, titleFontSize=12, titleFontWeight="normal", labelPadding=6,
        )
    )  # fmt: skip
    return _tidied(vl_convert.vegalite_to_svg(chart.to_dict(validate=False)), description)


def _tidied(drawn: str, description: str) -> Markup:
    """Without namespaces, empty parts and attributes that only an editor would need: half the size."""
    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own renderer's output, without a document type
    for parent in list(root.iter()):
        parent.tag = parent.tag.rpartition("}")[2]
        parent[:] = [child for child in parent if child.get("class") not in ("background", "foreground")]
        for name in list(parent.attrib):
            if name in _MEANINGLESS or name.startswith(("aria-", "role")):
                del parent.attrib[name]
    _hollow_out(root)
    root.set("style", f"max-width:{root.get('viewBox', '').split()[2]}px")
    root.set("role", "img")
    root.set("aria-label", description)
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704 - ElementTree escaped it


def _hollow_out(element: ElementTree.Element) -> None:
    """Drop groups with nothing in them, and unwrap those that change nothing."""
    kept: list[ElementTree.Element] = []
    for child in list(element):
        _hollow_out(child)
        if child.tag == "g" and not len(child):
            continue
        if child.tag == "g" and (not child.attrib or child.attrib == {"transform": "translate(0,0)"}):
            kept.extend(child)
        else:
            kept.append(child)
    element[:] = kept
