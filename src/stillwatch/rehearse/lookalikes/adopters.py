"""Customers who take to something new at their own pace: a model in the days after its release, a public tool."""

import numpy as np

from stillwatch.rehearse.actors import Actor, Ask, Script
from stillwatch.rehearse.bodies import Asked
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.ordinary import KINDS, SHARES, application_asker, application_words, chat_script, volume
from stillwatch.rehearse.rhythm import DAY_US, Times, Weights, by_weights, day_weights, own_day
from stillwatch.rehearse.world import NEXT, Habit, World, actor, look


def release_adopters(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """Strangers with work of their own who try a new model within days of its release; most stay, some go back."""
    released = world.release(rng)
    kinds, shares = list(SHARES), np.array(list(SHARES.values()))
    members = []
    for kind in rng.choice(kinds, int(rng.integers(30, 90)), p=shares / shares.sum()):
        member = KINDS[str(kind)](world, rng)
        member.kind, member.group = "release-adopters", group
        moved = released + int(rng.exponential(2.2) * DAY_US)
        share = float(rng.uniform(0.8, 1.0)) if rng.random() < 0.7 else float(rng.uniform(0.1, 0.6))
        member.scripts = [script._replace(ask=_moved(script, moved, share)) for script in member.scripts]
        members.append(member)
    return members


def _moved(script: Script, moment: int, share: float) -> Ask:
    """From ``moment`` on, this share of requests asks for the new model."""

    def write(k: int, dice: Dice) -> Asked:
        asked = script.ask(k, dice)
        if script.times[k] >= moment and dice.chance(share):
            asked.body["model"] = NEXT
        return asked

    return write


def new_tool(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """A public application template, and customers of long standing who take it up, a few more every day of the week.

    Beside it each goes on with what they did before; what they put into it is their own work.
    """
    words = application_words(world, rng)
    while words[1] == "{q}":
        words = application_words(world, rng)
    kind, begins = str(rng.choice(("plain", "list", "code"))), float(rng.uniform(0, 1.5))
    members = []
    for _ in range(int(rng.integers(40, 110))):
        habit, person = Habit(rng), own_day(rng)
        first = begins + float(np.sqrt(rng.random())) * (world.days - begins)  # more take it up on later days
        own = (words[0], words[1], world.voice(rng))
        scripts = [
            Script(_since(world, rng, day_weights(rng, person, world.days), first),
                   application_asker(world, habit, own, kind)),
            chat_script(world, rng, volume(rng, 16, 0.9, 200), habit, person),
        ]  # fmt: skip
        seen = look(rng, habit.dialect, human=True)
        member = actor(world, rng, "new-tool", seen, scripts, business=False, group=group)
        if member.signup.created_us is not None:
            member.signup.created_us -= 60 * DAY_US
        members.append(member)
    return members


def _since(world: World, rng: np.random.Generator, awake: Weights, first: float) -> Times:
    """Requests to the tool: a handful on every day since it was taken up, when the person is awake."""
    since = np.where(np.arange(world.days * 24) >= first * 24, awake, 0.0)
    count = volume(rng, 1.0 + 2.5 * (world.days - first), 0.7, 200)
    return by_weights(rng, since if since.any() else awake, count, world.start_us)
