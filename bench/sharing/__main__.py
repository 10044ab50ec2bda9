"""``python -m bench.sharing``: campaigns over three providers, found alone and after matching; whom it wrongs.

``--calibrate`` measures how often ordinary accounts are sighted, on weeks without any campaign of the *tuning* half,
and writes ``detect/peer_shares.json``. Without it, rounds of the *holdout* half are played, each with two campaigns
over all three providers. Results gather in ``--out`` as they come, so that a run that is stopped has lost one round.
"""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.sharing.running import Provider, Round, played
from bench.sharing.worlds import PROVIDERS, Split
from stillwatch.apps.sensor.scan import Outcome

ROOT = Path(__file__).resolve().parents[2]
SHARES = ROOT / "src" / "stillwatch" / "detect" / "peer_shares.json"
#: Accounts of each campaign at each provider: fewer than make a surge or a template at one provider.
ACCOUNTS = 12
#: Which part of its infrastructure each of a round's two campaigns has in common between providers.
SHARED = ((0.1, 0.3), (0.2, 0.1), (0.3, 0.2), (0.1, 0.2), (0.2, 0.3))
TECHNIQUES = ("SW-T16", "SW-T19")
#: Seeds of the calibration (tuning half); rounds use others, of the holdout half.
FIRST_CALIBRATION, FIRST_ROUND = 9_400, 600


def splits(place: int) -> list[Split]:
    """The two campaigns of a round."""
    pairs = zip(TECHNIQUES, SHARED[place % len(SHARED)], strict=True)
    return [Split(f"{technique} {shared:.0%}", ACCOUNTS, (technique,), shared) for technique, shared in pairs]


def found(outcome: Outcome, accounts: frozenset[str]) -> tuple[str, int, int]:
    """(level, own accounts, all accounts) of the report that holds at least half of a campaign and mostly it."""
    best = ("missed", 0, 0)
    for campaign in outcome.scan.campaigns:
        members = {member.account for member in campaign.accounts}
        own = len(members & accounts)
        right = campaign.level in ("act", "review") and 2 * own >= len(accounts) and 2 * own > len(members)
        if right and own > best[1]:
            best = (campaign.level, own, len(members))
    return best


def wronged(provider: Provider, outcome: Outcome) -> list[dict[str, Any]]:
    """Reports at ``review`` or ``act`` that are mostly of ordinary accounts."""
    guilty = frozenset().union(*provider.campaigns.values())
    rows = []
    for campaign in outcome.scan.campaigns:
        members = {member.account for member in campaign.accounts}
        if campaign.level in ("act", "review") and 2 * len(members & guilty) <= len(members):
            kinds = Counter(provider.kinds[account] for account in members)
            peer = sum(item.weight_bits for item in campaign.evidence if item.family == "peer")
            rows.append({"level": campaign.level, "bits": campaign.weight_bits, "peer": peer, "kinds": dict(kinds)})
    return rows


def rows(one: Round) -> list[dict[str, Any]]:
    """What a round showed, one row a provider."""
    return [
        {
            "seed": one.seed,
            "provider": provider.name,
            "accounts": len(provider.kinds),
            "asked": provider.sightings.asked,
            "sightings": len(provider.sightings.sightings),
            "asked_accounts": provider.together.asked[0],
            "sighted_accounts": provider.together.asked[1],
            "campaigns": [
                {
                    "name": name,
                    "accounts": len(accounts),
                    "alone": found(provider.alone, accounts),
                    "together": found(provider.together, accounts),
                }
                for name, accounts in provider.campaigns.items()
            ],
            "wronged_alone": wronged(provider, provider.alone),
            "wronged_together": wronged(provider, provider.together),
            "matching_seconds": round(one.seconds, 2),
            "matching_bytes": one.bytes,
        }
        for provider in one.providers
    ]


def summary(all_rows: Sequence[dict[str, Any]]) -> str:
    """The figures of ``docs/sharing.md``."""
    campaigns = [campaign for row in all_rows for campaign in row["campaigns"]]
    lines = [f"{len(all_rows)} provider-weeks of {len({row['seed'] for row in all_rows})} seeds"]
    for part in (None, "10%", "20%", "30%"):
        mine = [campaign for campaign in campaigns if part is None or campaign["name"].endswith(part)]
        alone, together = (sum(campaign[when][0] != "missed" for campaign in mine) for when in ("alone", "together"))
        held = [c["together"][1] / c["accounts"] for c in mine if c["together"][0] != "missed"]
        right = [c["together"][1] / c["together"][2] for c in mine if c["together"][0] != "missed"]
        lines.append(
            f"{part or 'all'}: {len(mine)} shares, found alone {alone}, together {together}; accounts of those found "
            f"{sum(held) / max(1, len(held)):.2f}, precision {sum(right) / max(1, len(right)):.2f}"
        )
    for when in ("wronged_alone", "wronged_together"):
        listed = [(row["seed"], row["provider"], one) for row in all_rows for one in row[when]]
        lines.append(f"{when}: {len(listed)} reports, {sum(one['level'] == 'act' for _, _, one in listed)} at act")
        lines += [f"  {seed} {provider}: {one}" for seed, provider, one in listed]
    return "\n".join(lines)


def calibrate(seeds: int, ordinary: int, choice: str) -> None:
    """``peer_shares.json`` from weeks without a campaign."""
    asked, sighted = 0, Counter[str]()
    for seed in range(FIRST_CALIBRATION, FIRST_CALIBRATION + seeds):
        with tempfile.TemporaryDirectory() as work:
            one = played(seed, "tuning", ordinary, (), Path(work) / "round", choice=choice)
        for provider in one.providers:
            asked += provider.together.asked[0]
            sighted.update(provider.together.asked[1])
        print("\n".join(f"{row}" for row in rows(one)), flush=True)
    about = (
        f"{asked} suspicious accounts among the ordinary ones of {len(PROVIDERS)} providers' composed weeks "
        f"({seeds} seeds, tuning half, no campaign), matched with each other"
    )
    SHARES.write_text(json.dumps({"about": about, "asked": asked, "sighted": dict(sighted)}) + "\n", "utf-8")
    print(about)


def main() -> None:
    """Play rounds, or calibrate."""
    parser = argparse.ArgumentParser(prog="python -m bench.sharing", description=__doc__)
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="begin with this round")
    parser.add_argument("--ordinary", type=int, default=150)
    parser.add_argument("--material", default="auto")
    parser.add_argument("--half", choices=("tuning", "holdout"), default="holdout")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "sharing")
    chosen = parser.parse_args()
    if chosen.calibrate:
        calibrate(chosen.seeds, chosen.ordinary, chosen.material)
        return
    chosen.out.mkdir(parents=True, exist_ok=True)
    for place in range(chosen.first, chosen.seeds):
        with tempfile.TemporaryDirectory() as work:
            one = played(
                FIRST_ROUND + place, chosen.half, chosen.ordinary, splits(place), Path(work) / "round",
                choice=chosen.material,
            )  # fmt: skip
        file = chosen.out / f"{chosen.half}-{one.seed}.json"
        file.write_text(json.dumps(rows(one), indent=1) + "\n", "utf-8")
        print(summary(rows(one)), flush=True)
    files = sorted(chosen.out.glob(f"{chosen.half}-*.json"))
    print(summary([row for file in files for row in json.loads(file.read_text("utf-8"))]))


if __name__ == "__main__":
    main()
