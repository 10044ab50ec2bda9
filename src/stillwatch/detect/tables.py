"""What an engine answers, as NumPy columns."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.detect.population import UNKNOWN


def columns_of(table: pa.Table) -> dict[str, npt.NDArray[np.generic]]:
    """A table as NumPy columns: missing integers become ``UNKNOWN``, missing numbers NaN, ``content`` [rows, 64]."""
    return {name: _column(table[name].combine_chunks()) for name in table.column_names}


def _column(column: pa.Array) -> npt.NDArray[np.generic]:
    if pa.types.is_binary(column.type) or pa.types.is_fixed_size_binary(column.type):
        joined = b"".join(value.as_py() for value in column)
        return np.frombuffer(joined, dtype=np.int8).reshape(len(column), -1)
    if pa.types.is_integer(column.type) and column.null_count:
        return np.asarray(column.cast(pa.int64()).fill_null(UNKNOWN).to_numpy())
    return np.asarray(column.to_numpy(zero_copy_only=False))
