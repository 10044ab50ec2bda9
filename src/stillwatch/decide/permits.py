"""Written permission to distil, at the gateway: scope, models, volume, term, contact; counted, and fair about its end.

The permits file is the scan's own (DESIGN section 4), with more that only people and the gateway read: ``contact``,
``issued_by``, ``note``. A scan looks back at what was done; the gateway looks at one request, so it can check term,
models and volume; what a request is *for* (``capabilities``) is left to the scan, which reads whole groups.

A permit warns before it bites: from ``warn_days`` before its end and from ``warn_share`` of its volume the holder hears
a warning, and for ``grace_days`` after its end it still covers. Volume is strict: whoever passes it was warned by then.
"""

from collections.abc import Iterable
from typing import Any, Literal, Protocol

import msgspec

from stillwatch.decide.times import DAY_US, end_us, start_us
from stillwatch.errors import UsageError

#: How a permit stands for one request. ``none``: it does not speak about it (another model, not begun, long ended).
Standing = Literal["covers", "ends-soon", "nearly-used", "ended", "used-up", "none"]


class Counter(Protocol):
    """The port for counting what is served under permits: many workers count, and each sees the others' in time."""

    def used(self, reference: str) -> int:
        """Exchanges served under the permit so far, as far as this worker knows."""

    def count(self, reference: str, exchanges: int = 1) -> None:
        """Some more were served."""


class NoCounter:
    """Counts nothing: for plans, reports, and gateways without permits that have a volume."""

    def used(self, reference: str) -> int:
        return 0

    def count(self, reference: str, exchanges: int = 1) -> None:
        return None


class MemoryCounter:
    """Counts for one reader alone: a report over a log, a gateway of one process that never restarts."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def used(self, reference: str) -> int:
        return self._used.get(reference, 0)

    def count(self, reference: str, exchanges: int = 1) -> None:
        self._used[reference] = self.used(reference) + exchanges


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """One permit. ``None`` means no limit; ``until_us`` is the first moment that it no longer names."""

    reference: str
    organization: str | None
    accounts: tuple[str, ...] | None
    from_us: int | None
    until_us: int | None
    models: tuple[str, ...] | None
    capabilities: tuple[str, ...] | None
    max_exchanges: int | None
    contact: str = ""

    def standing(self, model: str | None, used: int, now_us: int, manners: "Manners") -> Standing:
        """Whether it covers one more request for ``model`` now."""
        if self.from_us is not None and now_us < self.from_us:
            return "none"
        if self.models is not None and model not in self.models:
            return "none"
        if self.until_us is not None and now_us >= self.until_us + manners.grace_us:
            return "none"
        if self.max_exchanges is not None and used >= self.max_exchanges:
            return "used-up"
        if self.until_us is not None and now_us >= self.until_us:
            return "ended"
        if self.until_us is not None and now_us >= self.until_us - manners.warn_us:
            return "ends-soon"
        if self.max_exchanges is None or used < min(manners.warn_share * self.max_exchanges, self.max_exchanges - 1):
            return "covers"
        return "nearly-used"  # the last one at least


class Manners(msgspec.Struct, frozen=True, kw_only=True):
    """When a permit warns, and for how long it covers after its end (microseconds, a share)."""

    warn_us: int = 14 * DAY_US
    warn_share: float = 0.9
    grace_us: int = 7 * DAY_US


class Line(msgspec.Struct, kw_only=True, rename={"from_": "from"}, forbid_unknown_fields=True, omit_defaults=True):
    """A line of the file as it is written. ``until`` as a bare date is the end of that day, UTC."""

    reference: str
    organization: str | None = None
    accounts: tuple[str, ...] | None = None
    from_: str | None = None
    until: str | None = None
    models: tuple[str, ...] | None = None
    capabilities: tuple[str, ...] | None = None
    max_exchanges: int | None = None
    contact: str = ""
    issued_by: str = ""
    note: str = ""

    def permit(self) -> Permit:
        """Raises ``ValueError``."""
        if self.organization is None and self.accounts is None:
            raise ValueError("neither organization nor accounts: a permit must say for whom it is")
        if not self.reference.strip():
            raise ValueError("a permit has a reference")
        if self.max_exchanges is not None and self.max_exchanges < 0:
            raise ValueError("max_exchanges: below 0")
        begins = None if self.from_ is None else start_us(self.from_)
        ends = None if self.until is None else end_us(self.until)
        if begins is not None and ends is not None and ends <= begins:
            raise ValueError("until: before from")
        return Permit(
            reference=self.reference, organization=self.organization, accounts=self.accounts, from_us=begins,
            until_us=ends, models=self.models, capabilities=self.capabilities, max_exchanges=self.max_exchanges,
            contact=self.contact,
        )  # fmt: skip


def read(lines: Iterable[bytes], *, file: str = "permits") -> tuple[Line, ...]:
    """The lines of a permits file. Raises ``UsageError`` with the line where one can't be used.

    A scan leaves such a line out and says so; a registry that decides inline must not guess for whom a limit was.
    """
    found: dict[str, Line] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            permit = msgspec.json.decode(line, type=Line)
            permit.permit()
        except (msgspec.MsgspecError, ValueError) as error:
            raise UsageError(f"{file}, line {number}: {error}") from error
        if permit.reference in found:
            raise UsageError(f"{file}, line {number}: there is another permit {permit.reference}")
        found[permit.reference] = permit
    return tuple(found.values())


def written(line: Line) -> bytes:
    """One line of the file."""
    plain: dict[str, Any] = msgspec.to_builtins(line)
    return msgspec.json.encode(plain) + b"\n"
