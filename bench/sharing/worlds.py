"""Three providers' weeks with one campaign over all of them, and customers who buy from more than one.

Each provider has a composed week of its own (``ordinary``: every look-alike). Into these go

- customers of several providers: accounts, and whole groups of look-alikes, that another provider has too: same work,
  same means of payment, same addresses, same domain; other account names, organisations and credentials. ``ALSO`` says
  how many of each kind go from one provider to another; over three providers about one customer in eight is at two.
  Somebody who asks for reasoning at one provider asks for it at the other, so innocents meet on watch-lists. We know
  of no count of customers that several model providers have in common: the rates are our settings;
- strangers with something in common (a public prompt, a tool): each provider has its own, and some of them are the
  same people;
- exits of privacy networks, carriers and clouds: every week draws its places from the same few systems, so strangers
  meet on their addresses without any arrangement. The list of common values that members agree on knows all carriers
  and three quarters of the privacy networks (``KNOWN_EXITS``); on the others they meet;
- one campaign, a share at each provider: dispersed (every account has ordinary infrastructure of its own), wording of
  each account's own, half of the work cover. ``shared`` says which part of the cards, sign-up addresses, ways out and
  domains one provider's share has in common with the others'.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from stillwatch.adapters.material import shipped
from stillwatch.match.common import CommonValues, Entry
from stillwatch.rehearse import networks
from stillwatch.rehearse.actors import Actor
from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.material import Material
from stillwatch.rehearse.networks import Place
from stillwatch.rehearse.population import Population
from stillwatch.rehearse.scenario import Campaign, Scenario, scaled
from stillwatch.rehearse.signups import FREE_MAIL, opaque, own_domain

PROVIDERS = ("provider-1", "provider-2", "provider-3")
#: Of each kind of account, or of group under one roof, the share that each other provider has as well.
ALSO = {
    "chat": 0.03, "developer": 0.06, "application": 0.08, "batch": 0.08,
    "reseller": 0.3, "evaluation-harness": 0.25, "red-team": 0.25, "prompt-optimiser": 0.15, "drift-monitor": 0.2,
    "fleet": 0.15, "agency": 0.2, "corporate-gateway": 0.25, "small-team": 0.1, "test-data": 0.1, "batch-jobs": 0.1,
    "nightly": 0.1, "classroom": 0.05,
}  # fmt: skip
_OTHERS = 0.05
#: Strangers with something in common: each of them buys elsewhere, or does not, alone.
STRANGERS = {
    "viral": 0.03, "viral-template": 0.03, "hobbyists": 0.06, "framework": 0.06, "release-adopters": 0.05,
    "new-tool": 0.05, "launch-day": 0.05,
}  # fmt: skip

#: Of the systems that privacy networks use in composed weeks, so many are on the list of common values.
KNOWN_EXITS, _EXITS, _CARRIERS = 6, range(300, 308), range(200, 212)


def common_values() -> CommonValues:
    """What members agreed to leave out: free mail, carriers' NAT, privacy networks that are known."""
    systems = [("carrier-nat", at) for at in _CARRIERS] + [("privacy-network", at) for at in _EXITS[:KNOWN_EXITS]]
    ranges = [Entry(kind, "ipv4", f"{networks.v4(at, 0).rsplit('.', 2)[0]}.0.0/16") for kind, at in systems]  # type: ignore[arg-type]
    mail = [Entry("free-mail", "domain", name) for name in FREE_MAIL]
    return CommonValues([*ranges, *mail])


class Split(NamedTuple):
    """One campaign over all providers. ``accounts``: at each; ``shared``: part of its infrastructure that is common."""

    name: str
    accounts: int
    techniques: tuple[str, ...]
    shared: float
    exchanges: int = 20
    cover: float = 0.5
    payload: str = "maths"


def weeks(material: Material, seed: int, ordinary: int, splits: Sequence[Split]) -> list[Population]:
    """The week of each provider, with these campaigns over all of them."""
    found = [compose(_scenario(name, ordinary, splits), material, seed * 10 + n) for n, name in enumerate(PROVIDERS)]
    rng = np.random.default_rng([seed, 5])
    visitors = [_customers_of_others(rng, week, found, n) for n, week in enumerate(found)]
    actors = [[*week.actors, *more] for week, more in zip(found, visitors, strict=True)]
    for n, week in enumerate(found):
        for other in found[:n]:
            _also_there(rng, week.actors, other.actors)
    for number, split in enumerate(splits):
        _share_out(np.random.default_rng([seed, 6, number]), actors, split)
    return [Population(week.scenario, week.world, all_, week.seed) for week, all_ in zip(found, actors, strict=True)]


def _scenario(name: str, ordinary: int, splits: Sequence[Split]) -> Scenario:
    base = scaled(shipped.scenario("ordinary"), ordinary)
    return msgspec.structs.replace(base, name=name, campaign=tuple(_plan(split) for split in splits))


def _plan(split: Split) -> Campaign:
    return Campaign(
        name=split.name, accounts=split.accounts, exchanges=split.exchanges, cover=split.cover, payload=split.payload,
        wording="per-account", techniques=split.techniques, infrastructure="dispersed",
    )  # fmt: skip


def _customers_of_others(
    rng: np.random.Generator, week: Population, weeks_: Sequence[Population], number: int
) -> list[Actor]:
    """Accounts that other providers have and this one has too; a group of look-alikes comes whole or not at all."""
    found = []
    for place, other in enumerate(weeks_):
        if place == number:
            continue
        groups: dict[str, bool] = {}
        for actor in other.actors:
            if actor.campaign:
                continue
            comes = bool(rng.random() < ALSO.get(actor.kind, _OTHERS))
            if actor.group:
                comes = groups.setdefault(actor.group, comes)
            if comes and actor.kind not in STRANGERS:
                found.append(_again(rng, actor, number))
    return _own_organisations(rng, found)


def _also_there(rng: np.random.Generator, actors: Sequence[Actor], others: Sequence[Actor]) -> None:
    """Some of the strangers who show a thing here are people who show such a thing at another provider."""
    for actor in actors:
        alike = [other for other in others if other.kind == actor.kind]
        if alike and rng.random() < STRANGERS.get(actor.kind, 0.0):
            other = alike[int(rng.integers(len(alike)))]
            actor.signup.payment, actor.signup.signup_ip = other.signup.payment, other.signup.signup_ip
            actor.signup.email_domain, actor.look.places = other.signup.email_domain, other.look.places


def _again(rng: np.random.Generator, actor: Actor, number: int) -> Actor:
    """The same customer at another provider: other names, the same card, addresses, client and work."""
    look = msgspec.structs.replace(actor.look, credentials=tuple(opaque(rng, "key") for _ in actor.look.credentials))
    group = f"{actor.group}@{number}" if actor.group else ""
    return msgspec.structs.replace(
        actor, seed=int(rng.integers(1 << 62)), look=look, group=group, signup=msgspec.structs.replace(actor.signup)
    )


def _own_organisations(rng: np.random.Generator, actors: list[Actor]) -> list[Actor]:
    """Organisations have another name here, and stay together; what a permit allows is the other provider's."""
    names: dict[str, str] = {}
    for actor in actors:
        old = actor.look.organization
        if old is not None:
            actor.look.organization = names.setdefault(old, opaque(rng, "org"))
            if actor.permit is not None:
                actor.permit = msgspec.structs.replace(actor.permit, organization=names[old])
    return actors


def _share_out(rng: np.random.Generator, weeks_: Sequence[list[Actor]], split: Split) -> None:
    """Give a part of the campaign's accounts at every provider what its accounts at the others have."""
    count = max(1, round(split.shared * split.accounts))
    payments = [opaque(rng, "fp") for _ in range(count)]
    domains = [own_domain(rng) for _ in range(count)]
    signups = [place.addresses[0] for place in networks.egress_pool(rng, count, systems=count)]
    ways_out = networks.egress_pool(rng, count, systems=count)
    for actors in weeks_:
        own = [actor for actor in actors if actor.campaign == split.name]
        for what in range(4):
            for value, at in enumerate(rng.choice(len(own), size=min(count, len(own)), replace=False).tolist()):
                _lay_over(own[at], what, payments[value], signups[value], domains[value], ways_out[value])


def _lay_over(actor: Actor, what: int, payment: str, signup_ip: str, domain: str, way_out: Place) -> None:
    """``what``: card, sign-up address, domain, or way out (all of its requests leave there)."""
    if what == 0:
        actor.signup.payment = payment
    elif what == 1:
        actor.signup.signup_ip = signup_ip
    elif what == 2:
        actor.signup.email_domain = domain
    else:
        actor.look.places = (way_out,)
