"""Programs that repeat themselves: prompt optimisers, batch jobs, test data, CI, nightly runs, drift monitors."""

import numpy as np

from stillwatch.rehearse import networks
from stillwatch.rehearse.actors import Actor, Ask, Permit, Script
from stillwatch.rehearse.asks import Voice, a_name, ask, fill, words_of
from stillwatch.rehearse.bodies import Asked, Talk, compose_body
from stillwatch.rehearse.clients import STRIPPED
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.lookalikes.strangers import recordings, task_pool
from stillwatch.rehearse.ordinary import agent_asker, job_asker, tool, volume
from stillwatch.rehearse.pipelines import Pipeline
from stillwatch.rehearse.rhythm import DAY_US, HOUR_US, Times, by_weights, even, hour_weights, runs
from stillwatch.rehearse.signups import opaque, own_domain
from stillwatch.rehearse.world import Habit, World, actor, look


def _nights(world: World, hour: float, every: int = 1) -> Times:
    """The same hour of each ``every``-th day."""
    return (world.start_us + (np.arange(0, world.days, every) * 24 + hour) * HOUR_US).astype(np.int64)


def prompt_optimiser(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """One developer lets a program search for better instructions: many wordings over the same few examples, graded."""
    habit = Habit(rng, dialect="openai-chat")
    voice = world.voice(rng)._replace(language="en")
    examples = [ask(voice, Dice(int(rng.integers(1 << 62)))) for _ in range(40)]
    found = recordings(world, "dspy", "promptfoo", "judge")
    pipeline = Pipeline(found[int(rng.integers(len(found)))], world.babblers) if found else None
    count, recorded = volume(rng, 260, 0.6, 1500), bool(rng.random() < 0.5)

    def write(k: int, dice: Dice) -> Asked:
        if pipeline and recorded:
            return pipeline.asked(k, habit.model, habit.fixed, dice)
        trial = Dice(k // 25, 3)
        rules = " ".join(voice.babblers[0].sentence(trial, 3) for _ in range(2 + trial.roll(3)))
        said = f"{rules}\n\nInput: {examples[k % len(examples)]}\nOutput:"
        return Asked(
            habit.dialect, compose_body(habit.dialect, habit.model, habit.fixed, Talk(None, (said,))), "graded"
        )

    starts = by_weights(rng, hour_weights(world.hourly, world.days, 0.0, 1.0), 4, world.start_us)
    script = Script(runs(rng, count, starts, 1.5), write)
    return [
        actor(
            world, rng, "prompt-optimiser", look(rng, habit.dialect, human=False), [script], business=False, group=group
        )
    ]


def batch_jobs(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """One organisation classifies or translates a large collection: a few accounts divide it without overlap."""
    habit, place = Habit(rng), networks.cloud(rng)
    write, _ = job_asker(world, rng, habit)
    organization, payment = opaque(rng, "org"), opaque(rng, "fp")
    begin = world.start_us + int(rng.integers(0, max(1, world.days - 2))) * DAY_US
    members = []
    for _ in range(int(rng.integers(2, 8))):
        count = volume(rng, 250, 0.3, 2500)
        seen = look(rng, habit.dialect, human=False, place=place)
        seen.organization = organization
        script = Script(even(rng, count, begin, begin + int(1.5 * DAY_US)), write)
        member = actor(world, rng, "batch-jobs", seen, [script], business=True, group=group)
        member.signup.payment = payment
        members.append(member)
    return members


def test_data(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """A firm has made-up rows written for its tests, with permission in writing."""
    habit = Habit(rng, dialect="openai-chat")
    dice = Dice(int(rng.integers(1 << 62)))
    columns = ", ".join(words_of(dice.pick(world.babblers), dice, 2).lower() for _ in range(6))
    table = a_name(dice).lower()
    found = recordings(world, "mostlyai")
    pipeline = Pipeline(found[0], world.babblers) if found else None
    recorded = bool(rng.random() < 0.4)

    def write(k: int, each: Dice) -> Asked:
        if pipeline and recorded:
            return pipeline.asked(k, habit.model, habit.fixed, each)
        said = (
            f"Generate {10 + each.roll(40)} realistic rows for table {table}_{each.roll(30)} with columns {columns}. "
            f"Seed {each.roll(99_999)}. Typical entry: {each.pick(world.babblers).sentence(each, 2)}. Return CSV."
        )
        return Asked(habit.dialect, compose_body(habit.dialect, habit.model, habit.fixed, Talk(None, (said,))), "list")

    organization, members = opaque(rng, "org"), []
    for _ in range(int(rng.integers(1, 4))):
        seen = look(rng, habit.dialect, human=False)
        seen.organization = organization
        starts = by_weights(rng, hour_weights(world.hourly, world.days, 0.0, 0.4), 5, world.start_us)
        script = Script(runs(rng, volume(rng, 120, 0.6, 900), starts, 4.0), write)
        members.append(actor(world, rng, "test-data", seen, [script], business=True, group=group))
    members[0].permit = permit(world, organization, group, 50_000)
    return members


def permit(world: World, organization: str, reference: str, most: int | None) -> Permit:
    """A permit from a month before the log to a year after its start."""
    days = (np.datetime64(world.start_us // 1_000_000, "s").astype("datetime64[D]") + np.array([-30, 365])).tolist()
    return Permit(
        organization=organization, since=str(days[0]), until=str(days[1]), max_exchanges=most, reference=reference
    )


def ci(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """Runners of one team's CI: the same checks at every change, from many short-lived machines in one cloud."""
    habit, place = Habit(rng), networks.cloud(rng)
    voice = world.voice(rng)._replace(language="en")
    checks = [ask(voice, Dice(int(rng.integers(1 << 62)))) for _ in range(14)]
    changes = by_weights(
        rng, hour_weights(world.hourly, world.days, float(rng.normal(0, 6)), 0.2), 9 * world.days, world.start_us
    )
    system, organization, payment = f"You check builds of {voice.names[0]}.", opaque(rng, "org"), opaque(rng, "fp")

    def write(k: int, dice: Dice) -> Asked:
        talk = Talk(system, (f"build {a_name(Dice(k // 14))}\n{checks[k % 14]}",))
        return Asked(
            habit.dialect, compose_body(habit.dialect, habit.model, habit.fixed, talk, habit.model_first), "plain"
        )

    members = []
    for _ in range(int(rng.integers(4, 16))):
        mine = np.sort(rng.choice(changes, max(1, len(changes) // 5), replace=False))
        seen = look(rng, habit.dialect, human=False, place=place)
        seen.organization = organization
        script = Script(runs(rng, 14 * len(mine), mine, 2.0), write)
        member = actor(world, rng, "ci", seen, [script], business=True, group=group)
        member.signup.payment, member.signup.email_domain = payment, own_domain(rng)
        members.append(member)
    return members


def nightly(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """One account, the same job at the same hour of every night, over new rows."""
    habit = Habit(rng)
    write, _ = job_asker(world, rng, habit)
    per_night = volume(rng, 60, 0.6, 600)
    times = runs(rng, per_night * world.days, _nights(world, float(rng.uniform(0, 6))), 1.2)
    seen = look(rng, habit.dialect, human=False)
    return [actor(world, rng, "nightly", seen, [Script(times, write)], business=True, group=group)]


def drift_monitor(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """Strangers watch a model for change with a public set of probes: the same fifty prompts, every few hours."""
    probes = task_pool(world, "maths")[:25] + task_pool(world, "code")[:25]
    members = []
    for _ in range(int(rng.integers(3, 9))):
        habit = Habit(rng, dialect="openai-chat")
        asked = int(rng.integers(8, 25))

        def write(k: int, dice: Dice, habit: Habit = habit, asked: int = asked) -> Asked:
            body = compose_body(habit.dialect, habit.model, {"temperature": 0.0}, Talk(None, (probes[k % asked],)))
            return Asked(habit.dialect, body, "reasoning")

        every = int(rng.choice((4, 6, 12, 24)))
        starts = world.start_us + np.arange(int(rng.integers(0, every)), world.days * 24, every) * HOUR_US
        script = Script(runs(rng, asked * len(starts), starts, 1.0), write)
        seen = look(rng, habit.dialect, human=False)
        members.append(actor(world, rng, "drift-monitor", seen, [script], business=True, group=group))
    return members


def corporate_gateway(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """Employees behind a firm's gateway, one account each: one way out, and every client field stripped."""
    place, organization, payment, domain = networks.office(rng), opaque(rng, "org"), opaque(rng, "fp"), own_domain(rng)
    dice = Dice(int(rng.integers(1 << 62)))
    notice = f"You are the internal assistant of {a_name(dice)}. Do not store personal data. Mark drafts as drafts."
    members = []
    for _ in range(int(rng.integers(20, 50))):
        habit, voice = Habit(rng, dialect="openai-chat", model="m-large"), world.voice(rng)
        steps = agent_asker(world, rng, habit, notice, (tool(0), tool(3)))
        agentic = bool(rng.random() < 0.2)

        def write(
            k: int, each: Dice, habit: Habit = habit, voice: Voice = voice, steps: Ask = steps, agentic: bool = agentic
        ) -> Asked:
            if agentic:
                return steps(k, each)
            text = ask(voice, each) if each.chance(0.8) else fill("{s} {s}", voice, each)
            return Asked(habit.dialect, compose_body(habit.dialect, habit.model, {}, Talk(notice, (text,))), "plain")

        times = by_weights(
            rng, hour_weights(world.hourly, world.days, 0.0, 0.05), volume(rng, 16, 0.9, 300), world.start_us
        )
        seen = look(rng, habit.dialect, human=False, place=place)
        seen.clients, seen.organization = (STRIPPED,), organization
        member = actor(world, rng, "corporate-gateway", seen, [Script(times, write)], business=True, group=group)
        member.signup.payment, member.signup.email_domain, member.signup.plan = payment, domain, "enterprise"
        members.append(member)
    return members
