"""How we speak to a forum or a trustee at all: an address that is safe for a credential, TLS, bounded answers."""

import ssl
from pathlib import Path

import httpx
import msgspec

from stillwatch.errors import IntegrityError, UsageError
from stillwatch.match.faults import plain

#: Bytes of one answer at most: a hostile or broken server must not fill our memory.
MOST_BYTES = 256 * 1024 * 1024
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def client(
    url: str,
    credential: str,
    accept: str,
    *,
    ca: Path | None = None,
    client_certificate: Path | None = None,
    seconds: float = 30.0,
) -> httpx.Client:
    """A client for everything below ``url``. ``ca``: certificates to trust besides the system's.

    Raises ``UsageError`` for an address over which the credential would travel in the clear.
    """
    address = _address(url)
    return httpx.Client(
        base_url=address,
        headers={"Accept": accept, "Authorization": f"Bearer {credential}"},
        timeout=seconds,
        verify=_tls(ca, client_certificate) if address.scheme == "https" else True,
        # A redirect could carry the credential and what we send to somebody else.
        follow_redirects=False,
        # A proxy named in the environment is honoured, but never for this machine.
        trust_env=address.host not in _LOOPBACK,
    )


def _address(api_root: str) -> httpx.URL:
    try:
        address = httpx.URL(api_root if api_root.endswith("/") else f"{api_root}/")
    except httpx.InvalidURL as error:
        raise UsageError(f"{api_root} is no address: {error}") from error
    if address.scheme == "https" or (address.scheme == "http" and address.host in _LOOPBACK):
        return address
    raise UsageError(f"{api_root}: forum and trustee are reached over https; http is for this machine only")


def _tls(ca: Path | None, client_certificate: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    try:
        if ca is not None:
            context.load_verify_locations(cafile=ca)
        if client_certificate is not None:
            context.load_cert_chain(client_certificate)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"the certificates can't be read: {error}") from error
    return context


def bounded(answer: httpx.Response) -> bytes:
    """The whole body. Raises ``IntegrityError`` beyond ``MOST_BYTES``."""
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > MOST_BYTES:
            raise IntegrityError(f"the answer passes {MOST_BYTES} bytes; nothing of it was kept")
    return bytes(body)


class _Error(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    description: str | None = None


def words(body: bytes) -> str:
    """The words of an error resource (TAXII 2.1 section 3.6.1), shortened: they come from outside."""
    try:
        error = msgspec.json.decode(body, type=_Error)
    except (ValueError, RecursionError):
        return ""
    return ": " + plain(f"{error.title} {error.description or ''}".strip()[:300])
