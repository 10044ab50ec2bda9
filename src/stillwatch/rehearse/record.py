"""One exchange as a line of the own log format (DESIGN section 4)."""

from typing import Any

import msgspec

from stillwatch.rehearse import answers
from stillwatch.rehearse.actors import Look, Script
from stillwatch.rehearse.babble import Babbler
from stillwatch.rehearse.bodies import PATHS, Asked
from stillwatch.rehearse.clients import Client
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.networks import Place

_encode = msgspec.json.encode
_FAILURES = (429, 429, 500, 503, 400)


class Moment(msgspec.Struct, frozen=True):
    """What the population knows of one exchange: its names, its time (RFC 3339), and its place in a script."""

    id: str
    account: str
    stamp: str
    us: int
    k: int


def line(
    moment: Moment, script: Script, look: Look, actor_seed: int, dice: Dice, babbler: Babbler, extract: int
) -> bytes:
    """The exchange as JSON. Everything about it follows from the arguments."""
    asked = script.ask(moment.k, dice)
    status = 200 if dice.roll(1000) >= 14 else dice.pick(_FAILURES)
    if script.banned_us is not None and moment.us >= script.banned_us:
        status = 403
    tokens = answers.tokens(asked.answer, actor_seed, dice)
    request = _encode(asked.body)
    record: dict[str, Any] = {
        "id": moment.id,
        "occurred_at": moment.stamp,
        "duration_ms": 150 + tokens * (6 + dice.roll(9)) if status == 200 else 20 + dice.roll(400),
        "account": moment.account,
        "organization": look.organization,
        "credential": dice.pick(look.credentials) if look.credentials else None,
        "surface": look.surface,
        "endpoint": look.endpoint or PATHS[asked.dialect],
        "status": status,
        "client": _client(look, actor_seed, dice, moment.stamp) or None,
        "request": msgspec.Raw(request),
    }
    if status == 200:
        length = min(extract, tokens * 4)
        record["response"] = _response(asked, tokens, len(request), look.withheld, dice, babbler, length)
    return _encode({name: value for name, value in record.items() if value is not None and name not in look.withheld})


def _response(
    asked: Asked, tokens: int, size: int, withheld: frozenset[str], dice: Dice, babbler: Babbler, length: int
) -> dict[str, Any]:
    finish = "stop" if dice.roll(20) else "length"
    response: dict[str, Any] = {
        "model": asked.body.get("model"),
        "finish_reason": "content_filter" if asked.answer == "refusal" else finish,
        "usage": {
            "prompt_tokens": max(1, size // 4 - dice.roll(20)),
            "completion_tokens": tokens,
            "reasoning_tokens": answers.thought(asked.body.get("model"), tokens, dice),
        },
        "text": answers.text(asked.answer, babbler, dice, length),
    }
    if asked.issued:
        response["thinking_blocks"] = [{"type": "thinking", "thinking": "", "signature": asked.issued}]
    if not withheld:
        return response
    usage = {name: count for name, count in response["usage"].items() if f"usage.{name}" not in withheld}
    kept = {name: value for name, value in response.items() if f"response.{name}" not in withheld}
    return {**kept, "usage": usage} if usage else {name: kept[name] for name in kept if name != "usage"}


def _place(look: Look, actor_seed: int, dice: Dice, stamp: str) -> tuple[Place, str]:
    """The address of this request: a pool changes it every time, a person's changes with the day or stays."""
    if look.place_by_request:
        place = dice.pick(look.places)
        return place, dice.pick(place.addresses)
    today = Dice(actor_seed, int(stamp[8:10]))
    place = look.places[0 if today.roll(4) else -1]
    return place, place.addresses[today.roll(len(place.addresses))]


def _client(look: Look, actor_seed: int, dice: Dice, stamp: str) -> dict[str, Any]:
    client: Client = dice.pick(look.clients) if look.place_by_request else look.clients[0 if dice.roll(10) else -1]
    place, address = _place(look, actor_seed, dice, stamp)
    seen: dict[str, Any] = {}
    if address:
        seen["ip"] = address
        if place.asn:
            seen["asn"] = place.asn
    if client.agent:
        seen["user_agent"] = client.agent
    if client.tls:
        seen["tls"] = client.tls
    if client.headers:
        seen["headers"] = client.headers
    return {name: value for name, value in seen.items() if f"client.{name}" not in look.withheld}
