"""``scan --labels``: what answers to appeals taught, for the history under ``--state``.

The groups of accounts that people found innocent become ordinary ones there: what the next group is measured against.
"""

from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from stillwatch.decide.appeals import Label
from stillwatch.detect.population import I64
from stillwatch.errors import UsageError
from stillwatch.sketch.keying import SketchKey


def innocent(file: Path | None, key: SketchKey) -> I64:
    """Keys of the accounts that were labelled innocent. Raises ``UsageError`` for a file that can't be used."""
    if file is None:
        return np.zeros(0, dtype=np.int64)
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise UsageError(f"the labels file {file} can't be read: {(error.strerror or '').lower()}") from error
    names = set()
    for number, line in enumerate(lines, 1):
        try:
            label = msgspec.json.decode(line, type=Label)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"the labels file {file}, line {number}: {error}") from error
        if label.label == "innocent":
            names.add(label.account)
    sealed = key.identifiers(pa.array(sorted(names), pa.string()), "account")
    return np.asarray(sealed.to_numpy(zero_copy_only=False), dtype=np.int64)
