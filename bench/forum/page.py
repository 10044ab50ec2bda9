"""The forum's block of ``docs/benchmarks.md``, between marks of its own."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from bench.marks import Marks
from bench.table import Section, markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
MARKS = Marks(
    "<!-- forum: begin; python -m bench.forum writes what stands between these marks -->",
    "<!-- forum: end -->",
)
LIBRARIES = ("starlette", "uvicorn", "uvloop", "httptools", "sqlalchemy", "msgspec")


def written(sections: Sequence[Section], page: Path = PAGE) -> None:
    """Put ``sections`` between the marks; both are added at the end of a page that lacks them."""
    text = page.read_text("utf-8")
    if MARKS.begin not in text:
        text = f"{text.rstrip()}\n\n## The forum\n\n{MARKS.begin}\n{MARKS.end}\n"
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    conditions = (
        f"`make bench-forum`, Python {python_version()}, {libraries}, on cores that others share: CPU seconds of the "
        "server's process are what counts, not seconds on the wall. The client is a process of its own."
    )
    page.write_text(MARKS.replaced(text, markdown(sections, conditions)), "utf-8")
