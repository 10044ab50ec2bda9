"""``stillwatch scan``: one run, from the names of logs to ``campaigns.json``, ``report.html`` and ``accounts.parquet``.

Steps: open the outputs; read and sketch; drop copies; aggregate; add to history where there is one; detect;
conclude; write. Everything on the way lies in a work folder inside ``--out`` that is gone at the end; results appear
under their names only when all of them are whole.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch import ingest
from stillwatch.adapters.engines.duckdb import DuckDBEngine
from stillwatch.adapters.sources import MAX_LINE_BYTES, Source, expand
from stillwatch.adapters.stores.history import TABLES, History
from stillwatch.apps.sensor import arrivals, indicators, labels, standing, watchlist
from stillwatch.apps.sensor import sightings as sighted
from stillwatch.apps.sensor.identifiers import Identifiers
from stillwatch.apps.sensor.intake import Intake, Task, take_in
from stillwatch.apps.sensor.quarantine import Quarantine
from stillwatch.cases.conclude import Names, Setting, conclude, iso
from stillwatch.cases.doubts import compared
from stillwatch.detect import own_groups
from stillwatch.detect.candidates import surge
from stillwatch.detect.detection import Detection, detect
from stillwatch.detect.peers import counted, indicated, laid_over
from stillwatch.detect.population import F64, I64, Accounts, Ties
from stillwatch.detect.suspicion import asked
from stillwatch.errors import NoInputError, UsageError
from stillwatch.ingest import IngestSettings
from stillwatch.profile.engine import Engine
from stillwatch.sketch.keying import SketchKey
from stillwatch.vocabulary.campaigns import Campaign, Figures, Scan, Scanned
from stillwatch.vocabulary.exchanges import ACCOUNTS, PERMITS
from stillwatch.vocabulary.peers import WatchLine
from stillwatch.vocabulary.quarantine import Reject


@dataclass(frozen=True)
class Request:
    """What the person asked for. ``key`` seals the sketches; ``state`` is where history lies, if anywhere."""

    logs: Sequence[str]
    key: bytes
    now: datetime
    accounts: Sequence[str] = ()
    permits: Sequence[str] = ()
    state: Path | None = None
    format_: str | None = None
    settings: IngestSettings = field(default_factory=IngestSettings)
    max_line_bytes: int = MAX_LINE_BYTES
    sightings: Path | None = None
    indicators: Path | None = None
    labels: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of it: the scan as ``campaigns.json`` has it, and the figures of each campaign."""

    scan: Scan
    figures: dict[str, Figures]
    accounts: pa.Table
    quarantine: list[str]
    block_scores: F64  # of every group judged, for calibration
    shown: dict[tuple[str, str], int]  # accounts in each neighbourhood of behaviour, for calibration
    watchlist: list[WatchLine]
    asked: tuple[int, dict[str, int]] = (0, {})  # accounts asked about, and sighted by class or a stronger one


_OTHER_WEIGHTS = (
    "Groups of earlier scans were weighed by another version and can't be compared with these: they gather anew."
)

#: History is compared with the newest week; fewer accounts than this before it tell too little.
WEEK_US = 7 * 86_400_000_000
FEWEST_PAST = 500

Progress = Callable[[str, int, int], None]


def scan(
    request: Request, work: Path, quarantine: Quarantine, progress: Progress, clock: Callable[[], float]
) -> Outcome:
    """Run the sensor once. ``progress`` is told (stage, bytes read, exchanges); ``clock`` gives seconds.

    Raises ``UsageError`` and ``NoInputError`` where the run can't be used, ``StateError`` for history that can't.
    """
    began = clock()
    key = SketchKey.from_bytes(request.key)
    recorded_rows = _records(request.accounts, ingest.accounts, ACCOUNTS, "accounts", quarantine)
    word = _heard(request, key)
    permit_rows = _records(request.permits, ingest.permits, PERMITS, "permits", quarantine)
    history = History(request.state, key.check) if request.state is not None else None
    try:
        intake, names = _read(request, work, quarantine, progress, history)
        engine = DuckDBEngine(spill=work / "spill")
        try:
            progress("aggregating", 0, intake.exchanges)
            part = history.begin() if history is not None else work
            added = arrivals.aggregate(engine, work, part, history, names, quarantine)
            pq.write_table(standing.sealed_accounts(recorded_rows, key), part / "accounts.parquet")
            arrivals.write_dictionary(intake.dictionary, part / "dictionary.parquet")
            parts = [part] if history is None else _kept(history, part, added)
            for table in TABLES:
                engine.attach(table, [part / f"{table}.parquet" for part in parts])
            progress("detecting", 0, intake.exchanges)
            return _judge(
                engine, parts, permit_rows, recorded_rows, key, work, history, quarantine, added, word,
                lambda: clock() - began,
            )  # fmt: skip
        finally:
            engine.close()
    finally:
        if history is not None:
            history.close()


@dataclass(frozen=True)
class Word:
    """What others said, if this scan was told: other members, and those who answered appeals."""

    sightings: sighted.Given | None
    indicators: indicators.Given | None
    innocent: I64


def _heard(request: Request, key: SketchKey) -> Word:
    return Word(
        sighted.read(request.sightings, request.now) if request.sightings is not None else None,
        indicators.read(request.indicators, request.now) if request.indicators is not None else None,
        labels.innocent(request.labels, key),
    )


def _with_word(
    word: Word, identifiers: Identifiers, population: Accounts, ties: Ties, reference: surge.Reference
) -> tuple[tuple[Accounts, Ties], tuple[str, ...]]:
    """The accounts and their ties with what others said laid over them, and notes; as they are where nobody said it."""
    notes: list[str] = []
    if word.sightings is not None:
        told = sighted.laid(word.sightings, identifiers)
        population, ties = laid_over(population, ties, told.sighted, asked(population, reference))
        notes += told.notes
    if word.indicators is not None:
        matched = indicators.matched(word.indicators, identifiers)
        population = indicated(population, matched.accounts)
        notes += matched.notes
    return (population, ties), tuple(notes)


def _read(
    request: Request, work: Path, quarantine: Quarantine, progress: Progress, history: History | None
) -> tuple[Intake, list[str]]:
    sources: list[Source] = []
    for found in expand(request.logs):
        if isinstance(found, Reject):
            quarantine(found)
        else:
            sources.append(found)
    folder = work / "sketches"
    folder.mkdir()
    task = Task(folder, request.key, int(request.now.timestamp() * 1e6), request.settings)
    intake = take_in(
        sources,
        task,
        format_=request.format_,
        max_line_bytes=request.max_line_bytes,
        reject=quarantine,
        progress=lambda done, rows: progress("reading", done, rows),
    )
    if not intake.exchanges:
        why = "; ".join(quarantine.summary(3)) or f"no exchange stands in {', '.join(request.logs)}"
        raise NoInputError(f"nothing readable: {why}")
    return intake, [source.name for source in sources]


def _kept(history: History, part: Path, added: arrivals.Added) -> list[Path]:
    """All parts of history, with the new one if it holds anything new."""
    if added.fresh or not history.parts():
        history.add(part)
    else:
        shutil.rmtree(part)
    return history.parts()


def _records(
    files: Sequence[str],
    read: Callable[..., tuple[pa.Table, list[Reject]]],
    schema: pa.Schema,
    noun: str,
    quarantine: Quarantine,
) -> pa.Table:
    tables = [schema.empty_table()]
    for file in files:
        try:
            with Path(file).open("rb") as lines:
                table, rejects = read(lines, file=file)
        except OSError as error:
            raise UsageError(f"the {noun} file {file} can't be read: {(error.strerror or '').lower()}") from error
        tables.append(table)
        for reject in rejects:
            quarantine(reject)
    return pa.concat_tables(tables)


def _past(history: History | None, parts: Sequence[Path], word: Word) -> tuple[own_groups.Seen | None, tuple[str, ...]]:
    """The groups of earlier scans, and a note where they can't be compared with."""
    kept = history.groups(before=parts[-1]) if history is not None else None
    if kept is None:
        return None, ()
    past = own_groups.from_table(kept)
    if past is None:
        return None, (_OTHER_WEIGHTS,)
    return (own_groups.cleared(past, word.innocent) if len(word.innocent) else past), ()


def _remember(
    history: History,
    part: Path,
    past: own_groups.Seen | None,
    detection: Detection,
    campaigns: Sequence[Campaign],
) -> None:
    if detection.seen is not None:
        history.keep_groups(part, own_groups.to_table(own_groups.merged(past, detection.seen)))
    history.remember_campaigns({c.id: frozenset(m.account for m in c.accounts) for c in campaigns})


def _judge(
    engine: Engine,
    parts: Sequence[Path],
    permit_rows: pa.Table,
    recorded_rows: pa.Table,
    key: SketchKey,
    work: Path,
    history: History | None,
    quarantine: Quarantine,
    added: arrivals.Added,
    word: Word,
    seconds: Callable[[], float],
) -> Outcome:
    recorded = standing.recorded_accounts(engine)
    population = standing.population(engine, recorded)
    ties = standing.ties(engine, recorded, population.key)
    permits = standing.permits(permit_rows, population, key)
    past, forgotten = _past(history, parts, word)
    first, last, total = arrivals.span(engine)
    reference = _weeks_past(engine, recorded, first, last)
    names = arrivals.names(engine)
    identifiers = Identifiers(engine, work, recorded_rows, key, names, population)
    seen, said = _with_word(word, identifiers, population, ties, reference)
    detection = detect(engine, *seen, permits, work, past, reference)
    setting = Setting(
        engine, population, ties, permits, names,
        population_at=standing.looking_back(engine, recorded),
        reference=reference,
        known=history.known_campaigns() if history is not None else {},
        compared=compared(detection.own),
    )  # fmt: skip
    concluded, figures = conclude(detection, setting)
    campaigns = sighted.sourced(concluded, word.sightings)
    if history is not None:
        _remember(history, parts[-1], past, detection, campaigns)
    notes = (
        compared(detection.own), *forgotten, *permits.unheld(population.key), *said, *detection.notes, *added.notes,
    )  # fmt: skip
    scanned = Scanned(
        exchanges=total,
        accounts=len(population),
        quarantined=quarantine.left_out,
        first=iso(first),
        last=iso(last),
        seconds=round(seconds(), 3),
        notes=notes,
    )
    keys = {name: key for (kind, key), name in names.items() if kind == "account"}
    who = watchlist.suspects(campaigns, detection, population, reference, keys, permits)
    return Outcome(
        Scan(scanned=scanned, campaigns=campaigns),
        figures,
        _account_rows(population, names, campaigns),
        quarantine.summary(),
        detection.block_scores,
        surge.counted(population),
        watchlist.lines(who, detection, identifiers, population, key),
        counted(seen[0]),
    )


def _weeks_past(engine: Engine, recorded: pa.Table, first_us: int, last_us: int) -> surge.Reference:
    """How common each behaviour was a week ago, where there is another week before; else composed ordinary weeks."""
    if last_us - first_us < 2 * WEEK_US:
        return surge.shipped()
    before = standing.population(engine, recorded, until_us=last_us - WEEK_US)
    return surge.of_weeks_past(before) if len(before) >= FEWEST_PAST else surge.shipped()


def _account_rows(population: Accounts, names: Names, campaigns: Sequence[Campaign]) -> pa.Table:
    """``accounts.parquet``: every account that was seen, its volume, and the campaign it belongs to, if any."""
    belongs: dict[str, tuple[str, str, float]] = {}
    for campaign in reversed(campaigns):
        for member in campaign.accounts:
            belongs[member.account] = (campaign.id, campaign.level, member.membership)
    account = [names[("account", key)] for key in population.key.tolist()]
    found = [belongs.get(name, (None, None, None)) for name in account]
    return pa.table(
        {
            "account": pa.array(account, pa.string()),
            "organization": pa.array([names.get(("organization", key)) for key in population["organization"].tolist()]),
            "exchanges": population["exchanges"],
            "active_hours": population["active_hours"],
            "first_exchange_at": pa.array(population["first_us"]).cast(pa.timestamp("us", "UTC")),
            "last_exchange_at": pa.array(population["last_us"]).cast(pa.timestamp("us", "UTC")),
            "single_turn": population["single_turn"],
            "eliciting": population["eliciting"],
            "campaign": pa.array([item[0] for item in found], pa.string()),
            "level": pa.array([item[1] for item in found], pa.string()),
            "membership": pa.array([item[2] for item in found], pa.float64()),
        }
    ).sort_by("account")
