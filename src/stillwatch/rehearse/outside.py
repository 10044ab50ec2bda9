"""How planted accounts look from outside: as strangers of a composed log do, or as the accounts of a user's log do.

Whatever the source, a planted account draws from what ordinary accounts draw from, so that no client, model, parameter
or missing field gives a campaign away. What its operator's accounts share is laid over this afterwards.
"""

from typing import Protocol

import numpy as np

from stillwatch.rehearse import clients, networks, world
from stillwatch.rehearse.actors import Look
from stillwatch.rehearse.clients import Client
from stillwatch.rehearse.naming import Naming
from stillwatch.rehearse.networks import Place
from stillwatch.rehearse.signups import Signup, signup
from stillwatch.rehearse.world import Habit


class Outside(Protocol):
    """Draws habits, looks, clients, places and sign-ups."""

    @property
    def naming(self) -> Naming:
        """Names and ids in the log's own shape."""

    def habit(self, rng: np.random.Generator, dialect: str | None, model: str | None) -> Habit:
        """How an account asks; ``dialect`` and ``model`` where the scenario wants them."""

    def look(self, rng: np.random.Generator, habit: Habit, *, human: bool) -> Look:
        """What the log shows around its requests."""

    def client(self, rng: np.random.Generator, dialect: str) -> Client:
        """A client that speaks ``dialect``."""

    def pool(self, rng: np.random.Generator, addresses: int) -> tuple[Place, ...]:
        """The way out of one proxy operator."""

    def signup(self, rng: np.random.Generator, start_us: int, place: Place, *, business: bool) -> Signup:
        """What the accounts file says."""


class Tables:
    """The tables that a composed log's ordinary accounts draw from."""

    naming = Naming()

    def habit(self, rng: np.random.Generator, dialect: str | None, model: str | None) -> Habit:
        return Habit(rng, dialect, model)

    def look(self, rng: np.random.Generator, habit: Habit, *, human: bool) -> Look:
        return world.look(rng, habit.dialect, human=human)

    def client(self, rng: np.random.Generator, dialect: str) -> Client:
        return clients.client(rng, dialect)

    def pool(self, rng: np.random.Generator, addresses: int) -> tuple[Place, ...]:
        return networks.egress_pool(rng, addresses, systems=1 + addresses // 16)

    def signup(self, rng: np.random.Generator, start_us: int, place: Place, *, business: bool) -> Signup:
        return signup(rng, start_us, place, business=business)
