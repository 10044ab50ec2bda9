"""Campaigns as a scan writes them, with only what a test is about; and what they leave behind."""

from collections.abc import Mapping
from typing import Any

from stillwatch.attribute.grouping import Dossier
from stillwatch.vocabulary.campaigns import Campaign, EvidenceShown, Membership, TechniqueShare

SCAN = ("2026-06-01T00:00:00Z", "2026-06-29T00:00:00Z")
#: What one collector's campaign looks like: elicits, divides its work, one purpose, levelled volumes.
COLLECTOR: dict[str, float] = {
    "elicitation": 5.0, "payload-partition": 3.0, "dealt-payload": 2.2, "human-rhythm": 0.0, "round-the-clock": 1.4,
    "even-volumes": 4.2, "pays-apart": -1.5, "signup-burst": -0.4, "established-accounts": 0.0, "passing-use": 0.2,
    "shared-rare-fingerprint": 3.0, "two-mode": 1.8, "single-turn": 0.7, "diverse-tasks": 0.0,
}  # fmt: skip
#: A gateway that asks for reasoning in tags, balances its tenants over its accounts and pays for all of them.
GATEWAY: dict[str, float] = {
    "elicitation": 4.0, "payload-partition": 3.0, "dealt-payload": 0.0, "human-rhythm": 0.0, "round-the-clock": 1.4,
    "even-volumes": 3.2, "shared-payment": 5.4, "signup-burst": -0.5, "established-accounts": -0.3, "passing-use": 1.0,
    "shared-network": 3.0, "shared-client": 1.5, "shared-signup": 3.0, "single-turn": 0.7, "diverse-tasks": -0.1,
}  # fmt: skip
CLASS: dict[str, float] = {
    "elicitation": -1.9, "payload-partition": -6.0, "teaching-programme": -3.2, "pays-apart": -1.5,
    "human-rhythm": -0.9, "even-volumes": 0.6, "signup-burst": 5.0, "single-turn": -1.5,
}  # fmt: skip


def campaign(name: str = "Campaign 1", lines: Mapping[str, float] = COLLECTOR, **given: Any) -> Campaign:
    """A campaign with these lines of evidence."""
    plain: dict[str, Any] = {
        "id": f"campaign--{name.lower().replace(' ', '-')}",
        "name": name,
        "rank": 1,
        "weight_bits": 20.0,
        "p_value": None,
        "level": "act",
        "accounts": (Membership(account="acct_1", membership=0.9), Membership(account="acct_2", membership=0.8)),
        "exchanges": 1200,
        "first_exchange_at": "2026-06-03T00:00:00Z",
        "last_exchange_at": "2026-06-10T00:00:00Z",
        "noticed_at": None,
        "noticed_after_exchanges": None,
        "techniques": (TechniqueShare(id="SW-T16", atlas=None, share=0.98),),
        "capabilities": {"maths": 0.9, "other": 0.1},
        "exposure": (),
        "evidence": tuple(line(id_, bits) for id_, bits in lines.items()),
        "could_be_wrong": (),
    }
    return Campaign(**(plain | given))


def line(id_: str, bits: float) -> EvidenceShown:
    """One line of evidence."""
    return EvidenceShown(id=id_, family="f", axis="a", observed="o", ordinary="o", weight_bits=bits, text="t")


def dossier(
    one: Campaign, *, source: str = "a.json", blocked_at: str | None = None, **values: set[str] | frozenset[str]
) -> Dossier:
    """What is known around a campaign; identifier types are written with underscores."""
    held = {type_.replace("_", "-"): frozenset(mine) for type_, mine in values.items()}
    return Dossier(one, source, *SCAN, held, blocked_at)
