"""Crowds that an event or a fashion makes: launch days, viral prompts, hobbyists; and distilling with a permit."""

import numpy as np

from stillwatch.rehearse.actors import Actor, Script
from stillwatch.rehearse.asks import Voice, a_name
from stillwatch.rehearse.bodies import Asked, Talk, compose_body
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.lookalikes.machines import permit
from stillwatch.rehearse.lookalikes.strangers import task_pool
from stillwatch.rehearse.ordinary import chat_script, volume
from stillwatch.rehearse.rhythm import DAY_US, Day, Times, by_weights, day_weights, even, fading, own_day, runs
from stillwatch.rehearse.signups import opaque
from stillwatch.rehearse.techniques import TECHNIQUES, line_of
from stillwatch.rehearse.world import NEXT, Habit, World, actor, look


def launch_day(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """On the day a model is released, strangers run the benchmarks everybody runs, within hours of one another."""
    tests = task_pool(world, "maths")[:60] + task_pool(world, "code")[:40]
    launched = world.release(rng)
    members = []
    for _ in range(int(rng.integers(25, 70))):
        habit = Habit(rng)
        asked = int(rng.integers(5, len(tests)))

        def write(k: int, dice: Dice, habit: Habit = habit, asked: int = asked) -> Asked:
            talk = Talk(None, (tests[(k * 7 + asked) % len(tests)],))
            return Asked(
                habit.dialect, compose_body(habit.dialect, NEXT, habit.fixed, talk, habit.model_first), "reasoning"
            )

        day = own_day(rng)
        starts = met(world, rng, day, (launched - world.start_us) / DAY_US, 8 / 24, 1)
        scripts = [Script(runs(rng, asked, starts, float(rng.uniform(1, 30))), write)]
        if rng.random() < 0.8:
            scripts.append(chat_script(world, rng, volume(rng, 9, 1.0, 150), habit, day))
        seen = look(rng, habit.dialect, human=True)
        members.append(actor(world, rng, "launch-day", seen, scripts, business=False, group=group))
    return members


def met(world: World, rng: np.random.Generator, day: Day, from_day: float, mean_days: float, count: int) -> Times:
    """When somebody uses what goes round from ``from_day`` on: first while awake, then soon again."""
    weights = day_weights(rng, day, world.days)
    going = weights * fading(world.days, from_day, mean_days)
    first = by_weights(rng, going if going.any() else weights, 1, world.start_us)
    later = np.cumsum(rng.exponential(0.04, count - 1) * DAY_US).astype(np.int64)
    return np.concatenate([first, first + later])


def viral(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """A prompt goes round: strangers paste it within the same few days, once or a few times, into ordinary chats."""
    pool = world.material.pasted or world.material.prompts
    text = pool[int(rng.integers(len(pool)))].text[:1_800]
    day = float(rng.uniform(0, max(0.5, world.days - 2)))
    members = []
    for _ in range(int(rng.integers(60, 180))):
        habit, voice = Habit(rng), world.voice(rng)
        pastes = min(8, int(rng.geometric(0.45)))

        def write(k: int, dice: Dice, habit: Habit = habit, voice: Voice = voice) -> Asked:
            own = dice.pick(voice.babblers).sentence(dice, 2)
            said = text if dice.chance(0.6) else f"{text}\n{own}"
            talk = Talk(None, (said,))
            return Asked(
                habit.dialect, compose_body(habit.dialect, habit.model, habit.fixed, talk, habit.model_first), "plain"
            )

        own = own_day(rng)
        times = met(world, rng, own, day, 0.8, pastes)
        scripts = [Script(times, write), chat_script(world, rng, volume(rng, 8, 1.0, 150), habit, own)]
        seen = look(rng, habit.dialect, human=True)
        members.append(actor(world, rng, "viral", seen, scripts, business=False, group=group))
    return members


def hobbyists(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """People at home who try a public data-generation template on their own seeds: strangers, each alone."""
    public = world.material.public_templates
    members = []
    for _ in range(int(rng.integers(6, 20))):
        template = public[int(rng.integers(len(public)))].text if public else "Write ten tasks like this one: {payload}"
        habit, pool = Habit(rng), task_pool(world, str(rng.choice(("maths", "code", "writing", "other"))))
        first, count = int(rng.integers(len(pool))), volume(rng, 35, 0.9, 400)

        def write(
            k: int, dice: Dice, habit: Habit = habit, pool: list[str] = pool, first: int = first, words: str = template
        ) -> Asked:
            said = words.replace("{payload}", pool[(first + dice.roll(300)) % len(pool)])
            talk = Talk(None, (said,))
            return Asked(
                habit.dialect, compose_body(habit.dialect, habit.model, habit.fixed, talk, habit.model_first), "list"
            )

        day = own_day(rng)._replace(weekend=1.4)
        starts = by_weights(rng, day_weights(rng, day, world.days), 2, world.start_us)
        scripts = [Script(runs(rng, count, starts, float(rng.uniform(2, 20))), write)]
        if rng.random() < 0.6:
            scripts.append(chat_script(world, rng, volume(rng, 9, 1.0, 150), habit, day))
        seen = look(rng, habit.dialect, human=True)
        members.append(actor(world, rng, "hobbyists", seen, scripts, business=False, group=group))
    return members


def permitted_distiller(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """An organisation that distils with a permit: exactly what a campaign does, and allowed."""
    organization, payment = opaque(rng, "org"), opaque(rng, "fp")
    technique = str(rng.choice(("SW-T16", "SW-T17", "SW-T22", "self-instruct")))
    secret = int(rng.integers(1 << 62))
    grammar = line_of(technique, world.material.half, Dice(secret))
    template = grammar.spin(Dice(secret, 1)).replace("{mark}", a_name(Dice(secret)).lower())
    pool, size = task_pool(world, "maths"), int(rng.integers(4, 25))
    model = "m-large"
    members = []
    for number in range(size):
        habit = Habit(rng, model=model)

        def write(k: int, dice: Dice, habit: Habit = habit, number: int = number) -> Asked:
            said = template.replace("{payload}", pool[(k * size + number) % len(pool)])
            for place in ("{second}", "{third}"):
                said = said.replace(place, dice.pick(world.babblers).passage(dice, 2))
            talk = Talk(None, (said,))
            body = compose_body(habit.dialect, habit.model, habit.fixed, talk, habit.model_first)
            return Asked(habit.dialect, body, TECHNIQUES[technique].answer)

        seen = look(rng, habit.dialect, human=False)
        seen.organization = organization
        times = even(rng, volume(rng, 60, 0.4, 400), world.start_us, world.start_us + world.days * DAY_US)
        member = actor(world, rng, "permitted-distiller", seen, [Script(times, write)], business=True, group=group)
        member.signup.payment, member.signup.programme = payment, "distillation-permit"
        members.append(member)
    members[0].permit = permit(world, organization, group, None)
    return members
