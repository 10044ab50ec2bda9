"""Was what was asked written down first, by both holders alike, and does it stand for identifiers that somebody has?

Each holder's ledger gets a ``matching-commitment`` leaf with the digest of a request before the request is answered
(``wire.commitment``). Three questions can be put to these leaves afterwards:

1. ``compare``: do both ledgers tell of the same sessions with the same cost? A holder that let a member ask past its
   budget, or answered without a commitment, has fewer leaves than the other (``stillwatch match compare``).
2. ``fault``: is this the request that the leaf committed to?
3. ``unexplained``: do the committed points stand for identifiers that the member can name? A blinded point is uniform,
   so it hides which; but the member can open it by showing the identifier and the blinding factor. To open it to
   another identifier it would need the discrete logarithm between two outputs of the hash to the group. This is done
   before an auditor at the member's own place, never before a holder: it shows the identifier.
"""

import hmac
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

import msgspec

from stillwatch.guard.ledger.leaves import MatchingCommitted
from stillwatch.match.group import Scalar, columns, times
from stillwatch.match.identifiers import Identifier
from stillwatch.match.voprf import hash_to_group
from stillwatch.match.wire import Check, Evaluate, commitment

#: What a session leaves in the ledgers, in this order; whoever is killed leaves the beginning of it.
_ORDER = (("forum", "evaluate"), ("trustee", "evaluate"), ("forum", "check"), ("trustee", "check"), ("forum", "upload"))
_AUDITED = (("forum", "evaluate"), ("trustee", "evaluate"), ("forum", "upload"))
#: Steps that both holders have, and that cost.
_COSTLY = frozenset({"evaluate", "check"})


class Difference(msgspec.Struct, frozen=True, order=True):
    """A session of which the two ledgers tell differently; units as each has them, 0 for "knows nothing of it".

    ``unfinished``: this is what a session leaves that was broken off, and no fault yet. A member can break one off to
    look like that, as a holder can that forgot to write; where it happens often, ask both.
    """

    session: str
    epoch: str
    type: str
    forum: int
    trustee: int
    unfinished: bool = False


class Named(msgspec.Struct, frozen=True):
    """What opens one point: the identifier and the scalar that it was blinded with."""

    identifier: Identifier
    blind: Scalar


def compare(forum: Iterable[MatchingCommitted], trustee: Iterable[MatchingCommitted]) -> tuple[Difference, ...]:
    """Where the two ledgers tell of different sessions or costs. Leaves may stand in any order."""
    told: dict[tuple[str, str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    seen: dict[tuple[str, str, str], set[tuple[str, str]]] = defaultdict(set)
    for holder, leaves in (("forum", forum), ("trustee", trustee)):
        for leaf in leaves:
            if leaf.step in _COSTLY or leaf.step == "upload":
                place = (leaf.session, leaf.epoch, leaf.type)
                told[place][holder, leaf.step] += leaf.units
                seen[place].add((holder, leaf.step))
    found = []
    for place, units in sorted(told.items()):
        cost = {holder: sum(units[holder, step] for step in _COSTLY) for holder in ("forum", "trustee")}
        if any(units["forum", step] != units["trustee", step] for step in _COSTLY):
            found.append(Difference(*place, cost["forum"], cost["trustee"], unfinished=_broken_off(units, seen[place])))
    return tuple(found)


def fault(leaf: MatchingCommitted, asked: Evaluate | Check) -> str | None:
    """Why the leaf is no commitment to this request; ``None`` where it is."""
    if (leaf.session, leaf.epoch, leaf.type) != (asked.session.hex(), asked.epoch, asked.kind):
        return "the leaf is of another session, epoch or type"
    if leaf.units != asked.units:
        return f"the leaf says {leaf.units} units, the request costs {asked.units}"
    if not hmac.compare_digest(leaf.batch, f"sha256:{commitment(asked).hex()}"):
        return "the leaf commits to another request"
    return None


def unexplained(asked: Evaluate, opened: Mapping[int, Named], chosen: Sequence[int]) -> tuple[int, ...]:
    """Which of the ``chosen`` points of a request the member did not open to an identifier of the request's type."""
    points = columns(asked.points)
    return tuple(place for place in chosen if not _opens(points[place], asked.kind, opened.get(place)))


def _opens(point: bytes, kind: str, named: Named | None) -> bool:
    if named is None or named.identifier.type != kind:
        return False
    return bool(times(named.blind, hash_to_group(named.identifier.message)) == point)


def _broken_off(units: Mapping[tuple[str, str], int], seen: Set[tuple[str, str]]) -> bool:
    """Whether the steps are the beginning of a session, and those that both know cost the same at both."""
    both = [step for step in _COSTLY if {("forum", step), ("trustee", step)} <= seen]
    alike = all(units["forum", step] == units["trustee", step] for step in both)
    return alike and any(seen == set(order[: len(seen)]) for order in (_ORDER, _AUDITED))
