"""Two members that hold the same identifier find out who they are, if a person at each wants to (``match.consent``).

A wish is sent for one identifier; the other holders see that somebody who holds it asks, and not who. A person there
agrees, or says nothing. Whoever wished has promised to say who it is: its half is given as soon as somebody agrees.
Keys and letters lie in the member's folder; reading the post again finds what was interrupted.
"""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from stillwatch.adapters.transports.matching import KeyHolder
from stillwatch.apps.matching.keeping import Folder, meaning
from stillwatch.errors import NoInputError, UsageError
from stillwatch.match import consent
from stillwatch.match.consent import Agreed, Given, Identity, Letter, Wish, digest
from stillwatch.match.faults import MatchError
from stillwatch.match.identifiers import Identifier
from stillwatch.match.payload import handle_for
from stillwatch.match.session import Session


class Held(msgspec.Struct, frozen=True):
    """An identifier of ours that others hold too: its tag, its label, our pseudonym for it."""

    name: str
    tag: bytes
    label: bytes
    sender: bytes
    epoch: str
    kind: str


class Kept(msgspec.Struct, frozen=True):
    """A letter of ours, and the private key that was made for it."""

    body: bytes
    private: bytes


class Correspondence:
    """The letters of one member about what it holds."""

    def __init__(self, folder: Folder, forum: KeyHolder, identity: Identity) -> None:
        self._folder = folder
        self._forum = forum
        self._identity = identity

    def wish(self, identifier: Identifier) -> str:
        """Ask the other holders of an identifier who they are. The id of the wish. Sending it twice is one wish.

        Raises ``NoInputError`` where no session of ours found that others hold it.
        """
        found = [held for held in self._held() if held.name == f"{identifier.type} {identifier.text}"]
        if not found:
            raise NoInputError(f"nobody else was seen to hold {identifier.type} {identifier.text}: match it first")
        held = found[-1]
        for kept in self._ours().values():
            letter = consent.decode(kept.body)
            if isinstance(letter, Wish) and letter.label == held.label:
                self._forum.post_letter(kept.body)
                return digest(letter).hex()
        private = secrets.token_bytes(32)
        letter = consent.wish(
            held.tag, epoch=held.epoch, kind=held.kind, label=held.label, sender=held.sender, private=private
        )
        return self._send(letter, private)

    def agree(self, wanted: str) -> str:
        """Consent to a wish, by its id: whoever wished learns who we are, and has promised to say who it is."""
        for letter in self._theirs():
            if isinstance(letter, Wish) and digest(letter).hex() == wanted:
                held = self._of(letter)
                if held is None:
                    break
                if self._answered(letter):
                    return "agreed before"
                private = secrets.token_bytes(32)
                answer = consent.agree(letter, held.tag, sender=held.sender, private=private, identity=self._identity)
                return self._send(answer, private)
        raise UsageError(f"no wish {wanted} has come in: `stillwatch match letters` lists them")

    def read(self) -> dict[str, list[dict[str, Any]]]:
        """Read the post, give what we promised, and say who asks and who was found."""
        found: dict[str, list[dict[str, Any]]] = {"wishes": [], "met": [], "not_authentic": []}
        for letter in self._theirs():
            held = self._of(letter)
            if held is None:
                continue
            try:
                self._sort(letter, held, found)
            except MatchError as error:
                # Somebody who does not hold the identifier wrote it, or it was changed on its way: nothing follows.
                found["not_authentic"].append({"about": held.name, "letter": digest(letter).hex(), "why": str(error)})
        return found

    def _sort(self, letter: Letter, held: Held, found: dict[str, list[dict[str, Any]]]) -> None:
        ours = self._ours()
        if isinstance(letter, Wish):
            if not self._answered(letter):
                found["wishes"].append({"about": held.name, "wish": digest(letter).hex()})
        elif isinstance(letter, Agreed) and letter.wish in ours:
            kept = ours[letter.wish]
            asked = consent.decode(kept.body)
            assert isinstance(asked, Wish)
            who = consent.opened_by_asker(asked, letter, held.tag, kept.private)
            if not any(isinstance(one, Given) and one.agreed == digest(letter) for one in self._sent()):
                self._send(consent.give(asked, letter, held.tag, identity=self._identity), b"")
            found["met"].append({"about": held.name, **msgspec.to_builtins(who)})
        elif isinstance(letter, Given) and letter.agreed in ours:
            kept = ours[letter.agreed]
            answer = consent.decode(kept.body)
            assert isinstance(answer, Agreed)
            who = consent.opened_by_answerer(answer, letter, held.tag, kept.private)
            found["met"].append({"about": held.name, **msgspec.to_builtins(who)})

    def _send(self, letter: Letter, private: bytes) -> str:
        """Keep, then send: a letter that was sent and not kept could never be opened."""
        body = consent.encode(letter)
        self._folder.keep_letter(digest(letter).hex(), msgspec.msgpack.encode(Kept(body, private)))
        self._forum.post_letter(body)
        return digest(letter).hex()

    def _ours(self) -> dict[bytes, Kept]:
        kept = [msgspec.msgpack.decode(body, type=Kept) for body in self._folder.letters()]
        return {digest(consent.decode(each.body)): each for each in kept}

    def _sent(self) -> list[Letter]:
        return [consent.decode(each.body) for each in self._ours().values()]

    def _answered(self, asked: Wish) -> bool:
        return any(isinstance(letter, Agreed) and letter.wish == digest(asked) for letter in self._sent())

    def _theirs(self) -> Iterator[Letter]:
        after = 0
        while True:
            after, bodies = self._forum.letters(after)
            if not bodies:
                return
            for body in bodies:
                yield consent.decode(body)

    def _of(self, letter: Letter) -> Held | None:
        """What of ours a letter is about."""
        return next(
            (
                held
                for held in self._held()
                if (held.epoch, held.kind, held.label) == (letter.epoch, letter.kind, letter.label)
            ),
            None,
        )

    def _held(self) -> Iterator[Held]:
        messages = self._folder.messages()
        for session in self._folder.every_session():
            yield from _held_in(session, messages)


def _held_in(session: Session, messages: Mapping[bytes, bytes]) -> Iterator[Held]:
    shared = {found.label for found in session.found}
    if not shared:
        return
    for item, label, tag in zip(session.items, session.labels, session.tags(), strict=True):
        if label in shared:
            value = meaning(item.value, messages).split(b"/", 3)[3].decode("ascii")
            sender = handle_for(session.pseudonym, label)
            yield Held(f"{session.kind} {value}", tag, label, sender, session.epoch.id, session.kind)
