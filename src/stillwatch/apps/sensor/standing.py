"""What detection needs of the accounts, put together from aggregates, ties and the accounts file."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.detect.permits import Permit, Permits
from stillwatch.detect.population import I64, UNKNOWN, Accounts, Ties
from stillwatch.detect.tables import columns_of
from stillwatch.profile import standing
from stillwatch.profile.arrivals import HOUR_US, TIES
from stillwatch.profile.engine import Engine
from stillwatch.sketch import identity
from stillwatch.sketch.keying import SketchKey
from stillwatch.vocabulary.sketches import KINDS
from stillwatch.vocabulary.techniques import CAPABILITIES

#: Codes of ``programme`` in the accounts table; 0 is any other.
PROGRAMMES = {"education": 1, "research": 2, "startup": 3, "trial": 4, "distillation-permit": 5}
#: Ties that the accounts file adds to those of the log.
_SHOWN, _ISSUED = KINDS.index("signature-shown"), KINDS.index("signature-issued")
RECORDED = ("payment", "signup")
#: Populations that replay keeps: one of 20,000 accounts takes 6 MB, and the first checkpoints of a case lie close by.
HOURS_KEPT = 12


def sealed_accounts(accounts: pa.Table, key: SketchKey) -> pa.Table:
    """The accounts file with sealed identifiers: one row per account, integers only, null where not known."""
    networks = identity.networks(accounts["signup_ip"].combine_chunks())
    programmes = [PROGRAMMES.get(name, 0) if name is not None else None for name in accounts["programme"].to_pylist()]
    return pa.table(
        {
            "account": key.identifiers(accounts["account"].combine_chunks(), "account"),
            "organization": key.identifiers(accounts["organization"].combine_chunks(), "organization"),
            "created_us": accounts["created_us"],
            "programme": pa.array(programmes, pa.int64()),
            "payment": key.identifiers(accounts["payment"].combine_chunks(), "payment"),
            "signup": key.identifiers(networks, "network"),
            "verified": pc.cast(accounts["verified"], pa.int64()),
        }
    )


def recorded_accounts(engine: Engine) -> pa.Table:
    """What accounts files said, over all parts: one row per account, ordered by it.

    A file that is given with every scan describes each account once for every part. The last row counts: were all
    kept, an account would share its payment with itself.
    """
    rows = engine.table(standing.recorded_accounts())
    account = rows["account"].to_numpy()
    order = np.argsort(account, kind="stable")
    last = np.append(np.diff(account[order]) != 0, True) if len(order) else np.zeros(0, dtype=bool)
    return rows.take(pa.array(order[last])).combine_chunks()


def population(engine: Engine, recorded: pa.Table, *, until_us: int | None = None) -> Accounts:
    """Every account seen so far (until ``until_us``), with what the accounts file says of it.

    ``recorded`` is as ``recorded_accounts`` gives it, here and below.
    """
    hour = (until_us // HOUR_US) if until_us is not None else np.iinfo(np.int64).max
    table = columns_of(engine.table(standing.accounts(until_hour=int(hour))))
    order = np.argsort(table["account"])
    columns = {name: np.asarray(column[order], dtype=np.int64) for name, column in table.items() if name != "account"}
    keys = np.asarray(table["account"][order], dtype=np.int64)
    for name in ("organization", "created_us", "programme", "verified", "payment"):
        column = columns.get(name, np.full(len(keys), UNKNOWN))
        columns[name] = _recorded(keys, recorded, name, column)
    return Accounts(keys, columns)


def _recorded(keys: I64, recorded: pa.Table, name: str, otherwise: I64) -> I64:
    """A column of the accounts file for ``keys``; ``otherwise`` where the file says nothing."""
    known = columns_of(recorded.select(["account", name]))
    if not len(known["account"]) or not len(keys):
        return otherwise
    account, value = known["account"], np.asarray(known[name], dtype=np.int64)
    at = np.minimum(np.searchsorted(account, keys), len(account) - 1)
    found = (account[at] == keys) & (value[at] != UNKNOWN)
    return np.where(found, value[at], otherwise)


def ties(engine: Engine, recorded: pa.Table, seen: I64) -> Ties:
    """Ties of the log, and payment and sign-up ties of the accounts file among the accounts that were ``seen``."""
    names = (*TIES, *RECORDED, "signature")
    table = engine.table(standing.shared_ties())
    rows = columns_of(table.drop_columns(["tie"]))
    codes = pc.index_in(table["tie"], pa.array(names)).to_numpy().astype(np.int8)
    parts = [(codes, rows["entity"], rows["account"], rows["accounts"], rows["first_us"])]
    parts += [_recorded_ties(recorded, name, names.index(name), seen) for name in RECORDED]
    replays = columns_of(engine.table(standing.signature_reach(shown=_SHOWN, issued=_ISSUED)))
    code = np.full(len(replays["entity"]), names.index("signature"), dtype=np.int8)
    parts.append((code, replays["entity"], replays["account"], replays["accounts"], replays["first_us"]))
    joined = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
    order = np.lexsort((joined[1], joined[0], joined[2]))
    joined = [column[order] for column in joined]
    return Ties(names, joined[0].astype(np.int8), *(column.astype(np.int64) for column in joined[1:]))


def _recorded_ties(recorded: pa.Table, name: str, code: int, seen: I64) -> tuple[I64, I64, I64, I64, I64]:
    known = columns_of(recorded.select(["account", name, "created_us"]))
    use = (known[name] != UNKNOWN) & np.isin(known["account"], seen)
    account, entity, created = (
        np.asarray(known[column][use], dtype=np.int64) for column in ("account", name, "created_us")
    )
    _, position, reach = np.unique(entity, return_inverse=True, return_counts=True)
    several = reach[position] > 1 if len(entity) else np.zeros(0, dtype=bool)
    codes = np.full(int(several.sum()), code, dtype=np.int64)
    return codes, entity[several], account[several], reach[position][several], created[several]


def permits(table: pa.Table, population_: Accounts, key: SketchKey) -> Permits:
    """The permits file with sealed identifiers, and the accounts whose record names the permit programme."""

    def sealed(names: Sequence[str] | None, domain: str) -> frozenset[int] | None:
        if names is None:
            return None
        return frozenset(key.identifiers(pa.array(names, pa.string()), domain).to_pylist())

    rows = []
    for row in table.to_pylist():
        organization = sealed([row["organization"]], "organization") if row["organization"] is not None else None
        codes = row["capabilities"]
        rows.append(
            Permit(
                reference=row["reference"] or "without reference",
                organization=next(iter(organization)) if organization else UNKNOWN,
                accounts=sealed(row["accounts"], "account"),
                from_us=row["from_us"],
                until_us=row["until_us"],
                models=sealed(row["models"], "model"),
                capabilities=frozenset(CAPABILITIES.index(c) for c in codes if c in CAPABILITIES)
                if codes is not None
                else None,
                max_exchanges=row["max_exchanges"],
            )
        )
    organizations = dict(zip(population_.key.tolist(), population_["organization"].tolist(), strict=True))
    by_record = population_.key[population_["programme"] == PROGRAMMES["distillation-permit"]]
    return Permits(rows, organizations, by_record)


def looking_back(engine: Engine, recorded: pa.Table) -> Callable[[int], Accounts]:
    """How the accounts stood at a time, to the hour, for replay. The hours asked for last are kept."""

    @lru_cache(maxsize=HOURS_KEPT)
    def in_hour(hour: int) -> Accounts:
        return population(engine, recorded, until_us=hour * HOUR_US)

    return lambda ts_us: in_hour(ts_us // HOUR_US)
