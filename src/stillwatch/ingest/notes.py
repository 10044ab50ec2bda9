"""Rejects and notes of one block. Reasons name fields, types and places, never content: a line may hold a prompt."""

from stillwatch.vocabulary.quarantine import Reject


class Notes:
    """Collects what went wrong in one block of ``file``.

    A line that is left out has its own entry. Doubts about rows that are kept are gathered by reason, with the first
    line and a count, so that a log with one odd field does not produce a note a line.
    """

    __slots__ = ("_doubts", "_file", "_rejects")

    def __init__(self, file: str) -> None:
        self._file = file
        self._rejects: list[Reject] = []
        self._doubts: dict[str, list[int]] = {}

    def reject(self, line: int, reason: str) -> None:
        """Leave a line out."""
        self._rejects.append(Reject(file=self._file, line=line, reason=reason))

    def doubt(self, line: int, reason: str) -> None:
        """Keep a row, and say what was wrong with it."""
        seen = self._doubts.get(reason)
        if seen is None:
            self._doubts[reason] = [line, 0]
        else:
            seen[1] += 1

    def all(self) -> list[Reject]:
        """Every reject and note, by line."""
        notes = [
            Reject(
                file=self._file,
                line=line,
                reason=f"{reason} (and {more} more near here)" if more else reason,
                kept=True,
            )
            for reason, (line, more) in self._doubts.items()
        ]
        return sorted(self._rejects + notes, key=lambda reject: reject.line)
