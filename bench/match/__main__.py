"""Measures what private matching costs: ``python -m bench.match``. Writes a block of ``docs/match.md``; five minutes.

Everything is CPU time (user and system) of this process, whatever else the machine does; the parties run in turn, so
that each one's part is known. Bytes are those of the messages of the protocol, without HTTP and TLS.
"""

import argparse
import json
import subprocess
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from statistics import median

from rich.console import Console

from bench.detection.environments import ready
from bench.marks import measured
from bench.match.ours import Spent, matched, watchlists
from bench.table import Row, Section, markdown, printed

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "match.md"
MARKS = measured("python -m bench.match")
MICROSECONDS, OCTETS, MINUTES = 400, 300, 5.0
SEED = 5


def ours(members: int, each: int, say: Console) -> tuple[Section, Spent]:
    """The bar: all members, once."""
    say.print(f"{members} members with {each:,} identifiers each ...")
    spent = matched(list(watchlists(members, each, 0.1, SEED)), audit=False, seed=SEED)
    say.print("the same with audits, a small run ...")
    audited = matched(list(watchlists(3, max(10, each // 10), 0.1, SEED)), audit=True, seed=SEED)
    minutes = sum(spent.seconds.values()) / 60
    parts = ", ".join(f"{party} {spent.of(party):.0f}" for party in ("member", "forum", "trustee"))
    links = ", ".join(f"{step} {count / spent.asked:.0f}" for step, count in spent.bytes.most_common())
    rows = (
        Row("CPU for an identifier, all parties, with proofs", f"{spent.microseconds:.0f} µs ({parts})",
            f"≤ {MICROSECONDS} µs", spent.microseconds <= MICROSECONDS),
        Row("bytes for an identifier, all links", f"{spent.octets:.0f} ({links})", f"≤ {OCTETS}",
            spent.octets <= OCTETS),
        Row(f"{members} members, {each:,} identifiers each, run once", f"{minutes:.1f} CPU-minutes; "
            f"{spent.found:,} of {spent.asked:,} matched", f"≤ {MINUTES:.0f} CPU-minutes", minutes <= MINUTES),
        Row("CPU for an identifier, audit mode (batch proofs of RFC 9497 by both holders)",
            f"{audited.microseconds:.0f} µs"),
    )  # fmt: skip
    return Section("Cost", rows), spent


def peers(members: int, each: int, pairs: int, spent: Spent, say: Console) -> Section:
    """What the same members would pay if each pair ran OpenMined PSI."""
    say.print(f"{pairs} pairs with OpenMined PSI ...")
    python, why = ready("openmined-psi", ROOT / "requirements" / "openmined-psi.lock", ROOT / ".venv-psi")
    what = f"OpenMined PSI 2.0.6, {each:,} against {each:,}"
    if python is None:
        return Section("Beside pairwise intersection", (Row(what, why),))
    script = Path(__file__).with_name("openmined.py")
    done = subprocess.run([python, script, str(each), str(pairs)], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    once, every, octets = (median(one[name] for one in found) for name in ("once", "each", "bytes_each"))
    couples = members * (members - 1) // 2
    whole = (members * once + couples * every) / 60
    total = couples * octets
    own = sum(spent.seconds.values()) / 60
    rows = (
        Row(what, f"{once + every:.2f} CPU-s and {octets / 1e6:.2f} MB for a pair; {every:.2f} s of it for every pair "
            f"again (median of {pairs})"),
        Row(f"the {couples:,} pairs of {members} members, extrapolated", f"{whole:.0f} CPU-minutes: {whole / own:.1f} "
            f"times ours; {total / 1e9:.1f} GB: {total / sum(spent.bytes.values()):.0f} times ours"),
    )  # fmt: skip
    about = (
        "Two members at a time, no trustee, no budget, no threshold, no proof, and each pair learns which identifiers "
        "it shares with *that* member. A member's own request and set-up are counted once for all its pairs."
    )
    return Section("Beside pairwise intersection", rows, about)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=50)
    parser.add_argument("--identifiers", type=int, default=10_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--dry", action="store_true", help="print, do not write the page")
    options = parser.parse_args()
    say = Console()
    cost, spent = ours(options.members, options.identifiers, say)
    sections = (cost, peers(options.members, options.identifiers, options.pairs, spent, say))
    printed(sections, say)
    if not options.dry:
        libraries = ", ".join(f"{name} {version(name)}" for name in ("rbcl", "msgspec", "cryptography"))
        conditions = f"`python -m bench.match`, Python {python_version()}, {libraries}, CPU seconds on shared cores."
        PAGE.write_text(MARKS.replaced(PAGE.read_text("utf-8"), markdown(sections, conditions)), "utf-8")


if __name__ == "__main__":
    main()
