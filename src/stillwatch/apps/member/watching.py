"""Is the forum's ledger still the one that we saw? Between two readings its newest checkpoint is compared with ours.

In order: (1) the checkpoint is signed by the log's key: the one in our settings, or else the one that we met first;
(2) it is of the same log; (3) it has not shrunk (rollback); (4) a consistency proof shows that it begins with all that
we saw before (RFC 6962, section 2.1.2), so that nothing was rewritten and nobody was shown another ledger (fork).
Two checkpoints that contradict each other are kept: both are signed, and together they prove it to anybody.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

from stillwatch.adapters.transports.taxii import TaxiiForum
from stillwatch.apps.member.outbox import write_whole
from stillwatch.apps.member.settings import Settings
from stillwatch.errors import IntegrityError, StateError, UsageError
from stillwatch.guard.ledger import Checkpoint, NoteError, VerifierKey
from stillwatch.guard.ledger.proofs import consistency_fault

SEEN = "ledger.json"
EVIDENCE = "ledger-evidence.json"
_MAIN, _GOVERNMENT = "forum", "government"


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The key of a log and the newest checkpoint that we saw of it, as the note was written."""

    key: str
    checkpoint: str


class _Proof(msgspec.Struct, frozen=True):
    hashes: tuple[str, ...]


def watch(settings: Settings, forum: TaxiiForum, into: Path) -> None:
    """Compare each log with what ``into`` holds of it, then keep the newer checkpoint.

    Raises ``IntegrityError`` where the ledger is not what it was. A server that never showed a ledger is no forum of
    ours and is not held to one; ``UnavailableError`` where it does not answer.
    """
    path = into / SEEN
    seen = _remembered(path)
    logs = [_MAIN, *([_GOVERNMENT] if any(one.recipient == "government" for one in settings.groups.values()) else [])]
    newer = dict(seen)
    for log in logs:
        found = _compared(log, settings.ledger_keys.get(log), seen.get(log), forum, into)
        if found is not None:
            newer[log] = found
    if newer != seen:
        into.mkdir(parents=True, exist_ok=True)
        write_whole(path, msgspec.json.format(msgspec.json.encode(newer)) + b"\n")


def _compared(log: str, pinned: str | None, before: Seen | None, forum: TaxiiForum, into: Path) -> Seen | None:
    note = forum.beside(f"forum/ledger/{log}/checkpoint/")
    if note is None:
        if before is not None or pinned is not None:
            forum.api_root()  # a credential that is refused says so itself, and accuses nobody of hiding a ledger
            raise IntegrityError(f"the forum no longer shows its ledger {log}: ask its operator why before you go on")
        return None
    key = _key(log, pinned, before, forum)
    try:
        newest = Checkpoint.parse(note.decode("utf-8", "replace"))
    except NoteError as error:
        raise IntegrityError(f"the forum's ledger {log} shows no checkpoint: {error}") from error
    if (fault := newest.fault(key)) is not None:
        raise IntegrityError(f"the forum's ledger {log}: {fault}")
    if before is not None:
        old = Checkpoint.parse(before.checkpoint)
        if (fault := _inconsistent(log, old, newest, forum)) is not None:
            _contradict(log, fault, [str(old), str(newest)], into)
    return Seen(str(key), str(newest))


def _key(log: str, pinned: str | None, before: Seen | None, forum: TaxiiForum) -> VerifierKey:
    text = pinned or (before.key if before else None)
    if text is None:  # the first meeting: it is only sure that the log stays what it was
        text = (forum.beside(f"forum/ledger/{log}/key/") or b"").decode("ascii", "replace").strip()
        try:
            return VerifierKey.parse(text)
        except UsageError as error:
            raise IntegrityError(f"the forum's ledger {log} shows no key: {error}") from error
    return VerifierKey.parse(text)


def _inconsistent(log: str, old: Checkpoint, new: Checkpoint, forum: TaxiiForum) -> str | None:
    hashes: tuple[bytes, ...] = ()
    if 0 < old.size < new.size:
        answer = forum.beside(f"forum/ledger/{log}/consistency/", {"old": str(old.size), "new": str(new.size)})
        try:
            proof = msgspec.json.decode(answer or b"", type=_Proof)
            hashes = tuple(bytes.fromhex(each) for each in proof.hashes)
        except (msgspec.MsgspecError, ValueError):
            return "it proves not that it begins with what it had before"
    return consistency_fault(old.size, old.root, new.size, new.root, hashes)


def _contradict(log: str, fault: str, notes: Sequence[str], into: Path) -> NoReturn:
    into.mkdir(parents=True, exist_ok=True)
    content = {"ledger": log, "fault": fault, "checkpoints": notes}
    write_whole(into / EVIDENCE, msgspec.json.format(msgspec.json.encode(content)) + b"\n")
    raise IntegrityError(
        f"the forum's ledger {log} is not the one that we saw: {fault}; both signed checkpoints are in "
        f"{into / EVIDENCE}: show them to the operator, the auditor and other members"
    )


def _remembered(path: Path) -> dict[str, Seen]:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, Seen])
        for one in found.values():
            VerifierKey.parse(one.key)
            Checkpoint.parse(one.checkpoint)
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError, NoteError, UsageError) as error:
        raise StateError(f"{path} can't be read, so the ledger can't be compared with what we saw: {error}") from error
    return found
