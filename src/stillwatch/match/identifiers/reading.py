"""Lists of identifiers as people keep them: JSON Lines with ``type`` and ``value``, or CSV with these as columns.

What a watch-list says beside an identifier (campaign, level, counts, first and last sight) is read too, where it is
there. Nothing that can't be read stops the run: it is left out with place and reason. Values that have the same
spelling become one, because each costs a unit of budget.
"""

import csv
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import msgspec

from stillwatch.match.identifiers.kinds import Identifier, Unfit, canonical
from stillwatch.vocabulary.quarantine import Reject

_Count = Annotated[int, msgspec.Meta(ge=0)]


class _Row(msgspec.Struct):
    type: str
    value: str | int  # the number of an autonomous system is a number to whoever writes JSON
    campaign: str | None = None
    level: str | None = None
    accounts: _Count | None = None
    exchanges: _Count | None = None
    first_seen: str | None = None
    last_seen: str | None = None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier and what its owner says of it. ``None``: not said. Times are ISO 8601 in UTC."""

    identifier: Identifier
    campaign: str | None = None
    level: str | None = None
    accounts: int | None = None
    exchanges: int | None = None
    first_seen: str | None = None
    last_seen: str | None = None


class Reading(msgspec.Struct, frozen=True):
    """Each identifier once, in the order of its first line, and what was left out."""

    listed: tuple[Listed, ...]
    rejected: tuple[Reject, ...]

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        return tuple(each.identifier for each in self.listed)


def read(path: str, lines: Iterable[str]) -> Reading:
    """The identifiers in ``lines``. ``path`` names them in rejects and says what they are: CSV by its ending."""
    found: dict[Identifier, Listed] = {}
    rejected: list[Reject] = []
    lines = (line.removeprefix("\ufeff") for line in lines)  # spreadsheets put a byte order mark before the first
    for number, row in _csv(lines) if path.lower().endswith(".csv") else _json(lines):
        read_row = _listed(row)
        if isinstance(read_row, str):
            rejected.append(Reject(file=path, line=number, reason=read_row))
            continue
        known = found.get(read_row.identifier)
        found[read_row.identifier] = read_row if known is None else _joined(known, read_row)
    return Reading(tuple(found.values()), tuple(rejected))


def _json(lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, line


def _csv(lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    rows = csv.DictReader(lines, restkey="more", strict=True, skipinitialspace=True)
    try:
        for row in rows:
            yield rows.line_num, {name.strip().lower(): cell for name, cell in row.items() if name and cell}
    except csv.Error:
        yield rows.line_num, "the CSV breaks off here"


def _listed(row: Any) -> Listed | str:
    """The row as an identifier, or why not. The value is never repeated: a list may hold what must not be logged."""
    try:
        if isinstance(row, dict):
            given = msgspec.convert(row, _Row, strict=False)
        else:
            given = msgspec.json.decode(row, type=_Row, strict=False)
    except msgspec.ValidationError as error:
        return f"is no identifier: {error}"
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return "is no JSON object on one line"
    spelt = canonical(given.type, str(given.value))
    if isinstance(spelt, Unfit):
        return f"{spelt.type}: {spelt.reason}"
    said = {name: getattr(given, name) for name in _SAID}
    return Listed(identifier=spelt, **said)


_SAID = tuple(name for name in _Row.__struct_fields__ if name not in ("type", "value"))


def _joined(one: Listed, other: Listed) -> Listed:
    """Two lines of one identifier: the campaign of the line with more exchanges; counts may overlap, so the most."""
    heavier = other if (other.exchanges or 0) > (one.exchanges or 0) else one
    return Listed(
        identifier=one.identifier,
        campaign=heavier.campaign or one.campaign or other.campaign,
        level=heavier.level or one.level or other.level,
        accounts=max((each for each in (one.accounts, other.accounts) if each is not None), default=None),
        exchanges=max((each for each in (one.exchanges, other.exchanges) if each is not None), default=None),
        first_seen=min((each for each in (one.first_seen, other.first_seen) if each is not None), default=None),
        last_seen=max((each for each in (one.last_seen, other.last_seen) if each is not None), default=None),
    )
