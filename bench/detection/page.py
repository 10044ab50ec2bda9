"""The tables of ``docs/detection.md``, from what a run measured; nothing is measured here.

Recall is a mean over the seeds of a case; false alarms are added up over all measured logs, so that a rate of one in
1,000 rests on as many accounts as there were. "Where Stillwatch loses" is worked out by the same rule every time.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import fmean, median
from typing import NamedTuple

from bench.detection.measures import FOUND, POINTS, Measured
from bench.detection.peers import PACKAGES, PEERS
from bench.detection.results import Line, Results
from bench.marks import measured, table
from bench.table import conditions

MARKS = measured("python -m bench.detection")
OURS = "stillwatch"
TITLES = {peer.name: peer.title for peer in PEERS} | {package.name: package.title for package in PACKAGES}
#: A loss smaller than this share of accounts is not told apart from chance here.
MARGIN = 0.02
_MEANING = {
    "f1": "each peer at the threshold with its best F1 on the tuning logs, which hold nearly as many campaign accounts "
    "as others: kind to recall, and free with accusations",
    "ordinary": "each peer at the threshold that accuses one in 1,000 plain ordinary accounts of the tuning logs; "
    "look-alikes are not counted",
    "innocent": "each peer at the threshold that accuses one in 1,000 innocent accounts of the tuning logs, "
    "look-alikes counted: what a provider would have to ask for before acting on it",
}

Row = tuple[str, str, list[Measured], list[Line]]


class Column(NamedTuple):
    """Recall over one campaign of a case, or over all of them (``None``)."""

    case: str
    campaign: str | None

    @property
    def title(self) -> str:
        """As the heading of a column."""
        return self.case if self.campaign is None else f"{self.case}, {self.campaign}"


def _rows(results: Results, point: str) -> list[Row]:
    """Stillwatch at both levels, then every peer at ``point`` (and at its own threshold under "ordinary")."""
    wanted = [(OURS, "review", "**Stillwatch, review and act**"), (OURS, "act", "**Stillwatch, act only**")]
    for name, found in results.thresholds.items():
        wanted.append((name, point, TITLES[name]))
        if point == "ordinary" and "own" in found:
            wanted.append((name, "own", f"{TITLES[name]}; its own threshold"))
    rows = []
    for name, at, title in wanted:
        lines = [line for line in results.lines if line.name == name and at in line.points]
        if lines:
            rows.append((name, title, [line.points[at] for line in lines], lines))
    return rows


def columns(lines: Sequence[Line]) -> list[Column]:
    """What recall is shown for: every campaign of ``fixed`` by itself, the other cases as one."""
    found: list[Column] = []
    for case in dict.fromkeys(line.case for line in lines):
        names = {name for line in lines if line.case == case for m in line.points.values() for name in m.recall}
        if case == "fixed":
            found += [Column(case, name) for name in sorted(names, key=lambda name: int(name.rpartition("-")[2]))]
        elif names:
            found.append(Column(case, None))
    return found


def recall(row: Row, column: Column) -> float | None:
    """The mean share of accounts over the campaigns of a column."""
    _, _, measured, lines = row
    shares = [
        share
        for m, line in zip(measured, lines, strict=True)
        for campaign, share in m.recall.items()
        if line.case == column.case and column.campaign in (None, campaign)
    ]
    return fmean(shares) if shares else None


def per_thousand(row: Row) -> tuple[float, float]:
    """Accused of 1,000 plain ordinary accounts, and of 1,000 look-alikes, over all logs."""
    measured = row[2]
    lookalikes = sum(sum(m.lookalikes_of.values()) for m in measured)
    wronged = sum(sum(m.wronged.values()) for m in measured)
    ordinary = sum(m.ordinary_of for m in measured)
    return 1000 * sum(m.ordinary for m in measured) / max(1, ordinary), 1000 * wronged / max(1, lookalikes)


def _precision(row: Row) -> str:
    right = sum(m.right for m in row[2])
    wrong = sum(m.ordinary + sum(m.wronged.values()) for m in row[2])
    return f"{right / (right + wrong):.2f}" if right + wrong else "none named"


def _found(row: Row) -> str:
    shares = [share for m in row[2] for share in m.recall.values()]
    together = [share for m in row[2] for share in m.together.values() if share is not None]
    grouped = f"; {sum(share >= FOUND for share in together)} in one group" if together else "; makes no groups"
    return f"{sum(share >= FOUND for share in shares)} of {len(shares)}{grouped}"


def quality(results: Results, point: str) -> str:
    """The table of recall and false alarms at one point."""
    shown = columns(results.lines)
    heading = [
        "program",
        *(column.title for column in shown),
        "campaigns found",
        "ordinary ‰",
        "look-alikes ‰",
        "precision",
    ]
    rows = []
    for row in _rows(results, point):
        shares = [recall(row, column) for column in shown]
        ordinary, lookalikes = per_thousand(row)
        cells = ["–" if share is None else f"{share:.2f}" for share in shares]
        rows.append([row[1], *cells, _found(row), f"{ordinary:.1f}", f"{lookalikes:.0f}", _precision(row)])
    return table(heading, rows)


def losses(results: Results) -> list[str]:
    """Where some peer has a higher recall than Stillwatch at review and act, at what price in false alarms."""
    said = []
    for point in POINTS:
        rows = _rows(results, point)
        ours = rows[0]
        for column in columns(results.lines):
            mine = recall(ours, column) or 0.0
            better = [(share, row) for row in rows[2:] if (share := recall(row, column) or 0.0) > mine + MARGIN]
            if not better:
                continue
            share, row = max(better, key=lambda pair: pair[0])
            ordinary, lookalikes = per_thousand(row)
            others = f" and {len(better) - 1} more" if len(better) > 1 else ""
            said.append(
                f"*{column.title}*, at {POINTS[point]}: {row[1]} reaches {share:.2f}{others}, Stillwatch {mine:.2f}; "
                f"it accuses {ordinary:.1f} ‰ of ordinary accounts and {lookalikes:.0f} ‰ of look-alikes "
                f"(Stillwatch {per_thousand(ours)[0]:.1f} and {per_thousand(ours)[1]:.0f})."
            )
    rates = _rates(results)
    faster = [TITLES[name] for name, rate in rates.items() if name != OURS and rate > rates[OURS]]
    if faster:
        said.append(f"Speed: {', '.join(faster)} judge more exchanges per CPU second.")
    peaks = _peaks(results)
    smaller = [TITLES[name] for name, peak in peaks.items() if name != OURS and peak < peaks.get(OURS, 0)]
    if smaller:
        said.append(f"Memory: {', '.join(smaller)} hold less at once.")
    return said


def _rates(results: Results) -> dict[str, float]:
    cpu: defaultdict[str, float] = defaultdict(float)
    exchanges: Counter[str] = Counter()
    for line in results.lines:
        cpu[line.name] += line.cost.cpu
        exchanges[line.name] += line.cost.exchanges
    return {name: exchanges[name] / cpu[name] for name in cpu}


def _peaks(results: Results) -> dict[str, int]:
    peaks: dict[str, int] = {}
    for line in results.lines:
        if line.cost.peak is not None:
            peaks[line.name] = max(line.cost.peak, peaks.get(line.name, 0))
    return peaks


def costs(results: Results) -> str:
    """Exchanges per CPU second and memory."""
    rates, peaks = _rates(results), _peaks(results)
    rows = []
    for name, rate in sorted(rates.items(), key=lambda pair: -pair[1]):
        peak = f"{peaks[name] / 1e6:,.0f}" if name in peaks else "not known"
        learned = f"{results.fitting[name]:.1f}" if name in results.fitting else ""
        title = TITLES.get(name, "**Stillwatch**")
        rows.append([title, f"{rate:,.0f}", f"{rate / rates[OURS]:.1f} x", peak, learned])
    return table(("program", "exchanges per CPU second", "to Stillwatch", "peak MB", "CPU seconds to learn"), rows)


def _share(value: float) -> str:
    return f"{value:.2f}" if value < 1 else "all"


def harvest(results: Results) -> str:
    """The share of each campaign that had been served when it was noticed."""
    names = sorted({name for r in results.replays for shares in r.points.values() for name in shares})
    rows = []
    for replay in results.replays:
        for point, shares in replay.points.items():
            title = TITLES.get(replay.name, "**Stillwatch**")
            at = "its own threshold" if point == "own" else POINTS.get(point, point)
            rows.append([title, at, *(_share(shares[name]) for name in names), _share(median(shares.values()))])
    if results.noticed:
        cells = [f"{results.noticed[name]:.3f}" if name in results.noticed else "all" for name in names]
        rows.append(["**Stillwatch**", "its own replay, exchange by exchange", *cells, ""])
    return table(("program", "at", *names, "median"), rows)


def wronged(results: Results, point: str) -> str:
    """Which look-alikes each program accuses, as accused of all."""
    rows = []
    for row in _rows(results, point):
        accused: Counter[str] = Counter()
        whole: Counter[str] = Counter()
        for m in row[2]:
            accused.update(m.wronged)
            whole.update(m.lookalikes_of)
        kinds = ", ".join(f"{kind} {count} of {whole[kind]}" for kind, count in accused.most_common())
        rows.append([row[1], kinds or "none"])
    return table(("program", "look-alikes accused"), rows)


def chosen(results: Results) -> str:
    """Variant and threshold of each peer at each point."""
    rows = []
    for name, found in results.thresholds.items():
        for point in POINTS:
            at = found.get(point)
            bar = "nothing passes" if at is None or at.level is None else f"{at.level:.4g}"
            rows.append([TITLES[name], POINTS[point], at.variant if at else "", bar])
    return table(("peer", "at", "variant", "threshold"), rows)


def markdown(results: Results) -> str:
    """Everything between the marks."""
    logs = len({(line.case, line.seed) for line in results.lines})
    head = (
        f"{conditions(results.material)} Load average while it ran: {results.load[0]:.1f} to {results.load[1]:.1f}. "
        f"{logs} logs of the {results.half} half, seeds 1 to {results.seeds}, {results.ordinary:,} plain ordinary "
        f"accounts each; {results.cpu / 60:.0f} CPU minutes in all."
    )
    parts = [head]
    for point, title in POINTS.items():
        parts += [
            f"### Found and wronged: {title}",
            f"{_MEANING[point][:1].upper()}{_MEANING[point][1:]}.",
            quality(results, point),
        ]
    lost = losses(results) or ["Nowhere in this run, which does not mean nowhere."]
    parts += ["### Where Stillwatch loses", "\n".join(f"- {line}" for line in lost)]
    parts += ["### Cost", costs(results)]
    if results.replays:
        parts += [f"### Harvested before notice: case `{results.replayed}`, seed 1", harvest(results)]
    parts += ["### Look-alikes accused, at one in 1,000 ordinary", wronged(results, "ordinary")]
    if results.absent:
        rows = [(TITLES[name], reason) for name, reason in results.absent.items()]
        parts += ["### Not measured", table(("peer", "why"), rows)]
    parts += ["### Chosen on the tuning half", chosen(results)]
    return "\n\n".join(parts) + "\n"
