"""``scan --sightings``: what ``stillwatch match`` brought back, laid over the accounts of this run."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np

from stillwatch.apps.sensor.identifiers import Identifiers
from stillwatch.detect.peers import Sighted, kind_of
from stillwatch.errors import UsageError
from stillwatch.match.identifiers import Identifier, canonical
from stillwatch.vocabulary.peers import Sighting, Sightings
from stillwatch.vocabulary.times import instant


@dataclass(frozen=True)
class Given:
    """The live sightings of a file, and how many in it had expired."""

    live: tuple[Sighting, ...]
    expired: int


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
    return Given(live, len(given.sightings) - len(live))


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
