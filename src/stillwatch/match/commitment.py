"""Was what was asked written down first, by both holders alike?

Each holder's ledger gets a ``matching-commitment`` leaf with the digest of a request before the request is answered
(``wire.commitment``). Afterwards ``compare`` asks whether both ledgers tell of the same sessions with the same cost: a
holder that let a member ask past its budget, or answered without a commitment, has fewer leaves than the other
(``stillwatch match compare``).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set

import msgspec

from stillwatch.guard.ledger.leaves import MatchingCommitted

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


def _broken_off(units: Mapping[tuple[str, str], int], seen: Set[tuple[str, str]]) -> bool:
    """Whether the steps are the beginning of a session, and those that both know cost the same at both."""
    both = [step for step in _COSTLY if {("forum", step), ("trustee", step)} <= seen]
    alike = all(units["forum", step] == units["trustee", step] for step in both)
    return alike and any(seen == set(order[: len(seen)]) for order in (_ORDER, _AUDITED))
