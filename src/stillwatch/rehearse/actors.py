"""One account of a population: who it is, how it looks from outside, and its scripts: what it asks, and when."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec
import numpy as np

from stillwatch.rehearse.bodies import Asked
from stillwatch.rehearse.clients import Client
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.networks import Place
from stillwatch.rehearse.rhythm import Times
from stillwatch.rehearse.signups import Signup

Ask = Callable[[int, Dice], Asked]


class Look(msgspec.Struct, kw_only=True):
    """What the provider sees around each request of an account."""

    clients: tuple[Client, ...]  # the first speaks for most requests
    places: tuple[Place, ...]
    surface: str | None = "api"
    organization: str | None = None
    credentials: tuple[str, ...] = ()
    place_by_request: bool = False  # a pool in front changes the address (and the client) at every request
    withheld: frozenset[str] = frozenset()  # fields that the log does not have for this account
    endpoint: str | None = None  # in place of the dialect's own


class Script(NamedTuple):
    """Requests of one purpose: ``ask(k, dice)`` writes the k-th, at ``times[k]``. Pure: same k and dice, same request.

    ``campaign`` is the name of the campaign these requests belong to, or "" for ordinary work (cover included).
    ``look`` is how they look where that is not how the account looks; from ``banned_us`` on they are refused with 403.
    """

    times: Times
    ask: Ask
    campaign: str = ""
    look: Look | None = None
    banned_us: int | None = None


class Permit(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from"}):
    """One line of the permits file (DESIGN section 4); ``None`` means no limit."""

    organization: str
    accounts: tuple[str, ...] | None = None
    since: str
    until: str
    models: tuple[str, ...] | None = None
    capabilities: tuple[str, ...] | None = None
    max_exchanges: int | None = None
    reference: str


class Actor(msgspec.Struct, kw_only=True):
    """``kind`` is chat, application, ... or a look-alike's name or "campaign"; ``group`` says which one of them."""

    seed: int
    kind: str
    group: str = ""
    campaign: str = ""
    look: Look
    signup: Signup
    scripts: list[Script]
    permit: Permit | None = None  # what this account's organisation may do in writing

    @property
    def exchanges(self) -> int:
        return sum(len(script.times) for script in self.scripts)


class Models(NamedTuple):
    """Models on offer and how popular they are."""

    names: tuple[str, ...] = ("m-large", "m-small", "m-mini", "m-reason", "m-code", "m-large-2025", "m-small-2025")
    shares: tuple[float, ...] = (0.27, 0.26, 0.18, 0.11, 0.05, 0.08, 0.05)

    def draw(self, rng: np.random.Generator) -> str:
        return str(rng.choice(self.names, p=self.shares))


MODELS = Models()
