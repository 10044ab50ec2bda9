"""Which accounts show which identifier: what a watch-list is written from, and what sightings are laid over.

Names stand where the provider has them anyway: networks and clients in the dictionary, cards, domains and sign-up
addresses in the accounts file of this run, addresses in a table of this run's work folder, which goes with it. An
address or a card that only earlier scans saw has no name any more, and is not on the list.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.detect.population import I64, UNKNOWN, Accounts
from stillwatch.match.identifiers import Identifier, canonical, shape
from stillwatch.profile import standing
from stillwatch.profile.engine import Engine
from stillwatch.sketch.keying import SketchKey

#: An identifier that more accounts here show than this, or than this share of them, is common: it binds nobody.
COMMON, COMMON_SHARE = 12, 0.005
#: A client's shape is the same for everyone who uses the program: only one that hardly anybody shows is asked about.
COMMON_CLIENT = 3
#: Exchanges, first and last time of what is in the accounts file and not in the log: none.
_RECORDED = (0, UNKNOWN, UNKNOWN)


@dataclass(frozen=True)
class Shown:
    """One identifier at one account: how many exchanges show it, and when (microseconds; ``UNKNOWN``: by record)."""

    identifier: Identifier
    account: int
    exchanges: int
    first_us: int
    last_us: int


class Identifiers:
    """All identifiers of the accounts of a run. Built once; asked for those of some accounts, or of all."""

    def __init__(
        self,
        engine: Engine,
        work: Path,
        recorded: pa.Table,
        key: SketchKey,
        names: Mapping[tuple[str, int], str],
        population: Accounts,
    ) -> None:
        """``recorded`` is the accounts file of this run as ``ingest.accounts`` reads it, names and all."""
        self._by_account: dict[int, list[Shown]] = {}
        self._reach: dict[Identifier, set[int]] = {}
        seen = set(population.key.tolist())
        for shown in self._logged(engine, _addresses(work), names):
            self._add(shown)
        for shown in _of_records(recorded, key):
            if shown.account in seen:
                self._add(shown)
        self._most = max(COMMON, int(COMMON_SHARE * len(population)))

    def of(self, accounts: Iterable[int]) -> Iterator[Shown]:
        """The identifiers of these accounts, common ones left out."""
        for account in accounts:
            yield from (shown for shown in self._by_account.get(account, ()) if not self._common(shown.identifier))

    def showing(self, identifier: Identifier) -> frozenset[int]:
        """The accounts that show an identifier; none where it is common here."""
        return frozenset() if self._common(identifier) else frozenset(self._reach.get(identifier, ()))

    def known(self, type_: str) -> Iterator[Identifier]:
        """Every identifier of a type that some account here shows, common ones too."""
        return (identifier for identifier in self._reach if identifier.type == type_)

    def _common(self, identifier: Identifier) -> bool:
        most = COMMON_CLIENT if identifier.type == "client-shape" else self._most
        return len(self._reach.get(identifier, ())) > most

    def _add(self, shown: Shown) -> None:
        self._by_account.setdefault(shown.account, []).append(shown)
        self._reach.setdefault(shown.identifier, set()).add(shown.account)

    @staticmethod
    def _logged(engine: Engine, addresses: Mapping[int, str], names: Mapping[tuple[str, int], str]) -> Iterator[Shown]:
        found: dict[tuple[str, int], Identifier | None] = {}
        table = engine.table(standing.tied_accounts())
        columns = [table[name].to_pylist() for name in ("tie", "entity", "account", "exchanges", "first_us", "last_us")]
        for tie, entity, account, exchanges, first_us, last_us in zip(*columns, strict=True):
            if (tie, entity) not in found:
                name = addresses.get(entity) if tie == "address" else names.get((tie, entity))
                found[tie, entity] = _spelt(tie, name)
            identifier = found[tie, entity]
            if identifier is not None:
                yield Shown(identifier, account, exchanges, first_us, last_us)


def _spelt(tie: str, name: str | None) -> Identifier | None:
    if name is None:
        return None
    if tie == "address":
        return _known("ipv6-64" if ":" in name else "ipv4", name)
    _, tls, headers = name.rsplit(" ", 2)
    return _known("client-shape", shape(tls, headers))


def _known(type_: str, value: str | None) -> Identifier | None:
    spelt = canonical(type_, value) if value is not None else None
    return spelt if isinstance(spelt, Identifier) else None


def _addresses(work: Path) -> dict[int, str]:
    """The addresses of this run by their sealed keys."""
    found: dict[int, str] = {}
    for file in sorted((work / "sketches").glob("addresses-*.parquet")):
        table = pq.read_table(file)
        found.update(zip(table["key"].to_pylist(), table["name"].to_pylist(), strict=True))
    return found


def _of_records(recorded: pa.Table, key: SketchKey) -> Iterator[Shown]:
    sealed = key.identifiers(recorded["account"].combine_chunks(), "account").to_pylist()
    columns = [recorded[name].to_pylist() for name in ("payment", "email_domain", "signup_ip")]
    for account, payment, domain, signup in zip(sealed, *columns, strict=True):
        place = None if signup is None else _known("ipv6-64" if ":" in signup else "ipv4", signup)
        # No set: the order of the watch-list, and what its length cuts off, must not differ from run to run.
        for identifier in (_known("payment-fingerprint", payment), _known("domain", domain), place):
            if identifier is not None:
                yield Shown(identifier, account, *_RECORDED)


def templates(entities: I64, kinds: I64, key: SketchKey, most: int) -> list[Identifier]:
    """Up to ``most`` fingerprints of a finding's template as public 64-bit values: hashes of words, no words."""
    text = np.sort(np.unique(entities[kinds <= _LAST_OF_TEXT]))[:most]
    found = (_known("template", f"{value:016x}") for value in key.unseal(text, "text").tolist())
    return [identifier for identifier in found if identifier is not None]


#: Place in ``KINDS`` of the last kind whose entities are hashes of text.
_LAST_OF_TEXT = 4
