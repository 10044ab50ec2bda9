"""What was asked, by whom: from the accounts that a scan listed, or from logs, line by line."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch import ingest
from stillwatch.adapters.sources import MAX_LINE_BYTES, blocks, expand
from stillwatch.adapters.stores.table import Table
from stillwatch.apps.deciding.material import scan
from stillwatch.decide.permits import MemoryCounter
from stillwatch.decide.plan import Traffic, spread_evenly
from stillwatch.decide.shadow import ShadowReport, Tally
from stillwatch.errors import NoInputError, UsageError
from stillwatch.ingest import FORMATS
from stillwatch.vocabulary.quarantine import Reject

_COLUMNS = ["account", "organization", "model", "ts_us"]


def scanned(campaigns: Sequence[Path], listed: Path | None) -> Traffic:
    """The traffic of the scans. ``listed``: an ``accounts.parquet``; by default those that lie beside ``campaigns``.

    Where there is none, each campaign's exchanges are spread over its accounts. Several scans are added up; what
    they share would count twice, so plan over scans of different days.
    """
    whole_files = [scan(file) for file in campaigns]
    scans = [one.scanned for one in whole_files]
    files = [listed] if listed is not None else [file.with_name("accounts.parquet") for file in campaigns]
    whole = sum(one.exchanges for one in scans)
    everybody = sum(one.accounts for one in scans)
    if listed is None and not all(file.exists() for file in files):
        known = spread_evenly(campaign for one in whole_files for campaign in one.campaigns)
        return Traffic(known, whole, everybody, spread=known is not None)
    by_account: dict[str, int] = {}
    for file in files:
        try:
            table = pq.read_table(file, columns=["account", "exchanges"])
        except (OSError, pa.ArrowException) as error:
            raise UsageError(f"{file} is no accounts.parquet of a scan: {error}") from error
        for account, count in zip(table["account"].to_pylist(), table["exchanges"].to_pylist(), strict=True):
            by_account[account] = by_account.get(account, 0) + count
    return Traffic(by_account, whole, len(by_account))


def would_have(path: Path, open_table: Callable[[MemoryCounter], Table], logs: Sequence[str]) -> ShadowReport:
    """Ask the table in ``path`` about every exchange of ``logs``, at the time of the exchange.

    Raises ``NoInputError`` where nothing in them is readable.
    """
    counter = MemoryCounter()
    table = open_table(counter)
    tally = Tally(table.version)
    for account, organization, model, moment in _asked(logs):
        decision = table.decide(account, organization, model, moment)
        if decision.permit is not None:
            counter.count(decision.permit)
        tally.add(decision, account, moment)
    if not tally.exchanges:
        raise NoInputError(f"nothing readable: no exchange stands in {', '.join(logs)}; {path} was asked nothing")
    return tally.report()


def _asked(logs: Sequence[str]) -> Iterator[tuple[str, str | None, str | None, int]]:
    for index, source in enumerate(expand(logs)):
        if isinstance(source, Reject):
            continue
        named: str | None = None
        for found in blocks(source, index=index, max_line_bytes=MAX_LINE_BYTES):
            if isinstance(found, Reject):
                continue
            named = named or ingest.recognise_block(found) or FORMATS[0].name
            # A time in the future is no doubt here: a log is asked about as it stands.
            batch = ingest.read(found, named, now_us=2**62)
            yield from zip(*[batch.exchanges.column(name).to_pylist() for name in _COLUMNS], strict=True)
