"""A forum over TAXII 2.1 (OASIS Standard, 10 June 2021), from the client's side.

``TaxiiForum.add`` takes releases of the guard and nothing else, and sends each release's own bytes with our signature
in their place for it: what the preview showed is what leaves. Errors are grouped by who must act: no answer, a 429 or a
5xx is ``UnavailableError`` (the queue keeps what waits), a refused credential or an unknown collection is
``UsageError``, and an answer that is no TAXII is ``IntegrityError``, since whatever it is, it is not our forum.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Self, TypeVar

import httpx
import msgspec

from stillwatch.adapters.transports.connecting import bounded, client, words
from stillwatch.errors import IntegrityError, UnavailableError, UsageError
from stillwatch.guard.release import Release

#: Section 1.6.9.1: the media type of every TAXII 2.1 message.
MEDIA_TYPE = "application/taxii+json;version=2.1"
#: Objects in one envelope at most, so that one answer reports on a number a person can read through.
MOST_OBJECTS = 500
#: Ours, not TAXII's: whom an object for named eyes only is meant for.
_RECIPIENTS = "X-Stillwatch-Recipients"

_Answer = TypeVar("_Answer", bound=msgspec.Struct)


class ApiRoot(msgspec.Struct, frozen=True, kw_only=True):
    """Section 4.2.1, what we need of it."""

    title: str
    max_content_length: Annotated[int, msgspec.Meta(gt=0)]


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """Section 5.2.1."""

    id: str
    title: str
    can_read: bool
    can_write: bool


class _Collections(msgspec.Struct, frozen=True, kw_only=True):
    collections: tuple[Collection, ...] = ()


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one object of an envelope (section 4.3.1.1)."""

    id: str
    version: str | None = None
    message: str | None = None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Section 4.3.1: what the forum made of an envelope."""

    id: str
    status: str
    successes: tuple[Fate, ...] = ()
    failures: tuple[Fate, ...] = ()
    pendings: tuple[Fate, ...] = ()
    success_count: int = 0
    failure_count: int = 0
    pending_count: int = 0


class _Envelope(msgspec.Struct, frozen=True, kw_only=True):
    more: bool = False
    next: str | None = None
    objects: tuple[dict[str, Any], ...] = ()


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a collection, in order of the time the forum added each object."""

    objects: tuple[dict[str, Any], ...]
    #: ``X-TAXII-Date-Added-Last``: where the next reading goes on. ``None`` only where the page is empty.
    added_last: str | None
    more: bool


class TaxiiForum:
    """One API root and our credential there. Use as a context manager; it holds connections."""

    def __init__(
        self,
        api_root: str,
        credential: str,
        seal: Callable[[Release], bytes],
        *,
        ca: Path | None = None,
        client_certificate: Path | None = None,
        timeout_seconds: float = 30.0,
    ) -> None:
        """``seal`` signs a release (``stillwatch.share.dsse.sealed`` with our key).

        Raises ``UsageError`` for an address over which the credential would travel in the clear.
        """
        self._seal = seal
        self._client = client(
            api_root, credential, MEDIA_TYPE, ca=ca, client_certificate=client_certificate, seconds=timeout_seconds
        )
        self._max_content_length: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._client.close()

    def api_root(self) -> ApiRoot:
        return self._get("", ApiRoot)[0]

    def collections(self) -> tuple[Collection, ...]:
        return self._get("collections/", _Collections)[0].collections

    def add(self, collection: str, releases: Sequence[Release], named: Sequence[str] = ()) -> Iterator[Status]:
        """Post ``releases`` in as many envelopes as the forum's limit asks for; one status an envelope, as they come.
        ``named``: the only members that may see what is marked TLP:RED.

        Adding the same version twice is no error and makes no second copy (section 3.4), so a caller that
        never saw the answer may simply call again.
        """
        for bodies in _envelopes([self._seal(release) for release in releases], self._limit()):
            envelope = b'{"objects":[' + b",".join(bodies) + b"]}"
            headers = {"Content-Type": MEDIA_TYPE, **({_RECIPIENTS: ",".join(named)} if named else {})}
            answer = self._ask("POST", f"collections/{collection}/objects/", content=envelope, headers=headers)
            yield _decoded(answer[0], Status)

    def status(self, id_: str) -> Status:
        return self._get(f"status/{id_}/", Status)[0]

    def pages(self, collection: str, added_after: str | None, limit: int = 1000) -> Iterator[Page]:
        """Pages of what was added after ``added_after``, oldest first (section 3.4).

        Whoever keeps ``Page.added_last`` can stop after any page and go on from there another day. Every version is
        asked for, since a retraction is a version too.
        """
        query = {"limit": str(limit), "match[version]": "all"}
        while True:
            if added_after is not None:
                query["added_after"] = added_after
            envelope, headers = self._get(f"collections/{collection}/objects/", _Envelope, query)
            last = headers.get("X-TAXII-Date-Added-Last")
            if envelope.objects and (last is None or not _later(last, added_after)):
                # Without this a forum could hold us on one page for ever, or send the cursor back.
                raise IntegrityError(f"asked for what was added after {added_after}, the forum answered up to {last}")
            yield Page(objects=envelope.objects, added_last=last, more=envelope.more)
            if not envelope.more or not envelope.objects:
                return
            added_after = last

    def beside(self, path: str, query: dict[str, str] | None = None) -> bytes | None:
        """What our own forum answers beside TAXII, at ``path`` next to the API root; None where it has nothing there.

        Raises ``UnavailableError`` like every call.
        """
        where = self._client.base_url.join(f"../{path}")
        try:
            with self._client.stream("GET", where, params=query, headers={"Accept": "*/*"}) as answer:
                body = bounded(answer)
        except httpx.HTTPError as error:
            raise UnavailableError(f"the forum {self._client.base_url} did not answer: {error}") from error
        if answer.status_code == 429 or answer.status_code >= 500:
            _complain(answer, body)
        return body if answer.status_code == 200 else None

    def _limit(self) -> int:
        if self._max_content_length is None:
            self._max_content_length = self.api_root().max_content_length
        return self._max_content_length

    def _get(
        self, path: str, kind: type[_Answer], query: dict[str, str] | None = None
    ) -> tuple[_Answer, httpx.Headers]:
        body, headers = self._ask("GET", path, params=query)
        return _decoded(body, kind), headers

    def _ask(self, method: str, path: str, **request: Any) -> tuple[bytes, httpx.Headers]:
        try:
            with self._client.stream(method, path, **request) as answer:
                body = bounded(answer)
        except httpx.HTTPError as error:
            raise UnavailableError(f"the forum {self._client.base_url} did not answer: {error}") from error
        _complain(answer, body)
        return body, answer.headers


def _complain(answer: httpx.Response, body: bytes) -> None:
    """Turn an answer that is no success into the error of whoever must act."""
    code = answer.status_code
    if code in (200, 202):
        kind = answer.headers.get("Content-Type", "")
        if not kind.replace(" ", "").lower().startswith("application/taxii+json"):
            raise IntegrityError(f"{answer.url} answered {kind or 'without a type'}: that is no TAXII 2.1 forum")
        return
    said = words(body)
    if code in (401, 403):
        raise UsageError(f"the forum refused our credential ({code}){said}; ask its operator")
    if code == 429 or code >= 500:
        raise UnavailableError(f"the forum can't answer now ({code}){said}")
    if code == 404:
        raise UsageError(f"the forum has nothing at {answer.url.path} for us (404){said}")
    raise UsageError(f"the forum refused the request ({code}){said}")


def _later(last: str, before: str | None) -> bool:
    try:
        return before is None or datetime.fromisoformat(last) > datetime.fromisoformat(before)
    except (ValueError, TypeError):
        return False


def _decoded(body: bytes, kind: type[_Answer]) -> _Answer:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise IntegrityError(f"the forum's answer is no TAXII 2.1: {error}") from error


def _envelopes(bodies: Sequence[bytes], limit: int) -> Iterator[list[bytes]]:
    """Split in order, so that what is referred to arrives no later than what refers to it."""
    taken: list[bytes] = []
    size = 0
    for body in bodies:
        if taken and (size + len(body) + 1 + 16 > limit or len(taken) == MOST_OBJECTS):
            yield taken
            taken, size = [], 0
        taken.append(body)
        size += len(body) + 1
    if taken:
        yield taken
