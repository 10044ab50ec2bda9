"""What the store hands in and out: a collection, a viewer, an object that arrives, what became of it."""

import re
from dataclasses import dataclass
from enum import IntEnum


class Audience(IntEnum):
    """Who, among the readers of a collection, may see an object (TLP 2.0; FIRST, "Traffic Light Protocol", 2022)."""

    COLLECTION = 0  #: CLEAR, GREEN, AMBER or unmarked: every reader
    ORGANISATIONS = 1  #: AMBER+STRICT: members and their own people, not those who oversee the forum
    NAMED = 2  #: RED: the sender and the members it named


@dataclass(frozen=True, slots=True)
class Collection:
    """A sharing group: who reads and writes it, under which agreement, in which log it is proved."""

    id: int
    uuid: str
    alias: str
    title: str
    description: str
    agreement: str
    agreement_text: str
    everyone: bool
    log: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """Through whose eyes a collection is read. ``ceiling``: the narrowest audience that includes them."""

    member_id: int
    ceiling: Audience


#: Roles outside the members' own organisations: AMBER+STRICT stays hidden even where a grant lets them read.
OVERSEERS = frozenset({"operator", "auditor"})

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}")


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation, or a person it sends, as the forum knows it."""

    id: int
    name: str
    role: str
    status: str = "active"
    witness_key: str | None = None

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.id, Audience.COLLECTION if self.role in OVERSEERS else Audience.ORGANISATIONS)

    @property
    def ledger_id(self) -> str:
        """How leaves name it: its name, or its number where the name holds what a leaf has no room for."""
        return self.name if _PLAIN.fullmatch(self.name) else f"member/{self.id}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An object that passed the checks. ``version`` is None where STIX gives it none (most cyber observables)."""

    stix_id: str
    type: str
    version: str | None
    version_us: int | None
    audience: Audience
    named: frozenset[int]
    expires_us: int | None
    digest: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """An object that was not taken: by which clauses, and why, in sentences that the sender may read."""

    stix_id: str
    version: str
    body: bytes
    clauses: tuple[str, ...]
    reasons: tuple[str, ...]
    held: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one object of a request. ``reason`` is None where it is in the collection now."""

    stix_id: str
    version: str
    present_before: bool = False
    reason: str | None = None
