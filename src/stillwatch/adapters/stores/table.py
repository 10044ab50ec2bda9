"""The table of decisions on disk: immutable entries in LMDB, named by a signed manifest, swapped by one rename.

``DIR/current`` is the manifest in a DSSE envelope; ``DIR/entries/`` holds the files that manifests name, ``DIR/past/``
the manifests that were current before. Entries are never written again once named, so any number of workers map the
same file; a new table is written beside the old one and comes into force when ``current`` is renamed over. A reader
checks the signature and the digest of the whole file before it believes a word (``open``).

LMDB (*Lightning Memory-Mapped Database*, lmdb.tech): a B+ tree in a mapped file, read without locks.
"""

import base64
import hashlib
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import lmdb
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from stillwatch.decide.answers import Answers
from stillwatch.decide.compile import Compiled
from stillwatch.decide.decision import Decision
from stillwatch.decide.order import Order
from stillwatch.decide.permits import Counter, NoCounter
from stillwatch.decide.snapshot import (
    ACCOUNT,
    FORMAT,
    MEMBER,
    ORGANIZATION,
    PAYLOAD_TYPE,
    PLACE,
    REST,
    Manifest,
    Rest,
    entry,
    place,
)
from stillwatch.errors import IntegrityError, OutputError, StateError
from stillwatch.share.dsse import Signature, holds, keyid, sign

CURRENT, ENTRIES, PAST = "current", "entries", "past"
#: LMDB keys are at most 511 bytes; names that would not fit are replaced by their digest. A name of no more characters
#: than ``_SHORT`` fits in any alphabet.
_LONGEST, _SHORT = 480, 120
_Get = Callable[[bytes], bytes | None]
#: LMDB forbids to open a file twice in one process, so those who open the same entries share them (device, inode).
_OPEN: "weakref.WeakValueDictionary[tuple[int, int], lmdb.Environment]" = weakref.WeakValueDictionary()
_OPENING = threading.Lock()


class _Signature(msgspec.Struct, frozen=True):
    keyid: str
    sig: str


class _Envelope(msgspec.Struct, frozen=True, rename={"payload_type": "payloadType"}):
    payload: str
    payload_type: str
    signatures: tuple[_Signature, ...]


class _Reader:
    """Look-ups in one file of entries, from any thread.

    Apart from ``Table``, so that nothing refers to itself in a circle: an old table's map is given back as soon as
    the last request lets go of it, without waiting for the collector.
    """

    def __init__(self, environment: lmdb.Environment) -> None:
        self.environment = environment
        self.local = threading.local()

    def begin(self) -> _Get:
        """A reader for this thread: an LMDB transaction belongs to the thread that uses it."""
        self.local.get = get = self.environment.begin().get
        return get

    def ring_of(self, account: str, organization: str | None, now_us: int) -> int:
        """The index of the ring of an organisation, by default of that which ``account`` is known to belong to; 0 for
        one without a place, or whose review is long overdue."""
        try:
            get: _Get = self.local.get
        except AttributeError:
            get = self.begin()
        member = get(_key(MEMBER, account)) if organization is None else organization.encode("utf-8", "surrogatepass")
        found = None if member is None else get(_spelt(PLACE, member))
        if found is None:
            return 0
        lapses = int.from_bytes(found[1:9], "little")
        return 0 if lapses and now_us >= lapses else found[0]


class Table:
    """One version of the table, open for decisions from any thread. It never changes."""

    def __init__(self, manifest: Manifest, environment: lmdb.Environment, counter: Counter) -> None:
        self.manifest = manifest
        self.version = manifest.version
        self._reader = _Reader(environment)
        self._local = self._reader.local
        rest = _rest(self._reader.begin())
        self._answers = Answers(
            manifest.version, rest.orders, rest.permits, rest.manners, rest.rings, counter, self._reader.ring_of
        )
        self._orders = self._answers.orders
        self._open, self._free = self._answers.open, self._answers.free
        self._accounts, self._organizations = self._answers.holders
        self._allowed = self._answers.allowed

    @classmethod
    def open(cls, path: Path, trusted_keys: Iterable[Ed25519PublicKey], counter: Counter | None = None) -> "Table":
        """The current table in the folder ``path``.

        Raises ``StateError`` where there is none, ``IntegrityError`` where no trusted key signed it or it is damaged.
        """
        return cls.of(path, read_manifest(path / CURRENT, trusted_keys), counter)

    @classmethod
    def of(cls, path: Path, manifest: Manifest, counter: Counter | None = None) -> "Table":
        """The table that a manifest of ``path`` names. Raises ``IntegrityError`` where its file is another."""
        return cls(manifest, _opened(path / ENTRIES / manifest.entries, manifest), counter or NoCounter())

    def decide(self, account: str, organization: str | None, model: str | None, now_us: int) -> Decision:
        """What to do with a request of ``account`` for ``model`` now. Some microseconds; never raises, never waits."""
        try:
            get: _Get = self._local.get
        except AttributeError:
            get = self._reader.begin()
        try:
            if len(account) > _SHORT or (organization is not None and len(organization) > _SHORT):
                found = _awkward(get, account, organization)
            else:
                found = get(b"a" + account.encode())
                if found is None and organization is not None:
                    found = get(b"o" + organization.encode())
        except UnicodeEncodeError:  # a name that is no text
            found = _awkward(get, account, organization)
        if (
            (self._open or model in self._free)
            and organization not in self._organizations
            and account not in self._accounts
        ):
            # Nearly every request: no permit and no ring speaks about it.
            if found is None:
                return self._allowed
            order = self._orders[int.from_bytes(found[:4], "little")]
            if order.models is None and now_us < order.expires_us:
                return Decision(
                    order.course, order.reason, found[4:].decode(), order.expires_us, self.version,
                    order.retry_after, order.shadow, None, None, order.covert,
                )  # fmt: skip
        if found is None:
            return self._answers.of(None, "", account, organization, model, now_us)
        standing: Order = self._orders[int.from_bytes(found[:4], "little")]
        return self._answers.of(standing, found[4:].decode(), account, organization, model, now_us)

    def touched(self, now_us: int) -> Iterator[str]:
        """Every account that an order in force touches: not in shadow, not ``allow``, not ended."""
        for name, order, _ in self.entries(ACCOUNT):
            if not order.shadow and order.course != "allow" and now_us < order.expires_us:
                yield name

    def entries(self, kind: bytes) -> Iterator[tuple[str, Order, str]]:
        """The entries of ``ACCOUNT`` or ``ORGANIZATION`` with order and case. A name too long is left out."""
        with self._reader.environment.begin() as transaction, transaction.cursor() as cursor:
            found = cursor.set_range(kind)
            while found and cursor.key()[:1] == kind:
                name, value = cursor.key()[1:], cursor.value()
                if name[:1] != b"\0":
                    yield (
                        name.decode("utf-8", "surrogatepass"),
                        self._orders[int.from_bytes(value[:4], "little")],
                        value[4:].decode(),
                    )
                found = cursor.next()


def _awkward(get: _Get, account: str, organization: str | None) -> bytes | None:
    """The same look-up for names of any length and content."""
    found = get(_key(ACCOUNT, account))
    return get(_key(ORGANIZATION, organization)) if found is None and organization is not None else found


def read_manifest(file: Path, trusted_keys: Iterable[Ed25519PublicKey]) -> Manifest:
    """A manifest that one of ``trusted_keys`` signed.

    Raises ``StateError`` where there is none, ``IntegrityError`` where it is not signed so or not of our format.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise StateError(f"no table can be read at {file}: {(error.strerror or '').lower()}") from error
    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
        payload = base64.b64decode(envelope.payload, validate=True)
    except (msgspec.DecodeError, ValueError) as error:
        raise IntegrityError(f"{file} is no signed manifest: {error}") from error
    keys = {keyid(key): key for key in trusted_keys}
    if envelope.payload_type != PAYLOAD_TYPE or not any(
        one.keyid in keys and holds(payload, Signature(one.keyid, one.sig), keys[one.keyid], PAYLOAD_TYPE)
        for one in envelope.signatures
    ):
        raise IntegrityError(f"{file} is signed by no key that is trusted here: it is not used")
    try:
        manifest = msgspec.json.decode(payload, type=Manifest)
    except msgspec.DecodeError as error:
        raise IntegrityError(f"{file} can't be read, though it is signed: {error}") from error
    if manifest.format != FORMAT or "/" in manifest.entries or manifest.entries.startswith("."):
        raise IntegrityError(f"{file} is of format {manifest.format}; this program reads {FORMAT}")
    return manifest


def signed(manifest: Manifest, key: Ed25519PrivateKey) -> bytes:
    """The envelope of a manifest."""
    payload = msgspec.json.encode(manifest)
    made = sign(payload, key, PAYLOAD_TYPE)
    whole = _Envelope(base64.b64encode(payload).decode(), PAYLOAD_TYPE, (_Signature(made.keyid, made.sig),))
    return msgspec.json.encode(whole) + b"\n"


def write_entries(file: Path, compiled: Compiled) -> None:
    """Write the entries of a table into a new ``file``. Raises ``OutputError``."""
    rest = Rest(orders=compiled.orders, permits=compiled.permits, manners=compiled.manners, rings=compiled.rings)
    rows = _rows(compiled, msgspec.msgpack.encode(rest))
    room = sum(len(key) + len(value) + 64 for key, value in rows.items())
    try:
        environment = lmdb.open(
            str(file), subdir=False, map_size=4 * room + (1 << 20), lock=False, sync=True, mode=0o640
        )
        try:
            with environment.begin(write=True) as transaction:
                transaction.cursor().putmulti(sorted(rows.items()), append=True)
        finally:
            environment.close()
    except (lmdb.Error, OSError) as error:
        raise OutputError(f"the table {file} can't be written: {error}") from error


def _rows(compiled: Compiled, rest: bytes) -> Mapping[bytes, bytes]:
    rows = {REST: rest}
    rows.update((_key(ACCOUNT, name), entry(*value)) for name, value in compiled.accounts.items())
    rows.update((_key(ORGANIZATION, name), entry(*value)) for name, value in compiled.organizations.items())
    rings = {ring.name: number for number, ring in enumerate(compiled.rings)}
    rows.update((_key(MEMBER, name), one.encode("utf-8", "surrogatepass")) for name, one in compiled.members.items())
    rows.update((_key(PLACE, one.organization), place(rings[one.ring], one.lapses_us())) for one in compiled.places)
    return rows


def _key(kind: bytes, name: str) -> bytes:
    return _spelt(kind, name.encode("utf-8", "surrogatepass"))


def _spelt(kind: bytes, data: bytes) -> bytes:
    return kind + (data if len(data) <= _LONGEST else b"\0" + hashlib.blake2b(data, digest_size=32).digest())


def _opened(file: Path, manifest: Manifest) -> lmdb.Environment:
    try:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != manifest.sha256:
            raise IntegrityError(f"{file} is not what its manifest names: it is damaged or was changed")
        with _OPENING:
            known = file.stat()
            environment = _OPEN.get((known.st_dev, known.st_ino))
            if environment is None:
                environment = lmdb.open(
                    str(file), subdir=False, readonly=True, lock=False, readahead=False, create=False
                )
                _OPEN[known.st_dev, known.st_ino] = environment
            return environment
    except (OSError, lmdb.Error) as error:
        raise IntegrityError(f"the entries {file} can't be opened: {error}") from error


def _rest(get: _Get) -> Rest:
    found = get(REST)
    try:
        return msgspec.msgpack.decode(found or b"", type=Rest)
    except msgspec.DecodeError as error:
        raise IntegrityError(f"the entries hold no orders: {error}") from error
