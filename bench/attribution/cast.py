"""Who stands in one composed week, with the class that attribution should find. Every class is varied on purpose.

The innocent look-alikes and the campaigns are those of ``stillwatch.rehearse``. Three classes are put together here,
since no scenario has them: a supplier whose customers share a pool, a gateway whose tenants have accounts of their own,
and strangers behind one way out. ``tuning`` and ``holdout`` differ in material, in seeds and in ranges (``RANGES``).
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np

from stillwatch.rehearse import campaigns, lookalikes, networks, ordinary
from stillwatch.rehearse.actors import Actor, Script
from stillwatch.rehearse.bodies import PATHS, Asked
from stillwatch.rehearse.clients import client
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.ordinary import application_asker, application_words, volume
from stillwatch.rehearse.rhythm import DAY_US, HOUR_US, service
from stillwatch.rehearse.scenario import Campaign
from stillwatch.rehearse.signups import opaque
from stillwatch.rehearse.world import Habit, World, actor, look

#: half -> accounts of an operator, exchanges of an account, both least and most. (Below seed 1300: 14-48, 15-60.)
RANGES = {"tuning": ((10, 70), (10, 80)), "holdout": ((10, 70), (10, 80))}
TECHNIQUES = ("SW-T16", "SW-T17", "SW-T19", "SW-T22", "SW-T23", "SW-T24", "SW-T26")
THINKS = "Before you answer, write out your reasoning step by step between <thinking> and </thinking>, then answer."
#: Share of a supplier's accounts that use what it pools, by the infrastructure of a scenario's campaign.
POOLED = {"shared": 1.0, "tenth": 0.1, "proxy": 1.0, "dispersed": 0.0}
PAYLOADS = ("maths", "code", "writing")


@dataclass(frozen=True)
class Group:
    """One operator, or one crowd of strangers: its class, how it was made, and its accounts."""

    truth: str
    variant: str
    actors: tuple[Actor, ...]
    words: str | None  # an opaque name of the template that holds it together, if one does


Maker = Callable[[World, np.random.Generator, str, str], Group]


def plan(rng: np.random.Generator, name: str, half: str, technique: str, payload: str) -> Campaign:
    """A campaign as some operator might run it."""
    sizes, volumes = RANGES[half]
    return Campaign(
        name=name,
        accounts=int(rng.integers(*sizes)),
        exchanges=int(rng.integers(*volumes)),
        spread=float(rng.choice((0.0, 0.2, 0.6))),
        cover=float(rng.choice((0.0, 0.3, 0.5, 0.7))),
        wording=str(rng.choice(("fixed", "fixed", "per-account", "per-request"))),  # type: ignore[arg-type]
        techniques=(technique,),
        payload=payload,
        pacing=str(rng.choice(("even", "human", "burst"))),  # type: ignore[arg-type]
        onset=str(rng.choice(("together", "spread"))),  # type: ignore[arg-type]
        infrastructure=str(rng.choice(("shared", "tenth", "proxy", "dispersed"))),  # type: ignore[arg-type]
        banned_day=float(rng.uniform(2, 5)) if rng.random() < 0.3 else None,
    )


def one_collector(world: World, rng: np.random.Generator, half: str, name: str) -> Group:
    """One operator, one purpose."""
    made = plan(rng, name, half, str(rng.choice(TECHNIQUES)), str(rng.choice(PAYLOADS)))
    members = campaigns.members(world, rng, made)
    return Group("one-collector", made.infrastructure, tuple(members), f"{name}-{rng.integers(1 << 32):08x}")


def supplier(world: World, rng: np.random.Generator, half: str, name: str) -> Group:
    """One pool of accounts, addresses and cards; two or three customers, each with own technique, task and wording."""
    customers = 2 + int(rng.random() < 0.4)
    techniques = rng.permutation(TECHNIQUES)[:customers].tolist()
    payloads = [PAYLOADS[(place + int(rng.integers(3))) % 3] for place in range(customers)]
    plans = [
        msgspec.structs.replace(plan(rng, f"{name}-{place}", half, technique, payload), infrastructure="dispersed")
        for place, (technique, payload) in enumerate(zip(techniques, payloads, strict=True))
    ]
    parts = [campaigns.members(world, rng, made) for made in plans]
    together = bool(rng.random() < 0.5)
    members = _on_the_same_accounts(parts) if together else [member for part in parts for member in part]
    pooled = str(rng.choice(tuple(POOLED)))  # drawn as for one collector, so that it can't tell the two apart
    pool = networks.egress_pool(rng, 16, systems=2)
    cards = [opaque(rng, "fp") for _ in range(max(1, len(members) // 12))]
    seen = {dialect: client(rng, dialect) for dialect in PATHS}
    burst = world.start_us - int(rng.integers(2, 60)) * DAY_US
    for number, member in enumerate(members):
        if rng.random() >= POOLED[pooled]:
            continue
        member.look.places = tuple(pool[int(place)] for place in rng.integers(len(pool), size=4))
        member.look.place_by_request = True
        member.look.clients = (seen["openai-chat"],)
        if pooled != "proxy":
            member.signup.payment = cards[number % len(cards)] if rng.random() < 0.9 else None
            member.signup.created_us = burst + int(rng.integers(10 * HOUR_US))
    variant = f"{'same' if together else 'own'} accounts, {pooled}"
    return Group("supplier", variant, tuple(members), f"{name}-{rng.integers(1 << 32):08x}")


def _on_the_same_accounts(parts: list[list[Actor]]) -> list[Actor]:
    """The scripts of all customers on as many accounts as the largest has."""
    largest = max(parts, key=len)
    for part in parts:
        if part is not largest:
            for member, other in zip(largest, part, strict=False):
                member.scripts.extend(other.scripts)
    return largest


def reseller(world: World, rng: np.random.Generator, half: str, name: str) -> Group:
    """A gateway whose tenants have accounts of their own: one way out, one payer, each tenant its own application."""
    place, habit = networks.cloud(rng), Habit(rng, dialect="openai-chat")
    proxy = look(rng, habit.dialect, human=False, place=place)
    payment, organization = opaque(rng, "fp"), opaque(rng, "org")
    one_payer, one_organization, one_place = (bool(rng.random() < share) for share in (0.7, 0.5, 0.8))
    added = bool(rng.random() < 0.5)  # the gateway puts its own words before every tenant's
    thinks = bool(rng.random() < 0.25)  # ... and asks for reasoning in tags, as some gateways do for all models
    _, prefix, _ = application_words(world, rng)
    balanced = bool(rng.random() < 0.35)  # tenants are spread over all accounts, evenly
    count, even, members = int(rng.integers(*RANGES[half][0])), volume(rng, 40, 0.9, 600), []
    askers = []
    for _ in range(count):
        system, wrapper, voice = application_words(world, rng)
        system = f"{THINKS}\n{system}" if thinks else system
        askers.append(application_asker(world, habit, (system, prefix if added else wrapper, voice), "plain"))

    def anybody(k: int, dice: Dice) -> Asked:
        return dice.pick(askers)(k, dice)

    for asks in askers:
        size = even if balanced else volume(rng, 40, 0.9, 600)
        times = service(rng, world.hourly, size, world.start_us, world.days, float(rng.beta(2, 3)))
        own = look(rng, habit.dialect, human=False, place=place if one_place else None)
        own.clients, own.surface = proxy.clients, "api"
        if one_organization:
            own.organization = organization
        script = Script(times, anybody if balanced else asks)
        member = actor(world, rng, "reseller", own, [script], business=True, group=name)
        if one_payer:
            member.signup.payment = payment
        members.append(member)
    variant = f"{'one payer' if one_payer else 'tenants pay'}, {'own prefix' if added else 'no prefix'}"
    variant += (", balanced" if balanced else "") + (", reasons in tags" if thinks else "")
    return Group("reseller", variant, tuple(members), f"{name}-{rng.integers(1 << 32):08x}" if added else None)


def shared_way_out(world: World, rng: np.random.Generator, half: str, name: str) -> Group:
    """Strangers behind the few addresses of one privacy network or one country's carrier."""
    exits = networks.egress_pool(rng, int(rng.integers(2, 6)))
    members = []
    for _ in range(int(rng.integers(*RANGES[half][0]))):
        member = ordinary.chat(world, rng) if rng.random() < 0.7 else ordinary.application(world, rng)
        member.look.places = tuple(exits[int(place)] for place in rng.integers(len(exits), size=2))
        member.look.place_by_request = True
        member.group = name
        members.append(member)
    return Group("shared-way-out", "exit pool", tuple(members), None)


def _innocent(truth: str, kinds: tuple[str, ...]) -> Maker:
    def make(world: World, rng: np.random.Generator, half: str, name: str) -> Group:
        kind = str(rng.choice(kinds))
        members = lookalikes.KINDS[kind](world, rng, name)
        words = None if kind == "corporate-gateway" else f"{name}-{kind}"
        return Group(truth, kind, tuple(members), words)

    return make


#: Makers in the order of a week, each with how many groups of it stand there.
CAST: tuple[tuple[Maker, int], ...] = (
    (one_collector, 2),
    (supplier, 1),
    (reseller, 2),
    (shared_way_out, 1),
    (_innocent("own-work", ("fleet", "agency", "batch-jobs", "key-migration", "corporate-gateway", "ci")), 2),
    (_innocent("shared-tool", ("framework", "new-tool", "viral-template", "hobbyists", "viral")), 2),
    (_innocent("same-tasks", ("classroom", "launch-day", "evaluation-harness")), 1),
)


def cast(world: World, seed: int, half: str) -> list[Group]:
    """Every group of one week. Each draws from its own stream, so that adding one changes nobody else."""
    groups = []
    for kind, (make, count) in enumerate(CAST):
        for number in range(count):
            rng = np.random.default_rng([seed, kind, number])
            groups.append(make(world, rng, half, f"g{seed}-{kind}-{number}"))
    return groups
