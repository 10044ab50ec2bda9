"""An epoch as it is published: who runs it, when it is open, its threshold, and both holders' public keys.

A member pins the whole description (its digest is what it consents to), so that neither holder can show one member
another key: a key of its own for each member would let a holder tell their tags apart.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import msgspec

from stillwatch.guard.canonical import canonical
from stillwatch.match.faults import MalformedError, SpellingError, StaleEpochError
from stillwatch.match.group import Point, point
from stillwatch.match.identifiers import VERSION, list_version

#: An epoch's name: it becomes part of file names, at both holders and at members.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
#: The largest threshold: each member's work grows with it.
MOST_HOLDERS = 255
#: Types whose spelling follows the list of public suffixes.
_BY_SUFFIX = frozenset({"domain"})


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
    ``spelling`` and ``suffixes`` say how identifiers are spelt: the version of the rules, and of the list of public
    suffixes. Members that spell differently would not match, and not notice.
    """

    forum: str
    id: str
    opens: datetime
    closes: datetime
    threshold: int
    agreement: str
    keys: Mapping[str, PublicKeys]
    spelling: int
    suffixes: str

    def __post_init__(self) -> None:
        if not 2 <= self.threshold <= MOST_HOLDERS:
            raise ValueError(f"a threshold is 2 to {MOST_HOLDERS}: one below 2 would open what one member alone holds")
        if NAME.fullmatch(self.id) is None:
            raise ValueError("an epoch's name is 1 to 64 letters, digits, dots and hyphens")
        if self.opens.tzinfo is None or self.closes.tzinfo is None:
            raise ValueError("an epoch's times name their zone")

    def digest(self) -> bytes:
        """32 bytes that stand for the whole description."""
        return sha256(b"stillwatch match epoch v1" + canonical(msgspec.to_builtins(self))).digest()

    def public(self, kind: str) -> tuple[Point, Point]:
        """Both public keys for a type. ``StaleEpochError`` if this epoch does not match that type."""
        if kind not in self.keys:
            raise StaleEpochError(f"epoch {self.id} has no keys for {kind}")
        return self.keys[kind].points()

    def check_spelling(self, kind: str) -> None:
        """``SpellingError`` if this release spells identifiers of a type otherwise than the members of this epoch."""
        if self.spelling != VERSION:
            raise SpellingError(
                f"epoch {self.id} spells identifiers by version {self.spelling}, this release by {VERSION}"
            )
        if kind in _BY_SUFFIX and self.suffixes != list_version():
            raise SpellingError(
                f"epoch {self.id} has version {self.suffixes} of the list of public suffixes, and here is "
                f"{list_version()}: install publicsuffixlist=={self.suffixes}, or some of {kind} would not match"
            )

    def check_open(self, now: datetime) -> None:
        """``StaleEpochError`` outside the time that it is open: from ``opens``, and before ``closes``."""
        if not self.opens <= now < self.closes:
            raise StaleEpochError(f"epoch {self.id} is open from {self.opens} to {self.closes}; it is {now}")
