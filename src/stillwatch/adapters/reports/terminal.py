"""The same conclusions for a terminal: a table there, plain lines where output goes to a file."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stillwatch.adapters.reports.wording import bits, counted, day, made_harmless, period, shortened
from stillwatch.vocabulary.campaigns import Campaign, Scan, Scanned
from stillwatch.vocabulary.techniques import BY_ID

_STYLES = {"act": "bold red", "review": "bold yellow", "watch": "blue"}


def terminal(scan: Scan, console: Console) -> None:
    """Print what was scanned, the campaigns by rank, and what could not be read."""
    scan = made_harmless(scan)  # an account name may carry escape sequences
    console.print(Text(_heading(scan.scanned)), soft_wrap=True)
    if not scan.campaigns:
        console.print(Text("No campaign found. Dispersed accounts with private wording would not be seen."))
    elif console.is_terminal:
        console.print(_table(scan.campaigns))
    else:
        for campaign in scan.campaigns:
            console.print(Text(_line(campaign)), soft_wrap=True)
    for note in scan.scanned.notes:
        console.print(Text(f"note: {note}"), soft_wrap=True)
    if scan.scanned.quarantined:
        console.print(Text(_quarantine(scan.scanned)), style="yellow", soft_wrap=True)


def _heading(scanned: Scanned) -> str:
    return (
        f"{counted(scanned.exchanges, 'exchange')} by {counted(scanned.accounts, 'account')}, "
        f"{period(scanned.first, scanned.last)}, read in {scanned.seconds:,.1f} s"
    )


def _quarantine(scanned: Scanned) -> str:
    lines = counted(scanned.quarantined, "line")
    return f"quarantined: {lines} could not be read; place and reason are in the output folder"


def _table(campaigns: tuple[Campaign, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for name in ("#", "level", "accounts", "exchanges", "bits", "techniques", "first – last", "why"):
        number = name in ("#", "accounts", "exchanges", "bits")
        table.add_column(name, justify="right" if number else "left", no_wrap=name not in ("techniques", "why"))
    for campaign in campaigns:
        rank, level, *rest = (Text(cell) for cell in _cells(campaign))
        level.stylize(_STYLES[campaign.level])
        table.add_row(rank, level, *rest)
    return table


def _cells(campaign: Campaign) -> tuple[str, ...]:
    return (
        str(campaign.rank),
        campaign.level,
        f"{len(campaign.accounts):,}",
        f"{campaign.exchanges:,}",
        bits(campaign.weight_bits),
        _techniques(campaign),
        f"{day(campaign.first_exchange_at)} – {day(campaign.last_exchange_at)}",
        why(campaign),
    )


def _line(campaign: Campaign) -> str:
    rank, level, accounts, exchanges, weight, techniques, active, reason = _cells(campaign)
    return (
        f"{rank}. {level}: {accounts} accounts, {exchanges} exchanges, {weight} bits, {active}; "
        f"{techniques or 'no technique recognised'}; {reason}"
    )


def _techniques(campaign: Campaign) -> str:
    main = sorted(campaign.techniques, key=lambda technique: (-technique.share, technique.id))[:2]
    return ", ".join(BY_ID[t.id].name if t.id in BY_ID else t.id for t in main)


def why(campaign: Campaign) -> str:
    """The heaviest line of evidence, in one line."""
    if not campaign.evidence:
        return ""
    return shortened(max(campaign.evidence, key=lambda line: line.weight_bits).text, 120)
