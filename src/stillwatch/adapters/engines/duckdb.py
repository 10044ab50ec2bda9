"""The embedded engine: DuckDB over Parquet files. No ``.duckdb`` file is made or shared."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa

from stillwatch.errors import OutputError, StateError
from stillwatch.profile.engine import Engine
from stillwatch.profile.query import Query

#: What may go wrong with files, memory and disk. DuckDB calls a damaged Parquet file an invalid input.
_TROUBLE = (duckdb.OperationalError, duckdb.InvalidInputException)

Answer = TypeVar("Answer")


class DuckDBEngine(Engine):
    """DuckDB in this process. ``spill`` is a folder that it may fill when ``memory`` (for example "700MB") runs out.

    Queries run in a thread of their own, so that Ctrl-C or a SIGTERM ends them at once: on the main thread DuckDB looks
    for signals between its tasks only (43 s were seen in a COPY), and hides Python's exception behind one of its own.
    """

    def __init__(self, *, spill: Path, memory: str = "700MB", threads: int = 2) -> None:
        self._connection = duckdb.connect(
            config={
                "memory_limit": memory,
                "threads": threads,
                "temp_directory": str(spill),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        self._thread = ThreadPoolExecutor(1, "duckdb")
        self._run(lambda: None)  # started now: a signal while it starts would leave a thread that nobody waits for

    def close(self) -> None:
        """Let go of memory and of the spill files."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._connection.interrupt()  # what a signal left running between its start and our hearing of it
        self._thread.shutdown()
        self._connection.close()

    def _attach_files(self, name: str, files: Sequence[Path]) -> None:
        listed = ", ".join(_quoted(str(file)) for file in files)
        view = f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet([{listed}])"
        try:
            self._run(lambda: self._connection.execute(view))
        except _TROUBLE as error:
            raise _translated(name, error) from error

    def _attach_table(self, name: str, table: pa.Table) -> None:
        self._connection.register(f"{name}_held", table)
        self._connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {name}_held")

    def _table(self, query: Query) -> pa.Table:
        # Never with preserve_insertion_order off: parallel workers then hand over even the rows of an ORDER BY as they
        # come (measured: 2.0.0 through ``execute``, 1.5.6 through ``sql`` with parameters). A test repeats it.
        try:
            return self._run(lambda: self._connection.sql(query.sql, params=dict(query.params)).to_arrow_table())
        except _TROUBLE as error:
            raise _translated(query.name, error) from error

    def _store(self, query: Query, path: Path) -> int:
        copy = f"COPY ({query.sql}) TO {_quoted(str(path))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
        # A stored result has no order, and need not wait in memory for one.
        self._connection.execute("SET preserve_insertion_order = false")
        try:
            row = self._run(lambda: self._connection.execute(copy, dict(query.params)).fetchone())
        except _TROUBLE as error:
            if path.name in str(error):
                raise OutputError(f"{path} can't be written: {_first_line(error)}") from error
            raise _translated(query.name, error) from error
        finally:
            self._connection.execute("RESET preserve_insertion_order")
        return int(row[0]) if row else 0

    def _run(self, work: Callable[[], Answer]) -> Answer:
        running = self._thread.submit(work)
        try:
            return running.result()
        finally:
            while not running.done():  # a signal came; DuckDB forgets an interrupt that comes while it still plans
                self._connection.interrupt()
                wait([running], timeout=0.1)


def _translated(name: str, error: Exception) -> Exception:
    """What a person can act on; ``error`` itself where it is a fault of ours (a query that doesn't fit its tables)."""
    text = _first_line(error)
    if isinstance(error, duckdb.OutOfMemoryException) or "write" in text.lower() or "space" in text.lower():
        return OutputError(f"{name}: {text}")
    if isinstance(error, duckdb.ProgrammingError) and ".parquet" not in text:
        return error
    return StateError(f"{name}: {text}")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
