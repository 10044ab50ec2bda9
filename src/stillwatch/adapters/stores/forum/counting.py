"""Give and take: how many objects each member gave and took, by collection. Counted in memory, written now and then.

Objects for named members only are counted apart and shown to nobody but the member itself: their number is as secret
as they are.
"""

import threading
from dataclasses import dataclass


@dataclass(slots=True)
class Count:
    """What one member did in one collection."""

    given: int = 0
    given_to_named: int = 0
    refused: int = 0
    taken: int = 0


class Counts:
    """Counts that wait to be written. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[int, int], Count] = {}

    def add(self, member_id: int, collection_id: int, count: Count) -> None:
        with self._lock:
            found = self._counts.setdefault((member_id, collection_id), Count())
            found.given += count.given
            found.given_to_named += count.given_to_named
            found.refused += count.refused
            found.taken += count.taken

    def drain(self) -> dict[tuple[int, int], Count]:
        """All that waits; nothing waits afterwards."""
        with self._lock:
            found, self._counts = self._counts, {}
        return found
