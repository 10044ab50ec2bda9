"""The files that a table is made from, read at the door."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.decide import permits, rings, rules
from stillwatch.decide.compile import Material
from stillwatch.decide.covert import CovertOrder, checked
from stillwatch.decide.organisations import Accounts
from stillwatch.errors import UsageError
from stillwatch.vocabulary.campaigns import Campaign, EvidenceShown, Exposure, Scan, Scanned, TechniqueShare


@dataclass(frozen=True)
class Files:
    """What the person named. ``rules`` ``None``: the shipped ones."""

    campaigns: Sequence[Path]
    rules: Path | None = None
    accounts: Sequence[Path] = ()
    permits: Sequence[Path] = ()
    places: Path | None = None
    orders: Sequence[Path] = ()
    covert: Path | None = None


class _Account(msgspec.Struct, frozen=True):
    """The two fields of an accounts file that decisions rest on."""

    account: str | int
    organization: str | int | None = None


class _Scanned(Scanned, frozen=True, kw_only=True):
    """What was read, as far as the writer says."""

    exchanges: int = 0
    accounts: int = 0
    quarantined: int = 0
    first: str | None = msgspec.field(name="from", default=None)
    last: str | None = msgspec.field(name="to", default=None)
    seconds: float = 0.0


class _Campaign(Campaign, frozen=True, kw_only=True):
    """A campaign of another program's making: its id, its level and who belongs to it are all that a decision needs.

    What is missing can't fulfil a condition: no weight, no p-value, no exchanges, no techniques.
    """

    rank: int = 0
    weight_bits: float = 0.0
    p_value: float | None = None
    exchanges: int = 0
    first_exchange_at: str = ""
    last_exchange_at: str = ""
    noticed_at: str | None = None
    noticed_after_exchanges: int | None = None
    techniques: tuple[TechniqueShare, ...] = ()
    capabilities: dict[str, float] = msgspec.field(default_factory=dict)
    exposure: tuple[Exposure, ...] = ()
    evidence: tuple[EvidenceShown, ...] = ()
    could_be_wrong: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not all(0 <= one.membership <= 1 for one in self.accounts):
            raise ValueError("a membership is a probability: 0 to 1")


class _Scan(Scan, frozen=True, kw_only=True):
    scanned: _Scanned = _Scanned()
    campaigns: tuple[_Campaign, ...]


def material(files: Files, key: Ed25519PrivateKey, now_us: int, *, shadow: bool = False) -> Material:
    """All of it. Raises ``UsageError`` for a file that can't be used."""
    chosen = rules_from(files.rules)
    lines = [line for file in files.permits for line in permits.read(_lines(file), file=str(file))]
    places = () if files.places is None else rings.read(_lines(files.places), chosen.ring, file=str(files.places))
    return Material(
        campaigns=tuple(campaign for file in files.campaigns for campaign in scan(file).campaigns),
        rules=chosen,
        accounts=accounts(files.accounts),
        now_us=now_us,
        secret=secret(key),
        permits=tuple(line.permit() for line in lines),
        places=places,
        orders=tuple(one for file in files.orders for one in rules.orders(_lines(file), file=str(file))),
        covert=() if files.covert is None else covert_orders(files.covert),
        shadow=shadow,
    )


def covert_orders(file: Path) -> tuple[CovertOrder, ...]:
    """The orders of two people in a file of `stillwatch covert`. Raises ``UsageError`` for a line that is none."""
    found = []
    for number, line in enumerate(_lines(file), 1):
        try:
            found.append(checked(msgspec.json.decode(line, type=CovertOrder)))
        except (msgspec.DecodeError, UnicodeDecodeError, UsageError) as error:
            raise UsageError(f"{file}, line {number}: {error}") from error
    return tuple(found)


def rules_from(file: Path | None) -> rules.Rules:
    """The rules in a file, or those that are shipped."""
    return rules.load(rules.shipped_text() if file is None else _text(file))


def secret(key: Ed25519PrivateKey) -> bytes:
    """What case references are keyed with: of the signing key, so that they stay the same from table to table.

    Ed25519 signs without randomness (RFC 8032), so a signature over a fixed word is a secret that only its owner has.
    """
    return hashlib.sha256(key.sign(b"stillwatch case references")).digest()


def scan(file: Path) -> Scan:
    """A ``campaigns.json``: of a scan, or written by hand with no more than decisions rest on."""
    try:
        return msgspec.json.decode(_bytes(file), type=_Scan)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is no campaigns.json of a scan: {error}") from error


def accounts(files: Sequence[Path]) -> Accounts:
    """Who belongs to which organisation. Lines that can't be read are passed over: the scan reports them."""
    decoder = msgspec.json.Decoder(_Account)
    pairs: list[tuple[str, str | None]] = []
    for file in files:
        for line in _lines(file):
            try:
                one = decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            pairs.append((str(one.account), None if one.organization is None else str(one.organization)))
    return Accounts.known(pairs)


def _lines(file: Path) -> list[bytes]:
    return _bytes(file).splitlines()


def _text(file: Path) -> str:
    try:
        return _bytes(file).decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} can't be read: it is not UTF-8") from error


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} can't be read: {(error.strerror or '').lower()}") from error
