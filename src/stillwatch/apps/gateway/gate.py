"""One request, one answer: the table, the inline rules, the permit's count and the tap put together.

Of two courses the stricter counts. What goes wrong in here is the provider's fault and never the caller's: it is
counted, logged once a minute, and the request is let through or answered with 503, as the operator chose (``fail``).
"""

import logging
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

import msgspec

from stillwatch.adapters.gateways.exchanges import model_of
from stillwatch.adapters.gateways.hits import Ringed
from stillwatch.adapters.gateways.problems import UNAVAILABLE
from stillwatch.adapters.gateways.tap import Tap
from stillwatch.adapters.stores.table import Table
from stillwatch.decide.course import RING_REASONS, STRICTNESS
from stillwatch.decide.decision import Decision
from stillwatch.decide.inline import Hit, Inline
from stillwatch.decide.order import case_reference
from stillwatch.decide.permits import Counter as PermitCounter
from stillwatch.ingest.records import Record

_LOG = logging.getLogger("stillwatch.gateway")
Fail = Literal["open", "closed"]
_QUIET_S = 60.0


class Current(Protocol):
    """Whoever holds the table in force, swapped underneath, and knows what the operator must look at."""

    current: Table

    def alarms(self, now_us: int) -> tuple[str, ...]: ...


class HitBook(Protocol):
    """Where staff find what an inline rule or a ring saw: the caller's reference, and no word of the request."""

    def note(self, case: str, record: Record, hit: Hit | Ringed, now_us: int) -> None: ...


@dataclass
class LocalGate:
    """A ``Gate`` in this process. ``secret`` keys the references of inline hits and of access rings."""

    tables: Current
    counter: PermitCounter
    secret: bytes = field(repr=False)
    inline: Inline | None = None
    tap: Tap | None = None
    book: HitBook | None = None
    fail: Fail = "open"
    shadow: bool = False
    now_us: Callable[[], int] = lambda: time.time_ns() // 1000
    asked: Counter[str] = field(default_factory=Counter)
    failures: int = 0
    _said: float = -_QUIET_S

    def ask(self, record: Record) -> Decision:
        """What to do with this request. In ``shadow`` it is only said what would be done."""
        try:
            decision = self._decided(record)
            if self.shadow and decision.course != "allow":
                decision = msgspec.structs.replace(decision, shadow=True)
        except Exception:  # noqa: BLE001 - whatever broke here must not break what we stand in front of
            decision = self._failed()
        self.asked[decision.course] += 1
        return decision

    def count(self, decision: Decision) -> None:
        """One more under the permit that covered it. Never raises."""
        if decision.permit is not None:
            try:
                self.counter.count(decision.permit)
            except Exception:  # noqa: BLE001 - as above
                self._failed()

    def served(self, record: Record) -> None:
        """Learn and tap. Never raises."""
        if self.inline is not None and record.response is not None:
            try:
                self.inline.learn(record)
            except Exception:  # noqa: BLE001 - as above
                self._failed()
        if self.tap is not None:
            self.tap.put(record)

    def alarms(self) -> tuple[str, ...]:
        """What the operator must look at: the table's alarms, decisions that failed, records that were lost."""
        found = list(self.tables.alarms(self.now_us()))
        if self.failures:
            found.append(f"{self.failures} decisions could not be made since the start")
        if self.tap is not None and self.tap.dropped:
            found.append(f"{self.tap.dropped} records could not be tapped since the start")
        return tuple(found)

    def _decided(self, record: Record) -> Decision:
        now_us = self.now_us()
        organization = None if record.organization is None else str(record.organization)
        table = self.tables.current
        decision = table.decide(str(record.account), organization, model_of(record), now_us)
        if decision.reason in RING_REASONS:
            decision = self._ringed(decision, record, now_us)
        hit = None if self.inline is None else self.inline.check(record, now_us)
        if hit is None or (decision.permit is not None and hit.rule != "signature-replay"):
            return decision  # who may distil may word it as they like; nobody may show reasoning that is another's
        if decision.course == "allow" and decision.reason == "decided-by-staff":
            return decision  # a person looked at it already: an appeal that was won, say
        case = case_reference(self.secret, str(record.account), hit.rule)
        if self.book is not None:
            self.book.note(case, record, hit, now_us)
        said = Decision(hit.course, hit.reason, case, None, table.version, shadow=hit.shadow)
        if STRICTNESS[said.effective] > STRICTNESS[decision.effective]:
            return said
        # Seen, and nobody touched (`allow`, shadow): who asks for decisions reads what was seen, a caller nothing.
        return said if decision.reason == "ordinary" and decision.warning is None else decision

    def _ringed(self, decision: Decision, record: Record, now_us: int) -> Decision:
        """What an access ring says, with a reference: rings are no orders, so the table has none for them.

        A refusal is noted for staff; what a ring says to everybody in it, every day, is not.
        """
        case = case_reference(self.secret, str(record.account), "access-ring")
        if self.book is not None and decision.course == "refuse":
            self.book.note(case, record, Ringed(course=decision.course, reason=decision.reason), now_us)
        return msgspec.structs.replace(decision, case=case)

    def _failed(self) -> Decision:
        self.failures += 1
        now = time.monotonic()
        if now - self._said >= _QUIET_S:
            self._said = now
            # Its type alone: a message or a traceback may hold words of the request.
            kind = getattr(sys.exc_info()[0], "__name__", "unknown")
            _LOG.error("no decision could be made (%s, %s so far); requests fail %s", kind, self.failures, self.fail)
        return Decision("allow" if self.fail == "open" else "refuse", UNAVAILABLE, "", None, "")
