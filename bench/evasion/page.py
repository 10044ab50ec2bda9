"""The tables of ``docs/evasion.md``, from what was kept; nothing is measured here."""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median

from bench.evasion.cells import ACCOUNTS, COVERS, EXCHANGES, INFRASTRUCTURES, WORDINGS, grid
from bench.evasion.contest import ATTACKERS
from bench.evasion.costs import NAIVE, Prices, Tactic
from bench.evasion.results import Attacked, CellSeen, Checked, Origin
from bench.marks import measured, table
from bench.table import conditions
from stillwatch.rehearse.intervals import proportion

MARKS = measured("python -m bench.evasion")
_NOT_RUN, _NOT_YET = "not run", "·"


def markdown(
    origin: Origin, cells: Sequence[CellSeen], checks: Sequence[Checked], attacks: Sequence[Attacked], limit: int
) -> str:
    """Everything between the marks."""
    parts = [conditions(origin.material), _about(origin, cells, checks, limit)]
    if cells:
        parts += ["### By wording, infrastructure and cover", _by_choice(cells)]
        for wording in WORDINGS:
            parts += [f"### By size: {_worded(wording)}", _by_size(cells, wording, limit)]
        parts += ["### Where it breaks", _breaks(cells)]
    if attacks:
        parts += ["### What it costs to stay unnoticed", _stakes(attacks), _multipliers(attacks), _settled(attacks)]
    return "\n\n".join(parts) + "\n"


def _about(origin: Origin, cells: Sequence[CellSeen], checks: Sequence[Checked], limit: int) -> str:
    whole = grid()
    beyond = sum(cell.size > limit for cell in whole)
    ran = len({line.cell for line in cells})
    agreed = sum(check.together == check.by_itself for check in checks)
    joined = sum(line.seen.joined for line in cells)
    seeds = Counter(line.seed for line in cells)
    text = (
        f"Half of the material: {origin.half}; {origin.ordinary} ordinary accounts at least and every look-alike; "
        f"state of the detector: `{origin.code}`. The grid has {len(whole):,} cells, of which {beyond} hold more than "
        f"{limit:,} exchanges and are not run. Of the other {len(whole) - beyond:,}, {ran} were run here "
        f"({', '.join(f'seed {seed}: {count}' for seed, count in sorted(seeds.items())) or 'none'}). "
        f"Run again alone because a report joined it with another: {joined}. "
    )
    if checks:
        text += f"Of {len(checks)} others that were run again alone to check, {agreed} came to the same answer. "
    mixed = sum(line.seen.noticed and not line.seen.found for line in cells)
    if mixed:
        text += (
            f"In {mixed} cells that count as not found, half of the accounts stood in reports all the same: mostly of "
            "others, or each of less than a tenth of the campaign. "
        )
    # Cells of one population tell of the same strangers.
    weeks = {(line.seed, line.seen.innocent, line.seen.seconds): line.seen for line in cells}
    if weeks:
        innocent = sum(seen.innocent for seen in weeks.values())
        text += (
            f"In {innocent:,} weeks of innocent accounts, {sum(seen.false_reports for seen in weeks.values())} reports "
            "were of nothing planted."
        )
    return text.strip()


def _by_choice(cells: Sequence[CellSeen]) -> str:
    rows = []
    for wording in WORDINGS:
        for infrastructure in INFRASTRUCTURES:
            for cover in COVERS:
                mine = [
                    line.seen
                    for line in cells
                    if (line.cell.wording, line.cell.infrastructure, line.cell.cover)
                    == (wording, infrastructure, cover)
                ]
                if not mine:
                    continue
                taken = [seen.judged.before_notice for seen in mine]
                listed = [seen.judged.listed_review / max(1, seen.judged.accounts) for seen in mine]
                interval = proportion(sum(seen.found for seen in mine), len(mine))
                rows.append(
                    [
                        wording,
                        infrastructure,
                        f"{cover:.0%}",
                        f"{sum(seen.found for seen in mine)}/{len(mine)}",
                        "" if interval is None else f"{interval.low:.0%} to {interval.high:.0%}",
                        f"{sum(seen.judged.level == 'act' for seen in mine)}/{len(mine)}",
                        f"{fmean(listed):.2f}",
                        f"{median(taken):,.0f} ({median(seen.share for seen in mine):.0%})",
                    ]
                )
    heading = ["wording", "infrastructure", "cover", "review", "95 %", "act", "recall", "harvest"]
    return table(heading, rows)


def _worded(wording: str) -> str:
    return "no wording" if wording == "none" else f"{wording} wording"


def _by_size(cells: Sequence[CellSeen], wording: str, limit: int) -> str:
    mine = [line for line in cells if line.cell.wording == wording]

    def cell(exchanges: int, accounts: int) -> str:
        if exchanges * accounts > limit:
            return _NOT_RUN
        seen = [line.seen for line in mine if (line.cell.exchanges, line.cell.accounts) == (exchanges, accounts)]
        return f"{sum(one.found for one in seen)}/{len(seen)}" if seen else _NOT_YET

    rows = [[str(exchanges), *(cell(exchanges, accounts) for accounts in ACCOUNTS)] for exchanges in EXCHANGES]
    return table(["exchanges per account", *(f"{accounts:,} accounts" for accounts in ACCOUNTS)], rows)


def _breaks(cells: Sequence[CellSeen]) -> str:
    """For every level of every axis, what share was found: the axes in the order of how much they matter."""
    axes: dict[str, tuple[object, ...]] = {
        "exchanges": EXCHANGES,
        "accounts": ACCOUNTS,
        "cover": COVERS,
        "wording": WORDINGS,
        "infrastructure": INFRASTRUCTURES,
    }
    found = []
    for axis, levels in axes.items():
        known = [(level, share) for level in levels if (share := _share(cells, axis, level)) is not None]
        span = max(share for _, share in known) - min(share for _, share in known)
        found.append((span, axis, known))
    rows = [
        [axis, f"{span:.2f}", ", ".join(f"{level}: {share:.2f}" for level, share in known)]
        for span, axis, known in sorted(found, key=lambda item: -item[0])
    ]
    smallest = _smallest(cells)
    return (
        table(["axis", "span", "share found at review, by level"], rows)
        + "\n\nLevels are averages over whatever else was run with them, and large levels of one axis meet small ones "
        "of another: read them with the tables by size.\n\n" + smallest
    )


def _share(cells: Sequence[CellSeen], axis: str, level: object) -> float | None:
    mine = [line.seen.found for line in cells if getattr(line.cell, axis) == level]
    return fmean(mine) if mine else None


def _smallest(cells: Sequence[CellSeen]) -> str:
    rows = []
    for wording in WORDINGS:
        for infrastructure in INFRASTRUCTURES:
            mine = [
                line for line in cells if (line.cell.wording, line.cell.infrastructure) == (wording, infrastructure)
            ]
            if not mine:
                continue
            missed = [line for line in mine if not line.seen.found]
            worst = max(missed, key=lambda line: line.seen.judged.exchanges, default=None)
            first = min(
                (line for line in mine if line.seen.found), key=lambda line: line.seen.judged.exchanges, default=None
            )
            rows.append([wording, infrastructure, _described(first), _described(worst)])
    return table(["wording", "infrastructure", "smallest harvest that was found", "largest that was not"], rows)


def _described(line: CellSeen | None) -> str:
    if line is None:
        return "none"
    cell = line.cell
    own = line.seen.judged.exchanges
    return f"{own:,} own exchanges ({cell.accounts:,} accounts × {cell.exchanges}, cover {cell.cover:.0%})"


def _stakes(attacks: Sequence[Attacked]) -> str:
    prices: Prices = attacks[-1].prices
    return (
        f"A harvest of {attacks[-1].useful:,} useful exchanges. In units of one exchange: an exchange "
        f"{prices.exchange:g}, an account {prices.account:g}, a private rewording {prices.rewording:g}, an address, "
        f"client and means of payment of an account's own {prices.address:g}; a plain answer is worth "
        f"{prices.plain_worth:g} of one with its reasoning. The naive harvest is {_tactic(NAIVE)}."
    )


def _multipliers(attacks: Sequence[Attacked]) -> str:
    rows = []
    for attacker in ATTACKERS:
        mine = [line for line in attacks if line.attacker == attacker]
        if not mine:
            continue
        settled = [line for line in mine if line.tactic is not None]
        costs = [line.multiplier for line in settled if line.multiplier is not None]
        weeks = sum(len(line.shares) for line in settled)
        shares = [share for line in settled for share in line.shares]
        rows.append(
            [
                attacker,
                f"{max(line.budget for line in mine)} tries, {fmean(line.used for line in mine):.0f} used",
                str(len(mine)),
                f"{len(settled)}/{len(mine)}",
                f"{median(costs):.1f} ({min(costs):.1f} to {max(costs):.1f})" if costs else "–",
                f"{sum(line.unnoticed for line in settled)}/{weeks}",
                f"{median(shares):.0%}" if shares else "–",
                f"{fmean(line.failed for line in mine):.1f}; {fmean(line.failed_cost for line in mine):.1f}; "
                f"{fmean(line.failed_useful for line in mine):,.0f}",
            ]
        )
    heading = [
        "attacker", "budget", "seeds", "settled", "cost multiplier", "unnoticed in fresh weeks",
        "payload before notice",
        "noticed on the way: campaigns; bill; useful exchanges",
    ]  # fmt: skip
    return table(heading, rows)


def _settled(attacks: Sequence[Attacked]) -> str:
    rows = [
        [
            line.attacker,
            str(line.seed),
            _tactic(line.tactic) if line.tactic else "nothing that stayed unnoticed",
            "–" if line.multiplier is None else f"{line.multiplier:.1f}",
            f"{line.unnoticed}/{len(line.shares)}",
            ", ".join(f"{share:.0%}" for share in line.shares),
        ]
        for line in sorted(attacks, key=lambda line: (ATTACKERS.index(line.attacker), line.seed))
    ]
    return table(["attacker", "seed", "settled on", "multiplier", "unnoticed", "payload by week"], rows)


def _tactic(tactic: Tactic) -> str:
    return (
        f"{tactic.exchanges} per account, cover {tactic.cover:.0%}, {_worded(tactic.wording)}, "
        f"{tactic.infrastructure}, {tactic.pacing} pacing, onset {tactic.onset}"
    )
