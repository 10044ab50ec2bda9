"""The two secrets of a member, each in a file that only its owner may read: the credential and the signing key."""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from stillwatch.errors import StateError, UsageError


def credential(path: Path) -> str:
    """The bearer credential in ``path``. Raises ``UsageError`` or ``StateError``."""
    text = _read(path, "credential").strip()
    if not text.isascii() or not text or any(sign.isspace() for sign in text):
        raise StateError(f"the credential file {path} holds no credential: it is one word in ASCII")
    return text


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The Ed25519 key in ``path`` (PKCS #8, PEM). Raises ``UsageError`` or ``StateError``."""
    text = _read(path, "signing key")
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise StateError(f"the signing key file {path} holds no unencrypted PEM key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise StateError(f"the signing key file {path} holds a key of another kind than Ed25519")
    return key


def new_signing_key(path: Path) -> Ed25519PrivateKey:
    """Make a key in ``path``, mode 0600; a file that is there already is never overwritten (``UsageError``)."""
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageError(f"the signing key {path} can't be made: {(error.strerror or '').lower()}") from error
    with os.fdopen(handle, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return key


def _read(path: Path, what: str) -> str:
    try:
        text = path.read_text("ascii")
        mode = path.stat().st_mode
    except OSError as error:
        raise UsageError(f"the {what} file {path} can't be read: {(error.strerror or '').lower()}") from error
    except UnicodeDecodeError as error:
        raise StateError(f"the {what} file {path} holds no {what}: it is not ASCII") from error
    if mode & 0o077:
        raise StateError(f"the {what} file {path} may be read by others: chmod 600 it, or better, replace it")
    return text
