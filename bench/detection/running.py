"""Runs Stillwatch and each peer on a log, each in a process of its own, and keeps what it said and what it cost."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.detection.logs import Log
from bench.detection.peers import BY_NAME, PACKAGES, PEERS
from bench.detection.suspicions import Outcome
from bench.scanning import scan
from bench.tree import Run, run

ROOT = Path(__file__).resolve().parents[2]
EXTERNAL = Path(__file__).resolve().parent / "external"
DAY = 86_400.0


class Said(NamedTuple):
    """What a peer made of a log, and its cost; ``run`` is ``None`` where it could not be started."""

    outcome: Outcome
    run: Run | None


class Watch(NamedTuple):
    """What Stillwatch made of a log: level -> the accounts of each campaign there, its own notice, and the cost."""

    campaigns: Sequence[tuple[str, frozenset[str]]]
    noticed: Sequence[tuple[frozenset[str], int | None]]
    run: Run

    def accused(self, levels: Sequence[str]) -> set[str]:
        """The accounts of all campaigns at ``levels``."""
        return {account for level, accounts in self.campaigns if level in levels for account in accounts}


class Peers:
    """All peers, ready to run: ours with what they learned from ``history``, the packages with their interpreters."""

    def __init__(self, work: Path, interpreters: Mapping[str, tuple[Path | None, str]], only: Sequence[str]) -> None:
        self.work, self.interpreters = work, interpreters
        known = [*(peer.name for peer in PEERS), *(package.name for package in PACKAGES)]
        self.names = [name for name in known if not only or name in only]

    def fit(self, history: Log) -> dict[str, Run]:
        """Have each peer of ours learn from ordinary events."""
        done = {}
        for name in self.names:
            if name in BY_NAME:
                fitted = str(self._fitted(name))
                done[name] = _checked([*_OURS, "fit", name, str(history.events), fitted], self.work)
        return done

    def _fitted(self, name: str) -> Path:
        return self.work / f"{name}.fitted"

    def judge(self, name: str, log: Log, days: int | None = None) -> Said:
        """One peer on a log, or on its first ``days``."""
        out = self.work / "outcome.json"
        until = [] if days is None else [str(log.start + days * DAY)]
        if name in BY_NAME:
            command = [*_OURS, "score", name, str(log.events), str(out), str(self._fitted(name)), *until]
        else:
            python, reason = self.interpreters[name]
            if python is None:
                return Said(Outcome(reason=reason), None)
            command = [str(python), str(EXTERNAL / f"with_{name}.py"), str(log.events), str(out), *until]
        done = _checked(command, self.work)
        outcome = msgspec.json.decode(out.read_bytes(), type=Outcome)
        out.unlink()
        return Said(outcome, done)


_OURS = [sys.executable, "-m", "bench.detection.one_peer"]


def _checked(command: Sequence[str], work: Path) -> Run:
    done = run(["env", f"PYTHONPATH={ROOT}", *command], folder=work)
    if done.code:
        raise RuntimeError(f"{' '.join(command)} ended with exit code {done.code}:\n{done.errors}")
    return done


def stillwatch(log: Log, days: int | None = None) -> Watch:
    """``stillwatch scan`` on a log, or on its first ``days``."""
    out = log.folder / "out"
    done = scan(log.days[:days], out, beside=log.folder)
    found = msgspec.json.decode((out / "campaigns.json").read_bytes())["campaigns"]
    accounts = [frozenset(member["account"] for member in campaign["accounts"]) for campaign in found]
    return Watch(
        [(campaign["level"], members) for campaign, members in zip(found, accounts, strict=True)],
        [(members, campaign["noticed_after_exchanges"]) for campaign, members in zip(found, accounts, strict=True)],
        done,
    )
