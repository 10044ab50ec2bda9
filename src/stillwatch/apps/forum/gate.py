"""Who is calling, and may it call now? Credentials, the directory kept fresh, a bucket of calls for each member."""

import base64
import binascii
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from starlette.requests import Request

from stillwatch.adapters.stores.forum import database, directory
from stillwatch.adapters.stores.forum.directory import Directory
from stillwatch.adapters.stores.forum.records import Collection, Member
from stillwatch.apps.forum.answers import ProblemError, not_found

#: How long a suspended member or a new grant may go unnoticed, in seconds.
FRESH = 0.2

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="forum", Basic realm="forum", charset="UTF-8"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """A member that proved itself, and the directory as it stood at that moment."""

    member: Member
    directory: Directory

    def collection(self, name: str) -> tuple[Collection, bool, bool]:
        """(collection, may read, may write) by id or alias; 404 unless one of both."""
        found = self.directory.collections.get(name)
        if found is not None:
            read, write = self.directory.standing(self.member, found)
            if read or write:
                return found, read, write
        raise not_found()

    def readable(self, name: str) -> Collection:
        """A collection to read from: 404 if it is not shown to the caller, 403 if it may only write."""
        found, read, _ = self.collection(name)
        if not read:
            raise ProblemError(403, "Forbidden", "you may write to this collection, not read it")
        return found

    def writable(self, name: str) -> Collection:
        """A collection to add to: 404 if it is not shown to the caller, 403 if it may only read."""
        found, _, write = self.collection(name)
        if not write:
            raise ProblemError(403, "Forbidden", "you may read this collection, not write to it")
        return found


class Buckets:
    """A token bucket for each member: ``rate`` calls a second, ``burst`` at once. Rate 0: no limit."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = max(burst, 1.0)
        self._clock = clock
        self._levels: dict[int, tuple[float, float]] = {}

    def take(self, member_id: int) -> None:
        """Raises 429 with Retry-After if this member called too often."""
        if self._rate <= 0:
            return
        now = self._clock()
        level, then = self._levels.get(member_id, (self._burst, now))
        level = min(self._burst, level + (now - then) * self._rate)
        if level < 1:
            self._levels[member_id] = (level, now)
            wait = str(max(1, math.ceil((1 - level) / self._rate)))
            raise ProblemError(429, "Too many requests", f"try again in {wait} s", {"Retry-After": wait})
        self._levels[member_id] = (level - 1, now)


class Gate:
    """Lets members in. Holds the directory and looks at most every ``fresh`` seconds whether it changed."""

    def __init__(self, engine: sa.Engine, buckets: Buckets, fresh: float = FRESH) -> None:
        self._engine = engine
        self._fresh = fresh
        self._buckets = buckets
        self._looked = -math.inf
        self._directory: Directory | None = None

    def directory(self) -> Directory:
        """The directory, at most ``fresh`` seconds old."""
        now = time.monotonic()
        if self._directory is None or now - self._looked >= self._fresh:
            with database.reading(self._engine) as connection:
                if self._directory is None or directory.generation(connection) != self._directory.generation:
                    self._directory = directory.load(connection)
            self._looked = now
        return self._directory

    def caller(self, request: Request) -> Caller:
        """Raises 401 without a valid credential, 429 beyond the rate."""
        found = self.directory()
        credential = _credential(request.headers.get("authorization"))
        member = found.member(credential) if credential else None
        if member is None:
            raise ProblemError(
                401, "Unauthorized", "send your credential as a Bearer token or as the password of Basic", _CHALLENGE
            )
        self._buckets.take(member.id)
        return Caller(member, found)


def _credential(header: str | None) -> str | None:
    """The credential of ``Bearer`` (RFC 6750), ``Token`` (older clients) or ``Basic`` (RFC 7617: the password)."""
    scheme, _, value = (header or "").strip().partition(" ")
    value = value.strip()
    if scheme.lower() in {"bearer", "token"}:
        return value or None
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(value, validate=True).decode()
    except (ValueError, binascii.Error):
        return None
    return decoded.partition(":")[2] or None
