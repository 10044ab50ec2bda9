"""One key holder of private matching, the forum or the trustee, from the member's side.

Errors are grouped by who must act, as in ``taxii``: no answer, a 429 or a 5xx is ``UnavailableError`` (send the same
bytes again: a holder answers a replay from what it kept), a refused credential is ``UsageError``, and an answer of
another kind is ``IntegrityError``. A refusal inside the protocol is no error here: it comes back as bytes.
"""

from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import msgspec

from stillwatch.adapters.transports.connecting import bounded, client, words
from stillwatch.errors import IntegrityError, UnavailableError, UsageError
from stillwatch.guard.ledger.receipts import InclusionProof
from stillwatch.match.epochs import Epoch
from stillwatch.match.session import Party

MEDIA_TYPE = "application/vnd.stillwatch.match"
#: Ten thousand points take a holder half a second; a busy one may let others go first.
SECONDS = 120.0

_Answer = TypeVar("_Answer")


class Used(msgspec.Struct, frozen=True):
    """Units of a budget that were charged."""

    epoch: str
    type: str
    used: int


class Key(msgspec.Struct, frozen=True):
    """A holder's key for one epoch and type: open, closed or destroyed."""

    epoch: str
    type: str
    state: str


class Announced(msgspec.Struct, frozen=True):
    """What a holder says of its epochs, and of us."""

    holder: str
    epochs: dict[str, Epoch]
    keys: tuple[Key, ...]
    allowed: dict[str, int]
    used: tuple[Used, ...]

    def room(self, epoch: str, kind: str) -> int:
        """Units that we may still ask."""
        spent = sum(one.used for one in self.used if (one.epoch, one.type) == (epoch, kind))
        return self.allowed.get(kind, 0) - spent


class _Me(msgspec.Struct, frozen=True):
    member: str


class _Proof(msgspec.Struct, frozen=True):
    proof: str


class _Proofs(msgspec.Struct, frozen=True):
    proofs: tuple[_Proof, ...]


class KeyHolder:
    """A holder and our credential there. Use as a context manager; it holds connections."""

    def __init__(
        self, name: Party, url: str, credential: str, *, ca: Path | None = None, client_certificate: Path | None = None
    ) -> None:
        self.name = name
        self._client = client(url, credential, "*/*", ca=ca, client_certificate=client_certificate, seconds=SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._client.close()

    def me(self) -> str:
        """Our own name there."""
        return self._get("forum/me/", _Me).member

    def announced(self) -> Announced:
        """The epochs. Raises ``IntegrityError`` where this is the other holder than it should be."""
        found = self._get("match/epochs/", Announced)
        if found.holder != self.name:
            raise IntegrityError(f"{self._client.base_url} says that it is a {found.holder!r}, not the {self.name}")
        if any(name != epoch.id for name, epoch in found.epochs.items()):
            raise IntegrityError(f"the {self.name} calls an epoch otherwise than its description does")
        return found

    def ask(self, body: bytes) -> bytes:
        """Send one message, get one back."""
        answer, said = self._ask("POST", "match/", content=body, headers={"Content-Type": MEDIA_TYPE})
        if answer.headers.get("Content-Type") == MEDIA_TYPE and answer.status_code in (200, 422):
            return said
        raise self._complaint(answer, said)

    def post_letter(self, body: bytes) -> None:
        """Give the forum a letter to relay; the same letter twice is one letter."""
        answer, said = self._ask("POST", "match/letters/", content=body, headers={"Content-Type": MEDIA_TYPE})
        if answer.status_code != 204:
            raise self._complaint(answer, said)

    def letters(self, after: int) -> tuple[int, tuple[bytes, ...], tuple[str, ...]]:
        """Behind the one that was numbered ``after``: the last one's number, letters for us, and for each half of a
        hand-over the name of the member that gave it, as the forum knows it (empty for other letters)."""
        answer, said = self._ask("GET", "match/letters/", params={"after": str(after)})
        if answer.status_code != 200:
            raise self._complaint(answer, said)
        try:
            return msgspec.msgpack.decode(said, type=tuple[int, tuple[bytes, ...], tuple[str, ...]])
        except (ValueError, RecursionError) as error:
            raise IntegrityError(f"the {self.name} answered what none of ours would: {error}") from error

    def ledger_key(self) -> str:
        """The public key of the holder's ledger, to pin once."""
        answer, said = self._ask("GET", "forum/ledger/forum/key/")
        if answer.status_code != 200:
            raise self._complaint(answer, said)
        return said.decode("utf-8", "replace").strip()

    def proofs(self, about: str) -> list[InclusionProof]:
        """Proofs for the leaves under this name. Empty where there is none."""
        answer, said = self._ask("GET", "forum/ledger/forum/inclusion/", params={"object": about})
        if answer.status_code == 404:
            return []
        if answer.status_code != 200:
            raise self._complaint(answer, said)
        return [InclusionProof.parse(one.proof) for one in self._decoded(said, _Proofs).proofs]

    def _get(self, path: str, kind: type[_Answer]) -> _Answer:
        answer, said = self._ask("GET", path)
        if answer.status_code != 200:
            raise self._complaint(answer, said)
        return self._decoded(said, kind)

    def _decoded(self, said: bytes, kind: type[_Answer]) -> _Answer:
        try:
            return msgspec.json.decode(said, type=kind)
        except (ValueError, RecursionError) as error:
            raise IntegrityError(f"the {self.name} answered what none of ours would: {error}") from error

    def _ask(self, method: str, path: str, **request: Any) -> tuple[httpx.Response, bytes]:
        try:
            with self._client.stream(method, path, **request) as answer:
                return answer, bounded(answer)
        except httpx.HTTPError as error:
            raise UnavailableError(f"the {self.name} {self._client.base_url} did not answer: {error}") from error

    def _complaint(self, answer: httpx.Response, body: bytes) -> Exception:
        """The error of whoever must act."""
        code, said = answer.status_code, words(body)
        if code in (401, 403):
            return UsageError(f"the {self.name} refused our credential ({code}){said}; ask its operator")
        if code == 429 or code >= 500:
            return UnavailableError(f"the {self.name} can't answer now ({code}){said}")
        if code == 404:
            return UsageError(f"the {self.name} at {self._client.base_url} does not match (404){said}")
        return UsageError(f"the {self.name} refused the request ({code}){said}")
