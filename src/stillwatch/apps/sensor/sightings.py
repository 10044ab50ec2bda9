"""``scan --sightings``: what ``stillwatch match`` brought back, laid over the accounts of this run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import replace

from stillwatch.apps.sensor.identifiers import Identifiers
from stillwatch.detect.evidence.peer_sightings import PEER_SIGHTINGS
from stillwatch.detect.peers import Sighted, kind_of
from stillwatch.errors import UsageError
from stillwatch.match.identifiers import Identifier, canonical
from stillwatch.vocabulary.campaigns import Campaign, EvidenceShown, Source
from stillwatch.vocabulary.peers import Sighting, Sightings
from stillwatch.vocabulary.times import instant


@dataclass(frozen=True)
class Given:
    """The live sightings of a file, how many in it had expired, and where the live ones come from."""

    live: tuple[Sighting, ...]
    expired: int
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Laid:
    """Sightings on our accounts, and what the reader must know of them."""

    sighted: Sighted
    notes: tuple[str, ...]


def read(file: Path, now: datetime) -> Given:
    """The live sightings of a file. Raises ``UsageError`` where the file can't be read."""
    try:
        given = msgspec.json.decode(file.read_bytes(), type=Sightings)
        live = tuple(one for one in given.sightings if one.expires_at is None or instant(one.expires_at) > now)
    except OSError as error:
        raise UsageError(f"the sightings file {file} can't be read: {(error.strerror or '').lower()}") from error
    except ValueError as error:  # no JSON, another shape, or no time where one belongs
        raise UsageError(f"the sightings file {file} can't be read: {error}") from error
    return Given(live, len(given.sightings) - len(live), _sources(given, live))


def _sources(given: Sightings, live: Sequence[Sighting]) -> tuple[Source, ...]:
    """A file of one match has one source."""
    found = {
        Source(one.provenance.forum or given.forum, one.provenance.epoch or given.epoch, one.expires_at) for one in live
    }
    return tuple(sorted(found, key=lambda one: (one.forum, str(one.epoch), one.expires_at or "")))


def laid(given: Given, identifiers: Identifiers) -> Laid:
    """The accounts that show what others look for. What is common here binds nobody and is left out."""
    rows: list[tuple[int, int, int]] = []
    unknown = 0
    for number, one in enumerate(given.live, start=1):
        spelt = canonical(one.type, one.value)
        accounts = identifiers.showing(spelt) if isinstance(spelt, Identifier) else frozenset()
        unknown += not accounts and one.type != "template"
        rows += [(account, number, kind_of(one)) for account in sorted(accounts)]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    touched = len(np.unique(columns[:, 0]))
    said = (
        f"Other members look for {len(given.live):,} of the identifiers that we asked about; {touched:,} accounts here "
        "show one of them" + (f"; {unknown:,} are common here, or not in this log" if unknown else "") + "."
    )
    old = (f"{given.expired:,} sightings had expired and were left out.",) if given.expired else ()
    return Laid(Sighted(*columns.T), (said, *old))


def sourced(campaigns: Sequence[Campaign], given: Given | None) -> tuple[Campaign, ...]:
    """The campaigns, where a line of evidence rests on sightings with their provenance and their end."""
    if given is None or not given.sources:
        return tuple(campaigns)
    return tuple(
        replace(one, evidence=tuple(_sourced(line, given.sources) for line in one.evidence)) for one in campaigns
    )


def _sourced(line: EvidenceShown, sources: tuple[Source, ...]) -> EvidenceShown:
    if line.id != PEER_SIGHTINGS.id:
        return line
    said = "; ".join(
        f"epoch {one.epoch} of {one.forum}" + (f", until {one.expires_at}" if one.expires_at else "") for one in sources
    )
    return replace(line, sources=sources, text=f"{line.text} Their word: {said}.")
