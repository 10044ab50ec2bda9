"""``make demo``: scan the recorded sample, hold it against what was recorded; then three providers match.

The second part (``bench/sharing/story.py``) starts a forum and a trustee of its own and ends them again.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
OUT = ROOT / "out" / "demo"


def main() -> int:
    """Scan, compare, tell the second story. 1 where a recorded campaign was not found, else what a step ended with."""
    command = [
        sys.executable, "-m", "stillwatch", "scan", str(SAMPLES / "exchanges.jsonl.gz"),
        "--accounts", str(SAMPLES / "accounts.jsonl"), "--permits", str(SAMPLES / "permits.jsonl"), "--out", str(OUT),
    ]  # fmt: skip
    console = Console()
    console.print("Scanning recorded traffic of real programs (samples/README.md says how it was made) ...\n")
    code = subprocess.run(command, check=False).returncode
    if code:
        return code
    truth = json.loads((SAMPLES / "truth.json").read_text("utf-8"))
    found = json.loads((OUT / "campaigns.json").read_text("utf-8"))["campaigns"]
    console.print()
    console.print(recorded_against_found(truth, found))
    console.print(ordinary_flagged(truth, found))
    console.print(f"\nThe report: {(OUT / 'report.html').as_uri()}")
    missed = [c["name"] for c in truth["campaigns"] if not best_match(c, found)]
    if missed:
        return 1
    console.print("\nThree providers, one forum, one trustee, all on this machine; one campaign over all three ...\n")
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.sharing.story"], cwd=ROOT, check=False
    ).returncode


def best_match(campaign: dict[str, Any], found: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The found campaign at ``act`` or ``review`` that holds most of the recorded one's accounts, if any holds half."""
    accounts = set(campaign["accounts"])
    ranked = [(len(accounts & members(item)), item) for item in found if item["level"] in ("act", "review")]
    if not ranked:
        return None
    common, item = max(ranked, key=lambda pair: pair[0])
    return item if 2 * common >= len(accounts) else None


def members(campaign: dict[str, Any]) -> set[str]:
    """The accounts that a found campaign lists."""
    return {member["account"] for member in campaign["accounts"]}


def recorded_against_found(truth: dict[str, Any], found: list[dict[str, Any]]) -> Table:
    """One row per recorded campaign: what was found of it, how sure, how early."""
    table = Table(title="Recorded campaigns, and what was found of them", title_justify="left")
    for heading in ("recorded", "found as", "level", "accounts found", "strangers", "noticed after"):
        table.add_column(heading, no_wrap=True)
    for campaign in truth["campaigns"]:
        item = best_match(campaign, found)
        accounts = set(campaign["accounts"])
        if item is None:
            table.add_row(campaign["name"], "not found", "", f"0 of {len(accounts)}", "", "")
            continue
        listed = members(item)
        after = item["noticed_after_exchanges"]
        table.add_row(
            campaign["name"],
            item["name"],
            item["level"],
            f"{len(accounts & listed)} of {len(accounts)}",
            str(len(listed - accounts)),
            f"{after:,} of {item['exchanges']:,}" if after is not None else "never",
        )
    return table


def ordinary_flagged(truth: dict[str, Any], found: list[dict[str, Any]]) -> str:
    """How many ordinary accounts stand in a campaign at each level."""
    ordinary = truth["ordinary"]
    parts = []
    for level in ("act", "review"):
        listed = set().union(*(members(item) for item in found if item["level"] == level), set())
        wronged = sorted(account for account in listed if account in ordinary)
        kinds = ", ".join(sorted({ordinary[account] for account in wronged}))
        parts.append(
            f"{len(wronged)} of {len(ordinary)} ordinary accounts at {level}" + (f" ({kinds})" if kinds else "")
        )
    return "; ".join(parts) + "."


if __name__ == "__main__":
    raise SystemExit(main())
