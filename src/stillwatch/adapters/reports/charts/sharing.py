"""Who shares what: accounts against the things they share, as a matrix of blocks.

Accounts with exactly the same links stand in one row with their number, so that two thousand copies of one client are
one line and the exception beside them is seen. Rows and columns are ordered so that blocks appear.
"""

from collections import defaultdict
from collections.abc import Sequence
from math import log2
from typing import NamedTuple

import altair as alt
from markupsafe import Markup

from stillwatch.adapters.reports.charts.drawing import NARROW, WIDE, Drawing, Margins, rows, stacked, svg, words
from stillwatch.adapters.reports.palette import (
    CLIENT,
    INK,
    LINE,
    MONEY,
    MUTED,
    NETWORK,
    OTHER,
    REPLAY,
    TOTAL,
    WORDS,
    Colour,
)
from stillwatch.adapters.reports.wording import compact, counted, shortened, title
from stillwatch.vocabulary.campaigns import Campaign, Figures

Entity = tuple[str, str]  # kind, label
_Links = dict[str, dict[Entity, int]]  # by account


class Tint(NamedTuple):
    """A colour of the matrix: its name in the style sheet and in the legend."""

    key: str
    name: str
    colour: Colour
    kinds: tuple[str, ...]  # how such kinds of entity begin


TINTS: tuple[Tint, ...] = (
    Tint(
        "words", "wording", WORDS, ("template", "passage", "prefix", "suffix", "system", "near", "tools", "parameters")
    ),
    Tint("network", "network", NETWORK, ("network", "address", "asn", "surface")),
    Tint("client", "client", CLIENT, ("client", "tls", "user-agent", "headers")),
    Tint(
        "money",
        "payment and sign-up",
        MONEY,
        ("payment", "sign-up", "email", "organization", "programme", "credential"),
    ),
    Tint("replay", "signature or image", REPLAY, ("signature", "image")),
    Tint("other", "other", OTHER, ()),
)


class Row(NamedTuple):
    """Accounts drawn as one row, their exchanges in all, and through each entity."""

    first: str  # the first account, by name
    accounts: int
    exchanges: int
    links: dict[Entity, int]


class Matrix(NamedTuple):
    """What one size of the chart shows, and what it leaves out."""

    rows: list[Row]
    columns: list[Entity]
    accounts_left_out: int
    entities_left_out: int


def tint_of(kind: str) -> Tint:
    return next((tint for tint in TINTS if kind.startswith(tint.kinds)), TINTS[-1])


def tints(figures: Figures) -> list[Tint]:
    """The colours that occur, in the legend's order."""
    used = {tint_of(link.kind).key for link in figures.links}
    return [tint for tint in TINTS if tint.key in used]


def draw(campaign: Campaign, figures: Figures) -> Drawing | None:
    """``None`` where no link is known."""
    if not figures.links:
        return None
    wide, narrow = (arranged(figures, rows=size.rows, columns=size.columns) for size in (_DESK, _PHONE))
    alt_text = _in_words(campaign, wide)
    return Drawing(
        alt=alt_text,
        wide=_drawn(wide, _DESK, alt_text),
        narrow=_drawn(narrow, _PHONE, alt_text),
        columns=("Shared by", "Kind", "What", "Exchanges"),
        rows=tuple(
            (
                (row.first if row.accounts == 1 else f"{row.first} and {row.accounts - 1:,} alike"),
                title(kind),
                label,
                f"{row.links[kind, label]:,}",
            )
            for row in wide.rows
            for kind, label in wide.columns
            if (kind, label) in row.links
        ),
        left_out=(_left_out(wide), _left_out(narrow)),
    )


def _left_out(shown: Matrix) -> str:
    missing = [
        counted(number, name)
        for number, name in ((shown.accounts_left_out, "account"), (shown.entities_left_out, "shared thing"))
        if number
    ]
    return f"Only the strongest links are drawn; left out: {' and '.join(missing)}." if missing else ""


def arranged(figures: Figures, *, rows: int, columns: int) -> Matrix:
    """The strongest entities and groups of identical accounts that fit, in blocks."""
    totals = {item.account: item.exchanges for item in figures.account_exchanges}
    by_account: _Links = defaultdict(dict)
    holders: dict[Entity, set[str]] = defaultdict(set)
    for link in figures.links:
        entity = (link.kind, link.entity)
        by_account[link.account][entity] = by_account[link.account].get(entity, 0) + link.exchanges
        holders[entity].add(link.account)
    order = {tint.key: position for position, tint in enumerate(TINTS)}
    strongest = sorted(holders, key=lambda e: (-len(holders[e]), e))[:columns]
    shown = sorted(strongest, key=lambda e: (order[tint_of(e[0]).key], -len(holders[e]), e))
    groups: dict[tuple[Entity, ...], list[str]] = defaultdict(list)
    for account in sorted(by_account):
        groups[tuple(e for e in shown if e in by_account[account])].append(account)
    largest = sorted(groups, key=lambda key: (not key, -len(groups[key]), -len(key), key))[:rows]
    largest.sort(key=lambda key: [entity not in key for entity in shown])
    made = [_row(groups[key], key, by_account, totals) for key in largest if key]
    return Matrix(
        rows=made,
        columns=shown,
        accounts_left_out=len(by_account) - sum(row.accounts for row in made) + figures.accounts_left_out,
        entities_left_out=len(holders) - len(shown) + figures.entities_left_out,
    )


def _row(accounts: Sequence[str], key: tuple[Entity, ...], links: _Links, totals: dict[str, int]) -> Row:
    through = {entity: sum(links[account][entity] for account in accounts) for entity in key}
    least = [max(links[account].values()) for account in accounts]  # where an account's total is not known
    exchanges = sum(totals.get(account, known) for account, known in zip(accounts, least, strict=True))
    return Row(accounts[0], len(accounts), exchanges, through)


def _in_words(campaign: Campaign, matrix: Matrix) -> str:
    most = max(matrix.columns, key=lambda e: sum(row.accounts for row in matrix.rows if e in row.links))
    sharing = sum(row.accounts for row in matrix.rows if most in row.links)
    drawn = sum(row.accounts for row in matrix.rows)
    return (
        f"Matrix of {counted(drawn, 'account')} of {campaign.name} "
        f"against {counted(len(matrix.columns), 'shared thing')}: "
        f"{sharing:,} of them share {most[0]} “{most[1]}”."
    )


class _Layout(NamedTuple):
    """Pixels of one size. Everything is placed by hand: a matrix with bars beside it has no common scale."""

    width: int
    names: int  # room for account names
    letters: int  # ... in letters
    bars: int  # room for the bars of exchanges; 0: none
    step: int  # the largest cell
    rows: int  # the most that fit
    columns: int
    slant: int  # of the names above, in degrees


_DESK = _Layout(width=WIDE, names=250, letters=28, bars=170, step=40, rows=24, columns=22, slant=300)
_PHONE = _Layout(width=NARROW, names=136, letters=15, bars=0, step=28, rows=18, columns=10, slant=270)
_HEAD = 122  # room above for slanted names


def _drawn(matrix: Matrix, layout: _Layout, alt_text: str) -> Markup:
    room = layout.width - layout.names - layout.bars - 24
    step = min(layout.step, room // max(1, len(matrix.columns)))
    tall = max(21, min(step, 26))
    layers = [*_names(matrix, layout, step, tall), *_cells(matrix, step, tall), *_heads(matrix, layout, step)]
    if layout.bars:
        layers += _bars(matrix, len(matrix.columns) * step + 22, layout.bars - 60, tall)
    chart = stacked(*layers, height=tall * len(matrix.rows))
    return svg(chart, alt_text, width=layout.width, margins=Margins(_HEAD, 4, 6, layout.names))


def _cells(matrix: Matrix, step: int, tall: int) -> list[alt.Chart]:
    each = [log2(1 + n / row.accounts) for row in matrix.rows for n in row.links.values()]
    high = max(each, default=0)
    span = max(2.0, high - min(each, default=0))  # two bits at least: near-equal numbers shall look near-equal
    low = high - span
    cells = [
        {
            "x": c * step + 2,
            "x2": (c + 1) * step - 2,
            "y": r * tall + 2,
            "y2": (r + 1) * tall - 2,
            "colour": tint_of(entity[0]).colour.light,
            "strength": round(
                0.3 + 0.7 * min(1.0, 1 - (span - log2(1 + row.links[entity] / row.accounts) + low) / span), 2
            ),
        }
        for r, row in enumerate(matrix.rows)
        for c, entity in enumerate(matrix.columns)
        if entity in row.links
    ]
    # Round corners take two hundred characters a cell: a full matrix goes without.
    drawn = alt.Chart(rows(cells)).mark_rect(cornerRadius=3 if len(cells) <= 80 else 0)
    return [
        drawn.encode(
            x=_x("x"),
            x2=alt.X2("x2:Q"),
            y=_y("y"),
            y2=alt.Y2("y2:Q"),
            color=alt.Color("colour:N", scale=None),
            opacity=alt.Opacity("strength:Q", scale=None),
        )
    ]


def _names(matrix: Matrix, layout: _Layout, step: int, tall: int) -> list[alt.Chart]:
    """Account names, how many are alike, and a line below that leads the eye along the row."""
    values = [
        {
            "x": -layout.names,
            "times": -10,
            "end": len(matrix.columns) * step,
            "y": (r + 0.5) * tall,
            "below": (r + 1) * tall,
            "name": shortened(row.first, layout.letters),
            "alike": f"× {row.accounts:,}" if row.accounts > 1 else "",
        }
        for r, row in enumerate(matrix.rows)
    ]
    base = alt.Chart(rows(values)).encode(y=_y("y"))
    line = base.mark_rule(color=LINE.light).encode(x=_x("x"), x2=alt.X2("end:Q"), y=_y("below"))
    name = words(base, colour=INK, size=12).encode(x=_x("x"), text=alt.Text("name:N"))
    alike = words(base, colour=MUTED, size=12, bold=True, align="right").encode(x=_x("times"), text=alt.Text("alike:N"))
    return [line, name, alike]


def _heads(matrix: Matrix, layout: _Layout, step: int) -> list[alt.Chart]:
    """The name of each shared thing, and below it how many of the drawn accounts share it."""
    values = [
        {
            "x": (c + 0.5) * step,
            "name": -17,
            "number": -4,
            "label": shortened(label, 18),
            "colour": tint_of(kind).colour.light,
            "accounts": compact(sum(row.accounts for row in matrix.rows if (kind, label) in row.links)),
        }
        for c, (kind, label) in enumerate(matrix.columns)
    ]
    base = alt.Chart(rows(values)).encode(x=_x("x"))
    slanted = base.mark_text(angle=layout.slant, align="left", baseline="middle", fontSize=12, dx=6)
    number = words(base, colour=MUTED, align="center", size=11, baseline="bottom")
    return [
        slanted.encode(y=_y("name"), text=alt.Text("label:N"), color=alt.Color("colour:N", scale=None)),
        number.encode(y=_y("number"), text=alt.Text("accounts:N")),
    ]


def _bars(matrix: Matrix, left: int, most: int, tall: int) -> list[alt.Chart]:
    """Exchanges of each row, to the right of the matrix."""
    peak = max((row.exchanges for row in matrix.rows), default=1) or 1
    values = [
        {
            "x": left,
            "x2": left + max(1.0, most * row.exchanges / peak),
            "y": (r + 0.5) * tall,
            "number": compact(row.exchanges),
        }
        for r, row in enumerate(matrix.rows)
    ]
    base = alt.Chart(rows(values)).encode(y=_y("y"))
    title_ = alt.Chart(rows([{"x": left, "y": -4, "name": "exchanges"}])).encode(x=_x("x"), y=_y("y"))
    return [
        base.mark_rule(color=TOTAL.light, strokeWidth=9).encode(x=_x("x"), x2=alt.X2("x2:Q")),
        words(base, colour=INK, size=12, dx=6).encode(x=_x("x2"), text=alt.Text("number:N")),
        words(title_, colour=MUTED, size=11, baseline="bottom").encode(text=alt.Text("name:N")),
    ]


def _x(field: str) -> alt.X:
    return alt.X(f"{field}:Q", scale=None, axis=None)


def _y(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", scale=None, axis=None)
