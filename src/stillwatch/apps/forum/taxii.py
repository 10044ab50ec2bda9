"""The endpoints of TAXII 2.1, in the order of the standard's sections 4 and 5."""

import functools
import uuid
from dataclasses import replace
from typing import Any

import msgspec
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from stillwatch.adapters.stores.forum import objects as store
from stillwatch.adapters.stores.forum import pages
from stillwatch.adapters.stores.forum import statuses as kept
from stillwatch.adapters.stores.forum.counting import Count
from stillwatch.adapters.stores.forum.pages import Page, Wanted
from stillwatch.adapters.stores.forum.records import Audience, Collection, Member
from stillwatch.adapters.stores.forum.times import timestamp
from stillwatch.apps.forum import media, query
from stillwatch.apps.forum.adding import add
from stillwatch.apps.forum.answers import STIX, TAXII, ProblemError, not_found, raw, taxii
from stillwatch.apps.forum.body import read_body
from stillwatch.apps.forum.gate import Caller
from stillwatch.apps.forum.service import now_us, service_of

#: The one API root, relative to the server (TAXII 2.1 section 4.1.1 allows relative ones).
API_ROOT = "/stillwatch/"

_OBJECT_FIELDS = ("version", "spec_version")
_VERSION_FIELDS = ("spec_version",)


def entered(request: Request) -> Caller:
    """Who is asking, after the checks that every endpoint makes: credential, rate, Accept."""
    caller = service_of(request).gate.caller(request)
    media.check_accept(request.headers.get("accept"))
    return caller


def _named(request: Request, part: str) -> str:
    """An id in the path. What no database can hold (NUL among it) is nobody's id: 404."""
    found: str = request.path_params[part]
    if not found.isprintable():
        raise not_found()
    return found


async def discovery(request: Request) -> Response:
    """Section 4.1."""
    caller = entered(request)
    base = service_of(request).public_url
    root = f"{base.rstrip('/')}{API_ROOT}" if base else API_ROOT
    return taxii({"title": caller.directory.title, "default": root, "api_roots": [root]})


async def api_root(request: Request) -> Response:
    """Section 4.2."""
    caller = entered(request)
    return taxii(
        {
            "title": caller.directory.title,
            "versions": [TAXII],
            "max_content_length": caller.directory.max_content_length,
        }
    )


async def status(request: Request) -> Response:
    """Section 4.3. A status belongs to who made the request."""
    caller = entered(request)
    found = await service_of(request).read(
        functools.partial(kept.read, status_id=_named(request, "status"), member_id=caller.member.id)
    )
    if found is None:
        raise not_found()
    return raw(found)


async def collections(request: Request) -> Response:
    """Section 5.1."""
    caller = entered(request)
    found = [_collection(caller, place) for place in caller.directory.shown_to(caller.member)]
    return taxii({"collections": found} if found else {})


async def collection(request: Request) -> Response:
    """Section 5.2."""
    caller = entered(request)
    place, _, _ = caller.collection(request.path_params["collection"])
    return taxii(_collection(caller, place))


def _collection(caller: Caller, place: Collection) -> dict[str, Any]:
    read, write = caller.directory.standing(caller.member, place)
    found = {
        "id": place.uuid,
        "title": place.title,
        "alias": place.alias,
        "can_read": read,
        "can_write": write,
        "media_types": [STIX],
    }
    return {**found, "description": place.description} if place.description else found


async def manifest(request: Request) -> Response:
    """Section 5.3."""
    found = await _Question(request).page(pages.RECORDS)
    records = [
        {"id": row[1], "date_added": timestamp(row[0]), "version": row[2], "media_type": STIX} for row in found.rows
    ]
    return taxii({**found.more, "objects": records} if records else {}, headers=found.headers)


async def objects(request: Request) -> Response:
    """Section 5.4 (GET) and 5.5 (POST)."""
    if request.method == "POST":
        return await _add(request)
    return _envelope(await _Question(request).page(pages.BODIES))


async def an_object(request: Request) -> Response:
    """Section 5.6 (GET) and 5.7 (DELETE)."""
    if request.method == "DELETE":
        return await _delete(request)
    question = _Question(request, _OBJECT_FIELDS)
    return _envelope(await question.page(pages.BODIES))


async def object_versions(request: Request) -> Response:
    """Section 5.8."""
    found = await _Question(request, _VERSION_FIELDS, ("all",)).page(pages.RECORDS)
    listed = [row[2] for row in found.rows]
    return taxii({**found.more, "versions": listed} if listed else {}, headers=found.headers)


def _envelope(found: "_Answer") -> Response:
    if not found.rows:
        return raw(b"{}", headers=found.headers)
    head = msgspec.json.encode(found.more)[1:-1]
    parts = [b"{", head, b"," if head else b"", b'"objects":[', b",".join([row[1] for row in found.rows]), b"]}"]
    return raw(b"".join(parts), headers=found.headers)


class _Answer(msgspec.Struct):
    rows: list[Any]
    more: dict[str, Any]
    headers: dict[str, str]


class _Question:
    """A filtered read of one collection, or of one object in it."""

    def __init__(
        self, request: Request, fields: tuple[str, ...] | None = None, keywords: tuple[str, ...] | None = None
    ) -> None:
        self._service = service_of(request)
        self._caller = entered(request)
        self._collection = self._caller.readable(request.path_params["collection"])
        self._object = _named(request, "object") if fields is not None else None
        items = request.query_params.multi_items()
        wanted, given, self._filters = query.parse(items, query.FIELDS if fields is None else fields)
        # The endpoint is part of the question: a token of the manifest is none for the objects.
        self._context = f"{self._caller.member.id}/{request.scope['path']}"
        wanted = query.resumed(wanted, given, self._caller.directory.secret, self._context, self._filters)
        if self._object is not None:
            wanted = replace(wanted, ids=(self._object,))
        self._wanted = replace(wanted, keywords=keywords) if keywords else wanted

    async def page(self, columns: tuple[sa.ColumnElement[Any], ...]) -> _Answer:
        """The rows, ``more`` and ``next``, and the two headers. Raises 404 for an object that is not to be seen."""
        found = await self._service.read(functools.partial(self._read, columns=columns))
        if columns is pages.BODIES:
            self._count(found)
        more: dict[str, Any] = {}
        if found.more:
            secret = self._caller.directory.secret
            place = query.token(secret, self._context, self._filters, found.rows[-1][0])
            more = {"more": True, "next": place}
        # With nothing to show, the headers say where the client stands: asking after it again loses nothing.
        ends = (found.rows[0][0], found.rows[-1][0]) if found.rows else (self._wanted.after_us,) * 2
        headers = {"X-TAXII-Date-Added-First": timestamp(ends[0]), "X-TAXII-Date-Added-Last": timestamp(ends[1])}
        return _Answer(found.rows, more, headers)

    def _read(self, connection: sa.Connection, columns: tuple[sa.ColumnElement[Any], ...]) -> Page:
        viewer, now = self._caller.member.viewer, now_us()
        found = pages.page(connection, self._collection, viewer, self._wanted, now, columns)
        if self._object is None or found.rows:
            return found
        # A version that is not there is "not found"; a page behind the last version is an empty page.
        everything = replace(self._wanted, after_us=0, limit=1, nothing=False)
        if not pages.page(connection, self._collection, viewer, everything, now, pages.RECORDS).rows:
            raise not_found()
        return found

    def _count(self, found: Page) -> None:
        taken = sum(1 for row in found.rows if row[2] != Audience.NAMED)
        if taken:
            self._service.counts.add(self._caller.member.id, self._collection.id, Count(taken=taken))


async def _add(request: Request) -> Response:
    service = service_of(request)
    caller = entered(request)
    place = caller.writable(request.path_params["collection"])
    media.check_content_type(request.headers.get("content-type"), request.headers.get("content-encoding"))
    body = await read_body(request, caller.directory.max_content_length)
    return raw(await add(service, caller, place, body, request.headers, str(uuid.uuid4())), 202)


async def _delete(request: Request) -> Response:
    service = service_of(request)
    caller = entered(request)
    place, read, write = caller.collection(request.path_params["collection"])
    if not (read and write):
        raise ProblemError(403, "Forbidden", "to delete, you must be able to read and to write this collection")
    items = request.query_params.multi_items()
    wanted, _, _ = query.parse(items, _OBJECT_FIELDS)
    named_versions = any(name == "match[version]" for name, _ in items)
    if wanted.nothing:
        raise not_found()
    outcome = await service.write(
        functools.partial(
            _deleted,
            place=place,
            member=caller.member,
            stix_id=_named(request, "object"),
            wanted=wanted if named_versions else replace(wanted, keywords=("all",)),
        )
    )
    if outcome == "absent":
        raise not_found()
    if outcome == "other":
        raise ProblemError(403, "Forbidden", "another member brought this object: only it may delete it")
    return raw(b"")


def _deleted(transaction: Any, place: Collection, member: Member, stix_id: str, wanted: Wanted) -> str:
    return store.delete(transaction, place, member, stix_id, wanted.keywords, wanted.exact_versions)
