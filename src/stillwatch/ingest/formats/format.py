"""What a log format declares: how it is recognised, and how one of its records becomes records of the own format."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from stillwatch.ingest.settings import IngestSettings

Raw = dict[str, Any]


class Format(msgspec.Struct, frozen=True):
    """``matches`` looks at one decoded record; ``rewrite`` gives the exchanges in it, in the own format's fields.

    ``rewrite`` may give none (a record that is no model call) or many (a trace). It must not fail on odd types: what it
    can't make sense of it leaves out, and the fields it gives are checked like those of the own format.
    """

    name: str
    title: str
    matches: Callable[[Raw], bool]
    rewrite: Callable[[Raw, IngestSettings], Iterable[Raw]]


def at(raw: object, path: str) -> Any:
    """The value at a dotted ``path`` of nested objects, or ``None``. A key that itself holds dots is found first."""
    if not isinstance(raw, dict):
        return None
    if path in raw:
        return raw[path]
    head, _, rest = path.partition(".")
    return at(raw.get(head), rest) if rest else None


def first_name(raw: object, paths: Iterable[str]) -> str | int | None:
    """The first of ``paths`` that holds text or a whole number: how a setting chooses the account."""
    for path in paths:
        value = at(raw, path)
        if (type(value) is str and value) or type(value) is int:
            return value
    return None
