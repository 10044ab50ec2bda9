"""A public prompt that elicits goes round: strangers paste it, each around a question of their own.

The hardest innocent: by its words alone it is a campaign under much cover. One constant asks for the way to an answer,
the payload differs at every request, the accounts have nothing else in common. What differs is how people use it: once
or twice each, most soon after it came up, fewer every day, about whatever they have on their minds.
"""

import numpy as np

from stillwatch.rehearse.actors import Actor, Script
from stillwatch.rehearse.asks import Voice, ask
from stillwatch.rehearse.bodies import Asked, Talk, compose_body
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.lookalikes.crowds import met
from stillwatch.rehearse.ordinary import chat_script, customer_words, perturbed, volume
from stillwatch.rehearse.rhythm import own_day
from stillwatch.rehearse.spin import Grammar, grammars
from stillwatch.rehearse.world import Habit, World, actor, look

#: Our own lines, spun once for each prompt that goes round. Even ones are of the tuning half, odd ones of the other.
#: In each half one asks for steps as anybody might, and two for the whole trace of thought, as campaigns do.
ELICITING: tuple[Grammar, ...] = grammars(
    "(Explain|Tell me|Show me) (step by step|one step at a time) how you (reached|got to|came to) (the|your) answer to "
    "(this|the following)(, and what you (ruled out|were unsure of) on the way|):\n\n{q}",
    "{q}\n\n(Don't|Do not) (just|only) (answer|reply). (Walk me through|Take me through) your (whole|entire|full) "
    "thought process (first|before the final answer), step by step, (as if|like) (you were|) thinking "
    "(aloud|out loud).",
    "(Before you answer|First of all), write (down|out) your (full|complete|whole) chain of thought (inside|between) "
    "<thinking> tags(, (doubts|dead ends|wrong turns) included|). (Then|After that) give (the|your) final answer.\n"
    "(My question|Here it is): {q}",
    "(Put|Write) (all of |)your (internal monologue|inner monologue|reasoning) (between|in) <think> and </think>, "
    "every (thought|step) you have (on|about) (this|what follows), (wrong turns|mistakes) (included|and all), "
    "(and|then) the (final answer|conclusion) (below|after it):\n{q}",
    "{q}\n--\n(You know|You already have) the answer. (Now|So) (write out|spell out), step by step, the (complete|"
    "full|detailed) reasoning that led to (it|your answer), (numbered|in order), and (say|tell me) where you (doubted|"
    "hesitated).",
    "(Here is|This is) (the|a) (prompt|question) I (care about|want answered): {q}\n(Give|Write) your answer, then "
    "(reconstruct|retrace|lay out) the (entire|whole) reasoning process that led to this answer, step by step.",
)  # fmt: skip


def viral_template(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """Strangers who paste the prompt of the week once or twice, around their own question, beside their usual chats."""
    template, day = _going_round(world, rng), float(rng.uniform(0, max(0.5, world.days - 3)))
    fades = float(rng.uniform(0.8, 2.2))
    members = []
    for _ in range(int(rng.integers(60, 181))):
        habit, voice, person = Habit(rng), world.voice(rng), own_day(rng)

        def write(k: int, dice: Dice, habit: Habit = habit, voice: Voice = voice) -> Asked:
            talk = Talk(None, (template.replace("{q}", _question(world, voice, dice)),))
            body = compose_body(habit.dialect, habit.model, habit.fixed, talk, habit.model_first)
            return Asked(habit.dialect, body, "reasoning")

        pastes = Script(met(world, rng, person, day, fades, 2 if rng.random() < 0.3 else 1), write)
        chats = chat_script(world, rng, volume(rng, 14, 1.0, 200), habit, person)
        seen = look(rng, habit.dialect, human=True)
        members.append(actor(world, rng, "viral-template", seen, [pastes, chats], business=False, group=group))
    return members


def _going_round(world: World, rng: np.random.Generator) -> str:
    """Every other time it goes round inside a longer prompt that people copied from one another anyway."""
    dice, half = Dice(int(rng.integers(1 << 62))), world.material.half
    lines = ELICITING if half == "all" else ELICITING[::2] if half == "tuning" else ELICITING[1::2]
    text = dice.pick(lines).spin(dice)
    if world.material.pasted and dice.chance(0.5):
        opening = dice.pick(world.material.pasted).text[:900].replace("{q}", "")
        text = f"{opening}\n\n{text}"
    return text


def _question(world: World, voice: Voice, dice: Dice) -> str:
    """Whatever this person wanted to know: a line, a message, a whole pasted passage."""
    way = dice.roll(10)
    if way < 2 and voice.language == "en" and world.material.prompts:
        return perturbed(dice.pick(world.material.prompts), voice, dice)
    if way < 4:
        return customer_words(world, voice, dice)
    if way == 4:
        return f"{ask(voice, dice)}\n\n{dice.pick(voice.babblers).passage(dice, 3 + dice.roll(9))}"
    return ask(voice, dice)
