"""From a scenario, material and a seed to a population."""

import numpy as np

from stillwatch.errors import UsageError
from stillwatch.rehearse import campaigns, lookalikes
from stillwatch.rehearse.actors import Actor
from stillwatch.rehearse.dice import mix
from stillwatch.rehearse.material import Material
from stillwatch.rehearse.ordinary import KINDS, SHARES
from stillwatch.rehearse.population import Population
from stillwatch.rehearse.scenario import Scenario
from stillwatch.rehearse.world import World

_CONVERSATIONS_PER_ACCOUNT = 8  # about; sets how often one recorded prompt is drawn


def compose(scenario: Scenario, material: Material, seed: int) -> Population:
    """The population that a scenario describes. Same arguments, same bytes.

    Each part draws from its own stream (seed, part, number), so that adding a look-alike changes nobody else.
    """
    world = World(material, scenario.start_us, scenario.days, scenario.ordinary.accounts * _CONVERSATIONS_PER_ACCOUNT)
    actors = _ordinary(world, scenario, seed)
    for item in scenario.lookalike:
        if item.kind not in lookalikes.KINDS:
            raise UsageError(
                f"{scenario.name}: no look-alike is called {item.kind}; there are {', '.join(lookalikes.KINDS)}"
            )
        for number in range(item.groups):
            stream = _stream(seed, item.kind, number)
            actors += lookalikes.KINDS[item.kind](world, stream, f"{item.kind}-{number + 1}")
    for number, plan in enumerate(campaigns.every(scenario.campaign, material)):
        actors += campaigns.members(world, _stream(seed, f"campaign {plan.name}", number), plan)
    return Population(scenario, world, actors, seed)


def _stream(seed: int, part: str, number: int) -> np.random.Generator:
    return np.random.default_rng([seed, mix(*part.encode()), number])


def _ordinary(world: World, scenario: Scenario, seed: int) -> list[Actor]:
    shares = scenario.ordinary.shares or SHARES
    unknown = set(shares) - set(KINDS)
    if unknown:
        raise UsageError(f"{scenario.name}: no ordinary kind is called {', '.join(sorted(unknown))}")
    weights = np.array(list(shares.values()))
    kinds = _stream(seed, "kinds", 0).choice(list(shares), size=scenario.ordinary.accounts, p=weights / weights.sum())
    return [KINDS[str(kind)](world, _stream(seed, "ordinary", number)) for number, kind in enumerate(kinds)]
