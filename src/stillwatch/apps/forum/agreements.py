"""The agreement that a collection is bound to: shipped by name, or a file of the forum's own counsel.

Its text is copied into the collection when it is made: a later release of Stillwatch changes nothing that was agreed.
"""

from pathlib import Path

from stillwatch.errors import UsageError
from stillwatch.guard.agreement import SHIPPED, Agreement, load, shipped_text


def read_agreement(name: str) -> tuple[str, Agreement]:
    """(text, agreement) of a shipped one, or of the file ``name``. Raises ``UsageError`` where there is none."""
    if name in SHIPPED:
        text = shipped_text(name)
        return text, load(text)
    path = Path(name)
    if path.suffix != ".toml":
        raise UsageError(f"there is no agreement {name}: it is one of {', '.join(SHIPPED)}, or a .toml file")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the agreement {name} can't be read") from error
    return text, load(text)


def usable(text: str) -> bool:
    """Whether ``text`` is an agreement at all."""
    try:
        load(text)
    except UsageError:
        return False
    return True
