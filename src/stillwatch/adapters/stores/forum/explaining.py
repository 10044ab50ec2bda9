"""Why can X see Y? The same conditions that the queries use, told as sentences, collection by collection."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from stillwatch.adapters.stores.forum.directory import Directory
from stillwatch.adapters.stores.forum.records import Audience, Collection, Member
from stillwatch.adapters.stores.forum.tables import named, objects
from stillwatch.adapters.stores.forum.visibility import SHARED

_SHARED_WITH = {
    Audience.COLLECTION: "its marking lets every reader of the collection see it",
    Audience.ORGANISATIONS: "it is TLP:AMBER+STRICT: for member organisations, not for those who oversee the forum",
    Audience.NAMED: "it is TLP:RED: for its sender and the members it named",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """One version of the object in one collection: may the member see it, and the reasons, each a sentence."""

    collection: Collection
    version: str
    owner_id: int
    may_see: bool
    reasons: tuple[str, ...]


def explain(
    connection: sa.Connection, directory: Directory, member: Member, stix_id: str, now_us: int
) -> list[Explanation]:
    """Every version of ``stix_id`` in every collection. For who may know it all; filter it for others."""
    places = {place.id: place for place in directory.collections.values()}
    columns = ("seq", "collection_id", "version", "owner_id", "audience", "scope", "expires_us")
    query = sa.select(*(objects.c[name] for name in columns)).where(
        objects.c.collection_id.in_(list(places)), objects.c.stix_id == stix_id
    )
    rows = connection.execute(query.order_by(objects.c.collection_id, objects.c.version_us)).all()
    listed = sa.select(named.c.seq).where(
        named.c.member_id == member.id, named.c.seq.in_([row.seq for row in rows if row.scope != SHARED])
    )
    mine = set(connection.execute(listed).scalars())
    return [_one(directory, member, places[row.collection_id], row, row.seq in mine, now_us) for row in rows]


def _one(directory: Directory, member: Member, place: Collection, row: Any, is_named: bool, now_us: int) -> Explanation:
    allowed, why = _entry(directory, member, place)
    reasons = [why]
    audience = Audience(row.audience)
    reasons.append(_SHARED_WITH[audience])
    if audience is Audience.NAMED:
        fits = is_named
        if is_named:
            reasons.append("the member sent it" if row.owner_id == member.id else "the sender named the member")
        else:
            reasons.append("the sender did not name the member")
    else:
        fits = audience <= member.viewer.ceiling
        if not fits:
            reasons.append(f"the role {member.role} oversees the forum")
    expired = row.expires_us is not None and row.expires_us <= now_us
    if expired:
        reasons.append("it has expired and is about to be deleted")
    if member.status != "active":
        reasons.append("the member is suspended")
    may_see = allowed and fits and not expired and member.status == "active"
    return Explanation(place, row.version, row.owner_id, may_see, tuple(reasons))


def _entry(directory: Directory, member: Member, place: Collection) -> tuple[bool, str]:
    read, _ = directory.standing(member, place)
    granted = (place.id, member.id) in directory.grants
    if granted:
        source = f"a grant says that {member.name} may {'read' if read else 'not read'} {place.title}"
    elif place.everyone:
        source = f"the role {member.role} {'reads' if read else 'does not read'} collections that are open to members"
    else:
        source = f"{place.title} is private and {member.name} has no grant"
    return read, source
