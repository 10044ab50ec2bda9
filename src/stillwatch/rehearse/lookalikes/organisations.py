"""Several accounts, or many people, under one roof: fleets, agencies, resellers."""

import numpy as np

from stillwatch.rehearse import networks
from stillwatch.rehearse.actors import Actor, Script
from stillwatch.rehearse.asks import ask
from stillwatch.rehearse.bodies import Asked, Talk, compose_body
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.ordinary import application_asker, application_words, job_asker, volume
from stillwatch.rehearse.rhythm import DAY_US, service
from stillwatch.rehearse.signups import opaque, own_domain
from stillwatch.rehearse.world import Habit, World, actor, look


def fleet(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """One organisation's accounts for one product: the same application, payment, domain and egress."""
    place, habit, words = networks.cloud(rng), Habit(rng), application_words(world, rng)
    organization, payment, domain = opaque(rng, "org"), opaque(rng, "fp"), own_domain(rng)
    created = world.start_us - int(rng.integers(20, 300)) * DAY_US
    seen = look(rng, habit.dialect, human=False, place=place)
    nightly = float(rng.beta(2, 2))
    members = []
    for _ in range(int(rng.integers(12, 40))):
        count = volume(rng, 60, 0.5, 1500)
        script = Script(
            service(rng, world.hourly, count, world.start_us, world.days, nightly),
            application_asker(world, habit, words, "plain"),
        )
        own = look(rng, habit.dialect, human=False, place=place)
        own.clients, own.organization, own.surface = seen.clients, organization, seen.surface
        member = actor(world, rng, "fleet", own, [script], business=True, group=group)
        member.signup.payment, member.signup.email_domain, member.signup.plan = payment, domain, "enterprise"
        member.signup.created_us = created + int(rng.integers(30 * DAY_US))
        member.signup.signup_ip, member.signup.verified = place.addresses[0], True
        members.append(member)
    return members


def agency(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """An agency runs one application in many organisations: one template, each its own payload, one egress network."""
    place, habit = networks.cloud(rng), Habit(rng)
    system, wrapper, _ = application_words(world, rng)
    write_job, _ = job_asker(world, rng, habit)
    as_job = bool(rng.random() < 0.5)
    seen = look(rng, habit.dialect, human=False, place=place)
    members = []
    for _ in range(int(rng.integers(15, 45))):
        words = (system, wrapper, world.voice(rng))
        script = Script(
            service(rng, world.hourly, volume(rng, 40, 0.9, 900), world.start_us, world.days, float(rng.beta(2, 3))),
            write_job if as_job else application_asker(world, habit, words, "plain"),
        )
        own = look(rng, habit.dialect, human=False, place=place)
        own.clients, own.organization = seen.clients, opaque(rng, "org")
        members.append(actor(world, rng, "agency", own, [script], business=True, group=group))
    return members


def reseller(world: World, rng: np.random.Generator, group: str) -> list[Actor]:
    """A gateway: many end users behind one account, and a few tenants with their own accounts behind the same proxy."""
    place, habit = networks.cloud(rng), Habit(rng, dialect="openai-chat")
    proxy = look(rng, habit.dialect, human=False, place=place)
    members = []
    for number in range(1 + int(rng.integers(0, 4))):
        voices = [world.voice(rng) for _ in range(60)]
        tenants = [application_asker(world, habit, application_words(world, rng), "plain") for _ in range(4)]

        def write(k: int, dice: Dice, voices: list = voices, tenants: list = tenants) -> Asked:  # type: ignore[type-arg]
            if dice.chance(0.4):
                asked: Asked = dice.pick(tenants)(k, dice)
                return asked
            who = dice.roll(len(voices))
            talk = Talk("You are a helpful assistant." if dice.chance(0.5) else None, (ask(voices[who], dice),))
            body = compose_body(habit.dialect, habit.model, habit.fixed, talk)
            body["user"] = f"u{who}"
            return Asked(habit.dialect, body, "plain")

        count = volume(rng, 700 if number == 0 else 90, 0.5, 5000)
        own = look(rng, habit.dialect, human=False, place=place)
        own.clients, own.surface = proxy.clients, "api"
        script = Script(service(rng, world.hourly, count, world.start_us, world.days, 0.4), write)
        members.append(actor(world, rng, "reseller", own, [script], business=True, group=group))
    return members
