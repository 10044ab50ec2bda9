"""An epoch as it is published: who runs it, when it is open, its threshold, and both holders' public keys.

A member pins the whole description (its digest is what it consents to), so that neither holder can show one member
another key: a key of its own for each member would let a holder tell their tags apart.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import msgspec

from stillwatch.guard.canonical import canonical
from stillwatch.match.faults import MalformedError, StaleEpochError
from stillwatch.match.group import Point, point


class PublicKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Both holders' public keys for one type, in hex."""

    forum: str
    trustee: str

    def points(self) -> tuple[Point, Point]:
        """The two as checked group elements: forum, trustee. ``MalformedError`` for what is none."""
        try:
            return point(bytes.fromhex(self.forum)), point(bytes.fromhex(self.trustee))
        except ValueError as error:
            raise MalformedError("a public key is not hex") from error


class Epoch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What members agree to: ``threshold`` distinct members must hold an identifier before anything opens (2 at least).

    ``agreement`` is the digest of the text of the sharing agreement; ``keys`` maps identifier types to public keys.
    """

    forum: str
    id: str
    opens: datetime
    closes: datetime
    threshold: int
    agreement: str
    keys: Mapping[str, PublicKeys]

    def __post_init__(self) -> None:
        if self.threshold < 2:
            raise ValueError("a threshold below 2 would open what one member alone holds")

    def digest(self) -> bytes:
        """32 bytes that stand for the whole description."""
        return sha256(b"stillwatch match epoch v1" + canonical(msgspec.to_builtins(self))).digest()

    def public(self, kind: str) -> tuple[Point, Point]:
        """Both public keys for a type. ``StaleEpochError`` if this epoch does not match that type."""
        if kind not in self.keys:
            raise StaleEpochError(f"epoch {self.id} has no keys for {kind}")
        return self.keys[kind].points()

    def check_open(self, now: datetime) -> None:
        """``StaleEpochError`` outside the time that it is open: from ``opens``, and before ``closes``."""
        if not self.opens <= now < self.closes:
            raise StaleEpochError(f"epoch {self.id} is open from {self.opens} to {self.closes}; it is {now}")
