"""A member as witness: it cosigns what it has seen to follow from what it saw before, and nothing else.

One honest witness makes a split view impossible among all who ask for its cosignature: it remembers the last checkpoint
of the log and signs the next only with a proof that nothing before it changed. What it remembers is an argument and a
result: a caller keeps it, in one atomic step with handing out the cosignature (two requests that race could otherwise
roll the witness back). Source: C2SP tlog-witness (``add-checkpoint`` and its status codes), tlog-cosignature.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stillwatch.errors import UsageError
from stillwatch.guard.ledger.checkpoints import Checkpoint, NoteError, Signature
from stillwatch.guard.ledger.hashing import EMPTY_ROOT, HASH_BYTES
from stillwatch.guard.ledger.keys import LOG_KEY, WITNESS_KEY, Signer, VerifierKey, base64, from_base64
from stillwatch.guard.ledger.proofs import consistency_fault
from stillwatch.guard.ledger.tree import Head

MAX_PROOF_LINES = 63
_EMPTY = Head(0, EMPTY_ROOT)
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True)
class Cosigned:
    """The witness vouches. ``seen`` must be kept before ``line`` is handed out."""

    line: str
    seen: Checkpoint


@dataclass(frozen=True)
class Declined:
    """The witness does not vouch: why, with the HTTP status of tlog-witness.

    ``size`` is what it saw last, where the asker should prove from there. ``evidence`` is two checkpoints, both signed
    by the log, that contradict each other: show them to every member.
    """

    reason: str
    status: int
    size: int | None = None
    evidence: tuple[Checkpoint, Checkpoint] | None = None


@dataclass(frozen=True)
class Request:
    """``add-checkpoint``: the size to prove from, the proof, and the new checkpoint's note."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        return "".join([f"old {self.old}\n", *(f"{base64(entry)}\n" for entry in self.proof), "\n", self.note])

    @classmethod
    def parse(cls, body: str) -> "Request":
        """Raises ``NoteError`` for what is no such request."""
        head, blank, note = body.partition("\n\n")
        first, *lines = head.split("\n")
        match = _OLD.fullmatch(first)
        proof = [data for line in lines if (data := from_base64(line)) is not None and len(data) == HASH_BYTES]
        if match is None or not blank or len(proof) != len(lines) or len(proof) > MAX_PROOF_LINES:
            raise NoteError("this is no request to cosign: old SIZE, hashes in base64, an empty line, the checkpoint")
        return cls(int(match[1]), tuple(proof), note)


@dataclass(frozen=True)
class Witness:
    """One witness key for one log."""

    signer: Signer
    log: VerifierKey

    def __post_init__(self) -> None:
        if self.signer.key.type != WITNESS_KEY or self.log.type != LOG_KEY:
            raise UsageError("a witness needs its own witness key and the public log key of the ledger")
        # Whoever signs for the log can't vouch for it.
        if self.signer.key.public == self.log.public:
            raise UsageError("a witness must not use the ledger's own key")

    def answer(self, old: Checkpoint | None, request: Request, now: int) -> Cosigned | Declined:
        """As ``cosign``, for a request off the wire, whose sender may not know what this witness saw last."""
        seen = old.size if old else 0
        try:
            new = Checkpoint.parse(request.note)
        except NoteError as error:
            return Declined(str(error), 400)
        if (fault := self._stranger(new)) is not None:
            return fault
        if request.old > new.size:
            return Declined(f"a log of {new.size} leaves can't be proved from one of {request.old}", 400)
        # A split view is found even where the sender pretends to know of another size.
        if request.old != seen and not (old and old.size == new.size):
            return Declined(f"this witness saw {seen} leaves last: prove from there", 409, seen)
        return self.cosign(old, request.proof, new, now)

    def cosign(self, old: Checkpoint | None, proof: Sequence[bytes], new: Checkpoint, now: int) -> Cosigned | Declined:
        """Cosign ``new`` at POSIX second ``now`` if it is the log's word and ``proof`` leads there from ``old``.

        ``old`` is what this witness cosigned last, ``None`` at first. A checkpoint seen before may be cosigned again.
        """
        if (stranger := self._stranger(new)) is not None:
            return stranger
        if old is not None and old.origin != new.origin:
            return Declined(f"wrong origin: this witness followed {old.origin!r} so far", 404)
        before = old.head if old else _EMPTY
        if old and old.size == new.size and old.root != new.root:
            reason = f"split view: the log signed two different trees of {new.size} leaves"
            return Declined(reason, 409, old.size, (old, new))
        if new.size < before.size:
            reason = f"an older checkpoint, of {new.size} leaves, was shown after one of {before.size}"
            return Declined(reason, 409, before.size)
        if (fault := consistency_fault(*before, *new.head, proof)) is not None:
            return Declined(fault, 422, before.size)
        blob = self.signer.cosign(new.text, now)
        return Cosigned(Signature(self.signer.key.name, self.signer.key.id, blob).line, new)

    def _stranger(self, new: Checkpoint) -> Declined | None:
        fault = new.fault(self.log)
        if fault is None:
            return None
        return Declined(fault, 404 if new.origin != self.log.name else 403)
