"""Customers whom a safety rule wrongly blocked. Some give up; others open a new account and carry on their own work.

What a campaign that moves on after a ban looks like: refusals with 403, then accounts opened within hours or days that
do what the blocked ones did. Here each stands alone, or two or three colleagues do.
"""

import numpy as np
from numpy.typing import NDArray

from stillwatch.rehearse.actors import Actor, Ask, Look, Script
from stillwatch.rehearse.asks import a_name
from stillwatch.rehearse.bodies import Asked
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.ordinary import agent_asker, application_asker, application_words, chat_script, tool, volume
from stillwatch.rehearse.rhythm import DAY_US, HOUR_US, Day, Times, human, own_day, service
from stillwatch.rehearse.signups import FREE_MAIL, opaque
from stillwatch.rehearse.world import Habit, World, actor, look

_RETURN = 0.6  # share of the blocked who open another account within the week
_KINDS = ("chat", "application", "developer")


def reopened(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """One safety rule and everybody it hit: on one day when it came out wrong, or now and then over the week."""
    whole_days = float(rng.uniform(1, max(1.5, world.days - 3)))
    at_once = bool(rng.random() < 0.5)
    members: list[Actor] = []
    for _ in range(int(rng.integers(8, 22))):
        day = whole_days + rng.exponential(0.3) if at_once else rng.uniform(0.5, max(1.0, world.days - 0.5))
        blocked_us = world.start_us + int(float(day) * DAY_US)
        team = int(rng.integers(2, 4)) if rng.random() < 0.2 else 1
        members += _customer(world, rng, group, blocked_us, team)
    return members


def _customer(world: World, rng: np.random.Generator, group: str, blocked_us: int, team: int) -> list[Actor]:
    """One customer, or a small team at the same work: the blocked accounts, and those that take their place."""
    kind = str(rng.choice(_KINDS, p=(0.6, 0.2, 0.2)))
    dialect = "openai-chat" if kind == "developer" else None
    habit, write = Habit(rng, dialect), None
    if kind != "chat":
        write = _work(world, rng, kind, habit)
    organization = opaque(rng, "org") if team > 1 else None
    returns = bool(rng.random() < _RETURN)
    members: list[Actor] = []
    for _ in range(team):
        person, count = own_day(rng), volume(rng, 30, 0.9, 500)
        whole = _week(world, rng, kind, count, habit, write, person)
        seen = look(rng, habit.dialect, human=kind != "application")
        seen.organization = organization or seen.organization
        again_us = blocked_us + int(rng.lognormal(np.log(14), 1.1) * HOUR_US)
        tries = blocked_us + np.sort((rng.exponential(2, int(rng.integers(1, 7))) * HOUR_US).astype(np.int64))
        done, left = (np.flatnonzero(side) for side in (whole.times < blocked_us, whole.times >= blocked_us))
        tried = np.resize(left if len(left) else done, len(tries))
        old = _some(whole, np.concatenate([done, tried]), np.concatenate([whole.times[done], tries]))
        old = old._replace(banned_us=blocked_us)
        before = actor(world, rng, "reopened", seen, [old], business=kind == "application", group=group)
        members.append(before)
        if returns and again_us < world.end_us - HOUR_US:
            members.append(_again(world, rng, group, before, whole, again_us))
    return members


def _work(world: World, rng: np.random.Generator, kind: str, habit: Habit) -> Ask:
    words = application_words(world, rng)
    if kind == "application":
        return application_asker(world, habit, words, "plain")
    tools = tuple(tool(int(place), "_" + a_name(Dice(int(place)))[:3].lower()) for place in rng.choice(10, 3, False))
    return agent_asker(world, rng, habit, words[0], tools)


def _week(
    world: World, rng: np.random.Generator, kind: str, count: int, habit: Habit, write: Ask | None, person: Day
) -> Script:
    """The week as it would have been without the block."""
    if write is None:
        return chat_script(world, rng, count, habit, person)
    if kind == "application":
        return Script(service(rng, world.hourly, count, world.start_us, world.days, 0.3), write)
    sessions = np.diff(np.append(np.arange(0, count, 14), count)).astype(np.int64)
    return Script(human(rng, sessions, world.start_us, world.days, person), write)


def _some(whole: Script, places: NDArray[np.int64], times: Times) -> Script:
    """Some requests of a week, at these times."""

    def write(k: int, dice: Dice) -> Asked:
        return whole.ask(int(places[k]), dice)

    return Script(times, write)


def _again(world: World, rng: np.random.Generator, group: str, before: Actor, whole: Script, again_us: int) -> Actor:
    """The new account: the same person, clients, places and work; new keys and mail, often the same card."""
    left = np.flatnonzero(whole.times >= again_us)
    script = _some(whole, left, whole.times[left])
    if not len(left):  # it is opened, tried once, and left
        script = _some(whole, np.array([len(whole.times) - 1]), np.array([again_us + HOUR_US // 4]))
    old = before.look
    seen = Look(
        clients=old.clients,
        places=old.places,
        surface=old.surface,
        organization=old.organization if rng.random() < 0.3 else opaque(rng, "org"),
        credentials=(opaque(rng, "key"),),
    )
    business = before.signup.plan in ("team", "enterprise")
    after = actor(world, rng, "reopened", seen, [script], business=business, group=group)
    if after.signup.created_us is not None:
        after.signup.created_us = again_us - int(rng.integers(1, HOUR_US))
    after.signup.plan = before.signup.plan
    if rng.random() < 0.7:
        after.signup.payment = before.signup.payment
    after.signup.email_domain = str(rng.choice(FREE_MAIL))
    after.signup.signup_ip = seen.places[0].addresses[0]
    return after
