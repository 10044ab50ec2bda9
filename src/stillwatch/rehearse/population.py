"""A composed population: its exchanges in order of time, its accounts, its permits, and the truth about all of them.

Nothing is written twice and no text is kept: an exchange is made when it is asked for.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from stillwatch.rehearse import answers
from stillwatch.rehearse.actors import Actor, Script
from stillwatch.rehearse.bodies import PATHS
from stillwatch.rehearse.clients import Client
from stillwatch.rehearse.dice import Dice, mix
from stillwatch.rehearse.networks import Place
from stillwatch.rehearse.rhythm import DAY_US
from stillwatch.rehearse.scenario import Scenario
from stillwatch.rehearse.world import World

_BLOCK = 50_000
_encode = msgspec.json.encode


class Population:
    """What ``compose`` gives. ``lines`` (bytes) and ``records`` (dicts) may be iterated again: they never change."""

    def __init__(self, scenario: Scenario, world: World, actors: list[Actor], seed: int) -> None:
        self.scenario, self.world, self.actors, self.seed = scenario, world, actors, seed
        self.names = [f"acct_{mix(seed, actor.seed):016x}" for actor in actors]
        self._scripts: list[tuple[int, int, Script]] = [
            (who, place, script) for who, actor in enumerate(actors) for place, script in enumerate(actor.scripts)
        ]
        self._times, self._order = self._in_order()

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

    def __len__(self) -> int:
        """Exchanges in the log."""
        return len(self._times)

    def own_times(self, campaign: str) -> NDArray[np.int64]:
        """When a campaign's own exchanges stand in the log (cover left out): sorted microseconds."""
        own = np.array([script.campaign == campaign for _, _, script in self._scripts], dtype=bool)
        return self._times[own[self._order >> 32]] if len(own) else self._times[:0]

    def exchange_id(self, who: int, script: int, request: int) -> str:
        return f"x-{mix(self.seed, self.actors[who].seed, script, request):016x}"

    def lines(self, day: int | None = None) -> Iterator[bytes]:
        """JSON lines without line ends, in order of time; of one day (0 is the first) or all."""
        low, high = 0, len(self._times)
        if day is not None:
            edges = self.world.start_us + np.array([day, day + 1]) * DAY_US
            low, high = (int(place) for place in np.searchsorted(self._times, edges))
        for begin in range(low, high, _BLOCK):
            end = min(high, begin + _BLOCK)
            stamps = np.datetime_as_string((self._times[begin:end] // 1000).astype("datetime64[ms]")).tolist()
            for which, stamp in zip(self._order[begin:end].tolist(), stamps, strict=True):
                yield self._line(which >> 32, which & 0xFFFFFFFF, stamp)

    def records(self, day: int | None = None) -> Iterator[dict[str, Any]]:
        """The same as dicts."""
        for line in self.lines(day):
            yield msgspec.json.decode(line)

    def _line(self, place: int, k: int, stamp: str) -> bytes:
        who, number, script = self._scripts[place]
        actor = self.actors[who]
        dice = Dice(actor.seed, number, k)
        asked = script.ask(k, dice)
        status = 200 if dice.roll(1000) >= 14 else dice.pick((429, 429, 500, 503, 400))
        tokens = answers.tokens(asked.answer, actor.seed, dice)
        request = _encode(asked.body)
        record: dict[str, Any] = {
            "id": self.exchange_id(who, number, k),
            "occurred_at": stamp + "Z",
            "duration_ms": 150 + tokens * (6 + dice.roll(9)) if status == 200 else 20 + dice.roll(400),
            "account": self.names[who],
        }
        look = actor.look
        if look.organization:
            record["organization"] = look.organization
        if look.credentials:
            record["credential"] = dice.pick(look.credentials)
        if look.surface:
            record["surface"] = look.surface
        record["endpoint"] = PATHS[asked.dialect]
        record["status"] = status
        seen = _client(look.clients[0 if dice.roll(10) else -1], _place(actor, dice, stamp), dice)
        if seen:
            record["client"] = seen
        record["request"] = msgspec.Raw(request)
        if status == 200:
            record["response"] = {
                "model": asked.body.get("model"),
                "finish_reason": "stop" if dice.roll(20) else "length",
                "usage": {
                    "prompt_tokens": max(1, len(request) // 4 - dice.roll(20)),
                    "completion_tokens": tokens,
                    "reasoning_tokens": answers.thought(asked.body.get("model"), tokens, dice),
                },
                "text": answers.text(asked.answer, self.world.babblers[who % len(self.world.babblers)], dice,
                                     min(self.scenario.extract, tokens * 4)),
            }  # fmt: skip
        return _encode(record)

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


def _place(actor: Actor, dice: Dice, stamp: str) -> tuple[Place, str]:
    """The address of this request: a pool changes it every time, a person's changes with the day or stays."""
    look = actor.look
    if look.place_by_request:
        place = dice.pick(look.places)
        return place, dice.pick(place.addresses)
    today = Dice(actor.seed, int(stamp[8:10]))
    place = look.places[0 if today.roll(4) else -1]
    return place, place.addresses[today.roll(len(place.addresses))]


def _client(client: Client, where: tuple[Place, str], dice: Dice) -> dict[str, Any]:
    seen: dict[str, Any] = {"ip": where[1], "asn": where[0].asn} if where[1] else {}
    if client.agent:
        seen["user_agent"] = client.agent
    if client.tls:
        seen["tls"] = client.tls
    if client.headers:
        seen["headers"] = client.headers
    return seen
