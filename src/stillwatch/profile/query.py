"""A query is a value: it can be read, tested, checked and explained without a database."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Query(NamedTuple):
    """Canonical SQL over named tables.

    ``sql`` keeps to the safe subset that ``tools/check_sql.py`` enforces, so that it means the same on every engine.
    ``params`` are bound by name (``$name``); they are numbers or text, never pieces of SQL.
    """

    name: str
    sql: str
    params: Mapping[str, int | float | str] = MappingProxyType({})
