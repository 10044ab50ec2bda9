"""The experiments themselves, each a function that answers with counts."""

import time
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from bench.privacy.attacks import Reader, alone, place_of, together
from bench.privacy.world import NOBODYS, World, address, addresses
from stillwatch.match.budget import ALLOWANCES, SPACES
from stillwatch.match.faults import RefusedError
from stillwatch.match.group import ONE
from stillwatch.match.identifiers import Identifier

NO_LIMIT = 2**40


class Searched(NamedTuple):
    """``recovered`` of the ``held`` identifiers were found among ``tried`` candidates, each for ``seconds`` of CPU."""

    recovered: int
    held: int
    tried: int
    seconds: float


class Asking(NamedTuple):
    """A member that asks what it does not hold: how many of the others' identifiers it was told of."""

    told: int
    others_hold: int
    tried: int
    space: int


def members(seed: int, each: int, first: int, size: int, count: int = 3) -> dict[str, list[Identifier]]:
    """``count`` members with ``each`` addresses in a range; every twentieth is shared with the next member."""
    dice = Random(seed)
    drawn = addresses(each * count, first, size, dice)
    lists = {f"member-{number + 1}": drawn[number * each : (number + 1) * each] for number in range(count)}
    for number in range(count):
        mine, theirs = lists[f"member-{number + 1}"], lists[f"member-{(number + 1) % count + 1}"]
        theirs.extend(mine[: each // 20])
    return lists


def matched(seed: int, lists: dict[str, list[Identifier]], threshold: int = 2) -> World:
    """A world in which these members have matched, and asked again after the last upload."""
    world = World(seed, allowed={"forum": NO_LIMIT, "trustee": NO_LIMIT}, threshold=threshold)
    for member, held in lists.items():
        world.match(member, held)
    world.ask_again()
    return world


def dictionary(who: str, world: World, candidates: Sequence[Identifier]) -> Searched:
    """A search through ``candidates`` by ``who``, on every byte that it saw.

    ``forum``, ``trustee``: with their key, on their own messages; ``trustee, forum's database stolen``: on the forum's
    messages too; ``member, forum's database stolen``: without a key; ``both holders``: with both keys.
    """
    epoch = world.both.epoch
    keys = {party: world.both.holders[party]._key(epoch.id, "ipv4").secret for party in ("forum", "trustee")}
    forum, trustee = world.transcript("forum"), world.transcript("trustee")
    saw, factors = {
        "forum": (forum, alone(keys["forum"])),
        "trustee": (trustee, alone(keys["trustee"])),
        "trustee, forum's database stolen": (forum + trustee, alone(keys["trustee"])),
        "member, forum's database stolen": (forum, [ONE]),
        "both holders": (forum + trustee, together(keys["forum"], keys["trustee"])),
    }[who]
    reader = Reader(saw, factors, place=place_of(epoch.forum, epoch.id, "ipv4"), threshold=epoch.threshold)
    held = {item.value for session in world.sessions for item in session.items}
    started = time.process_time()
    found = reader.search(candidates)
    spent = time.process_time() - started
    return Searched(
        sum(each.message in held for each in found),
        sum(each.message in held for each in candidates),
        len(candidates),
        spent / len(candidates),
    )


READERS = (
    "forum",
    "trustee",
    "trustee, forum's database stolen",
    "member, forum's database stolen",
    "both holders",
)


def every(first: int, size: int) -> list[Identifier]:
    """Every address of a range. Where it holds all that the members hold, no dictionary could be better."""
    return [address(first + at) for at in range(size)]


def revealed(world: World) -> dict[str, int]:
    """By party: of how many identifiers that *did not match* anything shows in what the party saw or was told.

    The dictionary is the true one, all identifiers of all members, and the bytes of each are looked for as text too.
    """
    epoch = world.both.epoch
    holders: dict[bytes, set[str]] = {}
    for session in world.sessions:
        for item in session.items:
            holders.setdefault(item.value, set()).add(session.member)
    single = {value for value, who in holders.items() if len(who) < epoch.threshold}
    shown = {}
    for party in ("forum", "trustee"):
        messages = world.transcript(party)  # type: ignore[arg-type]
        whole = b"".join(messages)
        count = 0
        for kind in epoch.keys:
            key = world.both.holders[party]._key(epoch.id, kind).secret
            place = place_of(epoch.forum, epoch.id, kind)
            reader = Reader(messages, alone(key), place=place, threshold=epoch.threshold)
            named = [each for each in map(_identifier, single) if each.type == kind]
            count += sum(bool(reader.search([each])) or _stands(each, whole) for each in named)
        shown[party] = count
    for member, told in world.found().items():
        shown[member] = shown.get(member, 0) + len(told & single)
    return shown


def _identifier(message: bytes) -> Identifier:
    _, _, kind, value = message.split(b"/", 3)
    return Identifier(kind.decode("ascii"), value)


def _stands(identifier: Identifier, whole: bytes) -> bool:
    """Whether the text stands in the bytes. Six bytes of text meet in a megabyte of noise once in 10**8 by chance."""
    return len(identifier.value) >= 6 and identifier.value in whole


def asking(seed: int, *, near: int | None = None, allowed: int = ALLOWANCES["ipv4"], threshold: int = 2) -> Asking:
    """A fourth member spends its whole budget on guesses: over all of IPv4, or among ``near`` addresses round the
    others'."""
    space = near or SPACES["ipv4"]
    first = NOBODYS if near else 1 << 24
    lists = members(seed, 100 if near else 2_000, first, space)
    world = matched(seed, lists, threshold)
    world.allowed = {"forum": allowed, "trustee": allowed}
    dice = Random(seed + 1)
    guesses = addresses(min(allowed - 1, space), first, space, dice)  # the check costs one unit
    world.match("searching", guesses)
    told = world.found()["searching"]
    return Asking(len(told), len({each for held in lists.values() for each in held}), len(guesses), space)


def past_its_budget(seed: int, broken: str) -> int:
    """How many points the *other* holder evaluated for a member whose budget one holder (``broken``) does not count."""
    allowed = {"forum": 100, "trustee": 100} | {broken: NO_LIMIT}
    world = World(seed, allowed=allowed)  # type: ignore[arg-type]
    for number in range(5):
        held = addresses(60, NOBODYS + number * 1_000, 1_000, world.dice)
        try:
            world.match("searching", held)
        except RefusedError:
            continue
    other = "trustee" if broken == "forum" else "forum"
    return world.spent[other, "searching"]  # type: ignore[index]
