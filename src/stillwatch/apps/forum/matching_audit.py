"""Random audits of uploads: the auditor commits to a secret, rows are drawn, the member opens them, the forum checks.

Three commands and two files that operator and member hand each other by any way they like: what stands in them tells
nobody an identifier. The secret is committed to in the ledger first, and the draw is made of it and of the ledger's
root at that time, so that neither the auditor nor the member chooses the rows (``match.audit``).
"""

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.adapters.stores.forum import directory, ledger
from stillwatch.adapters.stores.forum.times import moment
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.keyfile import load_or_create
from stillwatch.adapters.stores.matching import epochs, shares, watching
from stillwatch.apps.forum.founding import changed
from stillwatch.errors import UsageError
from stillwatch.guard.ledger.leaves import MatchingCommitted
from stillwatch.match.audit import Opening, drawn, failures, seed

RULE = "audit"


class Drawn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rows of a member that it must open. Labels and digests in hex."""

    member: str
    epoch: str
    type: str
    labels: tuple[str, ...]
    digests: tuple[str, ...]


class Opened(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the member shows, by label: seal and record in hex."""

    openings: dict[str, tuple[str, str]]


def commit(url: str, epoch: str, secret: Path) -> None:
    """Draw the auditor's secret into a file of mode 0600; its digest goes into the ledger, before members upload."""
    value, new = load_or_create(secret)
    if not new:
        raise UsageError(f"{secret} exists: an audit has a secret of its own")

    def work(transaction: Transaction) -> None:
        epochs.keys_of(transaction.connection, epoch)
        leaf = MatchingCommitted(
            time=moment(transaction.now_us),
            actor="auditor",
            epoch=epoch,
            type="audit",
            session=sha256(value).hexdigest(),
            step="audit",
            units=0,
            batch=f"sha256:{sha256(value).hexdigest()}",
        )
        transaction.record(directory.MAIN_LOG, leaf, None, _name(value))

    changed(url, work)


def draw(url: str, member: str, epoch: str, type_: str, secret: Path, size: int) -> Drawn:
    """Rows of one member, drawn by the committed secret and the ledger's root. Raises ``UsageError``."""
    uncommitted = f"the secret in {secret} is not committed to: `audit commit` it before members upload"
    if not secret.exists():  # to make one here would keep `audit commit` from it
        raise UsageError(uncommitted)
    value, _ = load_or_create(secret)

    def work(transaction: Transaction) -> Drawn:
        connection = transaction.connection
        who = directory.load(connection).named(member)
        if who is None:
            raise UsageError(f"there is no member {member}")
        if not ledger.leaves_about(connection, directory.MAIN_LOG, _name(value)):
            raise UsageError(uncommitted)
        rows = shares.evidence(connection, who, epoch, type_)
        if not rows:
            raise UsageError(f"{member} has uploaded nothing for {type_} in epoch {epoch}")
        root = ledger.opened(connection, directory.MAIN_LOG).head().root
        chosen = [rows[number] for number in drawn(seed(value, root), len(rows), size)]
        return Drawn(
            member=member,
            epoch=epoch,
            type=type_,
            labels=tuple(label.hex() for label, _ in chosen),
            digests=tuple(digest.hex() for _, digest in chosen),
        )

    return changed(url, work)


def check(url: str, asked: Drawn, opened: Opened, now: datetime) -> list[dict[str, Any]]:
    """The rows that do not hold; where there are any, an alarm goes into the ledger."""
    if len(asked.labels) != len(asked.digests):
        raise UsageError("these are not the rows that `audit draw` printed: each label has a digest")
    uploaded = [bytes.fromhex(digest) for digest in asked.digests]
    openings = {
        row: Opening(bytes.fromhex(opened.openings[label][0]), bytes.fromhex(opened.openings[label][1]))
        for row, label in enumerate(asked.labels)
        if label in opened.openings
    }
    today = now.date().toordinal() - datetime(1970, 1, 1).toordinal()  # noqa: DTZ001  dates alone
    failed = failures(asked.type, uploaded, range(len(uploaded)), openings, today)

    def work(transaction: Transaction) -> None:
        who = directory.load(transaction.connection).named(asked.member)
        if who is None:
            raise UsageError(f"there is no member {asked.member}")
        watching.alarm(transaction, who, asked.epoch, asked.type, RULE)

    if failed:
        changed(url, work)
    return [{"label": asked.labels[each.row], "reason": each.reason} for each in failed]


def _name(secret: bytes) -> str:
    return f"matching/audit/{sha256(secret).hexdigest()}"
