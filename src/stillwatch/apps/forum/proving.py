"""The ledger over HTTP, under ``/forum/ledger/LOG/``: checkpoints, proofs, cosignatures, the export.

A member may prove what it did and what it may see. The whole log, with ids of what others keep among themselves, is for
the operator and the auditor, and as a file for counsel and a regulator. The size in a checkpoint counts every event of
the forum, hidden ones too: that is the price of a log that can't be cut.
"""

import functools
from typing import Any

import msgspec
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from stillwatch.adapters.stores.forum import database, ledger
from stillwatch.adapters.stores.forum.records import OVERSEERS, Member
from stillwatch.adapters.stores.forum.tables import objects
from stillwatch.adapters.stores.forum.times import moment
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.forum.visibility import alive, visible
from stillwatch.apps.forum.answers import ProblemError, not_found
from stillwatch.apps.forum.beside import caller_of, may_see_log
from stillwatch.apps.forum.body import read_body
from stillwatch.apps.forum.gate import Caller
from stillwatch.apps.forum.service import now_us, service_of
from stillwatch.guard.ledger import Checkpoint, NoteError, VerifierKey, digest
from stillwatch.guard.ledger import Request as WitnessRequest
from stillwatch.guard.ledger.leaves import CheckpointCosigned
from stillwatch.guard.ledger.receipts import InclusionProof

#: A cosignature line is some 150 bytes.
_LINE_BYTES = 4_096


def _entered(request: Request) -> tuple[Caller, str]:
    caller = caller_of(request)
    log: str = request.path_params["log"]
    if not may_see_log(caller.directory, caller.member, log):
        raise not_found()
    return caller, log


async def _sign(request: Request, log: str) -> Checkpoint:
    service = service_of(request)

    def work(transaction: Transaction) -> Checkpoint:
        if log not in ledger.keys(transaction.connection):
            raise not_found()
        return ledger.sign(transaction.connection, log, service.signing)

    return await service.write(work)


async def checkpoint(request: Request) -> Response:
    """The signed checkpoint (C2SP tlog-checkpoint) with all cosignatures; ``?size=N`` for an earlier one."""
    _, log = _entered(request)
    if "size" not in request.query_params:
        return PlainTextResponse(str(await _sign(request, log)))
    work = functools.partial(ledger.checkpoint, log=log, size=_number(request, "size"))
    found = await service_of(request).read(work)
    if found is None:
        raise not_found()
    return PlainTextResponse(str(found))


async def key(request: Request) -> Response:
    """The log's public key, to pin once: a key that comes with the data proves nothing."""
    _, log = _entered(request)
    keys = await service_of(request).read(ledger.keys)
    if log not in keys:
        raise not_found()
    return PlainTextResponse(f"{keys[log]}\n")


async def witness(request: Request) -> Response:
    """``?old=N``: a request to cosign the newest checkpoint (C2SP tlog-witness), for `stillwatch ledger cosign`."""
    _, log = _entered(request)
    old = _number(request, "old")
    newest = await _sign(request, log)
    if old > newest.size:
        raise ProblemError(400, "Bad request", f"the log has {newest.size} leaves")

    def work(connection: sa.Connection) -> list[bytes]:
        return ledger.opened(connection, log).consistency(old, newest.size)

    proof = await service_of(request).read(work)
    return PlainTextResponse(str(WitnessRequest(old, tuple(proof), str(newest))))


async def cosignatures(request: Request) -> Response:
    """``POST ?size=N`` with the signature line: a member vouches for the checkpoint of that size."""
    caller, log = _entered(request)
    if caller.member.witness_key is None:
        raise ProblemError(403, "Forbidden", "the forum knows no witness key of yours: its operator sets it")
    size = _number(request, "size")
    line = (await read_body(request, _LINE_BYTES)).decode("utf-8", "replace").strip()
    key = VerifierKey.parse(caller.member.witness_key)
    work = functools.partial(_cosigned, log=log, size=size, member=caller.member, key=key, line=line)
    await service_of(request).write(work)
    return PlainTextResponse("", status_code=204)


def _cosigned(transaction: Transaction, log: str, size: int, member: Member, key: VerifierKey, line: str) -> None:
    found = ledger.checkpoint(transaction.connection, log, size)
    if found is None:
        raise not_found()
    try:
        signers, faults = Checkpoint(found.origin, found.head).with_signatures([line]).signers([key])
    except NoteError as error:
        raise ProblemError(422, "No cosignature", str(error)) from error
    if faults or len(signers) != 1:
        raise ProblemError(422, "No cosignature", "this is no signature of your witness key over that checkpoint")
    if ledger.cosign(transaction.connection, log, size, member.id, f"{line}\n"):
        leaf = CheckpointCosigned(
            time=moment(transaction.now_us),
            actor=member.ledger_id,
            size=size,
            checkpoint=digest(found.text.encode()),
            signature=digest(line.encode()),
        )
        transaction.record(log, leaf, member.id)


async def consistency(request: Request) -> Response:
    """``?old=M&new=N``: the hashes that show that the log of N leaves begins with the one of M (RFC 6962, 2.1.2)."""
    _, log = _entered(request)
    old, new = _number(request, "old"), _number(request, "new")

    def work(connection: sa.Connection) -> list[bytes]:
        if log not in ledger.keys(connection):
            raise not_found()
        try:
            return ledger.opened(connection, log).consistency(old, new)
        except IndexError as error:
            raise ProblemError(400, "Bad request", str(error)) from error

    proof = await service_of(request).read(work)
    return JSONResponse({"old": old, "new": new, "hashes": [each.hex() for each in proof]})


async def inclusion(request: Request) -> Response:
    """``?object=ID``: proofs for the leaves about an object that the caller brought or may see."""
    caller, log = _entered(request)
    stix_id = request.query_params.get("object", "")
    if not stix_id or not stix_id.isprintable():
        raise ProblemError(400, "Bad request", "say ?object=ID")
    newest = await _sign(request, log)
    work = functools.partial(_proofs, caller=caller, log=log, stix_id=stix_id, newest=newest)
    found = await service_of(request).read(work)
    if not found:
        raise not_found()
    return JSONResponse({"object": stix_id, "proofs": found})


def _proofs(
    connection: sa.Connection, caller: Caller, log: str, stix_id: str, newest: Checkpoint
) -> list[dict[str, Any]]:
    readable = [
        place.id
        for place in caller.directory.shown_to(caller.member)
        if caller.directory.standing(caller.member, place)[0]
    ]
    seen = sa.select(objects.c.body).where(
        objects.c.collection_id.in_(readable),
        objects.c.stix_id == stix_id,
        alive(objects, now_us()),
        visible(objects, caller.member.viewer),
    )
    bodies = connection.execute(seen).scalars().all()
    digests = {digest(body, secret) for body in bodies for secret in (None, caller.directory.secret)}
    tree = ledger.opened(connection, log)
    found = []
    for number, leaf, member_id in ledger.leaves_about(connection, log, stix_id):
        facts = msgspec.json.decode(leaf)
        everybodys = facts["kind"] == "matching-key"
        if number < newest.size and (everybodys or member_id == caller.member.id or facts.get("body") in digests):
            proof = InclusionProof(number, leaf, tuple(tree.inclusion(number, newest.size)), newest)
            found.append({"index": number, "leaf": facts, "proof": str(proof)})
    return found


async def exported(request: Request) -> Response:
    """The whole log, for the operator and the auditor, as `stillwatch ledger verify` reads it."""
    caller, log = _entered(request)
    if caller.member.role not in OVERSEERS:
        raise ProblemError(
            403, "Forbidden", "the whole log is for the operator and the auditor; see /forum/transparency/"
        )
    await _sign(request, log)
    return StreamingResponse(_lines(service_of(request).engine, log), media_type="application/jsonl")


def _lines(engine: sa.Engine, log: str) -> Any:
    with database.reading(engine) as connection:
        yield from ledger.exported(connection, log)


def _number(request: Request, name: str) -> int:
    value = request.query_params.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise ProblemError(400, "Bad request", f"say ?{name}=N, a whole number")
    return int(value)
