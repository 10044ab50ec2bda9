"""The forum's table of uploads, in memory: for rehearsals and tests. A deployed forum keeps the same rows in its store.

It shows what the forum does with a label, and all that it can see: who uploaded which label, and nothing of the rest
until ``threshold`` distinct members hold it.
"""

from collections import defaultdict

from stillwatch.match.epochs import Epoch
from stillwatch.match.threshold import Row, found, open_label
from stillwatch.match.wire import EVIDENCE, LABEL, NONCE, SEALED, SHARE, Answers, Ask, Upload, Uploaded


def rows_of(upload: Upload) -> dict[bytes, Row]:
    """The rows of an upload by label."""

    def cut(column: bytes, width: int) -> list[bytes]:
        return [column[start : start + width] for start in range(0, len(column), width)]

    return {
        label: Row(share, nonce, sealed, evidence)
        for label, share, nonce, sealed, evidence in zip(
            cut(upload.labels, LABEL),
            cut(upload.shares, SHARE),
            cut(upload.nonces, NONCE),
            cut(upload.sealed, SEALED),
            cut(upload.evidence, EVIDENCE),
            strict=True,
        )
    }


class Pool:
    """Uploads by epoch, type and label; a member's later row for a label replaces its earlier one."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, bytes], dict[str, Row]] = defaultdict(dict)
        self._labels: dict[tuple[str, str, str], dict[bytes, None]] = defaultdict(dict)

    def store(self, member: str, upload: Upload) -> Uploaded:
        """Keep these rows."""
        rows = rows_of(upload)
        for label, row in rows.items():
            self._rows[upload.epoch, upload.kind, label][member] = row
            self._labels[member, upload.epoch, upload.kind][label] = None
        return Uploaded(upload.session, len(rows))

    def answer(self, member: str, asked: Ask, epoch: Epoch) -> Answers:
        """What this member is told: of its own labels, those at or above the threshold."""
        out = []
        for label in sorted(self._labels[member, asked.epoch, asked.kind]):
            rows = self._rows[asked.epoch, asked.kind, label]
            if len(rows) < epoch.threshold:
                continue
            opened = open_label(label, rows, epoch.threshold, asked.epoch, asked.kind)
            one = found(label, opened, member) if opened else None
            if one is not None:
                out.append(one)
        return Answers(asked.session, asked.epoch, asked.kind, tuple(out))
