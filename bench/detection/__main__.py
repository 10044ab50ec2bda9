"""Compares Stillwatch with what people would use instead: ``python -m bench.detection``.

Prints the tables and writes them into ``docs/detection.md``. What was measured is kept in ``out/detection.json``, from
which ``--from`` writes the page again. Some twenty minutes of one core with the usual numbers; ``--ordinary 300`` takes
about half. Environments for the peers from the registry are made below ``.venv-peers`` on first use.
"""

import argparse
import os
import resource
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from bench.compose import material
from bench.detection import environments, measures, page
from bench.detection.logs import CASES, MIXED, Log, Truth, made
from bench.detection.peers import BY_NAME, PACKAGES
from bench.detection.results import Cost, Line, Replay, Results
from bench.detection.running import Peers, Watch, stillwatch
from bench.detection.suspicions import Variant, accused

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "detection.md"
KEPT = ROOT / "out" / "detection.json"
_HISTORY, _TUNING = 1001, 1002  # seeds of the tuning half, apart from those that are measured
OURS = "stillwatch"
#: The levels of Stillwatch, as points of operation: it has no threshold to choose.
LEVELS = {"review": ("review", "act"), "act": ("act",)}


class Comparison:
    """One run: history, thresholds, the measured logs, the replay."""

    def __init__(self, chosen: argparse.Namespace, work: Path, say: Console) -> None:
        self.chosen, self.work, self.say = chosen, work, say
        load = os.getloadavg()[0]
        name = material(chosen.material, "all").name
        self.results = Results(
            half=chosen.half, seeds=chosen.seeds, ordinary=chosen.ordinary, material=name, load=(load, load)
        )
        lock, root = ROOT / "requirements" / "peers.lock", ROOT / ".venv-peers"
        wanted = [package for package in PACKAGES if not chosen.peers or package.name in chosen.peers]
        interpreters = {item.name: environments.ready(item.package, lock, root) for item in wanted}
        self.peers = Peers(work, interpreters, chosen.peers)

    def log(self, case: str, half: str, seed: int) -> Log:
        """Compose a log, and say so."""
        low, high = self.results.load
        load = os.getloadavg()[0]
        self.results.load = (min(low, load), max(high, load))
        self.say.print(f"{case}, {half}, seed {seed} ... (load {load:.1f})")
        return made(case, half, seed, self.work, choice=self.chosen.material, ordinary=self.chosen.ordinary)

    def prepare(self) -> None:
        """Have the peers learn, and choose their thresholds."""
        history = self.log("ordinary", "tuning", _HISTORY)
        self.results.fitting = {name: done.cpu for name, done in self.peers.fit(history).items()}
        history.remove()
        said: dict[str, list[tuple[Truth, dict[str, Variant]]]] = {name: [] for name in self.peers.names}
        for case in ("ordinary", MIXED):
            log = self.log(case, "tuning", _TUNING)
            for name in self.peers.names:
                outcome = self.peers.judge(name, log).outcome
                if outcome.reason:
                    self.results.absent[name] = outcome.reason
                else:
                    said[name].append((log.truth, outcome.variants))
            log.remove()
        for name, tuning in said.items():
            if name not in self.results.absent:
                own = BY_NAME[name].own if name in BY_NAME else None
                self.results.thresholds[name] = measures.thresholds(tuning, own)

    def judge(self, log: Log) -> Watch:
        """Stillwatch and every peer on one log."""
        watch = stillwatch(log)
        points = {
            point: measures.measure(
                log.truth, watch.accused(levels), [who for at, who in watch.campaigns if at in levels]
            )
            for point, levels in LEVELS.items()
        }
        cost = Cost(log.size, watch.run.cpu, watch.run.peak)
        self.results.lines.append(Line(case=log.case, seed=log.seed, name=OURS, points=points, cost=cost))
        for name, found in self.results.thresholds.items():
            said = self.peers.judge(name, log)
            assert said.run is not None
            points = {
                point: measures.of_peer(log.truth, said.outcome.variants, threshold)
                for point, threshold in found.items()
            }
            cost = Cost(log.size, said.run.cpu, said.run.peak)
            self.results.lines.append(Line(case=log.case, seed=log.seed, name=name, points=points, cost=cost))
        return watch

    def replay(self, log: Log, whole: Watch) -> None:
        """The log again, cut at the end of each day: everyone sees the same prefixes."""
        self.results.replayed = log.case
        for members, after in whole.noticed:
            for name, accounts in log.truth.campaigns.items():
                if after is not None and len(members & accounts) >= measures.FOUND * len(accounts):
                    self.results.noticed[name] = after / log.truth.exchanges[name][-1]
        days = range(1, len(log.days))
        self.say.print(f"{log.case}, seed {log.seed}: replayed day by day ...")
        watches = [*(stillwatch(log, day) for day in days), whole]
        ours = {
            point: measures.harvested(log.truth, [watch.accused(levels) for watch in watches])
            for point, levels in LEVELS.items()
        }
        self.results.replays.append(Replay(OURS, ours))
        for name, found in self.results.thresholds.items():
            said = [self.peers.judge(name, log, day).outcome.variants for day in [*days, len(log.days)]]
            points = {
                point: measures.harvested(
                    log.truth, [accused(variants.get(at.variant, Variant()), at.bar) for variants in said]
                )
                for point, at in found.items()
            }
            self.results.replays.append(Replay(name, points))

    def run(self) -> Results:
        """Everything."""
        self.prepare()
        for case in self.chosen.cases:
            for seed in range(1, self.chosen.seeds + 1):
                log = self.log(case, self.chosen.half, seed)
                whole = self.judge(log)
                if case == self.chosen.replay and seed == 1:
                    self.replay(log, whole)
                log.remove()
                self.keep()
        return self.results

    def keep(self) -> None:
        """Write down what was measured so far: a run that is stopped leaves what it had."""
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        self.results.cpu = sum(one.ru_utime + one.ru_stime for one in used)
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_bytes(msgspec.json.encode(self.results))


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES), help="composed cases")
    parser.add_argument("--seeds", type=int, default=2, help="seeds 1 to this, of each case")
    parser.add_argument("--ordinary", type=int, default=1000, help="ordinary accounts; look-alikes grow alike")
    parser.add_argument("--half", choices=("holdout", "tuning"), default="holdout", help="half that is measured")
    parser.add_argument("--peers", nargs="+", default=[], help="only these peers")
    parser.add_argument("--replay", default="fixed", help="case that is replayed day by day; none: no replay")
    parser.add_argument("--material", default="auto", help="auto, builtin, or a folder of recorded material")
    parser.add_argument("--work", type=Path, help="folder for what is composed, in place of the temporary one")
    parser.add_argument("--from", dest="kept", type=Path, help="write the page from what an earlier run kept")
    parser.add_argument("--no-page", action="store_true", help="print only; leave docs/detection.md as it is")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Compare, print, write. The exit code is 0 whatever was found."""
    chosen = options(arguments)
    if chosen.kept is not None:
        results = msgspec.json.decode(chosen.kept.read_bytes(), type=Results)
    else:
        with tempfile.TemporaryDirectory(prefix="stillwatch-detection-", dir=chosen.work) as folder:
            results = Comparison(chosen, Path(folder), Console(stderr=True, highlight=False)).run()
    text = page.markdown(results)
    sys.stdout.write(text)
    if not chosen.no_page:
        PAGE.write_text(page.MARKS.replaced(PAGE.read_text("utf-8"), text), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
