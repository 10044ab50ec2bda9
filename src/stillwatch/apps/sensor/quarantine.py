"""Where rejects go as they come: a JSON Lines file of places and reasons, and a count of each."""

from pathlib import Path
from types import TracebackType

import msgspec

from stillwatch.vocabulary.quarantine import Reject


class Quarantine:
    """Writes ``quarantine.jsonl``. ``left_out`` and ``kept`` count; ``reasons`` has the commonest with one place
    each."""

    #: Different reasons that are told apart in the summary.
    MOST_REASONS = 200

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._encoder = msgspec.json.Encoder()
        self.left_out = 0
        self.kept = 0
        self.reasons: dict[str, tuple[int, str]] = {}

    def __call__(self, reject: Reject) -> None:
        """Write one down."""
        self._file.write(self._encoder.encode(reject) + b"\n")
        if reject.kept:
            self.kept += 1
        else:
            self.left_out += 1
        here = f"{reject.file}:{reject.line}" if reject.line else reject.file
        count, place = self.reasons.get(reject.reason, (0, here))
        if count or len(self.reasons) < self.MOST_REASONS:
            self.reasons[reject.reason] = (count + 1, place)

    def summary(self, most: int = 5) -> list[str]:
        """The commonest reasons, each with its count and the first place."""
        ordered = sorted(self.reasons.items(), key=lambda item: -item[1][0])
        return [
            f"{place}: {reason}" if count == 1 else f"{place} and {count - 1:,} more: {reason}"
            for reason, (count, place) in ordered[:most]
        ]

    def __enter__(self) -> "Quarantine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
