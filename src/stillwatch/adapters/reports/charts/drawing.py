"""From a Vega-Altair chart to a small, self-contained piece of SVG.

Every chart is drawn twice, for a desk and for a phone: shrinking one drawing to a phone's width would leave text of
four pixels. The style sheet shows one of them. vl-convert renders without network or browser.
"""

import re
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
#: What SVG assumes where nothing is said.
_DEFAULTS = {("opacity", "1"), ("stroke-width", "1"), ("text-anchor", "start"), ("font-weight", "normal")}
_PLACES = ("d", "transform", "x", "y", "x2", "y2")
_FIGURE = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


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
    return cast(alt.LayerChart, alt.layer(*layers, height=height))


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
    spec = chart.to_dict(validate=False)
    # Set here and not by the chart's own methods: each of those copies the chart with all its data.
    spec["config"] = _LOOK
    spec["autosize"] = {"type": "none"}
    spec["padding"] = margins._asdict()
    spec["width"] = width - margins.left - margins.right
    return _tidied(vl_convert.vegalite_to_svg(spec), description)


_LOOK = {
    "aria": False,
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED.light,
        "titleColor": MUTED.light,
        "gridColor": GRID.light,
        "domainColor": LINE.light,
        "tickColor": LINE.light,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelPadding": 6,
    },
}


def _tidied(drawn: str, description: str) -> Markup:
    """Without namespaces, empty parts, a hundredth of a pixel and attributes that only an editor needs: a third."""
    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own renderer's output, without a document type
    for element in list(root.iter()):
        element.tag = element.tag.rpartition("}")[2]
        element[:] = [child for child in element if child.get("class") not in ("background", "foreground")]
        for name, value in list(element.attrib.items()):
            if name in _MEANINGLESS or (name, value) in _DEFAULTS or name.startswith(("aria-", "role")):
                del element.attrib[name]
            elif name in _PLACES:
                element.set(name, _FIGURE.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), value))
    _hollow_out(root)
    root.set("style", f"max-width:{root.get('viewBox', '').split()[2]}px")
    root.set("role", "img")
    root.set("aria-label", description)
    return Markup(ElementTree.tostring(root, encoding="unicode").replace(" />", "/>"))  # noqa: S704 - escaped by ElementTree


def _hollow_out(element: ElementTree.Element) -> None:
    """Drop groups with nothing in them, unwrap those that change nothing, and join neighbours of one look."""
    kept: list[ElementTree.Element] = []
    for child in list(element):
        _hollow_out(child)
        if child.tag == "g" and not len(child):
            continue
        if child.tag == "g" and (not child.attrib or child.attrib == {"transform": "translate(0,0)"}):
            kept.extend(child)
        elif kept and _one_look(kept[-1], child):
            kept[-1].set("d", kept[-1].get("d", "") + child.get("d", ""))
        else:
            kept.append(child)
    element[:] = kept


def _one_look(one: ElementTree.Element, other: ElementTree.Element) -> bool:
    """Whether two filled shapes can be one path. Lines stay apart: a joined line would lose the start of its dashes."""
    if one.tag != "path" or other.tag != "path" or "stroke" in one.attrib or "transform" in one.attrib:
        return False
    return {**one.attrib, "d": ""} == {**other.attrib, "d": ""}
