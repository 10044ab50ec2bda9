"""Private matching over HTTP: what the forum and a trustee both do, and what the forum alone does, under ``/match/``.

``POST /match/`` takes one message of ``match.wire`` and answers with one; ``GET /match/epochs/`` shows the epochs. A
request that costs is begun in one transaction (budget and commitment), answered in a thread once that is on disk, and
its answer kept; a replay gets the kept answer, without a second charge and without a second computation, also where it
comes while the first is still at work or was refused. Each holder does all this for itself, with its own list of
members: neither takes the other's word for who asks and how much.
"""

import asyncio
import functools
import secrets
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stillwatch.adapters.stores.forum.directory import Directory
from stillwatch.adapters.stores.forum.records import OVERSEERS, Member
from stillwatch.adapters.stores.forum.times import moment
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.matching import epochs, shares, steps
from stillwatch.adapters.stores.matching.steps import Begun, Standing, Step
from stillwatch.apps.forum.answers import ProblemError
from stillwatch.apps.forum.beside import caller_of
from stillwatch.apps.forum.body import read_body
from stillwatch.apps.forum.gate import Caller
from stillwatch.apps.forum.matching_state import Holding, holding_of
from stillwatch.apps.forum.service import Service, now_us, service_of
from stillwatch.match.faults import MalformedError, MatchError, RefusedError, ReplayError, StaleEpochError
from stillwatch.match.identifiers import TYPES
from stillwatch.match.wire import LABEL, MOST, Ask, Check, Evaluate, Refused, Upload, commitment, encode, reply, request

MEDIA_TYPE = "application/vnd.stillwatch.match"
#: The longest message is an upload: 147 bytes an item, and a little around the columns.
MOST_BYTES = MOST * 160


async def match(http: Request) -> Response:
    """One message, one answer. A refusal is an answer too (422), with a code for programs and a reason for people."""
    caller = matching_caller(http)
    body = await read_body(http, MOST_BYTES)
    try:
        asked = request(body)
    except MalformedError as error:
        raise ProblemError(422, "Malformed", str(error)) from error
    holding = await holding_of(http)
    try:
        if isinstance(asked, Evaluate | Check):
            said = await _evaluated(service_of(http), holding, caller.member, asked)
        elif holding.name != "forum":
            raise MalformedError("the trustee evaluates; uploads and questions go to the forum")
        elif isinstance(asked, Upload):
            said = await _uploaded(service_of(http), holding, caller.member, asked)
        else:
            said = await _asked(service_of(http), holding, caller.member, asked, caller.directory)
    except MatchError as error:
        said = encode(Refused(asked.session, error.code, str(error)))
        return Response(said, 422, media_type=MEDIA_TYPE)
    return Response(said, media_type=MEDIA_TYPE)


def matching_caller(http: Request) -> Caller:
    """Who asks. Raises 403 for roles that have nothing to match."""
    caller = caller_of(http)
    if not _matches(caller.member):
        raise ProblemError(403, "Forbidden", "who oversees or advises does not match")
    return caller


def _matches(member: Member) -> bool:
    return member.status == "active" and member.role not in (*OVERSEERS, "counsel")


async def announced(http: Request) -> Response:
    """``GET /match/epochs/``: each epoch as this holder describes it, the state of its keys, what the caller used."""
    caller = caller_of(http)
    holding = await holding_of(http)

    def work(connection: sa.Connection) -> dict[str, Any]:
        allowed = {type_: steps.allowance(connection, caller.member.id, type_) for type_ in TYPES}
        return {"allowed": allowed, "used": steps.used(connection, caller.member.id)}

    return JSONResponse({**holding.announcement(), **await service_of(http).read(work)})


#: What every key holder offers.
ROUTES = (
    Route("/match/", match, methods=["POST"]),
    Route("/match/epochs/", announced),
)


async def _evaluated(service: Service, holding: Holding, member: Member, asked: Evaluate | Check) -> bytes:
    name = "check" if isinstance(asked, Check) else "evaluate"
    step = Step(asked.session, name, asked.epoch, asked.kind, asked.units, commitment(asked))
    begun = await service.write(functools.partial(_begin, holding=holding, member=member, step=step, asked=asked))
    if begun.answer is not None:
        return _as_before(begun.answer)
    place = (member.id, step.session, step.name)
    work = holding.at_work.get(place)
    if work is None:
        work = asyncio.ensure_future(_computed(service, holding, member, asked, step))
        holding.at_work[place] = work
        work.add_done_callback(lambda _: holding.at_work.pop(place, None))
    return _as_before(await asyncio.shield(work))


async def _computed(service: Service, holding: Holding, member: Member, asked: Evaluate | Check, step: Step) -> bytes:
    """The answer, kept. Points that are none are paid for too: otherwise one charge would buy any number of tries."""
    receipt = await service.read(functools.partial(steps.committed, member=member, step=step))
    work = functools.partial(holding.holder().answer, asked, receipt=receipt, entropy=secrets.token_bytes(32))
    try:
        answer = encode(await service.apart(work))
    except MalformedError as error:
        answer = encode(Refused(asked.session, error.code, str(error)))
    return await service.write(functools.partial(steps.answered, member=member, step=step, answer=answer))


def _as_before(answer: bytes) -> bytes:
    """A kept answer. Raises ``RefusedError`` where it is a refusal."""
    said = reply(answer)
    if isinstance(said, Refused):
        raise RefusedError(said.code, said.why)
    return answer


def _begin(
    transaction: Transaction, holding: Holding, member: Member, step: Step, asked: Evaluate | Check | Upload
) -> Begun:
    """Charge and commit, unless it was done before. Nothing is charged for what would be refused anyway."""
    begun = steps.known(transaction.connection, member, step)
    if begun is None:
        _check(transaction, holding, asked)
        begun = steps.begin(transaction, member, step)
    if begun.standing is Standing.ANOTHER:
        raise ReplayError("this session has asked something else in this step; begin a new session")
    if begun.standing is Standing.EXHAUSTED:
        raise RefusedError("budget", f"the question for {step.type} in epoch {step.epoch} {begun.why}")
    return begun


def _check(transaction: Transaction, holding: Holding, asked: Evaluate | Check | Upload) -> None:
    """Raises ``StaleEpochError`` or ``RefusedError`` unless this may be asked now."""
    states = {(key.epoch, key.type): key.state for key in epochs.every(transaction.connection)}
    if states.get((asked.epoch, asked.kind)) != "open":
        raise StaleEpochError(f"epoch {asked.epoch} is not open for {asked.kind} at the {holding.name}")
    description = epochs.described(transaction.connection)[asked.epoch]
    description.check_open(moment(transaction.now_us))
    since = "" if isinstance(asked, Upload) else asked.since
    if since and states.get((since, asked.kind)) not in ("open", "closed"):
        raise StaleEpochError(f"epoch {since} has no key for {asked.kind} here any more: its tags can't be moved")
    if isinstance(asked, Evaluate) and asked.consent != description.digest():
        raise RefusedError("consent", f"this is not the description of epoch {asked.epoch} that is in force here")


async def _uploaded(service: Service, holding: Holding, member: Member, upload: Upload) -> bytes:
    step = Step(upload.session, "upload", upload.epoch, upload.kind, 0, sha256(encode(upload)).digest())
    rows = len(upload.labels) // LABEL

    def work(transaction: Transaction) -> bytes:
        begun = _begin(transaction, holding, member, step, upload)
        if begun.answer is not None:
            return begun.answer
        if rows > steps.paid(transaction.connection, member, step):
            raise RefusedError("upload", "there are more labels here than points that this session had evaluated")
        stored = shares.store(transaction, member, upload, epochs.described(transaction.connection)[upload.epoch])
        if stored is None:
            raise RefusedError("upload", "there are more labels here than points that you had evaluated")
        return steps.answered(transaction, member, step, encode(stored))

    return await service.write(work)


async def _asked(service: Service, holding: Holding, member: Member, asked: Ask, directory: Directory) -> bytes:
    names = {each.id: each.name for each in directory.members.values() if _matches(each)}

    def work(connection: sa.Connection) -> bytes:
        described = epochs.described(connection)
        if asked.epoch not in described:
            raise StaleEpochError(f"there is no epoch {asked.epoch} at the {holding.name}")
        return encode(shares.answer(connection, member, asked, described[asked.epoch], names, now_us()))

    # Asking is free and opens every label anew: one member at a time has one reader at most.
    async with holding.asking.setdefault(member.id, asyncio.Lock()):
        return await service.read(work)
