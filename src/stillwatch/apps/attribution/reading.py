"""The files that attribution reads. What can't be read is an error with its place; a missing watch-list is a note."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from stillwatch.attribute.grouping import Dossier
from stillwatch.attribute.hypotheses import IDS, flat
from stillwatch.attribute.inputs import SIDES, TYPES, Names
from stillwatch.errors import NoInputError, UsageError
from stillwatch.vocabulary.campaigns import LEVELS, Level, Scan
from stillwatch.vocabulary.peers import Sighting, Sightings, WatchLine
from stillwatch.vocabulary.times import instant

T = TypeVar("T")
WATCHLIST = "watchlist.jsonl"


@dataclass
class Read:
    """Dossiers, and what a reader must know about how they came about."""

    dossiers: list[Dossier] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def scans(paths: Sequence[Path], watchlists: Sequence[Path], names: Names, lowest: Level) -> Read:
    """Campaigns of ``campaigns.json`` files (or the folders of scans) down to ``lowest``, with their identifiers.

    A watch-list beside a scan is read by itself. A campaign that stands in several scans counts once, as last seen.
    """
    files = [path / "campaigns.json" if path.is_dir() else path for path in paths]
    beside = [file.with_name(WATCHLIST) for file in files]
    lists = [*watchlists, *(path for path in beside if path.exists() and path not in watchlists)]
    values = _values(lists)
    blocks = {block.campaign: block.at for block in names.blocks}
    read = Read()
    latest: dict[str, Dossier] = {}
    for file in files:
        scan = _decoded(file, Scan, "the campaigns.json of a scan")
        _moments(file, [scan.scanned.first, scan.scanned.last])
        for campaign in scan.campaigns:
            if LEVELS.index(campaign.level) > LEVELS.index(lowest):
                continue
            _moments(file, [campaign.first_exchange_at, campaign.last_exchange_at, campaign.noticed_at])
            dossier = Dossier(
                campaign=campaign,
                source=str(file),
                scan_first=scan.scanned.first or campaign.first_exchange_at,
                scan_last=scan.scanned.last or campaign.last_exchange_at,
                values=values.get(campaign.id, {}),
                blocked_at=blocks.get(campaign.id),
            )
            known = latest.get(campaign.id)
            if known is None or instant(known.campaign.last_exchange_at) <= instant(campaign.last_exchange_at):
                latest[campaign.id] = dossier
            if known is not None:
                read.notes.append(f"{campaign.name} of {file} stands in an earlier scan too: it counts once.")
    read.dossiers = list(latest.values())
    if read.dossiers and not lists:
        read.notes.append(f"No {WATCHLIST} was given: campaigns are compared by their times only.")
    unknown = sorted(set(blocks) - set(latest))
    if unknown:
        read.notes.append(f"Blocks of campaigns that no scan lists were left out: {', '.join(unknown)}.")
    return read


def sightings(path: Path | None) -> Sightings | None:
    """What ``stillwatch match`` wrote, or nothing."""
    if path is None:
        return None
    read = _decoded(path, Sightings, "the output of stillwatch match")
    _moments(path, (one.expires_at for one in read.sightings))
    return read


def live(found: Iterable[Sighting], now: str) -> tuple[list[Sighting], int]:
    """Sightings that have not expired at ``now``, and how many have."""
    every = list(found)
    kept = [one for one in every if one.expires_at is None or instant(one.expires_at) > instant(now)]
    return kept, len(every) - len(kept)


def names(path: Path | None) -> Names:
    """The member's own entries. Only known identifier types can be entered: no language, nationality or time zone."""
    if path is None:
        return Names()
    read = _decoded(path, Names, "a names file")
    for name in read.names:
        for item in name.identifiers:
            if item.type not in TYPES:
                raise UsageError(
                    f"{path}: {name.name} has an identifier of type {item.type}, which is no evidence; it is one of "
                    f"{', '.join(one for types in SIDES.values() for one in types)}"
                )
    _moments(path, [*(name.entered_on for name in read.names), *(block.at for block in read.blocks)])
    return read


def prior(path: Path | None) -> dict[str, float]:
    """A prior by hypothesis, or the flat one. ``UsageError`` for unknown hypotheses and for shares that are none."""
    if path is None:
        return flat()
    given = _decoded(path, dict[str, float], "a prior by hypothesis")
    unknown = sorted(set(given) - set(IDS))
    if unknown:
        raise UsageError(f"{path}: no hypothesis is called {', '.join(unknown)}; there are {', '.join(IDS)}")
    if any(not 0.0 <= share < float("inf") for share in given.values()) or not sum(given.values()):
        raise UsageError(f"{path}: priors are numbers of at least 0, and not all 0")
    return {one: float(given.get(one, 0.0)) for one in IDS}


def _values(lists: Iterable[Path]) -> dict[str, dict[str, frozenset[str]]]:
    """Identifiers by campaign and type. Types that matching does not know are left out."""
    gathered: dict[str, dict[str, set[str]]] = {}
    for path in lists:
        for number, line in enumerate(_bytes(path).splitlines(), start=1):
            if not line.strip():
                continue
            try:
                watched = msgspec.json.decode(line, type=WatchLine)
            except msgspec.MsgspecError as error:
                raise NoInputError(f"{path}, line {number}: no line of a watch-list: {error}") from error
            if watched.campaign is not None and watched.type in TYPES:
                gathered.setdefault(watched.campaign, {}).setdefault(watched.type, set()).add(watched.value)
    return {
        campaign: {type_: frozenset(values) for type_, values in by_type.items()}
        for campaign, by_type in gathered.items()
    }


def _moments(path: Path, texts: Iterable[str | None]) -> None:
    for text in filter(None, texts):
        try:
            instant(text)
        except ValueError as error:
            raise UsageError(f"{path}: {text} is no ISO 8601 time") from error


def _decoded(path: Path, type_: type[T], what: str) -> T:
    decode: Any = msgspec.json.decode
    try:
        decoded: T = decode(_bytes(path), type=type_)
    except msgspec.MsgspecError as error:
        raise NoInputError(f"{path} is not {what}: {error}") from error
    return decoded


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoInputError(f"{path} can't be read: {(error.strerror or str(error)).lower()}") from error
