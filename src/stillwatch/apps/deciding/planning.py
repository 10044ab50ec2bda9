"""Plan, then apply exactly what was planned: the same files, the same moment, over the same table as was in force.

A plan is a JSON file that names its inputs by digest. It is applied only where none of them has changed, the table in
force is the one that was planned against, and not more than a day has passed: otherwise the blast radius that somebody
read is not the one that would come.
"""

import hashlib
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.adapters.stores.cases import CaseBook
from stillwatch.adapters.stores.table import CURRENT, Table
from stillwatch.adapters.stores.table_folder import TableFolder
from stillwatch.apps.deciding.material import Files, material
from stillwatch.apps.deciding.traffic import scanned
from stillwatch.decide.compile import Compiled, compile_table
from stillwatch.decide.plan import Blast, blast
from stillwatch.decide.snapshot import Manifest
from stillwatch.decide.times import DAY_US
from stillwatch.errors import UsageError

#: A plan older than this is planned anew.
LASTS_US = DAY_US


class Input(msgspec.Struct, frozen=True):
    """A file that a plan was made from."""

    name: str  # absolute
    sha256: str

    @property
    def path(self) -> Path:
        return Path(self.name)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What was planned. ``over``: the version in force then, empty where there was none."""

    kind: str = "stillwatch-plan-1"
    planned_us: int
    over: str
    shadow: bool
    campaigns: tuple[Input, ...]
    rules: Input | None
    accounts: tuple[Input, ...]
    permits: tuple[Input, ...]
    orders: tuple[Input, ...]
    places: Input | None
    blast: Blast
    covert: Input | None = None


def make(
    files: Files, key: Ed25519PrivateKey, now_us: int, table: Path | None, listed: Path | None, *, shadow: bool
) -> Plan:
    """Compile without publishing, and say what it would touch. ``table``: the folder of the table in force."""
    found = material(files, key, now_us, shadow=shadow)
    compiled = compile_table(found)
    present = _present(table, key)
    calibration = found.rules.calibration
    return Plan(
        planned_us=now_us,
        over="" if present is None else present.version,
        shadow=shadow,
        campaigns=tuple(_input(file) for file in files.campaigns),
        rules=None if files.rules is None else _input(files.rules),
        accounts=tuple(_input(file) for file in files.accounts),
        permits=tuple(_input(file) for file in files.permits),
        orders=tuple(_input(file) for file in files.orders),
        places=None if files.places is None else _input(files.places),
        covert=None if files.covert is None else _input(files.covert),
        blast=blast(
            compiled,
            found.campaigns,
            scanned(files.campaigns, listed),
            now_us,
            calibration.records(),
            calibration.membership_sigma,
            () if present is None else present.touched(now_us),
            calibration.assumed(),
        ),
    )


def apply(plan: Plan, key: Ed25519PrivateKey, now_us: int, table: Path, by: str) -> Manifest:
    """Bring a plan into force. Raises ``UsageError`` where it is not what was planned any more."""
    if not 0 <= now_us - plan.planned_us <= LASTS_US:
        raise UsageError("the plan is older than a day: plan again")
    optional = [one for one in (plan.rules, plan.places, plan.covert) if one is not None]
    for one in (*plan.campaigns, *plan.accounts, *plan.permits, *plan.orders, *optional):
        if _input(one.path) != one:
            raise UsageError(f"{one.path} has changed since the plan: plan again")
    files = Files(
        [one.path for one in plan.campaigns],
        None if plan.rules is None else plan.rules.path,
        [one.path for one in plan.accounts],
        [one.path for one in plan.permits],
        None if plan.places is None else plan.places.path,
        [one.path for one in plan.orders],
        None if plan.covert is None else plan.covert.path,
    )
    compiled = compile_table(material(files, key, plan.planned_us, shadow=plan.shadow))
    return publish(compiled, key, now_us, table, by, shadow=plan.shadow, over=plan.over)


def publish(
    compiled: Compiled,
    key: Ed25519PrivateKey,
    now_us: int,
    table: Path,
    by: str,
    *,
    shadow: bool,
    over: str | None = None,
) -> Manifest:
    """Bring a table into force and its cases into the book. ``over``: refuse where another version is in force."""
    folder = TableFolder(table)

    def before(manifest: Manifest) -> None:
        if over is not None and manifest.previous != over:
            raise UsageError(f"{table} holds {manifest.previous or 'no table'} now, not {over or 'none'}: plan again")
        with CaseBook(table) as book:
            book.enter(compiled.cases, manifest.version)

    return folder.publish(compiled, key, now_us, by, shadow=shadow, before=before)


def _present(table: Path | None, key: Ed25519PrivateKey) -> Table | None:
    if table is None or not (table / CURRENT).exists():
        return None
    return Table.open(table, (key.public_key(),))


def _input(file: Path) -> Input:
    try:
        return Input(str(file.resolve()), hashlib.sha256(file.read_bytes()).hexdigest())
    except OSError as error:
        raise UsageError(f"{file} can't be read: {(error.strerror or '').lower()}") from error
