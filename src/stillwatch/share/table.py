"""Campaigns as a table for people: CSV as RFC 4180 has it, one line a campaign, readable without any of our tools."""

import csv
import io
from collections.abc import Iterable

from stillwatch.share.told import Told, told
from stillwatch.vocabulary.campaigns import Campaign

COLUMNS = (
    "campaign", "id", "level", "confidence in %", "first seen", "last seen", "accounts", "exchanges", "techniques",
    "ATLAS techniques", "exposure", "evidence (bits)", "behaviour", "coordination",
)  # fmt: skip


def as_csv(campaigns: Iterable[Campaign]) -> str:
    """The table with its heading. Lists inside a cell are parted by semicolons."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows(_row(told(campaign)) for campaign in campaigns)
    return written.getvalue()


def _row(one: Told) -> list[str]:
    cells = [
        one.name,
        one.id,
        one.level,
        str(one.confidence),
        one.first_seen,
        one.last_seen,
        one.scale.accounts,
        one.scale.exchanges,
        "; ".join(f"{each.id} {each.name}" for each in one.techniques),
        "; ".join(dict.fromkeys(each.atlas for each in one.techniques if each.atlas is not None)),
        "; ".join(f"{each.capability}: {each.distinct} {each.answer}" for each in one.exposure),
        "; ".join(f"{each.id} {each.bits}" for each in one.evidence),
        one.claims.behaviour.confidence,
        one.claims.coordination.confidence,
    ]
    return [_harmless(cell) for cell in cells]


def _harmless(cell: str) -> str:
    """A spreadsheet runs a cell that begins like a formula (OWASP, *CSV Injection*); an apostrophe stops it."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
