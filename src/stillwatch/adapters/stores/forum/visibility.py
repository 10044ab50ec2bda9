"""WHO MAY SEE WHICH OBJECT, as conditions of a query, in one place.

An object is visible to a viewer if it is shared (``scope`` 0) with an audience that includes them, or if the ``named``
table lists them for it. Hidden objects must not show in what is left out either: the "last version" of an object is the
last that *this* viewer may see, so a hidden newer version never makes an older one vanish.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from stillwatch.adapters.stores.forum.records import Viewer
from stillwatch.adapters.stores.forum.tables import named, objects

Condition = sa.ColumnElement[bool]

SHARED = 0


def visible(table: Any, viewer: Viewer) -> Condition:
    """That ``viewer`` may see the row of ``table`` (``objects`` or an alias of it)."""
    return sa.or_(
        sa.and_(table.c.scope == SHARED, table.c.audience <= int(viewer.ceiling)),
        sa.exists().where(named.c.member_id == viewer.member_id, named.c.seq == table.c.seq).correlate(table),
    )


def alive(table: Any, now_us: int) -> Condition:
    """That the row has not expired: the sweep deletes it soon, and nobody sees it meanwhile."""
    return sa.or_(table.c.expires_us.is_(None), table.c.expires_us > now_us)


def _no_other(viewer: Viewer, better: Any) -> Condition:
    """That no visible version of the same object is ``better``; the first to arrive of two equal ones is."""
    other = objects.alias("other")
    same = sa.and_(other.c.version_us == objects.c.version_us, other.c.date_added < objects.c.date_added)
    return ~sa.exists().where(
        other.c.collection_id == objects.c.collection_id,
        other.c.stix_id == objects.c.stix_id,
        sa.or_(better(other.c.version_us, objects.c.version_us), same),
        visible(other, viewer),
    ).correlate(objects)


def versions(viewer: Viewer, keywords: Iterable[str], values: Iterable[int]) -> Condition:
    """The versions that ``match[version]`` asks for (TAXII 2.1 section 3.4.1): last, first, all, or exact times."""
    alone = sa.or_(objects.c.is_alone, _no_other(viewer, lambda other, own: sa.false()))
    found: list[Condition] = []
    for keyword in keywords:
        if keyword == "all":
            return alone
        if keyword == "last":
            found.append(sa.or_(objects.c.is_last, _no_other(viewer, lambda other, own: other > own)))
        else:
            found.append(sa.or_(objects.c.is_first, _no_other(viewer, lambda other, own: other < own)))
    exact = list(values)
    if exact:
        found.append(sa.and_(objects.c.version_us.in_(exact), alone))
    return sa.or_(*found)
