"""One session of a member: the steps of private matching as a value. No sockets, no clock, no chance.

    s = begin(...)                         consent to the epoch's description, blind
    while not s.done:
        out = s.outgoing()                 whom to ask, and the bytes
        s = s.received(send(out))          save s.encoded() before each send: whoever is killed goes on from there

The steps: forum evaluates, trustee evaluates, forum and trustee prove the weighted sum (in an audit both prove the
whole batch instead), the member checks, finalizes, uploads, asks. Nothing is uploaded before the check holds. A session
file holds identifiers and blinding secrets: it belongs on the member's own disk, readable by nobody else.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from stillwatch.match import member
from stillwatch.match.epochs import Epoch
from stillwatch.match.faults import MalformedError, ProofError, RefusedError, ReplayError
from stillwatch.match.group import GENERATOR, SIZE, Point, columns, point
from stillwatch.match.payload import Note, Told, handle_for
from stillwatch.match.proofs import verify
from stillwatch.match.threshold import Row, label_of, place, seal_for, split
from stillwatch.match.wire import (
    EVIDENCE,
    Answers,
    Ask,
    Check,
    Checked,
    Evaluate,
    Evaluated,
    Found,
    Receipt,
    Refused,
    Reply,
    Request,
    Upload,
    Uploaded,
    commitment,
    encode,
    reply,
)

Party = Literal["forum", "trustee"]
Step = Literal["forum", "trustee", "forum-check", "trustee-check", "upload", "ask", "done"]


class Item(msgspec.Struct, array_like=True, frozen=True):
    """One identifier and what to tell: its canonical bytes or, when keys rotate, the 32 bytes kept from the old epoch.

    ``evidence`` is the keyed digest of the member's evidence, for audits (``match.audit``).
    """

    value: bytes
    note: Note
    evidence: bytes = bytes(EVIDENCE)


class Outgoing(NamedTuple):
    """Whom to send what. ``step`` with the session's id names the request, for stores that answer replays."""

    party: Party
    step: Step
    body: bytes


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Where a member stands. All columns are in the order of ``items``."""

    id: bytes
    #: 32 secret bytes: blinding factors, coins.
    secret: bytes
    #: 32 secret bytes that outlive the session: pseudonyms for consent.
    pseudonym: bytes
    member: str
    epoch: Epoch
    kind: str
    items: tuple[Item, ...]
    #: The epoch that evaluations are moved from, when keys rotate.
    since: Epoch | None = None
    audit: bool = False
    step: Step = "forum"
    points: bytes = b""
    first: bytes = b""
    evaluated: bytes = b""
    #: What the two checks are about: the weighted sum of ``points``, and what the forum made of it.
    sum: bytes = b""
    first_sum: bytes = b""
    #: Unblinded evaluations: what a member keeps for the next rotation, instead of identifiers.
    kept: bytes = b""
    labels: tuple[bytes, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    #: In an audit, what a third party checks ``first`` and ``evaluated`` by: the forum's proof, then the trustee's.
    proofs: tuple[bytes, ...] = ()
    found: tuple[Found, ...] = ()

    def __repr__(self) -> str:
        """Neither secrets nor identifiers get into a log by accident."""
        return f"<Session {self.id.hex()} {self.epoch.id} {self.kind}: {len(self.items)} items, {self.step}>"

    @property
    def done(self) -> bool:
        """Whether all is asked and answered."""
        return self.step == "done"

    def outgoing(self) -> Outgoing:
        """What to send next; the same step always sends the same bytes. ``ReplayError`` when nothing is left."""
        if self.done:
            raise ReplayError("this session is done")
        party: Party = "trustee" if self.step.startswith("trustee") else "forum"
        return Outgoing(party, self.step, encode(self._request()))

    def received(self, body: bytes) -> "Session":
        """The session after the reply to what ``outgoing`` sent.

        Raises ``RefusedError`` (the party will not: the session stands where it stood), ``MalformedError``,
        ``ReplayError`` (a reply to something else), ``ProofError`` (a holder cheated: the session is over).
        """
        said = reply(body)
        if isinstance(said, Refused):
            raise RefusedError(said.code, said.why)
        if said.session != self.id:
            raise ReplayError("a reply to another session")
        if isinstance(said, Evaluated) and self.step in ("forum", "trustee"):
            return self._evaluated(said, self._answered(said.points, len(self.points)))
        if isinstance(said, Checked) and self.step in ("forum-check", "trustee-check"):
            return self._checked(said, self._answered(said.point, SIZE)[0])
        return self._stored(said)

    def asking_again(self) -> "Session":
        """The same session, to ask once more: others may have uploaded since."""
        if not self.done:
            raise ReplayError("this session has not asked yet")
        return msgspec.structs.replace(self, step="ask", found=())

    def encoded(self) -> bytes:
        """The session as bytes."""
        return msgspec.msgpack.encode(self)

    def _request(self) -> Request:
        since = self.since.id if self.since else ""
        named = (self.id, self.epoch.id, self.kind)
        match self.step:
            case "forum" | "trustee":
                points = self.points if self.step == "forum" else self.first
                return Evaluate(*named, since, self.epoch.digest(), points, self.audit)
            case "forum-check":
                return Check(*named, since, self.sum)
            case "trustee-check":
                return Check(*named, since, self.first_sum)
            case "upload":
                return self._upload()
            case _:
                return Ask(*named)

    def _answered(self, column: bytes, length: int) -> list[Point]:
        """The points that a holder answered. ``ProofError`` for what no honest holder sends, as for a wrong proof."""
        try:
            if len(column) == length:
                return [point(item) for item in columns(column)]
        except MalformedError as error:
            raise ProofError(self._holder(), "answered with what is no evaluation") from error
        raise ProofError(self._holder(), "answered with another number of evaluations than it was asked for")

    def _evaluated(self, said: Evaluated, items: list[Point]) -> "Session":
        asked = self._request()
        self._check_receipt(asked, said.receipt)
        receipts = (*self.receipts, said.receipt)
        before = self.points if self.step == "forum" else self.first
        if self.audit:
            self._check_proof(self._column(before), items, said.proof)
        proofs = (*self.proofs, said.proof) if self.audit else ()
        if self.step == "forum":
            return msgspec.structs.replace(self, step="trustee", first=said.points, receipts=receipts, proofs=proofs)
        after = msgspec.structs.replace(
            self, step="forum-check", evaluated=said.points, receipts=receipts, proofs=proofs
        )
        if self.audit:
            return after._finalized()
        return msgspec.structs.replace(after, sum=member.sum_to_check(self._column(self.points), items, self.secret))

    def _checked(self, said: Checked, result: Point) -> "Session":
        asked = self._request()
        assert isinstance(asked, Check)
        self._check_receipt(asked, said.receipt)
        self._check_proof([Point(asked.point)], [result], said.proof)
        receipts = (*self.receipts, said.receipt)
        if self.step == "forum-check":
            return msgspec.structs.replace(self, step="trustee-check", first_sum=result, receipts=receipts)
        first, evaluated = self._column(self.first), self._column(self.evaluated)
        member.check_sums(first, evaluated, self.secret, Point(self.first_sum), result)
        return msgspec.structs.replace(self, receipts=receipts)._finalized()

    def _finalized(self) -> "Session":
        """All evaluations are what they should be: unblind them, and know the labels."""
        kept = member.unblinded(columns(self.evaluated), self.secret)
        after = msgspec.structs.replace(self, step="upload", kept=b"".join(kept))
        labels = tuple(label_of(tag, self.epoch.threshold) for tag in after.tags())
        if len(set(labels)) != len(labels):
            raise MalformedError("the same identifier twice")  # only what was kept from an old epoch can get here
        return msgspec.structs.replace(after, labels=labels)

    def _stored(self, said: Reply) -> "Session":
        if isinstance(said, Uploaded) and self.step == "upload":
            if said.rows != len(self.labels):
                raise MalformedError("the forum stored another number of rows")
            return msgspec.structs.replace(self, step="ask")
        if isinstance(said, Answers) and self.step == "ask":
            if (said.epoch, said.kind) != (self.epoch.id, self.kind):
                raise ReplayError("answers of another epoch or type")
            ours = set(self.labels)
            return msgspec.structs.replace(
                self, step="done", found=tuple(one for one in said.found if one.label in ours)
            )
        raise ReplayError(f"a reply that does not answer the step {self.step}")

    def tags(self) -> list[bytes]:
        """The 64 secret bytes that stand for each item, in order, once the check held."""
        return member.tags(self._column(self.kept), member.context(self.epoch.forum, self.epoch.id, self.kind))

    def _upload(self) -> Upload:
        at = place(self.member)
        labels: list[bytes] = []
        rows: list[Row] = []
        for item, tag in zip(self.items, self.tags(), strict=True):
            piece = split(tag, self.epoch.threshold, at)
            told = Told(item.note, handle_for(self.pseudonym, piece.label))
            labels.append(piece.label)
            rows.append(seal_for(piece, told, self.epoch.id, self.kind, self.member))
        shares, nonces, sealed = (b"".join(c) for c in zip(*((r.share, r.nonce, r.sealed) for r in rows), strict=True))
        evidence = b"".join(item.evidence for item in self.items)
        return Upload(self.id, self.epoch.id, self.kind, b"".join(labels), shares, nonces, evidence, sealed)

    def _column(self, data: bytes) -> list[Point]:
        """A column of this session as points, which were checked when they came in."""
        return [Point(item) for item in columns(data)]

    def _check_receipt(self, asked: Request, receipt: Receipt) -> None:
        """The holder's ledger must hold the commitment to what was asked; the leaf itself is looked up later."""
        assert isinstance(asked, Evaluate | Check)
        if receipt.digest != commitment(asked):
            raise ProofError(self._holder(), "committed to something else than it was asked")

    def _check_proof(self, items: Sequence[Point], done: Sequence[Point], proof: bytes) -> None:
        """The proof of the holder whose turn it is, against its published key (or both, when keys rotate)."""
        side = 0 if self._holder() == "forum" else 1
        public = self.epoch.public(self.kind)[side]
        generator = self.since.public(self.kind)[side] if self.since else GENERATOR
        try:
            holds = verify(public, items, done, proof, generator=generator)
        except MalformedError:
            holds = False  # none at all, where one was asked for, is a proof that does not hold
        if not holds:
            raise ProofError(self._holder(), "gave a proof that does not hold")

    def _holder(self) -> Party:
        return "trustee" if self.step.startswith("trustee") else "forum"


def begin(*, id: bytes, secret: bytes, pseudonym: bytes, member_name: str, epoch: Epoch, kind: str,
          items: Sequence[Item], now: datetime, since: Epoch | None = None,
          audit: bool = False) -> Session:  # fmt: skip
    """A session about these identifiers, blinded, ready to send. ``id`` (16 bytes) and ``secret`` (32) are fresh and
    random; ``pseudonym`` (32) is the member's own for the epoch.

    Raises ``StaleEpochError`` when the epoch is not open at ``now`` or has no such type, ``SpellingError`` where its
    members spell this type otherwise, ``MalformedError`` for no items, too many, the same twice, or a secret that is
    too short.
    """
    epoch.check_open(now)
    epoch.check_spelling(kind)
    epoch.public(kind)
    if len(secret) != 32 or len(pseudonym) != 32:
        raise MalformedError("secrets have 32 bytes")
    values = [item.value for item in items]
    if len(set(values)) != len(values):
        raise MalformedError("the same identifier twice: say each once, or it costs twice")
    elements: Sequence[bytes] = values if since else member.inputs(values)
    points = b"".join(member.blinded(elements, secret))
    session = Session(id=id, secret=secret, pseudonym=pseudonym, member=member_name, epoch=epoch, kind=kind,
                      items=tuple(items), since=since, audit=audit, points=points)  # fmt: skip
    session.outgoing()  # refuses columns that are empty or too long, before anything is sent
    return session


def resumed(data: bytes) -> Session:
    """A session from ``encoded``. ``MalformedError`` for anything else."""
    try:
        return msgspec.msgpack.decode(data, type=Session)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"not a session: {error}") from error


def run(session: Session, send: Callable[[Outgoing], bytes]) -> Session:
    """A session to its end, for those who need not survive a kill."""
    while not session.done:
        session = session.received(send(session.outgoing()))
    return session
