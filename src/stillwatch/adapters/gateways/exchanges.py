"""From an HTTP request and its answer to an exchange record (DESIGN section 4), whichever gateway they passed.

A credential is never written down: the record holds the beginning of its SHA-256, which names a key of high entropy and
tells nothing of it. The account is what the provider's own layer for authentication says in a header; where it says
nothing, the credential stands for the account.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from stillwatch.adapters.gateways.streams import streamed
from stillwatch.errors import UsageError
from stillwatch.ingest.records import Client, Record

#: Headers that carry a credential, in the order in which they are looked at.
_CREDENTIALS = (b"authorization", b"x-api-key", b"api-key")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Naming:
    """Which headers say whose request it is. They must be set, and removed where callers set them, by the layer that
    authenticates: a caller who could choose them could choose whom to be. Raises ``UsageError`` for a name that no
    header can have (RFC 9110 section 5.6.2): nobody would ever be known by it."""

    account: str = "x-stillwatch-account"
    organization: str = "x-stillwatch-organization"
    surface: str = "api"
    _account: bytes = field(init=False, repr=False)
    _organization: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in (self.account, self.organization):
            if _TOKEN.fullmatch(name) is None:
                raise UsageError(f"{name!r} is no name of a header, as in {Naming.account}")
        object.__setattr__(self, "_account", self.account.lower().encode())
        object.__setattr__(self, "_organization", self.organization.lower().encode())

    def who(self, headers: Headers) -> tuple[str, str | None, str | None]:
        """Account, organisation and credential. A caller without any is ``anonymous``."""
        found = {name.lower(): value for name, value in headers}
        credential = next((_named(found[name]) for name in _CREDENTIALS if found.get(name)), None)
        account = found.get(self._account, b"").decode("utf-8", "replace").strip()
        organization = found.get(self._organization, b"").decode("utf-8", "replace").strip()
        return account or credential or "anonymous", organization or None, credential


def asked(
    identity: str,
    at: datetime,
    naming: Naming,
    headers: Headers,
    *,
    path: str,
    body: bytes,
    ip: str | None,
) -> Record:
    """A record of a request. Its ``request`` is missing where the body is no JSON object."""
    listed = list(headers)
    account, organization, credential = naming.who(listed)
    agent = next((value for name, value in listed if name.lower() == b"user-agent"), None)
    return Record(
        id=identity,
        occurred_at=at,
        account=account,
        organization=organization,
        credential=credential,
        surface=naming.surface,
        endpoint=path,
        client=Client(
            ip=ip or None,
            user_agent=None if agent is None else agent.decode("latin-1"),
            headers=[name.decode("latin-1").lower() for name, _ in listed],
        ),
        request=_object(body),
    )


def answered(record: Record, *, status: int, duration_ms: float, media: str, body: bytes) -> Record:
    """The record with what was answered: a JSON body as it is, a stream of events put together again. Never raises:
    the answer was sent, whatever it is."""
    try:
        answer = streamed(body) if media.startswith("text/event-stream") else _object(body)
    except Exception:  # noqa: BLE001 - events of a shape that nobody thought of
        answer = None
    return msgspec.structs.replace(record, status=status, duration_ms=round(duration_ms, 3), response=answer)


def model_of(record: Record) -> str | None:
    """The model that the request names."""
    model = None if record.request is None else record.request.get("model")
    return model if isinstance(model, str) else None


def _named(credential: bytes) -> str:
    secret = credential.partition(b" ")[2] if credential[:7].lower() == b"bearer " else credential
    return "key-" + hashlib.sha256(secret.strip()).hexdigest()[:16]


def _object(body: bytes) -> dict[str, Any] | None:
    if body.lstrip()[:1] != b"{":
        return None
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return found if isinstance(found, dict) else None
