"""How the accounts of a user's log look, so that planted accounts can look alike. No words of anybody are kept.

A *donor* is what one account's first good exchange shows around its words: client, surface, model, parameters, network,
and which fields there are at all. A planted account takes the client, the parameters and the gaps of one donor; its
addresses lie in a donor's network (IPv4: the same /16; IPv6: the same /48), never on a donor's own address by design.
"""

import ipaddress
from collections import Counter
from collections.abc import Container, Sequence

import msgspec
import numpy as np

from stillwatch.rehearse.actors import Look
from stillwatch.rehearse.bodies import PATHS, habits
from stillwatch.rehearse.clients import Client
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.material import Body
from stillwatch.rehearse.naming import Naming, like
from stillwatch.rehearse.networks import Place
from stillwatch.rehearse.rhythm import DAY_US
from stillwatch.rehearse.signups import Signup, opaque, own_domain
from stillwatch.rehearse.world import Habit

_ADDRESSES = 3
_COMMON_DOMAIN = 5  # accounts of a mail domain from which on it is nobody's own
_PERMIT = "distillation-permit"


class Donor(msgspec.Struct, frozen=True, kw_only=True):
    """One account of the log from outside. ``withheld``: record fields that its exchange lacks."""

    account: str
    exchange: str
    organization: str | None
    credential: str | None
    surface: str | None
    endpoint: str | None
    dialect: str
    model: str | None
    ip: str | None
    asn: int | None
    user_agent: str | None
    tls: str | None
    headers: tuple[str, ...] | None
    parameters: Body
    withheld: frozenset[str]


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the user's accounts file."""

    created_us: int | None = None
    plan: str | None = None
    programme: str | None = None
    payment: str | None = None
    email_domain: str | None = None
    signup_ip: str | None = None
    declared_use: str | None = None
    verified: bool | None = None


class Seen:
    """An ``Outside`` made of donors. ``listed``: share of the log's accounts that the accounts file describes."""

    def __init__(
        self, donors: Sequence[Donor], taken: Container[str], recorded: Sequence[Recorded] = (), listed: float = 0.0
    ) -> None:
        self._donors, self._recorded, self._listed = donors, recorded, listed
        self._with_address = [donor for donor in donors if donor.ip]
        domains = Counter(row.email_domain for row in recorded if row.email_domain)
        self._common = {domain for domain, times in domains.items() if times >= _COMMON_DOMAIN}
        self._naming = Naming([donor.account for donor in donors], [donor.exchange for donor in donors], taken)

    @property
    def naming(self) -> Naming:
        return self._naming

    def habit(self, rng: np.random.Generator, dialect: str | None, model: str | None) -> Habit:
        known = [donor for donor in self._donors if donor.dialect == (dialect or donor.dialect)] or self._donors
        place = int(rng.integers(len(known)))
        donor = known[place]
        speaks = dialect or (donor.dialect if donor.dialect in PATHS else "openai-chat")
        habit = Habit(rng, speaks, model or donor.model or "m-large")
        habit.fixed = {**_required(rng, speaks), **donor.parameters}
        habit.donor = donor
        return habit

    def look(self, rng: np.random.Generator, habit: Habit, *, human: bool) -> Look:
        donor = habit.donor if isinstance(habit.donor, Donor) else self._donors[int(rng.integers(len(self._donors)))]
        seed = int(rng.integers(1 << 62))
        return Look(
            clients=(Client(donor.user_agent, donor.headers, donor.tls),),
            places=(self._near(rng, donor),),
            surface=donor.surface,
            organization=like(donor.organization, seed) if donor.organization else None,
            credentials=(like(donor.credential, seed + 1),) if donor.credential else (),
            withheld=donor.withheld,
            endpoint=donor.endpoint if donor.dialect == habit.dialect else None,
        )

    def client(self, rng: np.random.Generator, dialect: str) -> Client:
        known = [donor for donor in self._donors if donor.dialect == dialect] or self._donors
        donor = known[int(rng.integers(len(known)))]
        return Client(donor.user_agent, donor.headers, donor.tls)

    def pool(self, rng: np.random.Generator, addresses: int) -> tuple[Place, ...]:
        if not self._with_address:
            return (Place(("",), 0),)
        donors = [self._with_address[int(rng.integers(len(self._with_address)))] for _ in range(1 + addresses // 16)]
        return tuple(Place((_beside(rng, str(donors[k % len(donors)].ip)),), donors[k % len(donors)].asn or 0)
                     for k in range(addresses))  # fmt: skip

    def signup(self, rng: np.random.Generator, start_us: int, place: Place, *, business: bool) -> Signup:
        if not self._recorded or rng.random() >= self._listed:
            return Signup(created_us=None, plan=None, listed=False)
        row = self._recorded[int(rng.integers(len(self._recorded)))]
        shift = int(rng.integers(-DAY_US, DAY_US))
        domain = row.email_domain
        return Signup(
            created_us=None if row.created_us is None else min(start_us, row.created_us + shift),
            plan=row.plan,
            programme=None if row.programme == _PERMIT else row.programme,
            payment=opaque(rng, "fp") if row.payment else None,
            email_domain=own_domain(rng) if domain and domain not in self._common else domain,
            signup_ip=_beside(rng, row.signup_ip) if row.signup_ip else None,
            declared_use=row.declared_use,
            verified=row.verified,
        )

    def _near(self, rng: np.random.Generator, donor: Donor) -> Place:
        if not donor.ip:
            return Place(("",), 0)
        address = donor.ip
        count = 1 + int(rng.integers(_ADDRESSES))
        return Place(tuple(_beside(rng, address) for _ in range(count)), donor.asn or 0)


def _required(rng: np.random.Generator, dialect: str) -> Body:
    """The Messages API wants a limit on every request; nothing else is required."""
    if dialect != "anthropic-messages":
        return {}
    return {"max_tokens": habits(rng, dialect)["max_tokens"]}


def _beside(rng: np.random.Generator, address: str) -> str:
    """Another address of the same network."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return like(address, int(rng.integers(1 << 62)))
    dice = Dice(int(rng.integers(1 << 62)))
    if known.version == 4:
        return str(ipaddress.IPv4Address((int(known) >> 16 << 16) + 1 + dice.roll(65_534)))
    return str(ipaddress.IPv6Address((int(known) >> 80 << 80) + (dice.roll(1 << 30) << 50) + dice.roll(1 << 30)))
