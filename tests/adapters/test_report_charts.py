"""The charts of the report: every exchange, weight and account is in them, in colours that readers can tell."""

from itertools import pairwise

import msgspec
import pytest
from report_samples import three

from stillwatch.adapters.reports import palette
from stillwatch.adapters.reports.charts import exposure, sharing, timeline, waterfall
from stillwatch.vocabulary.campaigns import (
    AccountLink,
)

# --- colours --------------------------------------------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, "relative luminance"."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


TEXTS = (
    palette.INK, palette.MUTED, palette.UP, palette.DOWN, palette.ACT, palette.REVIEW, palette.WATCH, palette.WORDS,
    palette.NETWORK, palette.CLIENT, palette.MONEY, palette.REPLAY, palette.OTHER,
)  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_reaches_the_contrast_that_readers_need(theme: str) -> None:
    for paper in (palette.PAPER, palette.CARD):
        assert all(contrast(getattr(colour, theme), getattr(paper, theme)) >= 4.5 for colour in TEXTS)
        assert contrast(getattr(palette.AFTER, theme), getattr(paper, theme)) >= 2.9


# --- charts ---------------------------------------------------------------------------------------------------------


def test_the_bars_of_a_waterfall_join_and_end_at_the_weight() -> None:
    first = three()[0].campaigns[0]
    steps = waterfall.summed(first, -8.0)
    for one, following in pairwise(steps[:-1]):
        assert following.start == pytest.approx(one.end)
    assert steps[-2].end == pytest.approx(first.weight_bits)
    assert steps[-1].end == first.weight_bits


def test_what_overlap_takes_away_is_a_bar_of_its_own() -> None:
    first = three()[0].campaigns[0]
    lines = sum(line.weight_bits for line in first.evidence)
    dampened = msgspec.structs.replace(first, weight_bits=lines - 6.0)
    assert any(step.label.startswith("Lines that overlap") for step in waterfall.summed(dampened, 0.0))
    exact = msgspec.structs.replace(first, weight_bits=lines)
    assert not any(step.label.startswith("Lines that overlap") for step in waterfall.summed(exact, 0.0))


def test_many_lines_are_drawn_as_one_and_lose_no_weight() -> None:
    first = three()[0].campaigns[0]
    many = tuple(msgspec.structs.replace(line, id=f"{line.id}-{n}") for n in range(4) for line in first.evidence)
    steps = waterfall.summed(msgspec.structs.replace(first, evidence=many), 0.0)
    assert len(steps) <= waterfall.MOST_LINES + 3
    assert steps[-2].end == pytest.approx(first.weight_bits)


def test_the_timeline_counts_every_exchange_at_every_width() -> None:
    scan, figures = three()
    first = scan.campaigns[0]
    drawing = timeline.draw(first, figures[first.id])
    total = sum(bucket.exchanges for bucket in figures[first.id].timeline)
    assert sum(int(row[1].replace(",", "")) for row in drawing.rows) == total


def test_a_timeline_of_one_bucket_is_drawn() -> None:
    scan, figures = three()
    first = scan.campaigns[0]
    one = msgspec.structs.replace(figures[first.id], timeline=figures[first.id].timeline[:1])
    assert "<svg" in timeline.draw(first, one).wide


def test_accounts_with_the_same_links_share_a_row() -> None:
    links = [AccountLink(account=f"a{n}", kind="template", entity="passage 1", exchanges=5) for n in range(31)]
    links.append(AccountLink(account="b", kind="payment", entity="print 2", exchanges=5))
    scan, figures = three()
    shared = msgspec.structs.replace(figures[scan.campaigns[0].id], links=tuple(links), account_exchanges=())
    matrix = sharing.arranged(shared, rows=10, columns=10)
    assert sorted((row.accounts, row.exchanges) for row in matrix.rows) == [(1, 5), (31, 155)]


def test_what_the_matrix_does_not_draw_is_counted() -> None:
    scan, figures = three()
    second = scan.campaigns[1]
    matrix = sharing.arranged(figures[second.id], rows=2, columns=3)
    assert sum(row.accounts for row in matrix.rows) + matrix.accounts_left_out == len(second.accounts)
    assert len(matrix.columns) + matrix.entities_left_out == 18


def test_no_exposure_is_drawn_as_nothing_and_not_as_a_failure() -> None:
    third = three()[0].campaigns[2]
    drawing = exposure.draw(third)
    assert drawing is not None
    assert drawing.rows[0][:4] == ("writing", "0", "0", "0")
    assert exposure.draw(msgspec.structs.replace(third, exposure=())) is None
