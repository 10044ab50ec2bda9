"""``stillwatch explain CASE``: all that staff need to answer the person who quotes a reference. Never for the caller.

It joins what lies apart on purpose: the book of cases, the hits of inline rules, the campaign's evidence, the appeals,
and, where the request is at hand, which part of it tripped the rule.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from stillwatch.adapters.gateways.hits import Noted, noted
from stillwatch.adapters.gateways.problems import REASONS
from stillwatch.adapters.stores.appeals import AppealStore
from stillwatch.adapters.stores.cases import FILE, CaseBook, Ruled
from stillwatch.decide.appeals import Appeal
from stillwatch.decide.inline import Inline, Span, bisect
from stillwatch.decide.inline.rules import RuleName
from stillwatch.errors import UsageError
from stillwatch.ingest.records import Record, RefusedError, mend
from stillwatch.vocabulary.campaigns import Campaign

#: Characters of a part of a request that are printed.
_SHOWN = 300


@dataclass(frozen=True)
class Part:
    """A part of the request that tripped a rule, with its words."""

    span: Span
    words: str


@dataclass(frozen=True)
class Explanation:
    """Everything known of one reference."""

    case: str
    rulings: Sequence[Ruled] = ()
    hits: Sequence[Noted] = ()
    campaign: Campaign | None = None
    appeals: Sequence[Appeal] = ()
    parts: Sequence[Part] = field(default=())


def explained(case: str, table: Path, hits: Path, appeals: Path | None, campaigns: Sequence[Campaign]) -> Explanation:
    """What is known of ``case``. Raises ``UsageError`` where nobody knows it."""
    rulings: list[Ruled] = []
    if (table / FILE).is_file():
        with CaseBook(table) as book:
            rulings = book.rulings(case)
    seen = list(noted(hits, case))
    if not rulings and not seen:
        raise UsageError(
            f"nothing is known of {case}: give the folder of the table (--table) and of the gateway's state (--state)"
        )
    campaign = rulings[-1].case.campaign if rulings else None
    found = next((one for one in campaigns if one.id == campaign), None)
    mine = () if appeals is None else [one for one in AppealStore(appeals).every() if one.case == case]
    return Explanation(case, rulings, seen, found, mine)


def parts(inline: Inline, file: Path, rules: Sequence[RuleName], now_us: int) -> list[Part]:
    """Which parts of the request in ``file`` (one exchange record as JSON) trip one of ``rules``."""
    record = _record(file)
    found = []
    for rule in rules:
        for span in bisect(inline, record, rule, now_us):
            found.append(Part(span, _words(record, span)))
    return found


def lines(explanation: Explanation) -> Iterator[str]:
    """As a person reads it."""
    yield f"Case {explanation.case}"
    for ruled in explanation.rulings:
        yield from _ruling(ruled)
    for hit in explanation.hits:
        shadow = ", in shadow" if hit.shadow else ""
        yield ""
        rule = "rule" if hit.rule == "access-ring" else "inline rule"
        yield f"{_time(hit.at_us)}  {rule} {hit.rule} ({hit.sign}): {hit.course}{shadow}"
        yield f"  account {hit.account}, organisation {hit.organization or 'unknown'}, exchange {hit.exchange}"
        yield f"  set by {hit.author}; {_heard(hit.reason, hit.course, unsaid=hit.shadow)}"
    if explanation.campaign is not None:
        yield from _campaign(explanation.campaign)
    for part in explanation.parts:
        words = part.words if len(part.words) <= _SHOWN else part.words[:_SHOWN] + " …"
        yield ""
        yield f"what tripped it ({part.span.sign}), at {part.span.place} {part.span.start}–{part.span.end}:"
        yield f"  {words}"
    for appeal in explanation.appeals:
        yield ""
        yield f"appeal {appeal.reference}: {appeal.state}, filed {_time(appeal.filed_us)}"
        yield f"  {appeal.events[0].message}"
    if not explanation.appeals:
        yield ""
        yield "no appeal"


def _ruling(ruled: Ruled) -> Iterator[str]:
    case = ruled.case
    whom = f"organisation {case.organization}" if case.organization is not None else "an account by itself"
    yield ""
    yield f"{_time(case.decided_us)}  {case.course}{', in shadow' if case.shadow else ''}, table {ruled.version}"
    yield f"  about {whom}: {', '.join(case.accounts[:10])}{' …' if len(case.accounts) > 10 else ''}"
    if case.whole_organization:
        yield "  accounts that it opens later are meant too"
    yield f"  decided by {case.author}: {case.grounds}"
    covert = case.author.startswith("people ")  # as ``decide.compile`` signs an order of two
    yield f"  {_heard(case.reason, case.course, unsaid=case.shadow or covert)}"
    yield f"  ends {_time(case.expires_us)}"
    if case.membership is not None and case.weight_bits is not None:
        yield f"  membership {case.membership:.2f} in a campaign of {case.weight_bits:.1f} bits ({case.campaign})"


def _heard(reason: str, course: str, *, unsaid: bool) -> str:
    if unsaid or course == "allow":
        return "the caller read nothing of it"
    return f"the caller read: {REASONS.get(reason, reason)}"


def _campaign(campaign: Campaign) -> Iterator[str]:
    yield ""
    yield f"{campaign.name} ({campaign.id}), {campaign.level}, {len(campaign.accounts)} accounts"
    for item in campaign.evidence:
        yield f"  {item.weight_bits:+6.1f} bits  {item.text}"
    if campaign.could_be_wrong:
        yield "  it could be wrong:"
        for doubt in campaign.could_be_wrong:
            yield f"    {doubt}"


def _record(file: Path) -> Record:
    """As ``/v1/decide`` takes it: a question needs no id and no time, and what the gateway mends is mended here."""
    try:
        raw = msgspec.json.decode(file.read_bytes().strip())
        if isinstance(raw, dict):
            raw = {"id": "asked", "occurred_at": 0, **raw}
        return mend(raw)[0]
    except OSError as error:
        raise UsageError(f"{file} can't be read: {(error.strerror or '').lower()}") from error
    except (RefusedError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{file} is no single exchange record: {error}") from error


def _words(record: Record, span: Span) -> str:
    """The text that a JSON pointer (RFC 6901) into the body leads to, cut to the span."""
    found: object = record.request
    for step in span.place.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
    return found[span.start : span.end] if isinstance(found, str) else ""


def _time(ts_us: int) -> str:
    return datetime.fromtimestamp(ts_us / 1e6, tz=UTC).strftime("%Y-%m-%d %H:%M")
