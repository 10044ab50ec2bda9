"""What would have happened: a table is asked about every exchange of a log, as if it had been in force then.

Orders in shadow and orders in force are counted apart: what the table would carry out, and what it only tells.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import msgspec

from stillwatch.decide.decision import Decision

#: Cases that the report lists, those with most exchanges first.
LISTED = 20


class Would(msgspec.Struct, frozen=True, kw_only=True):
    """What one course for one reason would have met."""

    course: str
    reason: str
    shadow: bool
    exchanges: int
    accounts: int
    share: float


class CaseMet(msgspec.Struct, frozen=True, kw_only=True):
    """One case and what it would have met."""

    case: str
    course: str
    shadow: bool
    exchanges: int
    accounts: int


class ShadowReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report over a log. Times are microseconds, ``None`` for a log without exchanges."""

    version: str
    exchanges: int
    accounts: int
    first_us: int | None
    last_us: int | None
    would: tuple[Would, ...]
    cases: tuple[CaseMet, ...]
    cases_left_out: int
    permits: dict[str, int]  # exchanges that each permit would have covered
    warned: int  # exchanges whose caller would have heard a warning


@dataclass
class Tally:
    """Counts as exchanges come, in any order."""

    version: str
    exchanges: int = 0
    first_us: int | None = None
    last_us: int | None = None
    _accounts: set[str] = field(default_factory=set)
    _met: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    _who: defaultdict[tuple[str, str, bool], set[str]] = field(default_factory=lambda: defaultdict(set))
    _cases: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    _case_who: defaultdict[tuple[str, str, bool], set[str]] = field(default_factory=lambda: defaultdict(set))
    _permits: Counter[str] = field(default_factory=Counter)
    _warned: int = 0

    def add(self, decision: Decision, account: str, now_us: int) -> None:
        self.exchanges += 1
        self.first_us = now_us if self.first_us is None else min(self.first_us, now_us)
        self.last_us = now_us if self.last_us is None else max(self.last_us, now_us)
        self._accounts.add(account)
        key = (decision.course, decision.reason, decision.shadow)
        self._met[key] += 1
        self._who[key].add(account)
        if decision.case:
            case = (decision.case, decision.course, decision.shadow)
            self._cases[case] += 1
            self._case_who[case].add(account)
        if decision.permit is not None:
            self._permits[decision.permit] += 1
        self._warned += decision.warning is not None

    def report(self) -> ShadowReport:
        would = [
            Would(
                course=key[0], reason=key[1], shadow=key[2], exchanges=count, accounts=len(self._who[key]),
                share=count / self.exchanges,
            )
            for key, count in sorted(self._met.items(), key=lambda item: (-item[1], item[0]))
        ]  # fmt: skip
        listed = sorted(self._cases.items(), key=lambda item: (-item[1], item[0]))
        cases = [
            CaseMet(case=key[0], course=key[1], shadow=key[2], exchanges=count, accounts=len(self._case_who[key]))
            for key, count in listed[:LISTED]
        ]
        return ShadowReport(
            version=self.version,
            exchanges=self.exchanges,
            accounts=len(self._accounts),
            first_us=self.first_us,
            last_us=self.last_us,
            would=tuple(would),
            cases=tuple(cases),
            cases_left_out=max(0, len(listed) - LISTED),
            permits=dict(sorted(self._permits.items())),
            warned=self._warned,
        )
