"""Figures in a page: Markdown tables, and the marks between which a command writes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Marks:
    """Two comments of a page. What stands between them belongs to one command."""

    begin: str
    end: str

    def replaced(self, page: str, text: str) -> str:
        """``page`` with ``text`` between the marks. ``ValueError`` where one is missing."""
        before, begin, rest = page.partition(self.begin)
        _, end, after = rest.partition(self.end)
        if not begin or not end:
            raise ValueError("the page has no marks to write between")
        return f"{before}{begin}\n\n{text}\n{end}{after}"


def measured(command: str) -> Marks:
    """The marks of a page of figures that ``command`` writes."""
    return Marks(
        f"<!-- measured: begin; {command} writes what stands between these marks -->", "<!-- measured: end -->"
    )


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
