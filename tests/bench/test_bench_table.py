"""The table of promised and measured figures says what was measured, and nothing else on the page changes."""

import re
from io import StringIO

import pytest
from rich.console import Console

from bench.table import MARKS, Row, Section, conditions, markdown, printed

SECTIONS = [
    Section("Speed", [Row("seconds", "71.0", "≤ 90 s", True, (0.25, 2.04)), Row("by stage", "reading 40 | rest 31")]),
    Section("Found", [Row("campaigns", "4 of 5", "all", False)], "How it was counted."),
]


def rows(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in text.splitlines() if line[:1] == "|"
    ]


def test_every_row_has_the_five_cells_of_its_heading() -> None:
    table = rows(markdown(SECTIONS, "Measured on two cores."))
    assert {len(row) for row in table} == {5}
    assert ["seconds", "≤ 90 s", "71.0", "yes", "0.2 → 2.0"] in table
    assert ["campaigns", "all", "4 of 5", "no", ""] in table


def test_a_figure_without_a_bar_is_neither_reached_nor_missed() -> None:
    assert ["by stage", "", r"reading 40 \| rest 31", "", ""] in rows(markdown(SECTIONS, ""))


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    page = f"# Title\n\n{MARKS.begin}\nold figures\n{MARKS.end}\n\nThe end.\n"
    once = MARKS.replaced(page, "new figures\n")
    assert once == f"# Title\n\n{MARKS.begin}\n\nnew figures\n\n{MARKS.end}\n\nThe end.\n"
    assert MARKS.replaced(once, "new figures\n") == once


def test_a_page_without_marks_is_refused_rather_than_overwritten() -> None:
    with pytest.raises(ValueError, match="no marks"):
        MARKS.replaced("# Title\n", "figures")


def test_the_terminal_shows_every_figure() -> None:
    console = Console(file=StringIO(), width=120)
    printed(SECTIONS, console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(row.figure in shown for section in SECTIONS for row in section.rows)


def test_the_conditions_name_versions_but_neither_machine_nor_date() -> None:
    import datetime
    import platform

    text = conditions("built-in")
    assert platform.python_version() in text
    assert platform.node() == "" or not re.search(rf"\b{re.escape(platform.node())}\b", text)
    assert str(datetime.datetime.now().year) not in text
