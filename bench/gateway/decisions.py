"""Decisions in process, with a million accounts in the table: ``python -m bench.gateway.decisions``.

Each call is timed with ``perf_counter_ns``, whose own cost (some 0.1 µs) is left in. Accounts are drawn at random, so
that most look-ups touch cold lines of the mapped file. Other programs on the machine interrupt a run for milliseconds,
so swaps are measured at real-time priority where the system allows it, and the longest delay without any swap stands
beside the longest with them.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console

from bench.table import Row, Section, printed
from stillwatch.adapters.stores.table import CURRENT, PAST, Table
from stillwatch.adapters.stores.table_folder import TableFolder
from stillwatch.adapters.stores.tables import Tables
from stillwatch.decide.compile import Compiled
from stillwatch.decide.order import Order
from stillwatch.decide.permits import Line, Manners
from stillwatch.decide.rings import Place, Ring

ACCOUNTS, ORGANIZATIONS = 1_000_000, 100_000
MEDIAN_BAR, TAIL_BAR, SWAP_BAR = 2_000, 20_000, 5_000_000  # nanoseconds
ASKED = 500_000
SWAPS = 6
_KEY = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)
_NOW = 1_800_000_000_000_000
_MODELS = ("m-small", "m-large", "m-frontier")
Asked = Sequence[tuple[str, str, str]]


class Spread(NamedTuple):
    """Nanoseconds a decision: half are faster than ``p50``."""

    p50: int
    p99: int
    p999: int
    longest: int


def compiled(serial: int, *, everything: bool) -> Compiled:
    """A table of a million accounts. ``everything``: a thousand permits, and rings that keep models back, too."""
    orders = tuple(
        Order(course="throttle", reason="usage-under-review", author="rule r", expires_us=2 * _NOW + serial + place)
        for place in range(200)
    )
    permits = [
        Line(reference=f"P-{n}", organization=f"org_{n * 17}", until="2030-01-01", max_exchanges=10**9).permit()
        for n in range(1000)
    ]
    places = [
        Place(organization=f"org_{n}", ring="verified", since="2026-01-01", by="A", contact="c")
        for n in range(0, ORGANIZATIONS, 5)
    ]
    rings = (Ring(name="general", models=("m-small", "m-large")), Ring(name="verified"))
    return Compiled(
        orders=orders,
        accounts={f"acct_{n:06x}": (n % 200, f"C-{n:012d}") for n in range(ACCOUNTS)},
        organizations={f"org_{n}": (n % 200, f"C-O{n:011d}") for n in range(0, ORGANIZATIONS, 2)},
        cases=(),
        rulings=(),
        permits=tuple(permits) if everything else (),
        manners=Manners(),
        rings=rings if everything else (),
        places=tuple(places) if everything else (),
        stale_us=_NOW,
        rules="bench",
    )


def asked(seed: int) -> Asked:
    """Half of the accounts stand in the table, half are ordinary; half of the organisations stand in it too."""
    draw = random.Random(seed)
    return [
        (
            f"acct_{draw.randrange(2 * ACCOUNTS):06x}",
            f"org_{draw.randrange(2 * ORGANIZATIONS)}",
            draw.choice(_MODELS),
        )
        for _ in range(ASKED)
    ]


def spread(times: list[int]) -> Spread:
    times.sort()
    p50, p99, p999 = (times[int(len(times) * share)] for share in (0.5, 0.99, 0.999))
    return Spread(p50, p99, p999, times[-1])


def decided(table: Table, questions: Asked) -> Spread:
    """Every question once to warm the map, then timed."""
    clock, decide = time.perf_counter_ns, table.decide
    for account, organization, model in questions:
        decide(account, organization, model, _NOW)
    times = []
    for account, organization, model in questions:
        begun = clock()
        decide(account, organization, model, _NOW)
        times.append(clock() - begun)
    return spread(times)


def swapping(folder: Path, tables: Tables, manifests: Sequence[bytes], questions: Asked, seconds: float) -> Spread:
    """Ask all the time while ``current`` is replaced once a second by the next manifest.

    Rests now and then: Linux takes the processor away from a real-time thread that never does.
    """
    clock, waiting = time.perf_counter_ns, list(manifests)
    times: list[int] = []
    ends, swap_at, rest_at, place = clock() + int(seconds * 1e9), clock() + 300_000_000, clock() + 200_000_000, 0
    while (begun := clock()) < ends:
        account, organization, model = questions[place % len(questions)]
        place += 1
        tables.decide(account, organization, model, _NOW)
        times.append(clock() - begun)
        if begun > rest_at:
            time.sleep(0.03)
            rest_at = clock() + 200_000_000
        if waiting and begun > swap_at:
            partial = folder / ".next"
            partial.write_bytes(waiting.pop(0))
            partial.replace(folder / CURRENT)
            swap_at += 1_000_000_000
    return spread(times)


@contextmanager
def undisturbed() -> Iterator[str]:
    """Real-time priority where the system allows it, so that other programs do not interrupt. Says what was got."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except (OSError, AttributeError):
        yield "interruptions by other programs included"
        return
    try:
        yield "real-time priority"
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def rows(work: Path, say: Console) -> Iterator[Row]:
    """Every row of the section."""
    load = os.getloadavg()[0]
    for what, everything in (("orders alone", False), ("orders, 1,000 permits, rings for three models", True)):
        folder = work / what.split(",")[0].replace(" ", "-")
        say.print(f"a million accounts: {what} ...")
        TableFolder(folder).publish(compiled(0, everything=everything), _KEY, _NOW, "bench")
        found = decided(Table.open(folder, (_KEY.public_key(),)), asked(1))
        now = (load, os.getloadavg()[0])
        yield Row(f"{what}: median", _us(found.p50), f"≤ {_us(MEDIAN_BAR)}", found.p50 <= MEDIAN_BAR, now)
        yield Row(f"{what}: 99th percentile", _us(found.p99), f"≤ {_us(TAIL_BAR)}", found.p99 <= TAIL_BAR, now)
    yield from _swaps(work / "swaps", say)


def _swaps(folder: Path, say: Console) -> Iterator[Row]:
    load = os.getloadavg()[0]
    say.print(f"{SWAPS} swaps of a million accounts under load ...")
    publisher = TableFolder(folder)
    for serial in range(SWAPS + 1):
        publisher.publish(compiled(serial, everything=True), _KEY, _NOW, "bench")
    first, *manifests = [file.read_bytes() for file in sorted((folder / PAST).glob("*.json"))]
    (folder / CURRENT).write_bytes(first)
    with undisturbed() as how, Tables(folder, (_KEY.public_key(),), every=0.1) as tables:
        questions = asked(2)
        without = swapping(folder, tables, (), questions, SWAPS / 2)
        found = swapping(folder, tables, manifests, questions, SWAPS + 1)
        versions = tables.current.version.partition("-")[0]
    figure = (
        f"{found.longest / 1e6:.1f} ms (99.9 % of decisions: {_us(found.p999)}); without any swap "
        f"{without.longest / 1e6:.1f} ms; {how}"
    )
    if int(versions) != SWAPS + 1:
        raise RuntimeError(f"only {versions} of {SWAPS + 1} tables came into force")
    now = (load, os.getloadavg()[0])
    bar = f"≤ {SWAP_BAR / 1e6:.0f} ms"
    yield Row("longest decision while the whole table is swapped", figure, bar, found.longest <= SWAP_BAR, now)


def section(work: Path, say: Console) -> Section:
    """For the page: decisions in process."""
    return Section("Decisions in process, 1,000,000 accounts in the table", list(rows(work, say)))


def _us(nanoseconds: int) -> str:
    return f"{nanoseconds / 1000:.2f} µs"


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as work:
        printed([section(Path(work), Console(stderr=True))], console)


if __name__ == "__main__":
    main()
