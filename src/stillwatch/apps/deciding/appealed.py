"""Appeals as orders of people: what was overturned, varied, or left unanswered too long counts in the next table."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from stillwatch.adapters.stores.appeals import AppealStore
from stillwatch.adapters.stores.cases import FILE, CaseBook
from stillwatch.decide.appeals import Deadlines, Relief, standing
from stillwatch.decide.rules import Person

#: For how long an answer holds before a new decision may be made on new facts.
_HOLDS = {"overturned": timedelta(days=365), "varied": timedelta(days=90), "suspended": timedelta(days=30)}


def reliefs(folder: Path, table: Path | None, deadlines: Deadlines, now_us: int) -> tuple[Person, ...]:
    """Orders for the table, in order of the appeals' references. ``table`` holds the book that says whether a case is
    that of a whole organisation: then the whole organisation is relieved."""
    found = standing(AppealStore(folder).every(), deadlines, now_us)
    if table is None or not (table / FILE).is_file():
        return tuple(_order(relief, None, now_us) for relief in found)
    with CaseBook(table) as book:
        return tuple(_order(relief, _organization(book, relief), now_us) for relief in found)


def _organization(book: CaseBook, relief: Relief) -> str | None:
    case = book.find(relief.case)
    return case.organization if case is not None and case.whole_organization else None


def _order(relief: Relief, organization: str | None, now_us: int) -> Person:
    until = datetime.fromtimestamp(now_us / 1e6, tz=UTC) + _HOLDS[relief.kind]
    return Person(
        by=relief.by,
        because=f"appeal {relief.appeal}: {relief.kind}",
        course=relief.course,
        until=until.strftime("%Y-%m-%d"),
        account=None if organization is not None else relief.account,
        organization=organization,
        case=relief.case,
    )
