"""The forum's block of ``docs/benchmarks.md``, between marks of its own."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from bench.table import Section, markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
BEGIN = "<!-- forum: begin; python -m bench.forum writes what stands between these marks -->"
END = "<!-- forum: end -->"
LIBRARIES = ("starlette", "uvicorn", "sqlalchemy", "msgspec")


def written(sections: Sequence[Section], page: Path = PAGE) -> None:
    """Put ``sections`` between the marks; both are added at the end of a page that lacks them."""
    text = page.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        before, after = f"{text.rstrip()}\n\n## The forum\n\n", "\n"
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    conditions = (
        f"`make bench-forum`, Python {python_version()}, {libraries}, on cores that others share: CPU seconds of the "
        "server's process are what counts, not seconds on the wall. The client is a process of its own."
    )
    page.write_text(f"{before}{BEGIN}\n\n{markdown(sections, conditions)}\n{END}{after}", "utf-8")
