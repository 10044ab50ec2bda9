"""Two members that hold the same identifier find out who they are, if a person at each wants to (``match.consent``).

A wish is sent for one identifier; the other holders see that somebody who holds it asks, and not who. A person there
agrees, or says nothing. Whoever wished has promised to say who it is: its half is given as soon as somebody agrees, and
the forum delivers neither half before both are there. Keys and letters lie in the member's folder; reading the post
again finishes what was interrupted.
"""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from stillwatch.adapters.transports.matching import KeyHolder
from stillwatch.apps.matching.keeping import Folder, Kept, meaning
from stillwatch.errors import IntegrityError, NoInputError, UsageError
from stillwatch.match import consent
from stillwatch.match.consent import Agreed, Given, Identity, Letter, Wish, digest
from stillwatch.match.faults import MatchError, RefusedError, plain
from stillwatch.match.identifiers import Identifier
from stillwatch.match.payload import handle_for
from stillwatch.match.session import Session

_Place = tuple[str, str, bytes]


class Held(msgspec.Struct, frozen=True):
    """An identifier of ours that others hold too: its tag, its label, our pseudonym for it."""

    name: str
    tag: bytes
    label: bytes
    sender: bytes
    epoch: str
    kind: str

    def __repr__(self) -> str:
        """Neither tag nor identifier gets into a log by accident."""
        return f"<Held {self.epoch} {self.kind} {self.label.hex()}>"


class Correspondence:
    """The letters of one member about what it holds."""

    def __init__(self, folder: Folder, forum: KeyHolder, identity: Identity) -> None:
        self._folder = folder
        self._forum = forum
        self._identity = identity
        self._gave = False
        self._messages = folder.messages()
        #: What was asked and answered, by the labels in it that nobody else was seen to hold when we last asked.
        self._alone: dict[_Place, Session] = {}
        #: What of ours a letter can be about.
        self._held: dict[_Place, Held] = {}
        for session in folder.every_session():
            self._know(session)
        self._ours: dict[bytes, tuple[Letter, Kept]] = {digest(mine[0]): mine for mine in folder.letters()}

    def wish(self, identifier: Identifier) -> str:
        """Ask the other holders of an identifier who they are. The id of the wish. Sending it twice is one wish.

        Raises ``NoInputError`` where no session of ours found that others hold it.
        """
        named = f"{identifier.type} {identifier.text}"
        found = [held for held in self._held.values() if held.name == named]
        if not found:
            raise NoInputError(f"nobody else was seen to hold {named}: match it first")
        held = found[-1]
        for letter, kept in self._ours.values():
            if isinstance(letter, Wish) and letter.label == held.label:
                self._post(letter, kept)
                return digest(letter).hex()
        private = secrets.token_bytes(32)
        letter = consent.wish(
            held.tag, epoch=held.epoch, kind=held.kind, label=held.label, sender=held.sender, private=private
        )
        return self._send(letter, private)

    def agree(self, wanted: str) -> str:
        """Consent to a wish, by its id: whoever wished learns who we are, once it has said who it is."""
        for letter, _ in self._theirs():
            if isinstance(letter, Wish) and digest(letter).hex() == wanted:
                held = self._of(letter)
                if held is None:
                    break
                if self._answer_to(letter) is None:
                    private = secrets.token_bytes(32)
                    self._send(consent.agree(letter, held.tag, sender=held.sender, private=private), private)
                return self._agreed(letter, held)
        raise UsageError(f"no wish {wanted} has come in: `stillwatch match letters` lists them")

    def read(self) -> dict[str, list[dict[str, Any]]]:
        """Read the post, give what we promised, and say who asks and who was found."""
        found = self._sorted()
        if self._gave:  # what we gave releases what waited for it
            found = self._sorted()
        return found

    def _sorted(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {"wishes": [], "met": [], "not_authentic": []}
        for letter, name in list(self._theirs()):
            held = self._of(letter)
            if held is None:
                continue
            try:
                consent.check(letter, held.tag)
                self._sort(letter, held, name, found)
            except MatchError as error:
                # Somebody who does not hold the identifier wrote it, or it was changed on its way: nothing follows.
                found["not_authentic"].append({"about": held.name, "letter": digest(letter).hex(), "why": str(error)})
        return found

    def _sort(self, letter: Letter, held: Held, name: str, found: dict[str, list[dict[str, Any]]]) -> None:
        if isinstance(letter, Wish):
            if self._answer_to(letter) is None:
                found["wishes"].append({"about": held.name, "wish": digest(letter).hex()})
            else:
                self._agreed(letter, held)  # again, if we were killed before our half was there
        elif isinstance(letter, Agreed):
            asked, kept = self._ours.get(letter.wish, (None, None))
            if isinstance(asked, Wish) and kept is not None:
                self._give(asked, letter, held, kept.private)  # as we promised when we wished
        else:
            ours = self._given_for(letter.agreed)
            if ours is not None:
                who = consent.opened(letter, held.tag, agreed=letter.agreed, private=ours[1].private)
                # What it says of itself is its own word; the forum authenticated whoever gave this half.
                found["met"].append({"about": held.name, **msgspec.to_builtins(who), "forum_says": name})

    def _agreed(self, asked: Wish, held: Held) -> str:
        """Our consent and our half are with the forum."""
        found = self._answer_to(asked)
        assert found is not None
        self._post(*found)
        self._give(asked, found[0], held, found[1].private)
        return digest(found[0]).hex()

    def _give(self, asked: Wish, answer: Agreed, held: Held, private: bytes) -> None:
        """Our half, once for each consent. ``private`` opens the other's."""
        before = self._given_for(digest(answer))
        if before is not None:
            self._post(*before)
            return
        self._send(consent.give(asked, answer, held.tag, sender=held.sender, identity=self._identity), private)
        self._gave = True

    def _send(self, letter: Letter, private: bytes) -> str:
        """Keep, then send: a letter that was sent and not kept could never be opened."""
        kept = Kept(consent.encode(letter), private)
        self._keep(letter, kept)
        self._post(letter, kept)
        return digest(letter).hex()

    def _post(self, letter: Letter, kept: Kept) -> None:
        """Send it if the forum has not taken it yet; it would know it again."""
        if not kept.sent:
            self._forum.post_letter(kept.body)
            self._keep(letter, msgspec.structs.replace(kept, sent=True))

    def _keep(self, letter: Letter, kept: Kept) -> None:
        self._folder.keep_letter(digest(letter).hex(), kept)
        self._ours[digest(letter)] = (letter, kept)

    def _answer_to(self, asked: Wish) -> tuple[Agreed, Kept] | None:
        for letter, kept in self._ours.values():
            if isinstance(letter, Agreed) and letter.wish == digest(asked):
                return letter, kept
        return None

    def _given_for(self, agreed: bytes) -> tuple[Given, Kept] | None:
        for letter, kept in self._ours.values():
            if isinstance(letter, Given) and letter.agreed == agreed:
                return letter, kept
        return None

    def _theirs(self) -> Iterator[tuple[Letter, str]]:
        """Letters to us, each with the name of its sender, where the forum tells it."""
        after = 0
        while True:
            last, bodies, names = self._forum.letters(after)
            if not bodies:
                return
            if last <= after:
                raise IntegrityError("the forum's letters go round in circles: tell its operator")
            after = last
            if len(bodies) != len(names):
                raise IntegrityError("the forum names other senders than there are letters: tell its operator")
            for body, name in zip(bodies, names, strict=True):
                yield consent.decode(body), plain(name)

    def _of(self, letter: Letter) -> Held | None:
        """What of ours a letter is about. Whoever asked first knows of no other holder: it asks again, for nothing.

        The forum has to answer for the label before a letter about it is looked at: below the threshold none is.
        """
        about = (letter.epoch, letter.kind, letter.label)
        if about not in self._held and about in self._alone:
            session = self._alone[about].asking_again()
            try:
                session = session.received(self._forum.ask(session.outgoing().body))
            except RefusedError:  # the epoch is over
                return None
            self._folder.save(session)
            self._know(session)
        return self._held.get(about)

    def _know(self, session: Session) -> None:
        for held in _held_in(session, self._messages):
            self._held[held.epoch, held.kind, held.label] = held
        if session.done:
            places = ((session.epoch.id, session.kind, label) for label in session.labels)
            self._alone |= {place: session for place in places if place not in self._held}


def _held_in(session: Session, messages: Mapping[bytes, bytes]) -> Iterator[Held]:
    shared = {found.label for found in session.found}
    if not shared:
        return
    for item, label, tag in zip(session.items, session.labels, session.tags(), strict=True):
        if label in shared:
            value = meaning(item.value, messages).split(b"/", 3)[3].decode("ascii")
            sender = handle_for(session.pseudonym, label)
            yield Held(f"{session.kind} {value}", tag, label, sender, session.epoch.id, session.kind)
