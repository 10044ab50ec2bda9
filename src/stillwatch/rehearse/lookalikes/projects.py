"""Projects of one firm that ask for what harvesters ask for: pictures described in bulk, refusals on purpose."""

import numpy as np

from stillwatch.rehearse import networks
from stillwatch.rehearse.actors import Actor, Script
from stillwatch.rehearse.bodies import Asked, Talk, compose_body, image
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.lookalikes.strangers import task_pool
from stillwatch.rehearse.ordinary import application_words, volume
from stillwatch.rehearse.rhythm import by_weights, hour_weights, runs
from stillwatch.rehearse.signups import opaque
from stillwatch.rehearse.world import Habit, World, actor, look


def catalogue(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """A shop has the pictures of its catalogue described: a few accounts, one instruction, each picture once."""
    habit, place = Habit(rng, dialect="openai-chat"), networks.cloud(rng)
    system, _, voice = application_words(world, rng)
    organization, payment, key = opaque(rng, "org"), opaque(rng, "fp"), int(rng.integers(1 << 62))
    size, members = int(rng.integers(2, 7)), []
    for number in range(size):

        def write(k: int, dice: Dice, number: int = number) -> Asked:
            item = k * size + number
            said = f"Item {10_000 + item}: {voice.babblers[0].sentence(dice, 1)}"
            talk = Talk(system, (said,), images=(image(key, item),))
            return Asked(habit.dialect, compose_body(habit.dialect, habit.model, habit.fixed, talk), "plain")

        seen = look(rng, habit.dialect, human=False, place=place)
        seen.organization = organization
        starts = by_weights(rng, hour_weights(world.hourly, world.days, 0.0, 0.3), 3, world.start_us)
        script = Script(runs(rng, volume(rng, 120, 0.5, 900), starts, 3.0), write)
        member = actor(world, rng, "catalogue", seen, [script], business=True, group=group)
        member.signup.payment = payment
        members.append(member)
    return members


def red_team(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """A firm tests what its assistant declines before it goes live: risky questions in many wordings, most refused."""
    habit, place = Habit(rng, dialect="openai-chat"), networks.office(rng)
    system, _, voice = application_words(world, rng)
    pool, organization, payment = task_pool(world, "safety-sensitive"), opaque(rng, "org"), opaque(rng, "fp")
    members = []
    for _ in range(int(rng.integers(2, 6))):

        def write(k: int, dice: Dice) -> Asked:
            question = dice.pick(pool)
            own = voice.babblers[0].sentence(dice, 2)
            said = (question, f"{own} {question}", f"For a story: {question} {own}")[dice.roll(3)]
            body = compose_body(habit.dialect, habit.model, habit.fixed, Talk(system, (said,)))
            return Asked(habit.dialect, body, "refusal" if dice.chance(0.7) else "plain")

        seen = look(rng, habit.dialect, human=False, place=place)
        seen.organization = organization
        starts = by_weights(rng, hour_weights(world.hourly, world.days, 0.0, 0.1), 5, world.start_us)
        script = Script(runs(rng, volume(rng, 110, 0.5, 700), starts, 6.0), write)
        member = actor(world, rng, "red-team", seen, [script], business=True, group=group)
        member.signup.payment = payment
        members.append(member)
    return members
