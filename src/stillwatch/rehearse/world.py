"""What all accounts of a population have in common: the days, the material, the topics people write about."""

from collections.abc import Iterable, Sequence

import numpy as np

from stillwatch.rehearse.actors import MODELS, Actor, Look, Script
from stillwatch.rehearse.asks import OTHER_LANGUAGES, Voice, a_name
from stillwatch.rehearse.babble import Babbler
from stillwatch.rehearse.bodies import a_dialect, habits
from stillwatch.rehearse.clients import client
from stillwatch.rehearse.dice import Dice, mix
from stillwatch.rehearse.material import Body, Material, Text
from stillwatch.rehearse.networks import Place, machine, person
from stillwatch.rehearse.rhythm import DAY_US, HOUR_US, WAKING
from stillwatch.rehearse.signups import opaque, signup

_TOPICS = 24
NEXT = "m-next"  # the model that comes out in a composed week


class World:
    """Shared, read-only. ``start_us`` is a midnight UTC; ``days`` the length of the log."""

    def __init__(
        self, material: Material, start_us: int, days: int, conversations: int, release_us: int | None = None
    ) -> None:
        """``release_us``: when the scenario says that a model comes out; ``None``: it does not say."""
        self.material = material
        self.start_us = start_us
        self.days = days
        self.release_us = release_us
        self.hourly = material.hourly or WAKING
        self.babblers = topics(material.corpus)
        # Each prompt of a person stands for a handful of strangers at most, else recorded prompts look like templates.
        self.person_share = min(0.5, 3.0 * len(material.prompts) / max(1, conversations))

    @property
    def end_us(self) -> int:
        """The first moment after the log."""
        return self.start_us + self.days * DAY_US

    def release(self, rng: np.random.Generator) -> int:
        """When a new model comes out: when the scenario says, else on some afternoon inside the week."""
        drawn = self.start_us + int(rng.integers(1, max(2, self.days - 1))) * DAY_US + 16 * HOUR_US
        return drawn if self.release_us is None else self.release_us

    def voice(self, rng: np.random.Generator) -> Voice:
        """How one person writes. Three in four write English."""
        language = "en" if rng.random() < 0.74 else str(rng.choice(list(OTHER_LANGUAGES)))
        chosen = rng.choice(len(self.babblers), size=min(3, len(self.babblers)), replace=False)
        dice = Dice(int(rng.integers(1 << 62)))
        return Voice(
            language,
            tuple(self.babblers[int(place)] for place in chosen),
            tuple(a_name(dice) for _ in range(8)),
            bool(rng.random() < 0.2),
        )


def topics(corpus: Sequence[Text]) -> tuple[Babbler, ...]:
    """One babbler per group of sources, so that people differ in what they write about."""
    groups: dict[int, list[str]] = {}
    for text in corpus:
        groups.setdefault(mix(*text.source.encode()) % _TOPICS, []).append(text.text)
    return tuple(Babbler(groups[key]) for key in sorted(groups))


def look(rng: np.random.Generator, dialect: str, *, human: bool, place: Place | None = None) -> Look:
    """An ordinary account's outside: one client mostly, its own place, one to three credentials."""
    browser = human and rng.random() < 0.35
    clients = tuple(client(rng, dialect, browser=browser) for _ in range(1 if rng.random() < 0.8 else 2))
    places: tuple[Place, ...] = (place or (person(rng) if human else machine(rng)),)
    if human and place is None and rng.random() < 0.35:
        places = (*places, person(rng))
    surface = "app" if browser and rng.random() < 0.6 else a_surface(rng)
    return Look(
        clients=clients,
        places=places,
        surface=surface if rng.random() > 0.03 else None,
        organization=opaque(rng, "org") if rng.random() < 0.72 else None,
        credentials=tuple(opaque(rng, "key") for _ in range(min(4, int(rng.geometric(0.75))))),
    )


def a_surface(rng: np.random.Generator) -> str:
    return str(
        rng.choice(
            ("api", "cloud:one", "cloud:two", "aggregator:one", "aggregator:two"), p=(0.8, 0.08, 0.04, 0.05, 0.03)
        )
    )


class Habit:
    """An account's way of asking: dialect, model, parameters, key order."""

    __slots__ = ("dialect", "donor", "fixed", "model", "model_first")

    def __init__(self, rng: np.random.Generator, dialect: str | None = None, model: str | None = None) -> None:
        self.dialect = dialect or a_dialect(rng)
        self.model = model or MODELS.draw(rng)
        self.fixed: Body = habits(rng, self.dialect)
        self.model_first = bool(rng.random() < 0.7)
        self.donor: object = None  # whose habit this is, where it is taken from a user's log


def actor(
    world: World,
    rng: np.random.Generator,
    kind: str,
    seen: Look,
    scripts: Iterable[Script],
    *,
    business: bool,
    group: str = "",
) -> Actor:
    """Puts an account together. The ordinary sign-up is drawn last, so that kinds differ in nothing else."""
    return Actor(
        seed=int(rng.integers(1 << 62)),
        kind=kind,
        group=group,
        look=seen,
        scripts=list(scripts),
        signup=signup(rng, world.start_us, seen.places[0], business=business),
    )
