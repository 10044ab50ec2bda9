"""Read a page: objects in the order they were added, after a place in that order, as one viewer may see them.

Keyset paging (a place in an index, never a count of rows to skip), so that the cost does not grow with the collection.
What is shared and what is named to the viewer are two streams, each led by its own index and merged, so that objects
hidden from the viewer cost nothing and their number does not show in the time an answer takes. The same holds for each
wanted type.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from stillwatch.adapters.stores.forum.records import Collection, Viewer
from stillwatch.adapters.stores.forum.tables import named, objects
from stillwatch.adapters.stores.forum.visibility import SHARED, alive, versions, visible

#: A page ends early beyond this many bytes of objects: that bounds the memory of an answer.
PAGE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for. Empty ``types`` and ``ids`` mean any. ``after_us`` is exclusive."""

    after_us: int = 0
    types: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ("last",)
    exact_versions: tuple[int, ...] = ()
    nothing: bool = False  # match[spec_version] asks for versions that are not kept here
    limit: int = 100


@dataclass(slots=True)
class Page:
    """Rows ``(date_added, *columns)``; ``more`` if the reader may see further ones."""

    rows: list[Any] = field(default_factory=list)
    more: bool = False


BODIES = (objects.c.body, objects.c.audience)
RECORDS = (objects.c.stix_id, objects.c.version)


def page(
    connection: sa.Connection,
    collection: Collection,
    viewer: Viewer,
    wanted: Wanted,
    now_us: int,
    columns: tuple[sa.ColumnElement[Any], ...] = BODIES,
) -> Page:
    """The first ``wanted.limit`` rows that match, fewer where they grow beyond ``PAGE_BYTES``."""
    found = Page()
    if wanted.nothing:
        return found
    size = 0
    for row in _rows(connection, collection, viewer, wanted, now_us, columns):
        if len(found.rows) >= wanted.limit or size >= PAGE_BYTES:
            found.more = True
            break
        found.rows.append(row)
        size += len(row[1])
    return found


def knows(connection: sa.Connection, collection: Collection, viewer: Viewer, stix_id: str, now_us: int) -> bool:
    """Whether the viewer may see any version of this object here."""
    query = sa.select(sa.literal(1)).where(
        objects.c.collection_id == collection.id,
        objects.c.stix_id == stix_id,
        alive(objects, now_us),
        visible(objects, viewer),
    )
    return connection.execute(query.limit(1)).first() is not None


def _rows(
    connection: sa.Connection,
    collection: Collection,
    viewer: Viewer,
    wanted: Wanted,
    now_us: int,
    columns: tuple[sa.ColumnElement[Any], ...],
) -> Iterator[Any]:
    query = sa.select(objects.c.date_added, *columns).where(
        alive(objects, now_us), versions(viewer, wanted.keywords, wanted.exact_versions)
    )
    # "+ 0" keeps a planner from walking the collection in order where ids are to be looked up.
    scope = objects.c.scope + 0 if wanted.ids else objects.c.scope
    shared = query.where(
        objects.c.collection_id == collection.id, scope == SHARED, objects.c.audience <= int(viewer.ceiling)
    )
    streams = [_run(connection, narrowed, wanted) for narrowed in _narrowed(shared, wanted)]
    if _is_named(connection, collection, viewer, wanted):
        mine = query.join(named, named.c.seq == objects.c.seq).where(
            named.c.member_id == viewer.member_id,
            named.c.collection_id == collection.id,
            named.c.date_added > wanted.after_us,
        )
        if wanted.types:
            mine = mine.where(objects.c.type.in_(wanted.types))
        if wanted.ids:
            mine = mine.where(objects.c.stix_id.in_(wanted.ids))
        streams.append(_run(connection, mine, wanted))
    if len(streams) == 1:
        return streams[0]
    return heapq.merge(*streams, key=_date_added)


def _narrowed(query: sa.Select[Any], wanted: Wanted) -> Iterator[sa.Select[Any]]:
    """One query for each index range: by id, by type, or in order."""
    if wanted.ids:
        query = query.where(objects.c.stix_id.in_(wanted.ids))
        if wanted.types:
            query = query.where(objects.c.type.in_(wanted.types))
        yield query.where(objects.c.date_added + 0 > wanted.after_us)
        return
    query = query.where(objects.c.date_added > wanted.after_us)
    if not wanted.types:
        yield query
    for kind in wanted.types:
        yield query.where(objects.c.type == kind)


def _run(connection: sa.Connection, query: sa.Select[Any], wanted: Wanted) -> Iterator[Any]:
    order = objects.c.date_added + 0 if wanted.ids else objects.c.date_added
    options = {"stream_results": True, "max_row_buffer": 500} if connection.dialect.name != "sqlite" else {}
    with connection.execute(query.order_by(order).limit(wanted.limit + 1), execution_options=options) as found:
        yield from found


def _is_named(connection: sa.Connection, collection: Collection, viewer: Viewer, wanted: Wanted) -> bool:
    query = sa.select(sa.literal(1)).where(
        named.c.member_id == viewer.member_id,
        named.c.collection_id == collection.id,
        named.c.date_added > wanted.after_us,
    )
    return connection.execute(query.limit(1)).first() is not None


def _date_added(row: Any) -> int:
    return int(row[0])
