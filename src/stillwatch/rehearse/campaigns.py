"""Campaigns: accounts that work together to harvest a model, as a scenario describes them.

Each starts as an ordinary account would (client, place, sign-up, model, parameters are drawn from the same tables); the
scenario then says what is shared. A campaign divides its payload: no task is asked twice.
"""

import re
from collections.abc import Callable

import msgspec
import numpy as np

from stillwatch.errors import UsageError
from stillwatch.rehearse import networks
from stillwatch.rehearse.actors import Actor, Ask, Script
from stillwatch.rehearse.asks import a_name, ask
from stillwatch.rehearse.bodies import PATHS, Asked, Talk, compose_body
from stillwatch.rehearse.clients import STRIPPED, client
from stillwatch.rehearse.dice import Dice, mix
from stillwatch.rehearse.material import Material
from stillwatch.rehearse.ordinary import SHARES, application_asker, application_words, chat_script, job_asker
from stillwatch.rehearse.pipelines import Pipeline
from stillwatch.rehearse.rhythm import DAY_US, HOUR_US, Times, by_weights, even, hour_weights, service
from stillwatch.rehearse.scenario import Campaign
from stillwatch.rehearse.signups import opaque, thinned
from stillwatch.rehearse.techniques import TECHNIQUES, line_of, reworded
from stillwatch.rehearse.world import Habit, World, actor, look

_BUSINESS = SHARES["application"] + SHARES["batch"]  # accounts look like programs as often as among strangers
_NUMBER = re.compile(r"\d+")


class Payload:
    """Tasks in a shuffled order, each once; when they run out, the same with other numbers and another sentence."""

    def __init__(self, world: World, capability: str, seed: int) -> None:
        pools = world.material.payloads
        pool = world.material.prompts if capability == "people" else pools.get(capability) or pools["maths"]
        self._texts = Dice(seed).sample([text.text for text in pool], len(pool))
        self._babblers, self._seed = world.babblers, seed

    def __call__(self, place: int) -> str:
        text = self._texts[place % len(self._texts)][:2_000]
        if place < len(self._texts):
            return text
        dice = Dice(self._seed, place)
        changed = _NUMBER.sub(lambda found: str(int(found.group()[:6]) + 1 + dice.roll(89)), text)
        return f"{changed} {dice.pick(self._babblers).sentence(dice, 2)}"


def every(plans: tuple[Campaign, ...], material: Material) -> list[Campaign]:
    """The campaigns to make: ``tool = "each"`` stands for one campaign for each recorded distilling program."""
    found: list[Campaign] = []
    for plan in plans:
        if plan.tool != "each":
            found.append(plan)
            continue
        tools = sorted(recording.tool for recording in material.recordings if recording.label == "distill")
        for place, tool in enumerate(tools):
            accounts = max(1, plan.accounts * (2 + place % 3) // 3)  # two thirds to four thirds of the stated number
            found.append(msgspec.structs.replace(plan, tool=tool, name=f"{plan.name}-{tool}", accounts=accounts))
    return found


def _pipeline(world: World, plan: Campaign) -> Pipeline | None:
    if plan.tool is None:
        return None
    for recording in world.material.recordings:
        if recording.tool == plan.tool and recording.requests:
            return Pipeline(recording, world.babblers)
    known = ", ".join(recording.tool for recording in world.material.recordings)
    raise UsageError(f"campaign {plan.name}: no recording of {plan.tool} in the material; there are {known}")


def members(world: World, rng: np.random.Generator, plan: Campaign) -> list[Actor]:
    """All accounts of one campaign."""
    payload = Payload(world, plan.payload, int(rng.integers(1 << 62)))
    secret = int(rng.integers(1 << 62))
    counts = exchanges_by_account(rng, plan)
    shared = _shared(world, rng, plan)
    pipeline = _pipeline(world, plan)
    found: list[Actor] = []
    asked = 0
    for number, (count, own) in enumerate(counts):
        habit = Habit(rng, dialect="openai-chat" if plan.tool else None, model=plan.model)
        business = bool(rng.random() < _BUSINESS)
        if pipeline:
            write = replayer(pipeline, habit, asked)
        else:
            write = asker(world, rng, plan, habit, payload, asked, secret)
        times = moments(world, rng, plan, own, number)
        scripts = [Script(times, _released(plan, world, times, write), plan.name)]
        if count > own:
            scripts.append(cover(world, rng, plan, count - own, habit))
        member = actor(
            world,
            rng,
            "campaign",
            look(rng, habit.dialect, human=not business),
            scripts,
            business=business,
            group=plan.name,
        )
        member.campaign = plan.name
        if plan.surfaces:
            member.look.surface = str(rng.choice(plan.surfaces))
        shared(member, number, habit)
        if plan.stripped:
            member.look.clients = (STRIPPED,)
        found.append(member)
        asked += own
    return found


def exchanges_by_account(rng: np.random.Generator, plan: Campaign) -> list[tuple[int, int]]:
    """For each account: exchanges in all, and how many of them are the campaign's (one at least)."""
    spread = rng.lognormal(-(plan.spread**2) / 2, plan.spread, plan.accounts) if plan.spread else np.ones(plan.accounts)
    totals = (
        np.maximum(1, np.floor(plan.exchanges * spread + rng.random(plan.accounts)))
        if plan.spread
        else plan.exchanges * spread
    )
    own = np.maximum(1, np.floor(totals * (1 - plan.cover) + rng.random(plan.accounts)))
    own = totals if plan.cover == 0 else np.minimum(own, totals)
    return [(int(total), int(part)) for total, part in zip(totals, own, strict=True)]


def asker(
    world: World, rng: np.random.Generator, plan: Campaign, habit: Habit, payload: Payload, first: int, secret: int
) -> Ask:
    """Writes the requests of one account: which wording is kept for whom is the scenario's ``wording``."""
    if plan.wording == "none":
        voice = world.voice(rng)._replace(language="en")

        def plain(k: int, dice: Dice) -> Asked:
            said = payload(first + k) if dice.chance(0.5) else ask(voice, dice)
            return Asked(
                habit.dialect, compose_body(habit.dialect, habit.model, habit.fixed, Talk(None, (said,))), "plain"
            )

        return plain
    account, half = int(rng.integers(1 << 62)), world.material.half

    def write(k: int, dice: Dice) -> Asked:
        each = mix(account, k)
        wording = Dice({"fixed": secret, "per-account": account, "per-request": each}[plan.wording])
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
        habits = {**habit.fixed, "logprobs": True, "top_logprobs": 20} if technique == "SW-T29" else habit.fixed
        body = compose_body(habit.dialect, habit.model, habits, Talk(system, (said,)), habit.model_first)
        return Asked(habit.dialect, body, wanted.answer)

    return write


def replayer(pipeline: Pipeline, habit: Habit, first: int) -> Ask:
    """One account's share of a recorded program's work."""
    return lambda k, dice: pipeline.asked(first + k, habit.model, habit.fixed, dice)


def moments(world: World, rng: np.random.Generator, plan: Campaign, count: int, number: int) -> Times:
    """When one account asks: in the campaign's days, or its half of them where a ban splits it."""
    begin, days = plan.from_day, plan.for_days if plan.for_days is not None else world.days - plan.from_day
    end = begin + days
    if plan.banned_day is not None:
        first_pool = number < plan.accounts // 2
        begin, end = (begin, plan.banned_day) if first_pool else (plan.banned_day + 0.02, end)
    from_us, until_us = (world.start_us + int(day * DAY_US) for day in (begin, end))
    if plan.onset == "spread":
        from_us += int(rng.random() * 0.6 * (until_us - from_us))
    else:
        from_us += int(rng.random() * 2 * HOUR_US)
    if plan.pacing == "human":
        weights = hour_weights(world.hourly, world.days, float(rng.normal(0, 6)), float(rng.uniform(0.3, 1.1)))
        hours = world.start_us + np.arange(world.days * 24) * HOUR_US
        inside = np.where((hours >= from_us - HOUR_US) & (hours < until_us), weights, 0.0)
        return by_weights(rng, inside if inside.sum() else weights, count, world.start_us)
    if plan.pacing == "burst":
        until_us = min(until_us, from_us + 6 * HOUR_US)
    return even(rng, count, from_us, until_us)


def _released(plan: Campaign, world: World, times: Times, write: Ask) -> Ask:
    """After a release, nine in ten requests ask for the new model."""
    if plan.release_day is None:
        return write
    moment = world.start_us + int(plan.release_day * DAY_US)

    def pivoted(k: int, dice: Dice) -> Asked:
        asked = write(k, dice)
        if times[k] >= moment and dice.chance(0.9):
            asked.body["model"] = plan.released
        return asked

    return pivoted


def cover(world: World, rng: np.random.Generator, plan: Campaign, count: int, habit: Habit) -> Script:
    """Ordinary work in the same account, so that it looks like a customer."""
    kind = str(rng.choice(plan.cover_kinds))
    if kind == "chat":
        return chat_script(world, rng, count, habit)
    times = service(rng, world.hourly, count, world.start_us, world.days, float(rng.beta(1.5, 3)))
    if kind == "batch":
        return Script(times, job_asker(world, rng, habit)[0])
    return Script(times, application_asker(world, habit, application_words(world, rng), "plain"))


def _shared(world: World, rng: np.random.Generator, plan: Campaign) -> Callable[[Actor, int, Habit], None]:
    """What the accounts of one operator have in common, and which accounts show it."""
    share = {"shared": 1.0, "tenth": 0.1, "proxy": 1.0, "dispersed": 0.0}[plan.infrastructure]
    pool = networks.egress_pool(rng, plan.addresses, systems=1 + plan.addresses // 16)
    payments = [opaque(rng, "fp") for _ in range(max(1, round(plan.accounts * share / 12)))]
    domain, clients = f"{int(rng.integers(1 << 32)):08x}.example", {
        dialect: client(rng, dialect) for dialect in PATHS
    }  # fmt: skip
    burst = world.start_us - int(rng.integers(2, 40)) * DAY_US

    def apply(member: Actor, number: int, habit: Habit) -> None:
        if rng.random() >= share:
            return
        member.look.places = tuple(pool[int(place)] for place in rng.integers(len(pool), size=4))
        member.look.place_by_request = True
        member.look.clients = (clients[habit.dialect],)
        if plan.infrastructure == "proxy":
            return
        member.signup.payment = payments[number % len(payments)]
        member.signup.created_us = burst + int(rng.integers(10 * HOUR_US))
        member.signup.signup_ip = pool[int(rng.integers(len(pool)))].addresses[0]
        if rng.random() < 0.5:
            member.signup.email_domain = domain
        member.signup = thinned(rng, member.signup)

    return apply
