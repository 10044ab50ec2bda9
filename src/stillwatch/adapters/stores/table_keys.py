"""The keys of a table: one signs where decisions are made, and gateways know its public half.

The private key is a PEM file that only its owner may read; beside it stands the public key (base64 of its 32 bytes, a
key a line), which may be given to every gateway. ``default_key`` and ``trusted_keys`` agree on where both lie, so that
a small provider with one machine names neither.
"""

import base64
import os
from collections.abc import Iterable
from pathlib import Path

import platformdirs
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from stillwatch.errors import StateError, UsageError
from stillwatch.share.dsse import public_key, raw


def default_key() -> Path:
    """Where the signing key lies if nobody says otherwise."""
    return platformdirs.user_config_path("stillwatch") / "table.key"


def public_file(key: Path) -> Path:
    """Where the public half of ``key`` is written."""
    return key.with_suffix(".pub")


def signing_key(path: Path) -> tuple[Ed25519PrivateKey, bool]:
    """The key in ``path``, made with its public half where there is none; and whether it is new.

    Raises ``StateError`` for a file that others may read or that holds no such key, ``UsageError`` where none can be
    made.
    """
    if not path.exists():
        return _made(path), True
    try:
        data, mode = path.read_bytes(), path.stat().st_mode
    except OSError as error:
        raise StateError(f"the table's key {path} can't be read: {(error.strerror or '').lower()}") from error
    if mode & 0o077:
        raise StateError(f"the table's key {path} may be read by others: chmod 600 it, or better, replace it")
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise StateError(f"the table's key {path} is no unencrypted PEM key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise StateError(f"the table's key {path} is of another kind than Ed25519")
    return key, False


def trusted_keys(files: Iterable[Path] = ()) -> tuple[Ed25519PublicKey, ...]:
    """The public keys in ``files``; without any, the one beside the default signing key.

    Raises ``UsageError`` where a file can't be read or holds none: a gateway that trusts nobody answers nothing.
    """
    found: list[Ed25519PublicKey] = []
    for file in tuple(files) or (public_file(default_key()),):
        try:
            lines = [line.strip() for line in file.read_text("ascii").splitlines() if line.strip()]
            found += [public_key(line) for line in lines if not line.startswith("#")]
        except OSError as error:
            why = (error.strerror or "").lower()
            raise UsageError(
                f"no public key of a table can be read from {file}: {why}; name the .pub beside the signing key (--key)"
            ) from error
        except ValueError as error:
            raise UsageError(f"no public key of a table can be read from {file}: {error}") from error
    if not found:
        raise UsageError("no public key of a table was given: name the file beside the signing key (.pub)")
    return tuple(found)


def _made(path: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        public_file(path).write_text(base64.b64encode(raw(key.public_key())).decode() + "\n", "ascii")
    except OSError as error:
        raise UsageError(f"the table's key {path} can't be made: {(error.strerror or '').lower()}") from error
    return key
