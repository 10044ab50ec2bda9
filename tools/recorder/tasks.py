"""Composed tasks: what a data-building pipeline, a class, a benchmark or a help desk would send. All words are ours.

Each function returns ``count`` distinct texts for a seed.
"""

# ruff: noqa: E501 -- the sentences are data: broken into pieces, they could not be read or searched
import random
from collections.abc import Callable

import lexicon

NAMES = [
    "Ada",
    "Bo",
    "Cem",
    "Dunja",
    "Eli",
    "Farid",
    "Gül",
    "Hana",
    "Ivo",
    "Jun",
    "Kofi",
    "Lea",
    "Mats",
    "Nia",
    "Omar",
    "Pia",
    "Quinn",
    "Rosa",
    "Sven",
    "Tariq",
    "Uma",
    "Vito",
    "Wen",
    "Yara",
    "Zoe",
]
GOODS = [
    "pears",
    "marbles",
    "tickets",
    "tiles",
    "ribbons",
    "seeds",
    "bolts",
    "mugs",
    "postcards",
    "candles",
    "oranges",
    "bricks",
    "notebooks",
    "shells",
    "stamps",
]
PLACES = [
    "market",
    "quarry",
    "library",
    "harbour",
    "workshop",
    "school",
    "orchard",
    "station",
    "bakery",
    "theatre",
    "depot",
    "clinic",
]
AREAS = [
    "returns",
    "billing",
    "delivery",
    "warranty",
    "login",
    "subscription",
    "invoice",
    "damage",
    "address",
    "refund",
]


def distinct(seed: int, count: int, make: Callable[[random.Random], str]) -> list[str]:
    """``count`` different texts from ``make``, in a fixed order for a seed."""
    rng = random.Random(seed)
    seen: dict[str, None] = {}
    while len(seen) < count:
        seen[make(rng)] = None
    return list(seen)


def maths(rng: random.Random) -> str:
    """A small word problem."""
    a, b, c = rng.sample(NAMES, 3)
    g, h = rng.sample(GOODS, 2)
    p, q = rng.sample(PLACES, 2)
    x, y, z = rng.randint(3, 95), rng.randint(2, 19), rng.randint(2, 12)
    return rng.choice(
        [
            f"{a} packs {x} {g} into boxes of {y}. How many are left over, and how many boxes does {b} need for twice as many?",
            f"At the {p}, {g} cost {y} each and {h} cost {z}. {a} spends {x * z} in all. List every possible purchase.",
            f"A pump fills a tank at the {p} in {x} minutes, another in {x + y}. How long do both need if {a} opens the second {z} minutes late?",
            f"{a}, {b} and {c} share {x * y} {g} in the ratio {y}:{z}:{y + z}. How much more than {b} does {c} get?",
            f"The {p} lies {x} km from the {q}. {a} cycles there at {y + 8} km/h and walks back at {z} km/h. What is the mean speed?",
            f"Find all integers n with {x} < n < {x + 40} such that n leaves remainder {z} when divided by {y + z}.",
            f"A rectangle of {g} has {y} rows. Adding {z} columns makes {x * y + z * y}. How many columns were there before {b} came?",
            f"{b} draws {z} {g} from a bag with {x} red and {y} blue ones. What is the chance that all are blue?",
            f"The sum of {z} consecutive odd numbers is {z * (x * 2 + z)}. {c} claims the largest is prime. Is that so?",
            f"{a} is {y} years older than {b}. In {z} years {a} will be twice as old as {b} was {z} years ago. How old is {c}, who is exactly between them?",
            f"Solve for x: {y}x^2 - {x}x + {z} = 0 and say which root {a} should reject if x counts {h}.",
            f"In a knockout cup at the {p} with {x} teams, {z} get a bye. How many matches are played, {a} asks, before the final?",
        ]
    )


def code(rng: random.Random) -> str:
    """A small programming task."""
    g, p = rng.choice(GOODS), rng.choice(PLACES)
    x, y = rng.randint(2, 60), rng.randint(2, 9)
    return rng.choice(
        [
            f"Write a function that groups {g} by weight so that no group exceeds {x} units, using as few groups as possible.",
            f"Given opening hours of a {p} as strings, merge overlapping intervals and drop those shorter than {x} minutes.",
            f"Implement a queue for the {p} that serves every {y}th visitor first, and prove its complexity.",
            f"Parse lines like 'id;{g};count' and return the {y} most frequent ones, ties broken by name.",
            f"Given a grid of {x} by {y} cells with blocked ones, count the paths that cross each row exactly once.",
            f"Implement an LRU cache of {x} entries for {g} that also expires items after {y} seconds.",
            f"Design a rate limiter for the {p}: {x} calls in {y} seconds per visitor, in constant memory.",
            f"Write a regular expression and a parser for {p} codes such as {chr(65 + y)}{x}-{y}{x}; compare both.",
            f"Sort {x} thousand {g} by two keys without holding more than a {y}th of them in memory.",
            f"Detect a cycle in the deliveries between {y} {p}s and report it in the order it is travelled, starting at node {x}.",
        ]
    )


def reason(rng: random.Random) -> str:
    """A question that wants an argument."""
    topic = lexicon.TOPICS[rng.choice(["physics", "biology", "statistics", "energy", "databases", "history", "python"])]
    thing, other = rng.sample(topic["things"], 2)
    p, a = rng.choice(PLACES), rng.choice(NAMES)
    return rng.choice(
        [
            f"At the {p}, {a} claims that {thing} {rng.choice(topic['troubles'])}. Which observation would refute it?",
            f"Which would {a} have to measure first to tell {thing} from {other}?",
            f"Derive from first principles what {thing} has to do with {other}; {a} will check each step at the {p}.",
            f"Suppose {rng.choice(topic['facts'])}. What follows for {thing} at a {p}?",
        ]
    )


def payload(rng: random.Random) -> str:
    """One task of any of the three kinds."""
    return rng.choice([maths, maths, code, reason])(rng)


def ticket(rng: random.Random) -> str:
    """A message to a shop's help desk."""
    g, n, a = rng.choice(GOODS), rng.randint(1000, 99999), rng.choice(NAMES)
    words = lexicon.TOPICS["shop"]
    middle = rng.choice(
        [
            f"my order {n} with {rng.randint(2, 40)} {g} has not arrived",
            f"you charged me twice for {g} (no. {n})",
            f"the {g} came broken, see {n}",
            f"I can't log in since I changed my mail, customer {n}",
            f"please send {n} to my sister's address instead",
            f"where do I find the invoice for {rng.randint(2, 12)} boxes of {g}",
            f"{rng.choice(words['things'])} {rng.choice(words['troubles'])}",
            f"is the guarantee on {g} still valid after {rng.randint(1, 30)} months",
        ]
    )
    return f"{rng.choice(['Hello', 'Hi', 'Dear team', 'Good day', ''])} {middle}. {rng.choice(lexicon.STYLE['moods'])}. {a}".strip()


def passage(rng: random.Random, sentences: int = 8) -> str:
    """A paragraph of plain text to summarise, index or build questions from."""
    out = []
    for _ in range(sentences):
        topic = lexicon.TOPICS[rng.choice(sorted(lexicon.TOPICS))]
        a, p, year = rng.choice(NAMES), rng.choice(PLACES), rng.randint(1890, 2024)
        thing, other = rng.sample(topic["things"], 2)
        shape = rng.choice(
            [
                f"In {year} the {p} kept a record of {thing}.",
                f"{a} noticed that {rng.choice(topic['facts'])}.",
                f"Nobody at the {p} compared {thing} with {other} before {year}.",
                f"By {year}, {other} had changed twice.",
            ]
        )
        out.append(shape)
    return " ".join(out)


def quiz(rng: random.Random) -> str:
    """A question of the public benchmark: two shelves to compare, four choices."""
    g, h = rng.sample(GOODS, 2)
    x, y = rng.randint(11, 99), rng.randint(2, 9)
    stem = rng.choice(
        [
            f"Which is heavier: {x} {g} of {y} grams or {y} {h} of {x + y} grams?",
            f"Two trays hold {x} and {x * y} {g}. By what factor do they differ?",
            f"If today {x} {h} are {y} weeks old, on which weekday were they new, today being Friday?",
            f"What remains when {x * x} {g} are stacked in towers of {y}?",
            f"Half of {x * 2} {h} plus a fifth of {y * 5} {g} makes how many things?",
        ]
    )
    return f"{stem} (A) {x} (B) {y} (C) {x + y} (D) none"


def review(rng: random.Random) -> str:
    """A guest's review of a hotel, for a table to classify."""
    good = ["quiet rooms", "kind night porter", "soft beds", "view of the bay", "warm rolls", "good showers"]
    bad = ["thin walls", "cold soup", "no lift", "late keys", "damp towels", "a lost suitcase"]
    stay = rng.choice(["Stayed", "We spent", "Came for", "Only", "Booked"])
    return f"{stay} {rng.randint(1, 14)} nights. {rng.choice(good).capitalize()}, but {rng.choice(bad)}. {rng.randint(1, 5)}/5 {rng.choice(NAMES)}"


def booking(rng: random.Random) -> str:
    """A message to a ferry line, for typed extraction."""
    day, who = rng.randint(1, 28), rng.choice(NAMES)
    car = rng.choice(["no car", "one van", "two bikes", "a small car and a trailer"])
    return f"{who} plus {rng.randint(0, 6)} on {day} {rng.choice(['March', 'June', 'August'])}, {car}, berth {rng.randint(100, 999)}"


def errand(rng: random.Random) -> str:
    """A request to a town hall, for the prompt optimiser."""
    form = rng.choice(
        ["dog tax", "parking card", "new passport", "tree felling", "street stall", "birth record", "bulky waste"]
    )
    return f"{rng.choice(NAMES)} asks about {form}, file {rng.randint(100, 9999)}/{rng.randint(20, 26)}, wants {rng.choice(['a date', 'the fee', 'a form', 'a copy'])}"


def nudge(rng: random.Random) -> str:
    """A message of a gym member, for a prompt regression test."""
    ask = rng.choice(
        ["freeze my plan", "change to mornings", "stop the contract", "bring a friend", "get my towel back"]
    )
    return f"Member {rng.randint(100, 9999)} here, may I {ask} from week {rng.randint(1, 52)}?"


def lesson(rng: random.Random) -> str:
    """A page of teaching material, for the distiller with a permit."""
    a, g, p = rng.choice(NAMES), rng.choice(GOODS), rng.choice(PLACES)
    thing = rng.choice(lexicon.TOPICS[rng.choice(["school", "biology", "physics", "history", "robots"])]["things"])
    x = rng.randint(2, 9)
    return rng.choice(
        [
            f"Worksheet {rng.randint(10, 99)}: {x} exercises on {thing}, set at a {p}, answers on the back.",
            f"Lesson opener about {thing}: {a} carries {g} through the {p}. Two minutes, then a question.",
            f"Glossary of {x + 5} words for {thing}. Use {g} in each sample sentence.",
            f"Parents' letter: why the class visits the {p} to see {thing}; {a} collects {x} coins each.",
            f"Marking guide for an essay on {thing}, {x * 5} points, pitfalls seen by {a}.",
        ]
    )


def guests(rng: random.Random, people: int, each: int) -> list[str]:
    """Questions of ``people`` different persons in turn: text ``i`` belongs to person ``i % people``."""
    made = [lexicon.Person(rng) for _ in range(people)]
    return [made[index % people].opening() for index in range(people * each)]


def chore(rng: random.Random) -> str:
    """A seed instruction, as a set of instructions to be evolved would hold it."""
    a, b = rng.sample(NAMES, 2)
    g, h = rng.sample(GOODS, 2)
    p, x = rng.choice(PLACES), rng.randint(3, 90)
    return rng.choice(
        [
            f"Compose a notice for the {p}: {x} {g} were found near the {h}.",
            f"Invent a dialogue in which {a} returns {x} {g} to {b} and neither mentions the {h}.",
            f"Sort these by age and justify it: {g}, {h}, the {p}, {a}'s bicycle number {x}.",
            f"Convert into a haiku: {x} {g} roll past the {p}.",
            f"Outline a manual for the {g} machine of the {p}, section {x} first.",
            f"Name every way in which {h} could replace {g} at a {p} of {x} people.",
            f"{a} owes {b} {x} {h}. Phrase the reminder so that it rhymes.",
            f"Describe the smell of a {p} that stores {x} {g} to someone who only knows {h}.",
            f"Turn into SQL: which {p} sold more {g} than {h} in week {x}?",
            f"Argue as {b} that {x} {g} make a better wedding present than {h}.",
        ]
    )
