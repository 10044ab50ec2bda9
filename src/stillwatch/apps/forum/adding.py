"""Add objects: check them apart, store them in the writer's transaction, answer once they are on disk."""

import functools
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from stillwatch.adapters.stores.forum import objects as store
from stillwatch.adapters.stores.forum import statuses as kept
from stillwatch.adapters.stores.forum.counting import Count
from stillwatch.adapters.stores.forum.records import Arrival, Audience, Collection, Outcome, Refused
from stillwatch.adapters.stores.forum.times import moment, timestamp
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.apps.forum.admission import Checked, Rule, check, summary
from stillwatch.apps.forum.answers import ProblemError
from stillwatch.apps.forum.gate import Caller
from stillwatch.apps.forum.markings import RECIPIENTS_HEADER
from stillwatch.apps.forum.service import Service, now_us

#: Bodies below this many bytes are checked where they arrive: handing them to a thread would cost more.
SMALL = 16 * 1024


async def add(
    service: Service, caller: Caller, place: Collection, body: bytes, headers: Mapping[str, str], status_id: str
) -> bytes:
    """The status resource of the request (TAXII 2.1 section 4.3.1), complete: what it calls a success is committed."""
    rule = service.rules.of(place)
    requested_us = now_us()
    work = functools.partial(check, body, rule, _named(caller, headers), moment(requested_us), caller.member.name)
    checked = work() if len(body) < SMALL else await service.apart(work)
    store_it = functools.partial(
        _store, caller=caller, place=place, checked=checked, rule=rule, status_id=status_id, requested_us=requested_us
    )
    wants = (place.id, [found.stix_id for found in checked.objects if isinstance(found, Arrival)])
    answer, count = await service.write(store_it, wants)
    service.counts.add(caller.member.id, place.id, count)
    return answer


def _named(caller: Caller, headers: Mapping[str, str]) -> frozenset[int]:
    """The members that the request names as recipients of its TLP:RED objects.

    Raises 422 for a name that is nobody's. Whoever may not read this collection will not see it there either.
    """
    found = set()
    for name in headers.get(RECIPIENTS_HEADER, "").split(","):
        if name.strip():
            member = caller.directory.named(unquote(name.strip()))  # percent-encoded where a header has no room for it
            if member is None:
                raise ProblemError(422, "Unknown recipient", f"{RECIPIENTS_HEADER} names nobody of this forum")
            found.add(member.id)
    return frozenset(found)


def _store(
    transaction: Transaction,
    caller: Caller,
    place: Collection,
    checked: Checked,
    rule: Rule,
    status_id: str,
    requested_us: int,
) -> tuple[bytes, Count]:
    arrivals = [found for found in checked.objects if isinstance(found, Arrival)]
    refusals = [found for found in checked.objects if isinstance(found, Refused)]
    outcomes = store.add(transaction, place, caller.member, arrivals, rule.owned)
    store.refuse(transaction, place, caller.member, refusals)
    status = _status(status_id, requested_us, outcomes, refusals)
    answer = msgspec.json.encode(status)
    kept.keep(transaction, status_id, caller.member.id, answer)
    count = Count(refused=status["failure_count"])
    for arrival, outcome in zip(arrivals, outcomes, strict=True):
        if outcome.reason is None and not outcome.present_before:
            if arrival.audience is Audience.NAMED:
                count.given_to_named += 1
            else:
                count.given += 1
    return answer, count


def _status(status_id: str, requested_us: int, outcomes: list[Outcome], refusals: list[Refused]) -> dict[str, Any]:
    at = timestamp(requested_us)
    successes = [_success(outcome) for outcome in outcomes if outcome.reason is None]
    failures = [
        {"id": outcome.stix_id, "version": outcome.version, "message": outcome.reason}
        for outcome in outcomes
        if outcome.reason is not None
    ]
    failures += [
        {"id": refusal.stix_id, "version": refusal.version or at, "message": summary(refusal.reasons)}
        for refusal in refusals
    ]
    found: dict[str, Any] = {
        "id": status_id,
        "status": "complete",
        "request_timestamp": at,
        "total_count": len(outcomes) + len(refusals),
        "success_count": len(successes),
        "failure_count": len(failures),
        "pending_count": 0,
    }
    if successes:
        found["successes"] = successes
    if failures:
        found["failures"] = failures
    return found


def _success(outcome: Outcome) -> dict[str, str]:
    found = {"id": outcome.stix_id, "version": outcome.version}
    return {**found, "message": "already here"} if outcome.present_before else found
