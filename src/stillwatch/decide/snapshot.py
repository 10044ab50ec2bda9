"""The signed statement about a table, and the bytes of its entries: what a gateway may believe, and how it is spelt.

A table is two things: entries, an immutable file, and a *manifest* that names the file by its digest, is signed
(Ed25519, RFC 8032, in a DSSE envelope) and numbered. Numbers only go up, so nobody who kept an old manifest can bring
back decisions that were taken away; a rollback is a new manifest over old entries.
"""

import msgspec

from stillwatch.decide.order import Order
from stillwatch.decide.permits import Manners, Permit
from stillwatch.decide.rings import Ring

#: Raised when entries are spelt otherwise: a gateway refuses what it does not know.
FORMAT = 1
#: What a signature is over; part of what is signed.
PAYLOAD_TYPE = "application/vnd.stillwatch.decision-table+json"

#: First byte of a key in the entries: an account, an organisation, an organisation's place in a ring, the organisation
#: of an account (where it has a place), the rest.
ACCOUNT, ORGANIZATION, PLACE, MEMBER, REST = b"a", b"o", b"r", b"m", b"!"


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is signed. ``entries`` is a file name beside the manifest; ``previous`` the version that it follows."""

    format: int
    serial: int
    version: str
    entries: str
    sha256: str
    size: int
    accounts: int
    organizations: int
    made_us: int
    stale_us: int  # older than that raises an alarm
    rules: str
    by: str
    shadow: bool = False
    previous: str = ""
    rolled_back_to: str = ""


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """What every decision may need and is small: held in memory by whoever opens the table."""

    orders: tuple[Order, ...]
    permits: tuple[Permit, ...]
    manners: Manners
    rings: tuple[Ring, ...]


def version(serial: int, sha256: str) -> str:
    """How people and decisions name a table: ``12-3f9a01bc``."""
    return f"{serial}-{sha256[:8]}"


def entry(order: int, case: str) -> bytes:
    """An account's or organisation's entry: the number of its order (four bytes, little-endian) and its case."""
    return order.to_bytes(4, "little") + case.encode("ascii")


def place(ring: int, lapses_us: int | None) -> bytes:
    """An organisation's place: the number of its ring, and from when it no longer counts (0: it does not lapse)."""
    return bytes((ring,)) + (lapses_us or 0).to_bytes(8, "little")
