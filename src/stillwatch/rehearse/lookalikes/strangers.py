"""People who don't know each other, or only from school, and yet send the same words."""

import numpy as np

from stillwatch.rehearse import networks
from stillwatch.rehearse.actors import Actor, Script
from stillwatch.rehearse.asks import Voice, a_name
from stillwatch.rehearse.bodies import PATHS, Asked, Talk, compose_body
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.material import Recorded, Recording
from stillwatch.rehearse.ordinary import agent_asker, chat_script, tool, volume
from stillwatch.rehearse.rhythm import DAY_US, HOUR_US, by_weights, hour_weights, human, own_day, runs
from stillwatch.rehearse.signups import thinned
from stillwatch.rehearse.world import Habit, World, actor, look

_DIALECT_OF = {path: dialect for dialect, path in PATHS.items()}


def replayed(recorded: Recorded, model: str) -> Asked:
    """A recorded request as another account would send it: the same words, its own model."""
    return Asked(_DIALECT_OF.get(recorded.path, "openai-chat"), {**recorded.body, "model": model}, "plain")


def recordings(world: World, *tools: str) -> list[Recording]:
    """Benign recordings whose tool begins with one of these names; none where the material has none."""
    benign = [
        recording for recording in world.material.recordings if recording.label == "benign" and recording.requests
    ]
    return [recording for recording in benign if recording.tool.startswith(tools)]


def task_pool(world: World, capability: str) -> list[str]:
    """Tasks that everybody has: a public benchmark, an exercise sheet."""
    pool = world.material.payloads.get(capability) or next(iter(world.material.payloads.values()))
    return [text.text for text in pool]


def evaluation_harness(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """Strangers who run the same public harness on the same public benchmark, each at some hour of the week."""
    pool = task_pool(world, str(rng.choice(("maths", "code"))))
    first = int(rng.integers(max(1, len(pool) - 400)))
    benchmark = pool[first : first + 400]
    recording = recordings(world, "lm-eval", "inspect", "promptfoo", "ragas", "judge", "plain")
    chosen = recording[int(rng.integers(len(recording)))] if recording else None
    recorded = bool(rng.random() < 0.5)
    shots = "\n\n".join(f"Question: {text}\nAnswer: {place * 7}" for place, text in enumerate(benchmark[:3]))
    members = []
    for _ in range(int(rng.integers(4, 14))):
        habit = Habit(rng, dialect="openai-chat")
        count = min(volume(rng, 160, 0.7, 800), len(chosen.requests) if chosen and recorded else len(benchmark))
        starts = by_weights(
            rng, hour_weights(world.hourly, world.days, float(rng.normal(0, 6)), 1.0), 1, world.start_us
        )

        def write(k: int, dice: Dice, habit: Habit = habit) -> Asked:
            if chosen and recorded:
                return replayed(chosen.requests[k % len(chosen.requests)], habit.model)
            said = f"{shots}\n\nQuestion: {benchmark[k % len(benchmark)]}\nAnswer:"
            body = compose_body(
                habit.dialect, habit.model, {"temperature": 0.0, "max_tokens": 512}, Talk(None, (said,))
            )
            return Asked(habit.dialect, body, "reasoning")

        script = Script(runs(rng, count, starts, float(rng.uniform(0.4, 4))), write)
        seen = look(rng, habit.dialect, human=False)
        members.append(actor(world, rng, "evaluation-harness", seen, [script], business=True, group=group))
    return members


def classroom(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """Forty-five students: the same exercises in the same week, from the school's network, each in their own way."""
    pool, school = task_pool(world, str(rng.choice(("code", "maths", "writing")))), networks.office(rng)
    first = int(rng.integers(max(1, len(pool) - 12)))
    sheet = pool[first : first + 12]
    dice = Dice(int(rng.integers(1 << 62)))
    course = f"{a_name(dice)} {100 + dice.roll(400)}"
    tutor = f"You are the tutor of course {course}. Help the student without giving the whole solution away."
    signed_up = world.start_us - int(rng.integers(1, 20)) * DAY_US
    members = []
    for _ in range(45):
        habit, voice = Habit(rng, dialect="openai-chat"), world.voice(rng)._replace(language="en")
        count = volume(rng, 9, 0.6, 60)
        sessions = np.diff(np.append(np.arange(0, count, 3), count)).astype(np.int64)
        key = int(rng.integers(1 << 62))

        def write(k: int, each: Dice, habit: Habit = habit, voice: Voice = voice, key: int = key) -> Asked:
            exercise = sheet[Dice(key, k // 3).roll(len(sheet))]
            own = voice.babblers[0].sentence(each, 2)
            said = (exercise, f"{own} {exercise}", f"can you check my approach? {exercise} {own}")[each.roll(3)]
            turns = (said,) if k % 3 == 0 else (exercise, "Here is a hint. " + own, voice.babblers[-1].sentence(each))
            body = compose_body(habit.dialect, habit.model, habit.fixed, Talk(tutor, turns), habit.model_first)
            return Asked(habit.dialect, body, "code" if k % 2 else "plain")

        place = school if rng.random() < 0.7 else networks.home(rng)
        script = Script(human(rng, sessions, world.start_us, world.days), write)
        seen = look(rng, habit.dialect, human=True, place=place)
        member = actor(world, rng, "classroom", seen, [script], business=False, group=group)
        if rng.random() < 0.8:
            member.signup.programme, member.signup.payment = "education", None
            member.signup.created_us = signed_up + int(rng.integers(6 * HOUR_US))
            member.signup = thinned(rng, member.signup)
        members.append(member)
    return members


def framework(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """A public agent framework: strangers everywhere send its long system prompt and tool list, each for own work."""
    found = recordings(world, "codex", "opencode", "smolagents", "mem0", "langgraph")
    dice = Dice(int(rng.integers(1 << 62)))
    system = (_system_of(found[int(rng.integers(len(found)))]) if found else "") or " ".join(
        dice.pick(world.babblers).sentence(dice, 5) for _ in range(12)
    )
    tools = tuple(tool(int(place)) for place in rng.choice(10, 4, replace=False))
    members = []
    for _ in range(int(rng.integers(40, 90))):
        habit = Habit(rng, dialect=str(rng.choice(("openai-chat", "anthropic-messages"), p=(0.7, 0.3))))
        count = volume(rng, 22, 1.1, 600)
        sessions = np.diff(np.append(np.arange(0, count, 9), count)).astype(np.int64)
        write = agent_asker(world, rng, habit, system, tools)
        day = own_day(rng)
        scripts = [Script(human(rng, sessions, world.start_us, world.days, day), write)]
        if rng.random() < 0.4:
            scripts.append(chat_script(world, rng, volume(rng, 6, 0.9, 80), habit, day))
        seen = look(rng, habit.dialect, human=True)
        members.append(actor(world, rng, "framework", seen, scripts, business=False, group=group))
    return members


def _system_of(recording: Recording) -> str:
    """The longest system prompt of a recorded program, or nothing."""
    longest = ""
    for recorded in recording.requests:
        for message in recorded.body.get("messages") or recorded.body.get("input") or ():
            if isinstance(message, dict) and message.get("role") in ("system", "developer"):
                content = message.get("content")
                if isinstance(content, list):
                    content = "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
                if isinstance(content, str) and len(content) > len(longest):
                    longest = content
    return longest[:3_000]
