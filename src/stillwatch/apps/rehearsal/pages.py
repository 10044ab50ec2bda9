"""A rehearsal in words: a table for the terminal, and ``rehearsal.md`` that can be put into a report."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stillwatch.rehearse.intervals import Interval
from stillwatch.rehearse.rehearsal import FalseAlarms, Recall, Rehearsal

_FOUND = ("scenario", "campaign", "act", "review", "accounts", "recall act", "recall review", "precision", "harvest",
          "90 %")  # fmt: skip
_WRONGED = ("kind", "accounts", "act", "review", "share at review", "groups at review")


def terminal(rehearsal: Rehearsal, console: Console) -> None:
    """Print what was found and who was wronged: a table on a terminal, plain lines where output goes to a file."""
    for title, names, rows in _tables(rehearsal):
        if not console.is_terminal:
            for line in (title, "; ".join(names), *("; ".join(row) for row in rows)):
                console.print(Text(line), soft_wrap=True)
            continue
        table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
        for place, name in enumerate(names):
            table.add_column(name, justify="left" if place < (2 if names is _FOUND else 1) else "right", no_wrap=True)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        console.print(table)
    for line in _sentences(rehearsal):
        console.print(Text(line), soft_wrap=True)


def markdown(rehearsal: Rehearsal) -> str:
    """``rehearsal.md``."""
    parts = ["# Rehearsal\n", _setting(rehearsal), *_sentences(rehearsal)]
    for title, names, rows in _tables(rehearsal):
        lines = [f"## {title}\n", _line(names), _line(["---"] * len(names)), *(_line(row) for row in rows)]
        parts.append("\n".join(lines))
    parts.append(_HOW)
    return "\n\n".join(parts) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


_HOW = """## How to read this

*act* and *review* count campaigns found at that level, of those planted (one a seed); *review* includes *act*. Recall
is the share of a campaign's accounts that stand in a report; precision the share of planted accounts in the reports of
it, where it was lowest. Harvest is how many of a campaign's own exchanges had been served when it would first have
reached `review`, replayed in order of time: the median, and the 90th percentile beside it; a campaign that was never
found counts with all of its exchanges. Intervals are exact, two-sided, 95 %, and treat accounts as independent; the
accounts of one group are not, so the last column says how many groups were touched."""


def _setting(rehearsal: Rehearsal) -> str:
    where = (
        "Populations were composed"
        if rehearsal.log is None
        else f"Campaigns were injected into a log of {rehearsal.log.exchanges:,} exchanges by "
        f"{rehearsal.log.accounts:,} accounts, {rehearsal.log.first} to {rehearsal.log.last}"
    )
    seeds = ", ".join(map(str, rehearsal.seeds))
    return f"{where}; material: {rehearsal.material} ({rehearsal.half}); seeds: {seeds}."


def _tables(rehearsal: Rehearsal) -> list[tuple[str, Sequence[str], list[list[str]]]]:
    tables: list[tuple[str, Sequence[str], list[list[str]]]] = []
    if rehearsal.recall:
        tables.append(("Planted campaigns", _FOUND, [_found(recall) for recall in rehearsal.recall]))
    if rehearsal.false_alarms:
        tables.append(("Innocent accounts in reports", _WRONGED, [_wronged(one) for one in rehearsal.false_alarms]))
    return tables


def _found(recall: Recall) -> list[str]:
    return [
        recall.scenario,
        recall.campaign,
        f"{recall.found_act}/{recall.planted}",
        f"{recall.found_review}/{recall.planted}",
        f"{recall.accounts:,}",
        f"{recall.recall_act:.2f}",
        f"{recall.recall_review:.2f}",
        "–" if recall.precision_lowest is None else f"{recall.precision_lowest:.3f}",
        f"{recall.harvest.median:,.0f} ({recall.harvest.median_share:.1%})",
        f"{recall.harvest.p90:,.0f} ({recall.harvest.p90_share:.1%})",
    ]


def _wronged(one: FalseAlarms) -> list[str]:
    return [
        one.kind,
        f"{one.accounts:,}",
        f"{one.listed_act:,}",
        f"{one.listed_review:,}",
        _between(one.share_review),
        f"{one.groups_review:,} of {one.groups:,}",
    ]


def _between(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.low:.2%} to {interval.high:.2%}"


def _sentences(rehearsal: Rehearsal) -> list[str]:
    """What a person must not miss, one sentence each."""
    said = []
    overall = rehearsal.over_all
    if overall is not None:
        said.append(
            f"Found {overall.found_review} of {overall.planted} planted campaigns at review or act "
            f"({overall.found_act} at act); before notice, the median campaign had been served "
            f"{overall.harvest.median:,.0f} of its own exchanges ({overall.harvest.median_share:.1%}), the 90th "
            f"percentile {overall.harvest.p90:,.0f} ({overall.harvest.p90_share:.1%})."
        )
    for groups in rehearsal.false_groups:
        if groups.interval is not None:
            said.append(
                f"Reports of nothing planted at {groups.level}: {groups.groups} in {groups.account_weeks:,.0f} weeks "
                f"of an innocent account, {groups.per_10000:.2f} per 10,000 "
                f"(95 %: {groups.interval.low:.2f} to {groups.interval.high:.2f})."
            )
    if rehearsal.log is not None:
        said.append(_own(rehearsal))
    return said


def _own(rehearsal: Rehearsal) -> str:
    own = {alarm.id: alarm for run in rehearsal.runs for alarm in run.judged.own}
    drawn = max((run.judged.own_drawn_in for run in rehearsal.runs), default=0)
    found = (
        "Nothing else was found in your own traffic."
        if not own
        else f"Found in your own traffic: {len(own)} reports, {sum(alarm.accounts for alarm in own.values()):,} "
        "accounts that were not planted. They may be real: run `stillwatch scan` and look."
    )
    return found + (f" Reports of planted campaigns drew in up to {drawn} of your accounts." if drawn else "")
