"""Honest breaks and sharing: keys that are replaced, accounts that move, teams on one plan, keys taken in turn."""

import numpy as np

from stillwatch.rehearse import networks
from stillwatch.rehearse.actors import Actor, Script
from stillwatch.rehearse.asks import ask, follow_up
from stillwatch.rehearse.bodies import Asked, Talk, compose_body, signature
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.ordinary import application_asker, application_words, chat_script, volume
from stillwatch.rehearse.rhythm import DAY_US, service
from stillwatch.rehearse.signups import opaque, own_domain
from stillwatch.rehearse.world import Habit, World, actor, look


def key_migration(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """One organisation replaces its accounts on a day: the old ones stop, new ones go on with the same application."""
    place, habit, words = networks.cloud(rng), Habit(rng), application_words(world, rng)
    organization, payment, domain = opaque(rng, "org"), opaque(rng, "fp"), own_domain(rng)
    moment = world.start_us + int(float(rng.uniform(0.3, 0.7)) * world.days * DAY_US)
    clients = look(rng, habit.dialect, human=False, place=place).clients
    members = []
    for number in range(2 * int(rng.integers(3, 9))):
        new = number % 2 == 1
        count = volume(rng, 90, 0.4, 1500)
        times = service(rng, world.hourly, count, world.start_us, world.days, 0.4)
        times = times[times >= moment] if new else times[times < moment]
        seen = look(rng, habit.dialect, human=False, place=place)
        seen.clients, seen.organization = clients, organization
        script = Script(times, application_asker(world, habit, words, "plain"))
        member = actor(world, rng, "key-migration", seen, [script], business=True, group=group)
        member.signup.payment, member.signup.email_domain = payment, domain
        if new:
            member.signup.created_us = moment - int(rng.integers(DAY_US // 2))
        members.append(member)
    return members


def small_team(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """A few colleagues share one account on a small plan: several places and clients, far more use than one person's.

    What pooled subscriptions look like, on one account."""
    habit = Habit(rng)
    people = [look(rng, habit.dialect, human=True) for _ in range(int(rng.integers(3, 9)))]
    seen = people[0]
    seen.clients = tuple(client for one in people for client in one.clients)
    seen.places = tuple(place for one in people for place in one.places)
    seen.place_by_request, seen.surface = True, "app"
    scripts = [chat_script(world, rng, volume(rng, 60, 0.5, 400), habit) for _ in people]
    member = actor(world, rng, "small-team", seen, scripts, business=False, group=group)
    member.signup.plan = "team"
    return [member]


def moved(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """An old account moves to other servers and another library in mid-week, and starts a new project there.

    What a stolen key looks like, on one account."""
    habit, later = Habit(rng), Habit(rng)
    seen = look(rng, habit.dialect, human=False)
    after = look(rng, later.dialect, human=False)
    after.organization, after.credentials = seen.organization, seen.credentials
    moment = world.start_us + int(float(rng.uniform(0.25, 0.75)) * world.days * DAY_US)
    scripts = []
    for asking, used, late in ((habit, None, False), (later, after, True)):
        times = service(rng, world.hourly, volume(rng, 90, 0.7, 1500), world.start_us, world.days, 0.3)
        times = times[times >= moment] if late else times[times < moment]
        scripts.append(
            Script(times, application_asker(world, asking, application_words(world, rng), "plain"), look=used)
        )
    return [actor(world, rng, "moved", seen, scripts, business=True, group=group)]


def rotating_keys(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """One organisation's gateway takes its accounts in turn, so that a conversation passes through several of them.

    Reasoning signatures that one account was given are then shown by another: innocently, within one organisation."""
    habit = Habit(rng, dialect="anthropic-messages", model="m-reason")
    place, voice, key = networks.cloud(rng), world.voice(rng), int(rng.integers(1 << 62))
    organization, payment, size = opaque(rng, "org"), opaque(rng, "fp"), int(rng.integers(3, 9))
    clients = look(rng, habit.dialect, human=False, place=place).clients
    members = []
    for number in range(size):

        def write(k: int, dice: Dice, number: int = number) -> Asked:
            talk_of, turn = divmod(k * size + number, 4)
            turns = [ask(voice, Dice(key, talk_of))]
            for earlier in range(turn):
                past = Dice(key, talk_of, earlier, 1)
                turns += [voice.babblers[0].passage(past, 2), follow_up(voice, past)]
            thoughts = tuple(signature(key, talk_of, earlier) for earlier in range(turn))
            body = compose_body(habit.dialect, habit.model, habit.fixed, Talk(None, tuple(turns), thoughts=thoughts))
            return Asked(habit.dialect, body, "plain", signature(key, talk_of, turn))

        seen = look(rng, habit.dialect, human=False, place=place)
        seen.clients, seen.organization = clients, organization
        times = service(rng, world.hourly, volume(rng, 60, 0.3, 600), world.start_us, world.days, 0.4)
        member = actor(world, rng, "rotating-keys", seen, [Script(times, write)], business=True, group=group)
        member.signup.payment = payment
        members.append(member)
    return members
