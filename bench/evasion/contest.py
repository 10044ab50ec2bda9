"""Lets the attackers loose on the detector and writes down what each settled on, and what that brings in fresh weeks.

The white-box attacker searches on the tuning half of the material, as it has no provider's log; what it settled on is
judged on the half that is measured. The one-bit attacker's tries are real campaigns, on the half that is measured.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from bench.evasion.attackers import BLIND, LADDER, Budget, every_tactic, one_bit, white_box
from bench.evasion.cells import LANES, TOGETHER
from bench.evasion.costs import NAIVE, Prices, Tactic, cost, fits, planned, size, spent
from bench.evasion.results import Attacked, Kept, Origin
from bench.evasion.weeks import Ground, Seen, watched

Told = Callable[[str], None]
ATTACKERS = ("naive", "blind", "one-bit", "white-box")
#: Attackers that choose nothing.
SET = {"naive": NAIVE, "blind": BLIND}
#: Real campaigns that the one-bit attacker can pay for: every rung once, and three second tries.
CAMPAIGNS = len(LADDER) + 3
#: Weeks that an attacker's trials and the judging of the outcome draw; neither meets the grid's seeds.
_TRIALS, _FRESH = 50_000, 70_000


class Stakes(NamedTuple):
    """What the contest is about. ``tries``: the white-box attacker's budget; ``fresh``: weeks of judging."""

    useful: int
    prices: Prices
    tries: int
    fresh: int


class Weeks:
    """Plants tactics in new weeks; ``seen`` keeps what came of each try, in order."""

    def __init__(self, ground: Ground, stakes: Stakes, seed: int, about: str, told: Told) -> None:
        self._ground, self._stakes, self._seed, self._about, self._told = ground, stakes, seed, about, told
        self._week = 0
        self.seen: list[tuple[Tactic, Seen]] = []

    def __call__(self, tactics: Sequence[Tactic]) -> list[bool]:
        """Whether each was noticed. Small campaigns share a week, each with a technique and payload of its own."""
        noticed = []
        for group in self._packed(tactics):
            self._week += 1
            lanes = [(self._seed + self._week + place) for place in range(len(group))]
            plans = [
                planned(tactic, self._stakes.useful, self._stakes.prices, f"{tactic.name}-{place}", lane)
                for place, (tactic, lane) in enumerate(zip(group, lanes, strict=True))
            ]
            found = watched(self._ground, f"{self._about}-{self._week}", self._seed, plans)
            self.seen += zip(group, found, strict=True)
            said = (f"{tactic.name}: {seen.judged.level}" for tactic, seen in zip(group, found, strict=True))
            self._told(f"{self._about}, week {self._week}: {'; '.join(said)}")
            noticed += [seen.noticed for seen in found]
        return noticed

    def _packed(self, tactics: Sequence[Tactic]) -> list[list[Tactic]]:
        groups: list[list[Tactic]] = []
        room = 0
        for tactic in tactics:
            accounts = size(tactic, self._stakes.useful, self._stakes.prices).accounts
            if groups and len(groups[-1]) < len(LANES) and accounts <= room:
                groups[-1].append(tactic)
                room -= accounts
            else:
                groups.append([tactic])
                room = TOGETHER - accounts
        return groups


def contest(
    attacker: str, seed: int, stakes: Stakes, ground: Ground, own: Ground, origin: Origin, told: Told
) -> Attacked:
    """One attacker with one seed. ``own`` is where the white-box attacker composes its weeks."""
    about = f"evasion {attacker}"
    trials = Weeks(own if attacker == "white-box" else ground, stakes, _TRIALS + seed, about, told)
    budget = Budget(trials, stakes.tries if attacker == "white-box" else CAMPAIGNS)
    tactic = _settled(attacker, budget, stakes, seed)
    judged = Weeks(ground, stakes, _FRESH + seed, about, told)
    if tactic is not None:
        for _ in range(stakes.fresh):
            judged([tactic])
    shares = tuple(round(seen.share, 4) for _, seen in judged.seen)
    # The white-box attacker's tries are free: nobody serves them.
    lost = [(rung, seen.share) for rung, seen in trials.seen if attacker == "one-bit" and seen.noticed]
    told(f"{attacker}, seed {seed}: {tactic.name if tactic else 'nothing unnoticed'}; got {shares}")
    naive = cost(NAIVE, stakes.useful, stakes.prices)
    return Attacked(
        origin=origin,
        attacker=attacker,
        seed=seed,
        useful=stakes.useful,
        prices=stakes.prices,
        tries=stakes.tries,
        fresh=stakes.fresh,
        budget=0 if attacker in SET else budget.used + budget.left,
        used=budget.used,
        tactic=tactic,
        multiplier=None if tactic is None else round(cost(tactic, stakes.useful, stakes.prices) / naive, 3),
        shares=shares,
        unnoticed=sum(not seen.noticed for _, seen in judged.seen),
        failed=len(lost),
        failed_cost=round(sum(spent(rung, stakes.useful, stakes.prices, share) for rung, share in lost) / naive, 3),
        failed_useful=round(sum(share * stakes.useful for _, share in lost), 1),
    )


def _settled(attacker: str, budget: Budget, stakes: Stakes, seed: int) -> Tactic | None:
    if attacker in SET:
        return SET[attacker]
    if attacker == "one-bit":
        return one_bit(budget)
    space = every_tactic(lambda tactic: fits(tactic, stakes.useful, stakes.prices))
    bill = {tactic: cost(tactic, stakes.useful, stakes.prices) for tactic in space}
    return white_box(space, bill.__getitem__, budget, np.random.default_rng([seed, 11]))


def _stakes(line: Attacked) -> Stakes:
    return Stakes(line.useful, line.prices, line.tries, line.fresh)


def of_one_kind(lines: Sequence[Attacked]) -> list[Attacked]:
    """Those that played for the same as the last one: other bills do not stand in one table."""
    return [line for line in lines if _stakes(line) == _stakes(lines[-1])]


def run(
    seeds: Sequence[int],
    stakes: Stakes,
    ground: Ground,
    own: Ground,
    origin: Origin,
    kept: Kept,
    time_left: Callable[[], bool],
    told: Told,
) -> None:
    """Every attacker with every seed that is not done yet. What is begun is finished, also past the time."""
    done = {(line.attacker, line.seed) for line in kept.of(Attacked, origin) if _stakes(line) == stakes}
    for seed in seeds:
        for attacker in ATTACKERS:
            if (attacker, seed) not in done and time_left():
                kept.add([contest(attacker, seed, stakes, ground, own, origin, told)])
