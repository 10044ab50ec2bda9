"""Accounts and what surrounds them: organisations, addresses, cards, sign-ups. All of it is composed.

Addresses come from documentation ranges only (RFC 5737, RFC 3849, RFC 9637), numbers of networks from RFC 5398, mail
domains from RFC 2606.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 7, 6, tzinfo=UTC)
V4 = ("192.0.2", "198.51.100", "203.0.113")
ASNS = [*range(64496, 64512), *range(65536, 65552)]
MAIL = ["example.com", "example.net", "example.org", "mail.example", "post.example", "letters.example", "box.example"]
USES = [
    "customer support",
    "personal",
    "study",
    "internal tools",
    "writing",
    "research",
    "software",
    "prototype",
    None,
    None,
]


@dataclass
class Account:
    """One account of the sample and the addresses it is seen from."""

    name: str
    organization: str | None
    credential: str
    row: dict[str, Any]
    addresses: list[tuple[str, int]]
    surface: str = "api"
    kinds: list[str] = field(default_factory=list)
    since: float = 0.0  # seconds from the start until the account exists


def stamp(seconds: float) -> str:
    """RFC 3339 with milliseconds, for seconds since the start of the sample."""
    moment = START + timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


class Registry:
    """Makes accounts; every name is drawn at random, so that a name says nothing about its bearer."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._used: set[str] = set()
        self.accounts: list[Account] = []

    def token(self, prefix: str) -> str:
        """A fresh opaque name such as ``acct_7k2f9q``."""
        while True:
            name = prefix + "".join(self._rng.choices("0123456789abcdefghjkmnpqrstvwxyz", k=6))
            if name not in self._used:
                self._used.add(name)
                return name

    def address(self) -> tuple[str, int]:
        """One address of a household or an office, with its network number."""
        asn = self._rng.choice(ASNS)
        if self._rng.random() < 0.45:
            return f"{self._rng.choice(V4)}.{self._rng.randint(1, 254)}", asn
        block = self._rng.choice(["2001:db8", f"3fff:{self._rng.getrandbits(12):x}"])
        middle = f"{self._rng.getrandbits(16):x}:{self._rng.getrandbits(16):x}"
        return f"{block}:{middle}::{self._rng.getrandbits(16) or 1:x}", asn

    def add(self, kind: str, *, signed_up: float | None = None, **known: Any) -> Account:
        """An account with ordinary surroundings, except what is ``known``; ``signed_up`` in days before the start."""
        rng = self._rng
        before = signed_up if signed_up is not None else rng.choice([rng.uniform(-4, 30), rng.uniform(30, 500)])
        homes = known.pop("addresses", None) or [self.address() for _ in range(rng.choice([1, 1, 2, 3]))]
        organization = known.pop("organization", None) or (self.token("org_") if rng.random() < 0.8 else None)
        name = self.token("acct_")
        row: dict[str, Any] = {
            "account": name,
            "organization": organization,
            "created_at": stamp(created := -before * 86400 + rng.uniform(0, 3000)),
            "plan": rng.choice(["pay-as-you-go", "pay-as-you-go", "free", "team"]),
            "programme": rng.choice([None] * 9 + ["startup", "trial", "research"]),
            "payment": self.token("fp_") if rng.random() < 0.75 else None,
            "email_domain": rng.choice(MAIL),
            "signup_ip": homes[0][0],
            "declared_use": rng.choice(USES),
            "verified": rng.random() < 0.4,
        }
        surface = known.pop("surface", rng.choice(["api"] * 8 + ["app", "cloud:north"]))
        since = max(0.0, created + rng.uniform(60, 3000))
        account = Account(name, organization, self.token("key_"), row | known, homes, surface, [kind], since)
        self.accounts.append(account)
        return account
