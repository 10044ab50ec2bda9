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

    def served(self, record: Record, decision: Decision) -> None:
        """It was answered: count it against its permit, and tap it. ``record`` has its ``response`` where known."""
        ...
