"""What one account of a campaign writes: which wording is kept for whom is the scenario's ``wording``."""

import re

import numpy as np

from stillwatch.rehearse.actors import Ask
from stillwatch.rehearse.asks import a_name, ask
from stillwatch.rehearse.bodies import Asked, Talk, compose_body, image, signature
from stillwatch.rehearse.dice import Dice, mix
from stillwatch.rehearse.material import Body
from stillwatch.rehearse.ordinary import tool
from stillwatch.rehearse.pipelines import Pipeline
from stillwatch.rehearse.scenario import Campaign
from stillwatch.rehearse.techniques import TECHNIQUES, line_of, reworded
from stillwatch.rehearse.world import Habit, World

_NUMBER = re.compile(r"\d+")
_OFFERED = 5  # tools of an agentic harvest


class Payload:
    """Tasks in a shuffled order, each once; when they run out, the same with other numbers and another sentence.

    ``probes``: so many tasks only, over and over.
    """

    def __init__(self, world: World, capability: str, seed: int, probes: int = 0) -> None:
        pools = world.material.payloads
        pool = world.material.prompts if capability == "people" else pools.get(capability) or pools["maths"]
        self._texts = Dice(seed).sample([text.text for text in pool], len(pool))
        self._babblers, self._seed, self._probes = world.babblers, seed, probes

    def __call__(self, place: int) -> str:
        place = place % self._probes if self._probes else place
        text = self._texts[place % len(self._texts)][:2_000]
        if place < len(self._texts):
            return text
        dice = Dice(self._seed, place)
        changed = _NUMBER.sub(lambda found: str(int(found.group()[:6]) + 1 + dice.roll(89)), text)
        return f"{changed} {dice.pick(self._babblers).sentence(dice, 2)}"


def asker(
    world: World, rng: np.random.Generator, plan: Campaign, habit: Habit, payload: Payload, first: int, secret: int
) -> Ask:
    """Writes the requests of one account; ``first`` is the place of its first task, ``secret`` the campaign's seed."""
    if plan.wording == "none":
        return _plain(world, rng, habit, payload, first)
    account, half = int(rng.integers(1 << 62)), world.material.half
    tools = tuple(tool((secret + place * 3) % 10) for place in range(_OFFERED))

    def write(k: int, dice: Dice) -> Asked:
        wording = Dice({"fixed": secret, "per-account": account, "per-request": mix(account, k)}[plan.wording])
        which = Dice(secret if plan.wording == "fixed" else wording.roll(1 << 30), first + k)
        technique = (
            plan.techniques[which.roll(len(plan.techniques))] if len(plan.techniques) > 1 else plan.techniques[0]
        )
        grammar = line_of(technique, half, Dice(secret, 1) if plan.wording != "per-request" else wording)
        text, mark = grammar.spin(wording), a_name(Dice(secret if plan.wording == "fixed" else account)).lower()
        if plan.wording != "fixed":
            text = reworded(text, wording)
        wanted = TECHNIQUES[technique]
        system = wanted.systems[0].spin(wording).replace("{mark}", mark) if wanted.systems else None
        said = text.replace("{mark}", mark).replace("{payload}", payload(first + k))
        for place in ("{second}", "{third}"):
            if place in said:
                said = said.replace(place, dice.pick(world.babblers).passage(dice, 2))
        talk, issued = _shaped(technique, Talk(system, (said,)), tools, secret, first + k, world, dice)
        habits = {**habit.fixed, "logprobs": True, "top_logprobs": 20} if technique == "SW-T29" else habit.fixed
        body = compose_body(habit.dialect, habit.model, habits, talk, habit.model_first)
        return Asked(habit.dialect, body, wanted.answer, issued)

    return write


def _shaped(
    technique: str, talk: Talk, tools: tuple[Body, ...], secret: int, place: int, world: World, dice: Dice
) -> tuple[Talk, str | None]:
    """What some techniques send beside words: a tool set, a picture, another session's signature."""
    if technique == "agentic":
        return talk._replace(tools=tools), None
    if technique == "vision":
        return talk._replace(images=(image(secret, place),)), None
    if technique == "SW-T21":
        # An earlier task's reasoning, which another account was given; the farm knows it from its own archive.
        earlier = Dice(secret, place, 2).roll(max(1, place)) if place else 0
        turns = (dice.pick(world.babblers).sentence(dice, 2), dice.pick(world.babblers).sentence(dice, 3), *talk.turns)
        return talk._replace(turns=turns, thoughts=(signature(secret, earlier),)), signature(secret, place)
    return talk, None


def _plain(world: World, rng: np.random.Generator, habit: Habit, payload: Payload, first: int) -> Ask:
    """No wording of a campaign's own at all: tasks among ordinary questions."""
    voice = world.voice(rng)._replace(language="en")

    def write(k: int, dice: Dice) -> Asked:
        said = payload(first + k) if dice.chance(0.5) else ask(voice, dice)
        return Asked(habit.dialect, compose_body(habit.dialect, habit.model, habit.fixed, Talk(None, (said,))), "plain")

    return write


def replayer(pipeline: Pipeline, habit: Habit, first: int) -> Ask:
    """One account's share of a recorded program's work."""
    return lambda k, dice: pipeline.asked(first + k, habit.model, habit.fixed, dice)
