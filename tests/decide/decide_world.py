"""Campaigns, rules and tables for the tests of deciding: small, named, and the same every time."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.adapters.stores.table import Table
from stillwatch.adapters.stores.table_folder import TableFolder
from stillwatch.decide.compile import Material, compile_table
from stillwatch.decide.organisations import Accounts
from stillwatch.decide.permits import Counter, Line, Permit
from stillwatch.decide.rules import Rules, load
from stillwatch.decide.times import DAY_US, start_us
from stillwatch.vocabulary.campaigns import Campaign, Membership, TechniqueShare

NOW = start_us("2026-07-15")
KEY = Ed25519PrivateKey.from_private_bytes(b"\7" * 32)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32)
TRUSTED = (KEY.public_key(),)
SECRET = b"\1" * 32

RULES = """
name = "test"
[[rule]]
id = "whole"
because = "Most of it belongs."
levels = ["act"]
membership_at_least = 0.9
organisation_share_at_least = 0.5
course = "refuse"
reach = "organisation"
[[rule]]
id = "some"
because = "Some of it belongs."
levels = ["act"]
membership_at_least = 0.9
each_member_at_least = 0.9
course = "challenge"
[[rule]]
id = "likely"
because = "Likely."
levels = ["act"]
course = "throttle"
retry_after = 30
[[rule]]
id = "told"
because = "One family."
levels = ["review"]
course = "throttle"
shadow = true
"""


def campaign(members: Mapping[str, float], **changes: Any) -> Campaign:
    """A campaign at ``act`` with these accounts."""
    plain: dict[str, Any] = {
        "id": "campaign--1",
        "name": "Campaign 1",
        "rank": 1,
        "weight_bits": 30.0,
        "p_value": 1e-6,
        "level": "act",
        "accounts": tuple(Membership(account=name, membership=p) for name, p in members.items()),
        "exchanges": 1000,
        "first_exchange_at": "2026-07-01T00:00:00Z",
        "last_exchange_at": "2026-07-14T00:00:00Z",
        "noticed_at": None,
        "noticed_after_exchanges": None,
        "techniques": (TechniqueShare(id="SW-T22", atlas=None, share=0.9),),
        "capabilities": {},
        "exposure": (),
        "evidence": (),
        "could_be_wrong": (),
    }
    return Campaign(**{**plain, **changes})


def rules(text: str = RULES, **changes: Any) -> Rules:
    return msgspec.structs.replace(load(text), **changes)


def material(campaigns: Sequence[Campaign] = (), **changes: Any) -> Material:
    """What a table is made from; ``organizations`` maps accounts to organisations."""
    organizations: Mapping[str, str] = changes.pop("organizations", {})
    plain: dict[str, Any] = {
        "campaigns": campaigns,
        "rules": rules(),
        "accounts": Accounts.known(organizations.items()),
        "now_us": NOW,
        "secret": SECRET,
    }
    return Material(**{**plain, **changes})


def permit(**fields: Any) -> Permit:
    """A permit from the fields of a line; ``from_`` for ``from``."""
    return Line(**{"reference": "P-1", "organization": "org_p", **fields}).permit()


def published(folder: Path, made: Material, now_us: int = NOW) -> None:
    TableFolder(folder).publish(compile_table(made), KEY, now_us, "Engineer 1", shadow=made.shadow)


def table(folder: Path, made: Material, counter: Counter | None = None) -> Table:
    published(folder, made)
    return Table.open(folder, TRUSTED, counter)


__all__ = ["DAY_US", "NOW", "campaign", "material", "permit", "published", "rules", "table"]
