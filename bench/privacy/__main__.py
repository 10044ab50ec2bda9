"""Attacks private matching and counts what is recovered: ``python -m bench.privacy``. Writes docs/match-privacy.md.

A few minutes of one core. ``--quick`` shows that it runs and writes nothing.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from bench.marks import Marks
from bench.privacy import experiments as do
from bench.privacy.world import NOBODYS
from bench.table import Row, Section, markdown, printed
from stillwatch.match.alarm import Asked, low_hit_rates
from stillwatch.match.audit import escape
from stillwatch.match.budget import ALLOWANCES, SPACES, years_to_search
from stillwatch.match.canary import chance

PAGE = Path(__file__).resolve().parents[2] / "docs" / "match-privacy.md"
MARKS = Marks(
    "<!-- privacy: begin; python -m bench.privacy writes what stands between these marks -->",
    "<!-- privacy: end -->",
)


def dictionaries(seed: int, size: int, each: int) -> Section:
    """Searches with one key and with both, over a slice that holds all that is held."""
    world = do.matched(seed, do.members(seed, each, NOBODYS, size))
    candidates = do.every(NOBODYS, size)
    rows = []
    for who in do.READERS:
        result = do.dictionary(who, world, candidates)
        both = who == "both holders"
        hours = result.seconds * SPACES["ipv4"] / 3_600
        what = f"{who}{' (they break their word)' if both else ''}"
        figure = f"{result.recovered} of {result.held}; all of IPv4: {hours:,.0f} CPU-hours, extrapolated"
        rows.append(Row(what, figure, "all" if both else "0", result.recovered == (result.held if both else 0)))
    about = (
        f"Three members hold {each:,} addresses each of a range of {size:,}, one in twenty shared with the next. "
        "The dictionary is every address of the range, so it holds all that is held: what lies outside can't be "
        "recovered, since nobody holds it."
    )
    return Section("A dictionary, tried on everything that a party saw", rows, about)


def guesses(seeds: range) -> Section:
    """A member that asks what it does not hold."""
    everywhere = [do.asking(seed) for seed in seeds]
    expected = sum(one.tried * one.others_hold / one.space for one in everywhere)
    told = sum(one.told for one in everywhere)
    figure = (
        f"{told} in {len(everywhere)} epochs of {everywhere[0].tried:,} guesses; expected by chance {expected:.2f}; "
        f"{everywhere[0].others_hold:,} are held"
    )
    rows = [Row("guesses all over IPv4", figure, "0", told == 0)]
    rows.append(Row("… the hit-rate alarm, where the others find 5 %", _alarm(told, everywhere[0].tried)))
    for threshold in (3, 2):
        near = do.asking(seeds[0], near=65_536, threshold=threshold)
        what = f"guesses in the one /16 that the others' {near.others_hold} addresses lie in, threshold {threshold}"
        rows.append(Row(what, f"{near.told} with {near.tried:,} guesses"))
    mixed = escape(near.tried, near.tried // 2, 50)
    met = chance(near.space, 64, near.tried)
    rows += [
        Row("… the hit-rate alarm, where the others find 5 %", _alarm(near.told, near.tried)),
        Row("… 50 rows are audited at its place, and half of all are honest: it escapes", f"{mixed:.0e}"),
        Row("… 64 dark addresses of the /16 are canaries: it meets one", f"{met:.4f}"),
    ]
    for broken, other in (("forum", "trustee"), ("trustee", "forum")):
        evaluated = do.past_its_budget(seeds[0], broken)
        what = f"the {broken} does not count: units that the {other} still served, of 100"
        rows.append(Row(what, str(evaluated), "≤ 100", evaluated <= 100))
    return Section("A member that spends its budget on guesses", rows)


def _alarm(told: int, tried: int) -> str:
    """What the alarm makes of it beside three members who find one in twenty."""
    budget = ALLOWANCES["ipv4"]
    others = {str(number): Asked(2_000, budget, 100) for number in range(3)}
    rung = low_hit_rates(others | {"searching": Asked(tried, budget, told)})
    return f"rings (p = {rung[0].p_value:.0e})" if rung else "does not ring"


def transcripts(seed: int, each: int) -> Section:
    """What did not match, looked for in every recorded byte."""
    world = do.matched(seed, do.members(seed, each, NOBODYS, 1 << 24))
    shown = do.revealed(world)
    rows = [Row(f"not matching, yet shown to {party}", str(count), "0", count == 0) for party, count in shown.items()]
    return Section(f"Recorded transcripts of three members with {each:,} identifiers each", rows)


def spaces() -> Section:
    """How long a search within the budgets takes."""
    rows = []
    for kind, space in SPACES.items():
        alone = years_to_search(kind, ALLOWANCES[kind]) or 0.0
        pooled = years_to_search(kind, ALLOWANCES[kind], members=10) or 0.0
        rows.append(
            Row(
                f"{kind}: {space:,} values at {ALLOWANCES[kind]:,} a week",
                f"{alone:,.0f} years; ten members together {pooled:,.1f}",
                "> 10 years alone",
                alone > 10,
            )
        )
    return Section("How long a whole search takes within the default budgets", rows)


def sections(quick: bool, say: Console) -> Iterator[Section]:
    """All of them, one after the other."""
    say.print("dictionaries ...")
    yield dictionaries(1, 1 << (11 if quick else 16), 50 if quick else 1_000)
    say.print("transcripts ...")
    yield transcripts(2, 50 if quick else 1_000)
    say.print("guesses ...")
    yield guesses(range(5, 6 if quick else 10))
    yield spaces()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.privacy", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small, and nothing is written")
    chosen = parser.parse_args()
    console = Console()
    done = list(sections(chosen.quick, console))
    printed(done, console)
    if not chosen.quick:
        conditions = (
            "`python -m bench.privacy`, in one process over recorded messages; CPU of one core that others share."
        )
        PAGE.write_text(MARKS.replaced(PAGE.read_text("utf-8"), markdown(done, conditions)), "utf-8")
    if any(row.reached is False for section in done for row in section.rows):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
