"""Runs the grid: batch after batch, seed by seed in turn, until it is done or the time is up."""

from collections.abc import Callable, Iterator, Sequence

from bench.evasion.cells import Cell, batches, grid, in_order, lane_of, runnable
from bench.evasion.results import CellSeen, Checked, Kept, Origin
from bench.evasion.weeks import Ground, alone, watched

Told = Callable[[str], None]
#: Cells of a batch that are checked alone: one in so many batches that hold several.
CHECK_EVERY = 6


def todo(seeds: Sequence[int], limit: int, fraction: float) -> list[tuple[int, int, list[Cell]]]:
    """``(seed, number, batch)`` in the order in which they are run, a batch of each seed in turn.

    The batches of a seed are the same whatever is asked for: ``fraction`` only says how many of its cells to take.
    """
    lists = []
    for seed in seeds:
        ordered = in_order(runnable(grid(), limit), seed)
        wanted = set(ordered[: max(1, round(fraction * len(ordered)))])
        packed = list(enumerate(batches(ordered, seed)))
        lists.append([(seed, number, batch) for number, batch in packed if wanted & set(batch)])
    return list(_in_turn(lists))


def _in_turn(lists: Sequence[list[tuple[int, int, list[Cell]]]]) -> Iterator[tuple[int, int, list[Cell]]]:
    for place in range(max(map(len, lists), default=0)):
        for one in lists:
            if place < len(one):
                yield one[place]


def run(
    ground: Ground,
    origin: Origin,
    kept: Kept,
    batches_: Sequence[tuple[int, int, list[Cell]]],
    time_left: Callable[[], bool],
    told: Told,
    most: int | None = None,
) -> int:
    """Runs what is not done yet; returns how many cells were run. ``most``: stop after so many."""
    done, ran = kept.done(origin), 0
    for seed, number, batch in batches_:
        if all((cell, seed) in done for cell in batch):
            continue
        if not time_left() or (most is not None and ran >= most):
            break
        name = f"evasion-{number}"
        plans = [cell.plan(lane_of(cell, seed)) for cell in batch]
        found = watched(ground, name, seed, plans)
        # With another limit a cell may have been run in other company.
        kept.add(
            CellSeen(origin=origin, seed=seed, cell=cell, seen=seen)
            for cell, seen in zip(batch, found, strict=True)
            if (cell, seed) not in done
        )
        ran += len(batch)
        told("; ".join(f"{cell.name}: {seen.judged.level}" for cell, seen in zip(batch, found, strict=True)))
        if len(batch) > 1 and number % CHECK_EVERY == 0:
            place = number // CHECK_EVERY % len(batch)
            if not found[place].joined:
                by_itself = alone(ground, name, seed, plans, place).found
                together = found[place].found
                check = Checked(origin=origin, seed=seed, cell=batch[place], together=together, by_itself=by_itself)
                kept.add([check])
    return ran
