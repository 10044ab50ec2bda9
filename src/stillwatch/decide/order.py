"""What a compiled table holds: orders that many accounts share, a case for each, and the book that staff keep of them.

An order is made once for all whom one rule, or one person, treats alike; an account's entry names the order and the
account's own case. A gateway's copy of the table holds no evidence: grounds are in the cases, which stay with staff.
"""

import hashlib

import msgspec

from stillwatch.decide.course import Course


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One course of action for whoever is named by it. ``author`` is ``rule ID`` or ``person NAME``."""

    course: Course
    reason: str
    author: str
    expires_us: int
    retry_after: int | None = None
    models: tuple[str, ...] | None = None  # None: every model
    shadow: bool = False
    outranks_permit: bool = False  # a person who decides about a permit's holder knows of the permit
    covert: bool = False  # carried out without a word, by an order of two people (``covert.py``)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Why an account or an organisation is treated as it is: what staff read when somebody quotes the reference."""

    reference: str
    organization: str | None  # decided as one; None: the account stands alone
    accounts: tuple[str, ...]  # the accounts that the order names
    whole_organization: bool  # accounts made later are meant too
    campaign: str | None
    course: Course
    reason: str
    author: str
    grounds: str
    decided_us: int
    expires_us: int
    shadow: bool = False
    weight_bits: float | None = None
    membership: float | None = None  # the highest among the accounts


#: Letters and digits that nobody confuses when they read a reference aloud (Crockford's base 32).
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 12


def case_reference(secret: bytes, subject: str, matter: str) -> str:
    """The reference of a case: the same whenever ``subject`` is decided about in the same ``matter``.

    Keyed and different for every subject: two callers who compare theirs do not learn that one campaign joins them.
    60 bits: among a million cases the chance that two meet is below one in a million.
    """
    digest = hashlib.blake2b(f"{subject}\0{matter}".encode(), key=secret[:64], digest_size=8, person=b"decide-case")
    number = int.from_bytes(digest.digest(), "big")
    return "C-" + "".join(_ALPHABET[(number >> 5 * place) & 31] for place in range(_LENGTH))
