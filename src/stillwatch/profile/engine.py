"""The port to a query engine. Adapters live in ``stillwatch.adapters.engines``; one suite of tests runs them all."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from stillwatch.profile.query import Query


class Engine(ABC):
    """Runs queries over named tables that are Parquet files or Arrow tables.

    Callers use the public methods; adapters write the underscored ones and raise ``StillwatchError`` kinds only:
    ``OutputError`` where a result can't be written, ``StateError`` where a Parquet file can't be read.
    """

    def attach(self, name: str, files: Sequence[Path]) -> None:
        """Let ``name`` stand for the union of Parquet ``files`` (at least one, all of one schema)."""
        if not files:
            raise ValueError(f"{name}: no files to attach")
        self._attach_files(name, files)

    def hold(self, name: str, table: pa.Table) -> None:
        """Let ``name`` stand for an Arrow table that lives in memory."""
        self._attach_table(name, table)

    def table(self, query: Query) -> pa.Table:
        """The rows of ``query`` in memory, in its order if it has one. ``store`` is for large results."""
        return self._table(query)

    def store(self, query: Query, path: Path) -> int:
        """Write the rows of ``query`` to the Parquet file ``path``, in any order; how many there were."""
        return self._store(query, path)

    @abstractmethod
    def _attach_files(self, name: str, files: Sequence[Path]) -> None: ...

    @abstractmethod
    def _attach_table(self, name: str, table: pa.Table) -> None: ...

    @abstractmethod
    def _table(self, query: Query) -> pa.Table: ...

    @abstractmethod
    def _store(self, query: Query, path: Path) -> int: ...
