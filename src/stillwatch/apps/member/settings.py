"""Who we are, where the forum is, whom we know: one readable TOML file, checked whole before anything is done.

```toml
name = "Member A"                                     # as the forum lists us
forum = "https://forum.example/stillwatch/"           # the API root
credential = "forum.credential"                       # a file with the bearer credential, for our eyes only
signing_key = "signing.pem"                           # a file with our Ed25519 key, for our eyes only
outbox = "outbox"                                     # the folder of what waits, went out or was held
purpose = "detect-adversarial-distillation"           # why we share: one word of the agreement

[ledger_keys]
forum = "…"                                           # as `forum init` printed it; else the key we meet first counts

[groups.peers]
collection = "…"                                      # collection id at the forum
agreement = "threat-signatures"                       # a shipped agreement, or a path to one
tlp = "amber"
pap = "amber"
expires_days = 90
element = "fraud"                                     # what beyond a breach of terms is seen, if not said otherwise

[members."Member B"]
keys = ["…"]                                          # base64; several while a key is being replaced
```

Relative paths start at the folder of the file. Nothing secret stands in the file itself.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stillwatch.errors import UsageError
from stillwatch.guard.ledger import VerifierKey
from stillwatch.share.dsse import keyid, public_key
from stillwatch.share.stix.markings import Pap, Tlp
from stillwatch.share.stix.say import member_id


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sharing group: a collection at the forum and the agreement that binds it."""

    collection: str
    agreement: str
    #: ``member`` or ``government``: an agreement names to whom it applies.
    recipient: Literal["member", "government"] = "member"
    tlp: Tlp = "amber"
    pap: Pap = "amber"
    #: What beyond a breach of terms was seen, in the agreement's word, where a command does not say it.
    element: str | None = None
    #: Why we share here, where it is another purpose than that of the settings: a government's agreement has its own.
    purpose: str | None = None
    #: For ``tlp = "red"``: the only members that may see it.
    named: tuple[str, ...] = ()
    expires_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 90


class Peer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another member as we know it: the keys that may speak for it."""

    keys: tuple[str, ...]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The member's settings; paths are as written, ``folder`` is where relative ones start."""

    name: str
    forum: str
    credential: str
    signing_key: str
    outbox: str = "outbox"
    purpose: str = "detect-adversarial-distillation"
    #: A file of CA certificates to trust besides the system's, and a client certificate with its key for mutual TLS.
    ca: str | None = None
    client_certificate: str | None = None
    #: The public keys of the forum's ledgers (``forum``, ``government``), given to us by another way than the forum.
    ledger_keys: dict[str, str] = {}
    groups: dict[str, Group] = {}
    members: dict[str, Peer] = {}
    folder: str = "."

    @property
    def identity(self) -> str:
        """The id of our STIX identity: it follows from our name, so every member can work it out."""
        return identity_of(self.name)

    def path(self, written: str) -> Path:
        return Path(self.folder) / Path(written).expanduser()

    def group(self, name: str) -> Group:
        """The group of that name. Raises ``UsageError``."""
        if name not in self.groups:
            known = ", ".join(sorted(self.groups)) or "none"
            raise UsageError(f"no group {name} in the settings; there is: {known}")
        return self.groups[name]


def identity_of(name: str) -> str:
    """The id of the STIX identity of the member of that name."""
    return member_id(name)


def load(path: Path) -> Settings:
    """Read and check the settings. Raises ``UsageError`` with the place of what is wrong."""
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise UsageError(
            f"the member settings {path} can't be read: {reason}; docs/member.md says how to write them"
        ) from error
    try:
        found = msgspec.toml.decode(data, type=Settings)
        known_keys(found)
        for key in found.ledger_keys.values():
            VerifierKey.parse(key)
    except (UsageError, msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise UsageError(f"the member settings {path} are wrong: {error}") from error
    return msgspec.structs.replace(found, folder=str(path.resolve().parent))


class KnownKey(msgspec.Struct, frozen=True):
    """A public key and the member it speaks for."""

    member: str
    identity: str
    key: Ed25519PublicKey


def known_keys(settings: Settings) -> dict[str, KnownKey]:
    """Every key we know by its id. Raises ``ValueError`` where a key is no key, or speaks for two members."""
    found: dict[str, KnownKey] = {}
    for name, peer in settings.members.items():
        for text in peer.keys:
            try:
                key = public_key(text)
            except ValueError as error:
                raise ValueError(f"a key of {name} is {error}") from error
            # One key for two names would let one member speak as the other.
            if found.get(keyid(key), KnownKey(name, identity_of(name), key)).member != name:
                raise ValueError(f"a key of {name} is also a key of {found[keyid(key)].member}")
            found[keyid(key)] = KnownKey(name, identity_of(name), key)
    return found
