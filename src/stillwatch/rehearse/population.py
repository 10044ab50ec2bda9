"""A composed population: its exchanges in order of time, its accounts, its permits, and the truth about all of them.

Nothing is written twice and no text is kept: an exchange is made when it is asked for.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from stillwatch.rehearse.actors import Actor, Script
from stillwatch.rehearse.dice import Dice, mix
from stillwatch.rehearse.naming import Naming
from stillwatch.rehearse.record import Moment, line
from stillwatch.rehearse.rhythm import DAY_US
from stillwatch.rehearse.scenario import Scenario
from stillwatch.rehearse.world import World

_BLOCK = 50_000


class Population:
    """What ``compose`` gives. ``lines`` (bytes) and ``records`` (dicts) may be iterated again: they never change."""

    def __init__(
        self,
        scenario: Scenario,
        world: World,
        actors: list[Actor],
        seed: int,
        naming: Naming | None = None,
        span_us: tuple[int, int] | None = None,
    ) -> None:
        """``span_us``: the first and the last moment of a log into which the population's days are fitted."""
        self.scenario, self.world, self.actors, self.seed = scenario, world, actors, seed
        self._naming = naming or Naming()
        self.names = [self._naming.account(mix(seed, actor.seed)) for actor in actors]
        self._scripts: list[tuple[int, int, Script]] = [
            (who, place, script) for who, actor in enumerate(actors) for place, script in enumerate(actor.scripts)
        ]
        self._planned, self._order = self._in_order()
        self._times = self._planned if span_us is None else self._fitted(*span_us)

    def _in_order(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Times sorted, and for each the script (high 32 bits) and its request (low 32 bits)."""
        if not self._scripts:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        times = np.concatenate([script.times for _, _, script in self._scripts])
        which = np.concatenate(
            [(place << 32) + np.arange(len(script.times)) for place, (_, _, script) in enumerate(self._scripts)]
        )
        inside = (times >= self.world.start_us) & (times < self.world.start_us + self.world.days * DAY_US)
        times, which = times[inside], which[inside]
        order = np.argsort(times, kind="stable")
        return times[order], which[order]

    def _fitted(self, first_us: int, last_us: int) -> NDArray[np.int64]:
        """Planned times moved into a log's span, in proportion."""
        share = (self._planned - self.world.start_us) / (self.world.days * DAY_US)
        return (first_us + share * (last_us - first_us)).astype(np.int64)

    def __len__(self) -> int:
        """Exchanges in the log."""
        return len(self._times)

    def own_times(self, campaign: str) -> NDArray[np.int64]:
        """When a campaign's own exchanges stand in the log (cover left out): sorted microseconds."""
        own = np.array([script.campaign == campaign for _, _, script in self._scripts], dtype=bool)
        return self._times[own[self._order >> 32]] if len(own) else self._times[:0]

    def exchange_id(self, who: int, script: int, request: int) -> str:
        return self._naming.exchange(mix(self.seed, self.actors[who].seed, script, request))

    def lines(self, day: int | None = None) -> Iterator[bytes]:
        """JSON lines without line ends, in order of time; of one day (0 is the first) or all."""
        low, high = 0, len(self._times)
        if day is not None:
            edges = self.world.start_us + np.array([day, day + 1]) * DAY_US
            low, high = (int(place) for place in np.searchsorted(self._times, edges))
        for begin in range(low, high, _BLOCK):
            end = min(high, begin + _BLOCK)
            stamps = np.datetime_as_string((self._times[begin:end] // 1000).astype("datetime64[ms]")).tolist()
            whole = zip(self._order[begin:end].tolist(), self._planned[begin:end].tolist(), stamps, strict=True)
            for which, us, stamp in whole:
                yield self._line(which >> 32, which & 0xFFFFFFFF, us, stamp)

    def records(self, day: int | None = None) -> Iterator[dict[str, Any]]:
        """The same as dicts."""
        for data in self.lines(day):
            yield msgspec.json.decode(data)

    def _line(self, place: int, k: int, us: int, stamp: str) -> bytes:
        who, number, script = self._scripts[place]
        actor = self.actors[who]
        moment = Moment(self.exchange_id(who, number, k), self.names[who], stamp + "Z", us, k)
        babbler = self.world.babblers[who % len(self.world.babblers)]
        dice = Dice(actor.seed, number, k)
        return line(moment, script, script.look or actor.look, actor.seed, dice, babbler, self.scenario.extract)

    def accounts(self) -> list[dict[str, Any]]:
        """Lines of the accounts file. Accounts that the provider has nothing on are left out; so are blank fields."""
        rows = []
        for name, actor in zip(self.names, self.actors, strict=True):
            known = actor.signup
            if not known.listed:
                continue
            row: dict[str, Any] = {"account": name, "organization": actor.look.organization}
            if known.created_us is not None:
                row["created_at"] = str(np.datetime64(known.created_us // 1_000_000, "s")) + "Z"
            for field in ("plan", "programme", "payment", "email_domain", "signup_ip", "declared_use", "verified"):
                row[field] = getattr(known, field)
            rows.append({key: value for key, value in row.items() if value is not None or key == "programme"})
        return sorted(rows, key=lambda row: str(row["account"]))

    def permits(self) -> list[dict[str, Any]]:
        """Lines of the permits file."""
        return [msgspec.to_builtins(actor.permit) for actor in self.actors if actor.permit]

    def truth(self) -> dict[str, Any]:
        """Who is what. ``accounts``: name -> kind, group, campaign; ``exchanges``: id -> campaign, no ordinary ones."""
        exchanges: dict[str, str] = {}
        for which in self._order.tolist():
            who, number, script = self._scripts[which >> 32]
            if script.campaign:
                exchanges[self.exchange_id(who, number, which & 0xFFFFFFFF)] = script.campaign
        return {
            "scenario": self.scenario.name,
            "seed": self.seed,
            "half": self.world.material.half,
            "material": self.world.material.name,
            "exchanges_in_all": len(self),
            "accounts": {
                name: {"kind": actor.kind, "group": actor.group, "campaign": actor.campaign}
                for name, actor in zip(self.names, self.actors, strict=True)
            },
            "exchanges": exchanges,
        }
