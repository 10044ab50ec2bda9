"""A table that follows its folder: new versions are checked beside the requests and swapped in by one assignment.

A thread of its own looks every ``every`` seconds whether ``current`` was replaced. It checks signature and digest
(which release the interpreter, so requests go on) and opens the new table; only then does the reference change. What is
damaged, unsigned, or older than what is in force is refused: the table in force stays, and an alarm says why. Numbers
only go up while a gateway runs, so nobody can bring back an old table by copying it over.
"""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stillwatch.adapters.stores.table import CURRENT, ENTRIES, Table, read_manifest
from stillwatch.decide.decision import Decision
from stillwatch.decide.permits import Counter, NoCounter
from stillwatch.decide.snapshot import Manifest
from stillwatch.errors import IntegrityError, StateError

#: Told of every swap and every refusal: a sentence for the log of the gateway.
Tell = Callable[[str], None]
_Mark = tuple[int, int, int]


class Tables:
    """The table in force, whichever it is. Use as a context manager, or ``start`` and ``close``."""

    def __init__(
        self,
        path: Path,
        trusted_keys: Iterable[Ed25519PublicKey],
        *,
        counter: Counter | None = None,
        every: float = 0.5,
        tell: Tell | None = None,
    ) -> None:
        """Open the table in force. Raises as ``Table.open`` does: a gateway starts with a table or not at all."""
        self._path = path
        self._trusted = tuple(trusted_keys)
        self._counter = counter or NoCounter()
        self._every = every
        self._tell = tell or _silent
        self._mark = _mark(path / CURRENT)
        self._refused = ""
        self._awaited: tuple[Path, _Mark | None] | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.current = Table.open(path, self._trusted, self._counter)

    def __enter__(self) -> "Tables":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Begin to follow the folder."""
        self._thread = threading.Thread(target=self._follow, name="stillwatch-tables", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop following. The table in force goes on to answer."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def decide(self, account: str, organization: str | None, model: str | None, now_us: int) -> Decision:
        """The decision of the table in force; a request under a permit is counted."""
        decision = self.current.decide(account, organization, model, now_us)
        if decision.permit is not None:
            self._counter.count(decision.permit)
        return decision

    def alarms(self, now_us: int) -> tuple[str, ...]:
        """What the operator must look at: a refused table, a stale one. Empty when all is well."""
        manifest = self.current.manifest
        found = [self._refused] if self._refused else []
        if now_us >= manifest.made_us + manifest.stale_us:
            found.append(f"table {manifest.version} is stale: it was made {_ago(now_us - manifest.made_us)} ago")
        return tuple(found)

    def look(self) -> bool:
        """Look once whether there is a new table, and swap it in; whether it was swapped."""
        mark = _mark(self._path / CURRENT)
        if mark == self._mark and (self._awaited is None or _mark(self._awaited[0]) == self._awaited[1]):
            return False
        self._awaited = None
        try:
            manifest = read_manifest(self._path / CURRENT, self._trusted)
            if manifest == self.current.manifest:
                self._mark, self._refused = mark, ""
                return False
            new = self._newer(manifest)
        except (IntegrityError, StateError) as error:
            self._keep(mark, str(error))
            return False
        old, self.current = self.current, new
        self._mark, self._refused, self._awaited = mark, "", None
        self._tell(f"table {new.version} is in force after {old.version}")
        return True

    def _newer(self, manifest: Manifest) -> Table:
        if manifest.serial <= self.current.manifest.serial:
            raise IntegrityError(
                f"table {manifest.version} is older than {self.current.version}, which is in force: "
                "to go back, publish with `decide rollback`"
            )
        entries = self._path / ENTRIES / manifest.entries
        self._awaited = entries, _mark(entries)
        return Table.of(self._path, manifest, self._counter)

    def _keep(self, mark: _Mark | None, why: str) -> None:
        """Stay with the table in force. A refused one is looked at again only when it or its entries change: a copy
        from another machine may bring the entries later."""
        self._mark = mark
        if why != self._refused:
            self._tell(f"a new table was refused and {self.current.version} stays in force: {why}")
        self._refused = why

    def _follow(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self.look()
            except Exception as error:  # noqa: BLE001  the thread must outlive whatever it meets; the alarm says what
                self._keep(None, f"{type(error).__name__}: {error}")


def _ago(age_us: int) -> str:
    """An age in whole hours; in minutes below two of them, where an hour more or less says little."""
    minutes = age_us // 60_000_000
    if minutes >= 120:
        return f"{minutes // 60} hours"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def _mark(file: Path) -> _Mark | None:
    """What changes when a file is replaced; ``None`` where there is none."""
    try:
        known = file.stat()
    except OSError:
        return None
    return known.st_ino, known.st_mtime_ns, known.st_size


def _silent(_: str) -> None:
    return None
