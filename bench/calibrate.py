"""Write ``detect/null_groups.json`` (block scores of all groups that the sensor makes of weeks without a campaign) and
``detect/ordinary_shares.json`` (in how many of their accounts each technique shows).

``python -m bench.calibrate [--seeds 8] [--ordinary 2000] [--material DIR]``. The weeks are the ``ordinary`` scenario,
with every look-alike, of the tuning half of the material, so that the holdout half stays unseen. Only numbers are kept.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench.compose import main as compose
from stillwatch.apps.sensor.outputs import work_folder
from stillwatch.apps.sensor.quarantine import Quarantine
from stillwatch.apps.sensor.scan import Outcome, Request, scan
from stillwatch.detect.calibrate import BLOCKS, combined, conformal, e_of
from stillwatch.detect.candidates.surge import SCALES
from stillwatch.vocabulary.sketches import SCORE_COLUMNS

TARGET = Path(__file__).resolve().parent.parent / "src" / "stillwatch" / "detect" / "null_groups.json"
SHARES = TARGET.with_name("ordinary_shares.json")
#: Seeds of the null weeks; benchmarks and tests draw other ones.
FIRST_SEED = 9_000


def week(seed: int, ordinary: int, material: str) -> Outcome:
    """What the sensor makes of one composed week."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        arguments = ["ordinary", str(folder / "log"), "--seed", str(seed), "--ordinary", str(ordinary)]
        compose([*arguments, "--half", "tuning", "--material", material])
        log = folder / "log"
        request = Request(
            logs=[str(log / "exchanges.jsonl.zst")],
            key=bytes(32),
            now=datetime.now(UTC),
            accounts=[str(log / "accounts.jsonl")],
            permits=[str(log / "permits.jsonl")],
        )
        with work_folder(folder / "out") as work, Quarantine(work / "quarantine.jsonl") as quarantine:
            return scan(request, work, quarantine, lambda *_: None, time.monotonic)


def write_shares(weeks: Sequence[Outcome], ordinary: int) -> None:
    """``ordinary_shares.json``: in how many accounts of all these weeks a technique shows, at each scale."""
    counts: dict[str, dict[str, int]] = {technique: dict.fromkeys(SCALES, 0) for technique in SCORE_COLUMNS}
    for outcome in weeks:
        for (technique, scale), count in outcome.shown.items():
            counts[technique][scale] += count
    accounts = sum(len(outcome.accounts) for outcome in weeks)
    about = f"{accounts} accounts of {len(weeks)} composed ordinary weeks of {ordinary} accounts, tuning half"
    SHARES.write_text(json.dumps({"about": about, "accounts": accounts, "counts": counts}) + "\n", "utf-8")
    print(about)


def main() -> None:
    """Compose, scan and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--ordinary", type=int, default=2000)
    parser.add_argument("--material", default="auto")
    options = parser.parse_args()
    weeks = [week(FIRST_SEED + seed, options.ordinary, options.material) for seed in range(options.seeds)]
    rows = np.concatenate([outcome.block_scores for outcome in weeks])
    write_shares(weeks, options.ordinary)
    scores = {}
    for column, name in enumerate(BLOCKS):
        tenths, groups = np.unique(np.round(rows[:, column] * 10).astype(int), return_counts=True)
        scores[name] = {"tenths": tenths.tolist(), "groups": groups.tolist()}
    p = np.stack([conformal(rows[:, column], rows[:, column]) for column in range(len(BLOCKS))], axis=1)
    e = combined(e_of(p))
    reached = {str(bound): float(np.mean(e >= bound)) for bound in (5, 20, 100, 1_000, 10_000)}
    about = f"{len(rows)} groups of {options.seeds} composed ordinary weeks of {options.ordinary} accounts, tuning half"
    TARGET.write_text(json.dumps({"about": about, "e_values": reached, "scores": scores}) + "\n", "utf-8")
    print(about)


if __name__ == "__main__":
    main()
