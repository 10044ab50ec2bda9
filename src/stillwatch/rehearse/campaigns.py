"""Campaigns: accounts that work together to harvest a model, as a scenario describes them.

Each starts as an ordinary account would (client, place, sign-up, model, parameters are drawn from the same tables); the
scenario then says what is shared. A campaign divides its payload: no task is asked twice, unless it sends fixed probes.
"""

import msgspec
import numpy as np

from stillwatch.errors import UsageError
from stillwatch.rehearse.actors import Actor, Ask, Look, Script
from stillwatch.rehearse.bodies import Asked
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.material import Material
from stillwatch.rehearse.operators import Operator
from stillwatch.rehearse.ordinary import SHARES, application_asker, application_words, chat_script, job_asker
from stillwatch.rehearse.outside import Outside, Tables
from stillwatch.rehearse.pipelines import Pipeline
from stillwatch.rehearse.rhythm import DAY_US, HOUR_US, Day, Times, by_weights, day_weights, even, own_day, service
from stillwatch.rehearse.scenario import Campaign
from stillwatch.rehearse.techniques import TECHNIQUES
from stillwatch.rehearse.wordings import Payload, asker, replayer
from stillwatch.rehearse.world import Habit, World

_BUSINESS = SHARES["application"] + SHARES["batch"]  # accounts look like programs as often as among strangers
_AFTER_A_BAN = 3  # requests that an account still tries


def every(plans: tuple[Campaign, ...], material: Material) -> list[Campaign]:
    """The campaigns to make: ``tool = "each"`` stands for one campaign for each recorded distilling program."""
    found: list[Campaign] = []
    for plan in plans:
        unknown = set(plan.techniques) - set(TECHNIQUES)
        if unknown:
            raise UsageError(
                f"campaign {plan.name}: no technique is called {', '.join(sorted(unknown))}; "
                f"there are {', '.join(TECHNIQUES)}"
            )
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


def members(world: World, rng: np.random.Generator, plan: Campaign, outside: Outside | None = None) -> list[Actor]:
    """All accounts of one campaign."""
    outside = outside or Tables()
    payload = Payload(world, plan.payload, int(rng.integers(1 << 62)), plan.probes)
    secret = int(rng.integers(1 << 62))
    counts = exchanges_by_account(rng, plan)
    operator = Operator(world, rng, plan, outside)
    pipeline = _pipeline(world, plan)
    found: list[Actor] = []
    asked = 0
    for number, (count, own) in enumerate(counts):
        habit = outside.habit(rng, "openai-chat" if plan.tool else None, plan.model)
        business = bool(rng.random() < _BUSINESS)
        day = own_day(rng)
        times, banned_us = moments(world, rng, plan, own, number, day)
        if pipeline:
            write = replayer(pipeline, habit, asked)
        else:
            write = asker(world, rng, plan, habit, payload, asked, secret)
            write = searching(world, rng, plan, times, write, habit, payload, asked)
        write = _released(plan, world, times, write)
        look = outside.look(rng, habit, human=not business)
        used = _a_thiefs(rng, outside, habit, look) if plan.accounts_are == "stolen" else look
        scripts = [Script(times, write, plan.name, used if used is not look else None, banned_us)]
        if count > own:
            scripts.append(cover(world, rng, plan, count - own, habit, banned_us, day if used is look else None))
        member = Actor(
            seed=int(rng.integers(1 << 62)),
            kind="campaign",
            group=plan.name,
            campaign=plan.name,
            look=look,
            scripts=scripts,
            signup=outside.signup(rng, world.start_us, look.places[0], business=business),
        )
        operator.equip(member, number, habit, used)
        found.append(member)
        asked += own
    return found


def _a_thiefs(rng: np.random.Generator, outside: Outside, habit: Habit, owners: Look) -> Look:
    """Another client in another place, with the owner's key."""
    thiefs = outside.look(rng, habit, human=False)
    thiefs.credentials, thiefs.organization = owners.credentials, owners.organization
    thiefs.surface, thiefs.withheld = owners.surface, owners.withheld
    return thiefs


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


def moments(
    world: World, rng: np.random.Generator, plan: Campaign, count: int, number: int, day: Day | None = None
) -> tuple[Times, int | None]:
    """When one account asks: in the campaign's days, or its half of them where a ban splits it; and when it is banned.

    A banned account tries a few times more before its operator gives up on it.
    """
    begin, days = plan.from_day, plan.for_days if plan.for_days is not None else world.days - plan.from_day
    end = begin + days
    banned_us: int | None = None
    if plan.banned_day is not None:
        if number < plan.accounts // 2:
            end = plan.banned_day
            banned_us = world.start_us + int(end * DAY_US)
        else:
            begin = plan.banned_day + 0.02
    from_us, until_us = (world.start_us + int(day * DAY_US) for day in (begin, end))
    times = _paced(world, rng, plan, count, from_us, until_us, day or own_day(rng))
    if banned_us is not None:
        tries = banned_us + (rng.exponential(0.15, _AFTER_A_BAN) * HOUR_US).astype(np.int64)
        times = np.sort(np.concatenate([times[times < banned_us], tries]))
    return times, banned_us


def _paced(
    world: World, rng: np.random.Generator, plan: Campaign, count: int, from_us: int, until_us: int, day: Day
) -> Times:
    if plan.onset == "spread":
        from_us += int(rng.random() * 0.6 * (until_us - from_us))
    else:
        from_us += int(rng.random() * 2 * HOUR_US)
    if plan.pacing == "human":
        weights = day_weights(rng, day, world.days)
        hours = world.start_us + np.arange(world.days * 24) * HOUR_US
        inside = np.where((hours >= from_us - HOUR_US) & (hours < until_us), weights, 0.0)
        return by_weights(rng, inside if inside.sum() else weights, count, world.start_us)
    if plan.pacing == "burst":
        until_us = min(until_us, from_us + 6 * HOUR_US)
    return even(rng, count, from_us, until_us)


def searching(
    world: World,
    rng: np.random.Generator,
    plan: Campaign,
    times: Times,
    write: Ask,
    habit: Habit,
    payload: Payload,
    first: int,
) -> Ask:
    """Up to ``search_day`` other techniques in wordings of every kind, many of them refused; then the campaign's own.

    Without a search, ``refused`` is the share of all its requests that the model declines.
    """
    if not plan.refused and plan.search_day is None:
        return write
    until_us = world.start_us + int((plan.search_day or 0.0) * DAY_US) if plan.search_day is not None else None
    tried = tuple(name for name in ("SW-T16", "SW-T17", "SW-T18", "SW-T19", "SW-T23") if name not in plan.techniques)
    trial = msgspec.structs.replace(plan, techniques=tried, wording="per-request")
    attempt = asker(world, rng, trial, habit, payload, first, int(rng.integers(1 << 62)))

    def written(k: int, dice: Dice) -> Asked:
        early = until_us is None or bool(times[k] < until_us)
        asked = attempt(k, dice) if until_us is not None and early else write(k, dice)
        return asked._replace(answer="refusal") if early and dice.chance(plan.refused) else asked

    return written


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


def cover(
    world: World,
    rng: np.random.Generator,
    plan: Campaign,
    count: int,
    habit: Habit,
    banned_us: int | None = None,
    day: Day | None = None,
) -> Script:
    """Ordinary work in the same account, so that it looks like a customer. Chats keep the hours of ``day``."""
    kind = str(rng.choice(plan.cover_kinds))
    if kind == "chat":
        return chat_script(world, rng, count, habit, day)._replace(banned_us=banned_us)
    times = service(rng, world.hourly, count, world.start_us, world.days, float(rng.beta(1.5, 3)))
    if kind == "batch":
        return Script(times, job_asker(world, rng, habit)[0], banned_us=banned_us)
    words = application_words(world, rng)
    return Script(times, application_asker(world, habit, words, "plain"), banned_us=banned_us)
