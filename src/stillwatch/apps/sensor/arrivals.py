"""The new rows of a run: copies dropped and said, the rest aggregated into one part of history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.adapters.stores.history import History
from stillwatch.apps.sensor.quarantine import Quarantine
from stillwatch.profile import arrivals, standing
from stillwatch.profile.engine import Engine
from stillwatch.vocabulary.quarantine import Reject
from stillwatch.vocabulary.sketches import DICTIONARY, LINKS, SKETCHES

_DROPPED = pa.schema([("exchange", pa.int64()), ("source", pa.int32()), ("line", pa.int64())])


@dataclass(frozen=True)
class Added:
    """How many rows were new, how many history knew already, and what the reader must know of it."""

    fresh: int
    known: int
    notes: tuple[str, ...] = ()


def aggregate(
    engine: Engine, work: Path, part: Path, history: History | None, names: Sequence[str], quarantine: Quarantine
) -> Added:
    """Fill ``part`` with the tables of history from the sketches in ``work``. ``names`` are the run's inputs by
    number."""
    _attach(engine, work)
    past = history.files("fresh") if history is not None else []
    if past:
        engine.attach("past_exchanges", past)
    else:
        engine.hold("past_exchanges", pa.table({"exchange": pa.array([], pa.int64())}))
    twice = engine.table(arrivals.copies_within())
    known = engine.table(arrivals.copies_of_past()) if past else _DROPPED.empty_table()
    for row in twice.sort_by([("source", "ascending"), ("line", "ascending")]).to_pylist():
        reason = "id: stood on an earlier line of this run; the earlier line counts"
        quarantine(Reject(file=names[row["source"]], line=row["line"], reason=reason))
    engine.hold("dropped", pa.concat_tables([twice.cast(_DROPPED), known.cast(_DROPPED)]))
    fresh = engine.store(arrivals.fresh_sketches(tuple(SKETCHES.names)), part / "fresh.parquet")
    engine.attach("fresh", [part / "fresh.parquet"])
    engine.store(arrivals.repeated_entities(), work / "repeated.parquet")
    engine.attach("repeated_entities", [work / "repeated.parquet"])
    engine.store(arrivals.kept_links(once_only=len(twice) > 0), part / "kept_links.parquet")
    engine.attach("kept_links", [part / "kept_links.parquet"])
    engine.store(arrivals.pairs(), part / "pairs.parquet")
    engine.store(arrivals.account_hours(), part / "hours.parquet")
    engine.store(arrivals.ties(), part / "ties.parquet")
    notes = (f"{len(known):,} exchanges were in the history already and changed nothing.",) if len(known) else ()
    return Added(fresh, len(known), notes)


def _attach(engine: Engine, work: Path) -> None:
    for table, schema in (("sketches", SKETCHES), ("links", LINKS)):
        files = sorted((work / "sketches").glob(f"{table}-*.parquet"))
        if files:
            engine.attach(table, files)
        else:
            engine.hold(table, schema.empty_table())


def write_dictionary(entries: Iterable[tuple[str, int, str]], path: Path) -> None:
    """Write the names behind sealed identifiers, in a fixed order."""
    ordered = sorted(entries)
    arrays = [pa.array([row[i] for row in ordered], field.type) for i, field in enumerate(DICTIONARY)]
    pq.write_table(pa.table(arrays, schema=DICTIONARY), path, compression="zstd")


def names(engine: Engine) -> dict[tuple[str, int], str]:
    """The names behind sealed identifiers, over all parts."""
    table = engine.table(standing.dictionary())
    columns = [table[name].to_pylist() for name in ("kind", "key", "name")]
    return {(kind, key): name for kind, key, name in zip(*columns, strict=True)}


def span(engine: Engine) -> tuple[int, int, int]:
    """First and last time and the number of exchanges over all parts."""
    row = engine.table(standing.span()).to_pylist()[0]
    return row["first_us"], row["last_us"], row["exchanges"]
