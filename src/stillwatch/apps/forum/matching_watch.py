"""The forum's watch against searching: an auditor's canaries, members that find next to nothing for a full budget.

Commands, to be run by a person or once an hour by a timer. Each alarm is written into the ledger once; what follows is
a question to the member and an audit, never a sentence (``match.alarm``, ``match.canary``).
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from stillwatch.adapters.stores.forum import directory, ledger
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.matching import epochs, watching
from stillwatch.apps.forum.founding import changed
from stillwatch.errors import UsageError
from stillwatch.match.alarm import low_hit_rates
from stillwatch.match.canary import suspects
from stillwatch.match.wire import LABEL

LOW_HIT_RATE = "low-hit-rate"
CANARIES = "canaries"


def set_canaries(url: str, epoch: str, type_: str, lines: Iterable[str]) -> int:
    """Keep an auditor's labels (hex, one a line) for one epoch and type; how many there are now."""
    labels = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            label = bytes.fromhex(line.strip())
        except ValueError as error:
            raise UsageError(f"line {number} is no label: {2 * LABEL} hex digits are expected") from error
        if len(label) != LABEL:
            raise UsageError(f"line {number} is no label: {2 * LABEL} hex digits are expected")
        labels.append(label)

    def work(transaction: Transaction) -> int:
        if type_ not in {key.type for key in epochs.keys_of(transaction.connection, epoch)}:
            raise UsageError(f"epoch {epoch} has no keys for {type_}")
        return watching.set_canaries(transaction.connection, epoch, type_, labels)

    return changed(url, work)


def watch(url: str) -> list[dict[str, Any]]:
    """Every alarm that stands; those that are new go into the ledger."""

    def work(transaction: Transaction) -> list[dict[str, Any]]:
        connection = transaction.connection
        members = directory.load(connection).members
        names = {number: member.name for number, member in members.items()}
        by_name = {member.name: member for member in members.values()}
        found = []
        for epoch, kind in watching.places(connection):
            for rule, name, facts in _alarms(transaction, epoch, kind, names):
                member = by_name[name]
                new = not ledger.leaves_about(
                    connection, directory.MAIN_LOG, watching.ledger_name(member, epoch, kind, rule)
                )
                if new:
                    watching.alarm(transaction, member, epoch, kind, rule)
                found.append({"epoch": epoch, "type": kind, "rule": rule, "new": new, **facts})
        return found

    return changed(url, work)


def _alarms(
    transaction: Transaction, epoch: str, kind: str, names: dict[int, str]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    connection = transaction.connection
    description = epochs.described(connection).get(epoch)
    if description is not None:
        for low in low_hit_rates(watching.asked(connection, epoch, kind, description.threshold, names)):
            yield LOW_HIT_RATE, low.member, msgspec.to_builtins(low)
    uploads = watching.hits(connection, epoch, kind, names)
    labels = frozenset(label for found in uploads.values() for label in found)
    for hit in suspects(uploads, labels):
        yield CANARIES, hit.member, msgspec.to_builtins(hit)
