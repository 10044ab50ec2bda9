"""What the forum offers beside TAXII, under ``/forum/``: why-can, give and take, one's own record.

The rule of TAXII's endpoints holds here too: what a member may not see is "not found", whether it exists or not.
"""

import functools
from typing import Any

import msgspec
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stillwatch.adapters.stores.forum import ledger
from stillwatch.adapters.stores.forum.directory import Directory
from stillwatch.adapters.stores.forum.explaining import Explanation, explain
from stillwatch.adapters.stores.forum.records import OVERSEERS, Member
from stillwatch.adapters.stores.forum.tables import counters
from stillwatch.apps.forum.answers import ProblemError, not_found
from stillwatch.apps.forum.gate import Caller
from stillwatch.apps.forum.service import now_us, service_of
from stillwatch.guard.ledger import leaf_hash


def caller_of(request: Request) -> Caller:
    """Who is asking, by credential and rate; these answers are plain JSON and text, so Accept is not asked."""
    return service_of(request).gate.caller(request)


async def whoami(request: Request) -> Response:
    """The caller's name and role, and the names of those it may address (recipients of TLP:RED)."""
    caller = caller_of(request)
    others = sorted(member.name for member in caller.directory.members.values() if member.status == "active")
    return JSONResponse({"member": caller.member.name, "role": caller.member.role, "members": others})


async def why_can(request: Request) -> Response:
    """``?object=ID[&member=NAME]``: who may know more than its own case is its sender, the operator and the auditor."""
    caller = caller_of(request)
    stix_id = request.query_params.get("object", "")
    if not stix_id or not stix_id.isprintable():
        raise ProblemError(400, "Bad request", "say ?object=ID, and ?member=NAME for another member")
    name = request.query_params.get("member", caller.member.name)
    member = caller.directory.named(name)
    if member is None:
        raise not_found()
    work = functools.partial(explain, directory=caller.directory, member=member, stix_id=stix_id, now_us=now_us())
    found = [each for each in await service_of(request).read(work) if _may_be_told(caller, member, each)]
    if not found:
        raise not_found()
    return JSONResponse(explained(member, stix_id, found))


def _may_be_told(caller: Caller, member: Member, found: Explanation) -> bool:
    if caller.member.role in OVERSEERS or found.owner_id == caller.member.id:
        return True
    return member.id == caller.member.id and found.may_see


def explained(member: Member, stix_id: str, found: list[Explanation]) -> dict[str, Any]:
    """The answer as JSON, for the endpoint and the command alike."""
    return {
        "member": member.name,
        "object": stix_id,
        "may_see": any(each.may_see for each in found),
        "versions": [
            {
                "collection": each.collection.uuid,
                "title": each.collection.title,
                "version": each.version,
                "may_see": each.may_see,
                "because": list(each.reasons),
            }
            for each in found
        ],
    }


async def give_and_take(request: Request) -> Response:
    """What each member gave and took in the collections that the caller may read; its own in full.

    Of others the number taken is shown by its order of magnitude. What was for named members only is in nobody's
    number but the sender's.
    """
    caller = caller_of(request)
    service = service_of(request)
    await service.flush_counts()
    rows = await service.read(_counters)
    readable = {
        place.id: place
        for place in caller.directory.shown_to(caller.member)
        if caller.directory.standing(caller.member, place)[0]
    }
    shown = []
    for row in rows:
        own = row.member_id == caller.member.id
        # A row of noughts would tell that its member did something here that the caller may not see.
        if row.collection_id not in readable or not (own or row.given or row.taken):
            continue
        # Counts include what is for organisations only, which who oversees the forum may not know of.
        if not own and caller.member.role in OVERSEERS:
            continue
        entry = {
            "member": caller.directory.members[row.member_id].name,
            "collection": readable[row.collection_id].uuid,
            "given": row.given,
            "taken": row.taken if own else _magnitude(row.taken),
        }
        if own:
            entry |= {"given_to_named": row.given_to_named, "refused": row.refused}
        shown.append(entry)
    return JSONResponse({"counters": shown})


def _counters(connection: sa.Connection) -> list[Any]:
    return list(connection.execute(sa.select(counters).order_by(counters.c.member_id, counters.c.collection_id)))


def _magnitude(number: int) -> str:
    if number == 0:
        return "0"
    low = 10 ** (len(str(number)) - 1)
    return f"{low}-{low * 10 - 1}"


async def transparency(request: Request) -> Response:
    """All that the ledger holds of the caller, JSON Lines: each leaf with its log, number and hash."""
    caller = caller_of(request)
    lines = await service_of(request).read(functools.partial(_own_record, member_id=caller.member.id))
    return Response(lines, media_type="application/jsonl")


def _own_record(connection: sa.Connection, member_id: int) -> bytes:
    return b"".join(
        msgspec.json.encode({"log": log, "index": number, "hash": leaf_hash(leaf).hex(), "leaf": msgspec.Raw(leaf)})
        + b"\n"
        for log, number, leaf in ledger.leaves_of(connection, member_id)
    )


def may_see_log(directory: Directory, member: Member, log: str) -> bool:
    """Whether a log is anything to this member: the main one is everybody's."""
    if member.role in OVERSEERS:
        return True
    return log == "forum" or any(place.log == log for place in directory.shown_to(member))
