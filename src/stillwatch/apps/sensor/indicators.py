"""``scan --indicators``: which of our accounts match what other members shared openly.

An indicator speaks of techniques and lines of evidence, or of things that can be observed: addresses and networks,
domains, TLS prints. Only the second kind says something about *accounts*: that a technique is used against somebody
else is no evidence against a customer who asks in the same way, so such indicators are named in a note and no more.
Whether to believe a disputed indicator is each member's own judgement; here it is left out, and said.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from ipaddress import ip_address, ip_network
from pathlib import Path

import msgspec
import numpy as np

from stillwatch.apps.sensor.identifiers import Identifiers
from stillwatch.detect.population import I64
from stillwatch.errors import UsageError
from stillwatch.match.identifiers import Identifier, canonical
from stillwatch.share.life.feed import Indicator
from stillwatch.vocabulary.times import instant

FEED = "indicators.jsonl"
#: One observation of plain comparisons: the grammar that the guard lets out (``guard/pattern.py``).
_COMPARISON = re.compile(r"([a-z0-9-]+:[a-z0-9_.]+(?:\[\*\])?) = '([^'\\\[\]]{1,128})'").fullmatch
_TECHNIQUES = "x-stillwatch-campaign:techniques[*]"


@dataclass(frozen=True)
class Given:
    """The live, undisputed indicators of a folder, and what was left out."""

    live: tuple[Indicator, ...]
    disputed: int
    expired: int


@dataclass(frozen=True)
class Matched:
    """Accounts that match an indicator's observables (sorted keys), and what the reader must know."""

    accounts: I64
    notes: tuple[str, ...]


def read(folder: Path, now: datetime) -> Given:
    """What ``stillwatch receive --into`` wrote. Raises ``UsageError`` where it can't be read."""
    file = folder / FEED
    try:
        found = [msgspec.json.decode(line, type=Indicator) for line in file.read_bytes().splitlines()]
        live = [one for one in found if min(instant(one.valid_until), instant(one.expires_at)) > now]
    except OSError as error:
        why = (error.strerror or "").lower()
        raise UsageError(f"{file} can't be read: {why}; `stillwatch receive --into` writes it") from error
    except ValueError as error:  # no JSON, another shape, or no time where one belongs
        raise UsageError(f"{file} can't be read: {error}") from error
    believed = tuple(one for one in live if not one.disputes)
    return Given(believed, len(live) - len(believed), len(found) - len(live))


def matched(given: Given, identifiers: Identifiers) -> Matched:
    """The accounts that match, over all indicators."""
    accounts: set[int] = set()
    observing = 0
    techniques: set[str] = set()
    for one in given.live:
        techniques |= set(one.techniques)
        found = _accounts(one.pattern, identifiers)
        observing += found is not None
        accounts |= found or set()
    notes = [
        f"{len(given.live):,} indicators of other members are in force; {observing:,} name something that a log shows, "
        f"which {len(accounts):,} accounts here do."
    ]
    if techniques:
        named = ", ".join(sorted(techniques))
        notes.append(f"Other members are harvested by {named}: context, and no evidence against anybody here.")
    if given.disputed or given.expired:
        notes.append(f"{given.disputed:,} disputed and {given.expired:,} expired indicators were left out.")
    return Matched(np.array(sorted(accounts), dtype=np.int64), tuple(notes))


def _accounts(pattern: str, identifiers: Identifiers) -> set[int] | None:
    """Accounts that match a pattern's observables; ``None`` where it has none that we can judge."""
    inner = pattern.strip().removeprefix("[").removesuffix("]").strip()
    both = " AND " in inner
    if both and " OR " in inner:
        return None
    compared = [_COMPARISON(part) for part in inner.split(" AND " if both else " OR ")]
    if not all(compared):
        return None
    found = [_showing(one[1], one[2], identifiers) for one in compared if one is not None]
    known = [accounts for accounts in found if accounts is not None]
    if not known or (both and any(path[1].startswith("x-stillwatch-campaign:") for path in compared if path)):
        return None
    return reduce(set[int].intersection if both else set[int].union, known)


def _showing(path: str, literal: str, identifiers: Identifiers) -> set[int] | None:
    match path:
        case "ipv4-addr:value" | "ipv6-addr:value":
            return _union(identifiers, _in_network(literal, identifiers))
        case "domain-name:value":
            spelt = canonical("domain", literal)
            return _union(identifiers, [spelt] if isinstance(spelt, Identifier) else [])
        case "x-stillwatch-client:ja4":
            return _union(
                identifiers, (one for one in identifiers.known("client-shape") if one.text.startswith(f"{literal}|"))
            )
        case _:
            return None


def _in_network(literal: str, identifiers: Identifiers) -> Iterator[Identifier]:
    try:
        network = ip_network(literal, strict=False)
    except ValueError:
        return
    for type_ in ("ipv4", "ipv6-64"):
        for one in identifiers.known(type_):
            address = ip_address(one.text.partition("/")[0])
            if address.version == network.version and address in network:
                yield one


def _union(identifiers: Identifiers, wanted: Iterable[Identifier]) -> set[int]:
    return {account for one in wanted for account in identifiers.showing(one)}
