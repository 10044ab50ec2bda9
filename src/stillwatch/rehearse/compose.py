"""From a scenario, material and a seed to a population."""

import msgspec
import numpy as np

from stillwatch.errors import UsageError
from stillwatch.rehearse import campaigns, lookalikes
from stillwatch.rehearse.actors import Actor
from stillwatch.rehearse.dice import mix
from stillwatch.rehearse.material import Material
from stillwatch.rehearse.ordinary import KINDS, SHARES
from stillwatch.rehearse.outside import Outside
from stillwatch.rehearse.population import Population
from stillwatch.rehearse.rhythm import DAY_US
from stillwatch.rehearse.scenario import Campaign, Scenario
from stillwatch.rehearse.world import NEXT, World

_CONVERSATIONS_PER_ACCOUNT = 8  # about; sets how often one recorded prompt is drawn


def compose(scenario: Scenario, material: Material, seed: int) -> Population:
    """The population that a scenario describes. Same arguments, same bytes.

    Each part draws from its own stream (scenario, seed, part, number), so that adding a look-alike changes nobody else.
    """
    days = [plan.release_day for plan in scenario.campaign if plan.release_day is not None and plan.released == NEXT]
    released = scenario.start_us + int(min(days) * DAY_US) if days else None
    talks = scenario.ordinary.accounts * _CONVERSATIONS_PER_ACCOUNT
    world = World(material, scenario.start_us, scenario.days, talks, released)
    actors = _ordinary(world, scenario, seed)
    for item in scenario.lookalike:
        if item.kind not in lookalikes.KINDS:
            raise UsageError(
                f"{scenario.name}: no look-alike is called {item.kind}; there are {', '.join(lookalikes.KINDS)}"
            )
        for number in range(item.groups):
            stream = _stream(scenario, seed, item.kind, number)
            actors += lookalikes.KINDS[item.kind](world, stream, f"{item.kind}-{number + 1}")
    for number, plan in enumerate(campaigns.every(scenario.campaign, material)):
        actors += campaigns.members(world, _stream(scenario, seed, f"campaign {plan.name}", number), plan)
    return Population(scenario, world, actors, seed)


def inject(scenario: Scenario, material: Material, seed: int, outside: Outside, span_us: tuple[int, int]) -> Population:
    """The scenario's campaigns alone, dressed as the accounts of a user's log, their times fitted into its span.

    ``span_us``: the log's first and last moment. Days of the scenario are stretched or squeezed to the whole days that
    the log touches; numbers of accounts and exchanges stay.
    """
    start_us = span_us[0] // DAY_US * DAY_US
    days = max(1, -(-(span_us[1] - start_us) // DAY_US))
    plans = tuple(_stretched(plan, days / scenario.days) for plan in scenario.campaign)
    world = World(material, start_us, days, 0)
    actors: list[Actor] = []
    for number, plan in enumerate(campaigns.every(plans, material)):
        actors += campaigns.members(world, _stream(scenario, seed, f"campaign {plan.name}", number), plan, outside)
    return Population(scenario, world, actors, seed, outside.naming, span_us)


def _stretched(plan: Campaign, by: float) -> Campaign:
    """The plan in a log ``by`` times as long."""
    days = {name: getattr(plan, name) for name in ("from_day", "for_days", "banned_day", "release_day", "search_day")}
    return msgspec.structs.replace(plan, **{name: day * by for name, day in days.items() if day is not None})


def _stream(scenario: Scenario, seed: int, part: str, number: int) -> np.random.Generator:
    """The scenario's name is part of it: the ordinary accounts of two scenarios are not the same ones counted twice."""
    return np.random.default_rng([seed, mix(*scenario.name.encode()), mix(*part.encode()), number])


def _ordinary(world: World, scenario: Scenario, seed: int) -> list[Actor]:
    shares = scenario.ordinary.shares or SHARES
    unknown = set(shares) - set(KINDS)
    if unknown:
        raise UsageError(f"{scenario.name}: no ordinary kind is called {', '.join(sorted(unknown))}")
    weights = np.array(list(shares.values()))
    kinds = _stream(scenario, seed, "kinds", 0).choice(
        list(shares), size=scenario.ordinary.accounts, p=weights / weights.sum()
    )
    return [KINDS[str(kind)](world, _stream(scenario, seed, "ordinary", number)) for number, kind in enumerate(kinds)]
