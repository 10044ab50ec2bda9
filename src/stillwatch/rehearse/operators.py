"""What the accounts of one operator have in common: the way out, the client, cards, sign-ups, a programme, a permit."""

import numpy as np

from stillwatch.rehearse.actors import Actor, Look, Permit
from stillwatch.rehearse.bodies import PATHS
from stillwatch.rehearse.clients import STRIPPED
from stillwatch.rehearse.networks import Place
from stillwatch.rehearse.outside import Outside
from stillwatch.rehearse.rhythm import DAY_US, HOUR_US
from stillwatch.rehearse.scenario import Campaign
from stillwatch.rehearse.signups import opaque, thinned
from stillwatch.rehearse.world import Habit, World

_SHARE = {"shared": 1.0, "tenth": 0.1, "proxy": 1.0, "dispersed": 0.0}
_PLACES = 4  # of the pool, for one account
_POOLED_CLIENTS = 6


class Operator:
    """One operator of one campaign. ``equip`` lays what is shared over an account, if the account shows it."""

    def __init__(self, world: World, rng: np.random.Generator, plan: Campaign, outside: Outside) -> None:
        self._world, self._rng, self._plan = world, rng, plan
        self._share = _SHARE[plan.infrastructure]
        self._pool = outside.pool(rng, plan.addresses)
        self._payments = [opaque(rng, "fp") for _ in range(max(1, round(plan.accounts * self._share / 12)))]
        self._domain = f"{int(rng.integers(1 << 32)):08x}.example"
        self._clients = {dialect: outside.client(rng, dialect) for dialect in PATHS}
        self._burst = world.start_us - int(rng.integers(2, 40)) * DAY_US
        self._organization = opaque(rng, "org")
        self._outside = outside

    def equip(self, member: Actor, number: int, habit: Habit, used: Look) -> None:
        """``used`` is how the campaign's requests look: the member's own look, or a thief's."""
        plan, rng = self._plan, self._rng
        if plan.surfaces:
            used.surface = str(rng.choice(plan.surfaces))
        if rng.random() < self._share:
            self._share_out(member, number, habit, used)
        if plan.accounts_are == "pooled":
            self._pooled(member, habit, used)
        if plan.programme:
            member.signup.programme, member.signup.plan, member.signup.payment = plan.programme, "free", None
        if plan.permit_exchanges is not None:
            self._permitted(member, number, used)
        if plan.stripped:
            used.clients = (STRIPPED,)

    def _share_out(self, member: Actor, number: int, habit: Habit, used: Look) -> None:
        rng, pool = self._rng, self._pool
        used.places = tuple(pool[int(place)] for place in rng.integers(len(pool), size=_PLACES))
        used.place_by_request = True
        used.clients = (self._clients[habit.dialect],)
        if self._plan.infrastructure == "proxy" or self._plan.accounts_are == "stolen":
            return
        member.signup.payment = self._payments[number % len(self._payments)]
        member.signup.created_us = self._burst + int(rng.integers(10 * HOUR_US))
        member.signup.signup_ip = pool[int(rng.integers(len(pool)))].addresses[0]
        if rng.random() < 0.5:
            member.signup.email_domain = self._domain
        member.signup = thinned(rng, member.signup)

    def _pooled(self, member: Actor, habit: Habit, used: Look) -> None:
        """A subscription that many people share: an application's surface, many places and clients at once."""
        looks = [self._outside.look(self._rng, habit, human=True) for _ in range(_POOLED_CLIENTS)]
        places: tuple[Place, ...] = tuple(place for look in looks for place in look.places)
        used.clients = tuple(client for look in looks for client in look.clients)
        used.places, used.place_by_request, used.surface = places, True, "app"
        member.signup.plan = "team"

    def _permitted(self, member: Actor, number: int, used: Look) -> None:
        used.organization = self._organization
        member.signup.payment = self._payments[0]
        if number == 0:
            first = np.datetime64(self._world.start_us // 1_000_000, "s").astype("datetime64[D]")
            since, until = (str(day) for day in (first + np.array([-30, 365])).tolist())
            member.permit = Permit(
                organization=self._organization,
                since=since,
                until=until,
                max_exchanges=self._plan.permit_exchanges,
                reference=self._plan.name,
            )
