"""Who shares what: accounts against the things they share, as a matrix of blocks.

Accounts with exactly the same links stand in one row with their number, so that two thousand copies of one client are
one line and the exception beside them is seen. Rows and columns are ordered so that blocks appear.
"""

from collections import defaultdict
from collections.abc import Sequence
from math import log2
from typing import NamedTuple

import altair as alt

from stillwatch.adapters.reports.charts.drawing import Drawing, Margins, rows, stacked, svg, words
from stillwatch.adapters.reports.palette import CLIENT, INK, LINE, MONEY, MUTED, NETWORK, OTHER, REPLAY, WORDS, Colour
from stillwatch.adapters.reports.wording import compact, counted, shortened, title
from stillwatch.vocabulary.campaigns import Campaign, Figures

Entity = tuple[str, str]  # kind, label


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
    """Accounts drawn as one row, and their exchanges through each entity."""

    label: str
    accounts: int
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
    wide, narrow = (arranged(figures, rows=most, columns=across) for most, across in ((24, 26), (18, 11)))
    alt_text = _in_words(campaign, wide)
    return Drawing(
        alt=alt_text,
        wide=svg(_chart(wide, 22, 34), alt_text, width=_width(wide, 22, 232), margins=Margins(118, 30, 6, 232)),
        narrow=svg(_chart(narrow, 19, 19), alt_text, width=_width(narrow, 19, 136), margins=Margins(118, 8, 6, 136)),
        columns=("Shared by", "Kind", "What", "Exchanges"),
        rows=tuple(
            (row.label, title(kind), label, f"{row.links[kind, label]:,}")
            for row in wide.rows
            for kind, label in wide.columns
            if (kind, label) in row.links
        ),
    )


def arranged(figures: Figures, *, rows: int, columns: int) -> Matrix:
    """The strongest entities and groups of identical accounts that fit, in blocks."""
    by_account: dict[str, dict[Entity, int]] = defaultdict(dict)
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
    made = [_row(groups[key], key, by_account) for key in largest if key]
    return Matrix(
        rows=made,
        columns=shown,
        accounts_left_out=len(by_account) - sum(row.accounts for row in made) + figures.accounts_left_out,
        entities_left_out=len(holders) - len(shown) + figures.entities_left_out,
    )


def _row(accounts: Sequence[str], key: tuple[Entity, ...], links: dict[str, dict[Entity, int]]) -> Row:
    label = accounts[0] if len(accounts) == 1 else f"{len(accounts):,} alike: {accounts[0]} …"
    return Row(label, len(accounts), {entity: sum(links[account][entity] for account in accounts) for entity in key})


def _in_words(campaign: Campaign, matrix: Matrix) -> str:
    most = max(matrix.columns, key=lambda e: sum(row.accounts for row in matrix.rows if e in row.links))
    sharing = sum(row.accounts for row in matrix.rows if most in row.links)
    drawn = sum(row.accounts for row in matrix.rows)
    return (
        f"Matrix of {counted(drawn, 'account')} of {campaign.name} "
        f"against {counted(len(matrix.columns), 'shared thing')}: "
        f"{sharing:,} of them share {most[0]} “{most[1]}”."
    )


def _width(matrix: Matrix, step: int, left: int) -> int:
    """As wide as its columns need, and never narrower than a slanted heading."""
    return left + max(len(matrix.columns) * step, 60) + (30 if left > 200 else 8)


def _chart(matrix: Matrix, step: int, names: int) -> alt.LayerChart:
    columns = [
        {"c": c, "name": shortened(label, 18), "colour": tint_of(kind).colour.light,
         "accounts": compact(sum(row.accounts for row in matrix.rows if (kind, label) in row.links))}
        for c, (kind, label) in enumerate(matrix.columns)
    ]  # fmt: skip
    labels = [{"r": r, "name": shortened(row.label, names)} for r, row in enumerate(matrix.rows)]
    most = max((n / row.accounts for row in matrix.rows for n in row.links.values()), default=1)
    cells = [
        {"r": r, "c": c, "colour": tint_of(entity[0]).colour.light,
         "strength": 0.35 + 0.65 * log2(1 + row.links[entity] / row.accounts) / log2(1 + max(most, 1))}
        for r, row in enumerate(matrix.rows) for c, entity in enumerate(matrix.columns) if entity in row.links
    ]  # fmt: skip
    x, y = alt.X("c:O", axis=None), alt.Y("r:O", axis=None)
    paint = alt.Color("colour:N", scale=None)
    opacity = alt.Opacity("strength:Q", scale=None)
    lines = alt.Chart(rows(labels)).mark_rule(color=LINE.light).encode(y=y)
    blocks = alt.Chart(rows(cells)).mark_rect(cornerRadius=3, width=step - 4, height=step - 4).encode(
        x=x, y=y, color=paint, opacity=opacity
    )  # fmt: skip
    head = alt.Chart(rows(columns))
    heads = head.mark_text(angle=300, align="left", baseline="middle", fontSize=12, dx=8).encode(
        x=x, y=alt.value(-16), text="name:N", color=paint
    )
    numbers = words(head, colour=MUTED, align="center", size=11, baseline="bottom")
    text = words(alt.Chart(rows(labels)), colour=INK, size=12)
    return stacked(
        lines,
        blocks,
        heads,
        numbers.encode(x=x, y=alt.value(-3), text="accounts:N"),
        text.encode(y=y, x=alt.value(-232 if names > 20 else -136), text="name:N"),
        height=alt.Step(step),
    )
