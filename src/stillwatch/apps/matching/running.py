"""Run the sessions of one question to their end, through kills and restarts, and check what the holders promised.

For each type of identifiers: sessions that were begun before go on where they stood; what no session has asked yet is
asked in a new one, as far as the budget of *both* holders reaches; then every finished session asks once more, which
costs nothing. So the same command again pays for what is new and brings back what others have uploaded since.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec

from stillwatch.adapters.transports.matching import Announced, KeyHolder
from stillwatch.apps.matching.asking import Question, item, record
from stillwatch.apps.matching.keeping import Folder, meaning
from stillwatch.errors import IntegrityError, UnavailableError
from stillwatch.guard.ledger import LeafError, VerifierKey, decode
from stillwatch.guard.ledger.leaves import MatchingCommitted, MatchingKeyChanged
from stillwatch.match.epochs import Epoch
from stillwatch.match.faults import SpellingError, StaleEpochError
from stillwatch.match.group import columns
from stillwatch.match.identifiers import Identifier, Listed
from stillwatch.match.payload import Note
from stillwatch.match.session import Item, Outgoing, Session, begin
from stillwatch.match.wire import MOST, Receipt


class Unasked(msgspec.Struct, frozen=True):
    """An identifier that was not asked, and why."""

    listed: Listed
    reason: str


class Outcome(msgspec.Struct, frozen=True):
    """What came of a question: the finished sessions, what could not be asked, what moved evaluations stand for."""

    epoch: Epoch
    sessions: tuple[Session, ...]
    unasked: tuple[Unasked, ...]
    messages: dict[bytes, bytes]


class Runner:
    """One member between two holders. ``tell`` hears of each step, for people who wait. ``audit``: new sessions ask for
    proofs that a third party can check, which costs everybody more."""

    def __init__(
        self,
        folder: Folder,
        forum: KeyHolder,
        trustee: KeyHolder,
        now: datetime,
        tell: Callable[[str], None],
        *,
        audit: bool = False,
    ) -> None:
        self._folder = folder
        self._holders = {"forum": forum, "trustee": trustee}
        self._now = now
        self._tell = tell
        self._audit = audit

    def run(self, question: Question, wanted: str | None = None) -> Outcome:
        """Ask, or go on asking. ``wanted``: the epoch; default: the one that is open and closes last.

        Raises ``IntegrityError`` (a proof, a receipt or an epoch does not hold), ``UnavailableError`` (run it again),
        ``StaleEpochError`` (no epoch is open).
        """
        announced = {name: holder.announced() for name, holder in self._holders.items()}
        epoch = self._agreed(announced, wanted)
        member = self._name()
        sessions: list[Session] = []
        unasked: list[Unasked] = []
        for kind in question.kinds:
            reason = self._unfit(epoch, kind)
            if reason:
                self._tell(f"{kind}: not asked: {reason}")
                unasked += [Unasked(each, reason) for each in question.of_kind(kind)]
                continue
            before = [self._finished(session) for session in self._folder.sessions(epoch.id, kind)]
            room = min(each.room(epoch.id, kind) for each in self._announced_again(before, announced))
            news, left = self._new(question.of_kind(kind), before, room)
            unasked += left
            after = [self._finished(self._begun(member, epoch, kind, news))] if news else []
            sessions += [*(self._again(session) for session in before), *after]
        return Outcome(epoch, tuple(sessions), tuple(unasked), self._folder.messages())

    def move(self, old: str, new: str) -> int:
        """Move all that was matched in one epoch to the next, without identifiers; how many were moved.

        What was evaluated under the old keys is evaluated under the new ones; both holders prove the step. It costs
        the new epoch's budget, and nothing is moved twice. Raises as ``run`` does.
        """
        announced = {name: holder.announced() for name, holder in self._holders.items()}
        epoch = self._agreed(announced, new)
        moved = 0
        for kind in epoch.keys:
            if reason := self._unfit(epoch, kind):
                self._tell(f"{kind}: not moved: {reason}")
                continue
            after = [self._finished(session) for session in self._folder.sessions(new, kind)]
            taken = {each.value for session in after for each in session.items}
            for session in list(self._folder.sessions(old, kind)):
                kept = columns(session.kept)
                if not session.done or not kept or set(kept) <= taken:
                    continue
                items = [
                    msgspec.structs.replace(each, value=one) for each, one in zip(session.items, kept, strict=True)
                ]
                records = self._folder.records(session)
                self._tell(f"{kind}: moving {len(items):,} identifiers from {old} to {new}")
                self._finished(self._kept(session.member, epoch, kind, items, records, session.epoch))
                moved += len(items)
        return moved

    def _name(self) -> str:
        """Our name at the forum, which our shares hang on.

        Attack: a forum that calls us by two names gets two shares of one polynomial from us, and so the secret of a
        label that we hold alone.
        """
        name = self._holders["forum"].me()
        if self._folder.pinned("name", name) != name:
            raise IntegrityError("the forum calls us by another name than before: do not upload; ask its operator")
        self._folder.pin("name", name)
        return name

    def _agreed(self, announced: dict[str, Announced], wanted: str | None) -> Epoch:
        """The epoch to ask in: both holders describe it alike, and as they did before.

        Attack: a holder shows one member another key than the rest, to tell its tags apart. Both holders would have to
        show the same other description, and each wrote the keys that it shows to everybody into its ledger.
        """
        ours = announced["forum"].epochs
        open_ = {
            name
            for name, epoch in ours.items()
            if epoch.opens <= self._now < epoch.closes and name in announced["trustee"].epochs
        } & {key.epoch for key in announced["trustee"].keys if key.state == "open"}
        chosen = wanted or max(open_, key=lambda name: (ours[name].closes, name), default=None)
        if chosen not in open_:
            raise StaleEpochError(f"epoch {chosen} is not open at both holders" if chosen else "no epoch is open")
        epoch = ours[chosen]
        if announced["trustee"].epochs[chosen].digest() != epoch.digest():
            raise IntegrityError(f"forum and trustee describe epoch {chosen} differently: do not use it; ask both")
        seen = epoch.digest().hex()
        if self._folder.pinned(f"epoch-{chosen}", seen) != seen:
            raise IntegrityError(f"epoch {chosen} is described differently than before: do not use it")
        self._folder.pin(f"epoch-{chosen}", seen)
        for name in self._holders:
            if self._folder.pinned(f"epoch-{chosen}-{name}-shown", "") != seen:
                self._check_keys(name, epoch)
                self._folder.pin(f"epoch-{chosen}-{name}-shown", seen)
        return epoch

    def labels(self, choose: Callable[[Epoch], Sequence[Identifier]], wanted: str | None = None) -> tuple[bytes, ...]:
        """The labels of identifiers of one type, in their order; nothing is uploaded, and nothing kept.

        For an auditor that sets canaries: it must not hold them itself. ``choose``: which, in the epoch that is open.
        """
        announced = {name: holder.announced() for name, holder in self._holders.items()}
        epoch = self._agreed(announced, wanted)
        chosen = choose(epoch)
        items = [Item(each.message, Note(0, 0, 0, 0)) for each in chosen]
        session = self._new_session(self._name(), epoch, chosen[0].type, items, None)
        while session.step != "upload":
            session = session.received(self._send(session.outgoing()))
        self._check_receipts(session)
        return session.labels

    def _unfit(self, epoch: Epoch, kind: str) -> str:
        """Why a type can't be asked in this epoch, if it can't."""
        if kind not in epoch.keys:
            return f"epoch {epoch.id} has no keys for this type"
        try:
            epoch.check_spelling(kind)
        except SpellingError as error:
            return str(error)
        return ""

    def _announced_again(self, before: Sequence[Session], announced: dict[str, Announced]) -> Iterator[Announced]:
        """What the holders say of our budget, once sessions that were under way have been charged."""
        for name, holder in self._holders.items():
            yield holder.announced() if before else announced[name]

    def _new(
        self, listed: Sequence[Listed], before: Sequence[Session], room: int
    ) -> tuple[list[Listed], list[Unasked]]:
        """What no session has asked yet, as far as the budget reaches; the check of a batch costs one unit too."""
        messages = self._folder.messages()
        asked = {meaning(each.value, messages) for session in before for each in session.items}
        fresh = [each for each in listed if each.identifier.message not in asked]
        most = max(0, min(room - 1, MOST))
        reason = f"the budget of this epoch has room for {most:,} more: ask in the next one"
        return fresh[:most], [Unasked(each, reason) for each in fresh[most:]]

    def _begun(self, member: str, epoch: Epoch, kind: str, listed: Sequence[Listed]) -> Session:
        self._tell(f"{kind}: asking for {len(listed):,} identifiers")
        items = [item(each, self._folder.evidence) for each in listed]
        records = [record(each, self._folder.evidence).encoded() for each in listed]
        return self._kept(member, epoch, kind, items, records)

    def _kept(
        self,
        member: str,
        epoch: Epoch,
        kind: str,
        items: Sequence[Item],
        records: Sequence[bytes],
        since: Epoch | None = None,
    ) -> Session:
        """A new session, on disk before anything of it is sent."""
        session = self._new_session(member, epoch, kind, items, since)
        self._folder.keep_records(session, records)
        self._folder.save(session)
        return session

    def _new_session(self, member: str, epoch: Epoch, kind: str, items: Sequence[Item], since: Epoch | None) -> Session:
        return begin(
            id=secrets.token_bytes(16),
            secret=secrets.token_bytes(32),
            pseudonym=self._folder.pseudonym(epoch.id),
            member_name=member,
            epoch=epoch,
            kind=kind,
            items=items,
            now=self._now,
            since=since,
            audit=self._audit,
        )

    def _finished(self, session: Session) -> Session:
        """The session at its end. It is on disk after each step, and so is what it will send next.

        Nothing is uploaded before both ledgers hold the commitments: a holder that hides what it answers gets no rows.
        """
        while not session.done:
            if session.step == "upload":
                self._check_receipts(session)
            session = session.received(self._send(session.outgoing()))
            self._folder.save(session)
        return session

    def _again(self, session: Session) -> Session:
        return self._finished(session.asking_again()) if session.done else self._finished(session)

    def _send(self, out: Outgoing) -> bytes:
        return self._holders[out.party].ask(out.body)

    def _check_receipts(self, session: Session) -> None:
        """Both ledgers hold the commitments that both holders promised, under the keys that we pinned."""
        parties = ("forum", "trustee") * (1 if session.audit else 2)
        names = ("evaluate", "evaluate", "check", "check")[: len(parties)]
        for party, name, receipt in zip(parties, names, session.receipts, strict=True):
            self._check_leaf(party, f"matching/{session.id.hex()}/{name}", receipt, session)

    def _check_leaf(self, party: str, about: str, receipt: Receipt, session: Session) -> None:
        promised = f"sha256:{receipt.digest.hex()}"
        for index, leaf in self._leaves(party, about):
            if (
                isinstance(leaf, MatchingCommitted)
                and index == receipt.index
                and (leaf.batch, leaf.epoch, leaf.type) == (promised, session.epoch.id, session.kind)
            ):
                return
        raise IntegrityError(f"the {party} answered, and its ledger holds no commitment to {about}: tell its operator")

    def _check_keys(self, party: str, epoch: Epoch) -> None:
        """The holder's ledger says that everybody is shown these keys."""
        promised = f"sha256:{epoch.digest().hex()}"
        for kind, keys in epoch.keys.items():
            found = [leaf for _, leaf in self._leaves(party, f"matching/{epoch.id}/{kind}")]
            shown = [leaf for leaf in found if isinstance(leaf, MatchingKeyChanged) and leaf.change == "opened"]
            if [(leaf.key, leaf.description) for leaf in shown] != [(getattr(keys, party), promised)]:
                raise IntegrityError(f"the {party}'s ledger does not show its key for {kind} in epoch {epoch.id}")

    def _leaves(self, party: str, about: str) -> Iterator[tuple[int, object]]:
        """The leaves under a name that are proven to stand in the holder's ledger."""
        holder = self._holders[party]
        pinned = self._folder.pinned(f"{party}-ledger", "")
        if not pinned:
            pinned = holder.ledger_key()
            self._folder.pin(f"{party}-ledger", pinned)
        key = VerifierKey.parse(pinned)
        for proof in holder.proofs(about):
            faults = proof.faults([key])
            if faults:
                raise IntegrityError(f"the {party}'s proof for {about} does not hold: {'; '.join(faults)}")
            try:
                yield proof.index, decode(proof.leaf)
            except LeafError as error:
                raise IntegrityError(f"the {party}'s ledger holds what is no leaf: {error}") from error


def outlasting(work: Callable[[], Outcome], wait: Callable[[int], None], tries: int) -> Outcome:
    """``work``, again after ``wait(n)`` where a holder did not answer; the last time the error goes on.

    A refusal for want of budget or of an epoch is final; a holder that is away is not.
    """
    for number in range(tries - 1):
        try:
            return work()
        except UnavailableError:
            wait(number)
    return work()
