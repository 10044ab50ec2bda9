"""What an adapter asks: may this request go on, and was it served. Wiring builds one; adapters know no table."""

from typing import Protocol

from stillwatch.decide.decision import Decision
from stillwatch.ingest.records import Record


class Gate(Protocol):
    """In the process of the gateway. ``ask`` never raises and never waits: what it does when it can't decide (fail open
    or closed) is part of its answer."""

    def ask(self, record: Record) -> Decision:
        """What to do with this request: an exchange record (DESIGN section 4) without ``response``."""
        ...

    def count(self, decision: Decision) -> None:
        """It is, or was, answered: one more under the permit that covered it."""
        ...

    def served(self, record: Record) -> None:
        """Learn from it and tap it. ``record`` has its ``status``, and its ``response`` where that is known."""
        ...
