"""Plans and reports as a person reads them in a terminal. The same figures stand in ``--json``."""

from stillwatch.decide.plan import Blast, FalseAlarms, Touch
from stillwatch.decide.shadow import ShadowReport


def told_blast(blast: Blast) -> str:
    """The blast radius in sentences and a short table."""
    exchanges = "exchanges not known (name the scan's accounts.parquet with --scanned)"
    if blast.exchanges is not None and blast.share_of_all is not None:
        about = "about " if blast.spread else ""
        exchanges = (
            f"{about}{blast.exchanges:,} of {blast.scanned_exchanges:,} scanned exchanges ({blast.share_of_all:.2%})"
        )
    everybody = f" of {blast.scanned_accounts + blast.unseen:,}" if blast.scanned_accounts else ""
    lines = [
        f"Would touch {blast.accounts:,}{everybody} accounts, in {blast.organizations:,} "
        f"organisations, with {exchanges}.",
        f"Against the table in force: {blast.newly:,} newly touched, {blast.released:,} released.",
        "",
        *[_touch(row) for row in blast.touches],
    ]
    if blast.spread:
        lines.append(
            "Exchanges are those of each campaign in equal parts: name the scan's accounts.parquet (--scanned)."
        )
    if blast.unseen:
        least = "At least " if blast.spread else ""
        lines.append(
            f"{least}{blast.unseen:,} of these the scan did not see: it saw {blast.scanned_accounts:,} accounts."
        )
    if blast.not_named:
        lines.append(f"{blast.not_named:,} of these no scan named: their organisation is decided as one.")
    if blast.permitted:
        lines.append(f"{blast.permitted:,} more are named and left alone under a permit.")
    lines += ["", "Expected false alarms, carried out:", *_false(blast.carried_out)]
    if blast.by_people:
        lines.append(f"  {blast.by_people:,} accounts on a person's word are not in this estimate.")
    if blast.in_shadow.accounts_of:
        lines += ["If the orders in shadow were carried out:", *_false(blast.in_shadow)]
    if blast.assumed and (blast.carried_out.accounts_of or blast.in_shadow.accounts_of):
        lines.append(_assumed(blast))
    return "\n".join(lines)


def told_shadow(report: ShadowReport) -> str:
    """What would have happened, most exchanges first."""
    lines = [f"Table {report.version} over {report.exchanges:,} exchanges of {report.accounts:,} accounts:", ""]
    for row in report.would:
        mark = " (shadow)" if row.shadow else ""
        lines.append(
            f"  {row.course + mark:<26} {row.reason:<24} {row.exchanges:>12,} exchanges {row.share:>8.3%} "
            f"{row.accounts:>9,} accounts"
        )
    if report.cases:
        lines += ["", "Cases with most exchanges:"]
    for case in report.cases:
        mark = " (shadow)" if case.shadow else ""
        lines.append(f"  {case.case}  {case.course + mark:<26} {case.exchanges:>10,} of {case.accounts:,} accounts")
    if report.cases_left_out:
        lines.append(f"  and {report.cases_left_out:,} more")
    lines += [f"Permit {name} would have covered {count:,}." for name, count in report.permits.items()]
    if report.warned:
        lines.append(f"{report.warned:,} exchanges would have carried a warning about a permit.")
    return "\n".join(lines)


def _touch(row: Touch) -> str:
    mark = " (shadow)" if row.shadow else ""
    exchanges = "" if row.exchanges is None else f"{row.exchanges:>10,} exchanges"
    whom = f"{row.accounts:>8,} accounts {row.organizations:>7,} organisations"
    return f"  {row.course + mark:<26} {whom} {exchanges}  {row.author}"


def _assumed(blast: Blast) -> str:
    known = ", ".join("{} of {} at {}".format(*blast.records[level], level) for level in blast.assumed)
    return f"These rest on the shipped figures of false reports ({known}): the rules have no [calibration] for them."


def _false(alarms: FalseAlarms) -> list[str]:
    if not alarms.accounts_of:
        return ["  none: no account is touched on a scan's word."]
    lines = [
        f"  {alarms.accounts:.1f} of {alarms.accounts_of:,} accounts (95 %: {alarms.accounts_low:.0f} to "
        f"{alarms.accounts_high:.0f}); nobody wronged with probability {alarms.no_account:.2f}."
    ]
    if alarms.share is not None and alarms.share_low is not None and alarms.share_high is not None:
        lines.append(
            f"  {alarms.share:.3%} of ordinary traffic (95 %: {alarms.share_low:.3%} to {alarms.share_high:.3%})."
        )
    return lines
