"""The forum as a blind relay between members that hold the same label, under ``/match/letters/``."""

import functools

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stillwatch.adapters.stores.forum.records import Member
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.matching import epochs, letters
from stillwatch.adapters.stores.matching.letters import Fate
from stillwatch.apps.forum.answers import ProblemError
from stillwatch.apps.forum.body import read_body
from stillwatch.apps.forum.matching import MEDIA_TYPE, matching_caller
from stillwatch.apps.forum.matching_state import holding_of
from stillwatch.apps.forum.service import now_us, service_of
from stillwatch.match.consent import Letter, decode
from stillwatch.match.faults import MalformedError, StaleEpochError

#: A sealed identity is 16 KiB at most (``match.handover``).
MOST_BYTES = 32 * 1024

_REFUSALS: dict[Fate, str] = {
    "unheld": "you have uploaded no such label in this epoch",
    "unasked": "this answers no letter that was sent to you",
    "flood": "you have written too many letters in this epoch",
}


async def relay(http: Request) -> Response:
    """``POST``: take a letter. ``GET ?after=N``: ``[last, [letters…], [givers…]]`` in MessagePack, oldest
    first; a giver's name stands with its half of a hand-over, and nowhere else."""
    caller = matching_caller(http)
    holding = await holding_of(http)
    if http.method == "GET":
        after = http.query_params.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) < 19):
            raise ProblemError(400, "Bad request", "say ?after=N, a whole number")
        active = {each.id: each.name for each in caller.directory.members.values() if each.status == "active"}
        work = functools.partial(
            letters.delivered, member=caller.member, after=int(after), now_us=now_us(), active=list(active)
        )
        post = await service_of(http).read(work)
        # Who gave a half is no secret any more, and the word of a member alone would let it pose as another.
        names = tuple("" if giver is None else active[giver] for giver in post.givers)
        return Response(msgspec.msgpack.encode((post.last, post.bodies, names)), media_type=MEDIA_TYPE)
    try:
        letter = decode(await read_body(http, MOST_BYTES))
        if letter.epoch not in holding.described:
            raise StaleEpochError(f"there is no epoch {letter.epoch} here")  # noqa: TRY301
    except (MalformedError, StaleEpochError) as error:
        raise ProblemError(422, "No letter", str(error)) from error
    fate = await service_of(http).write(functools.partial(_post, member=caller.member, letter=letter))
    if fate in _REFUSALS:
        raise ProblemError(422, "Not relayed", _REFUSALS[fate])
    return Response(b"", 204)


def _post(transaction: Transaction, member: Member, letter: Letter) -> Fate:
    epoch = epochs.described(transaction.connection)[letter.epoch]
    states = {key.state for key in epochs.keys_of(transaction.connection, letter.epoch) if key.type == letter.kind}
    if not states & {"open", "closed"}:
        raise ProblemError(422, "No letter", f"epoch {letter.epoch} is over")
    return letters.post(transaction, member, letter, epoch)


ROUTE = Route("/match/letters/", relay, methods=["GET", "POST"])
