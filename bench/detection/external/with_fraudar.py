"""``rgmining-fraudar`` on the events: B. Hooi et al., "FRAUDAR: Bounding Graph Fraud in the Face of Camouflage", KDD
2016, doi 10.1145/2939672.2939747. Runs in an environment of its own: ``with_fraudar.py EVENTS OUTCOME [UNTIL]``.

The package finds dense blocks of reviewers and products. An account stands for a reviewer; a product is what an
exchange shares with others: its first fifty characters, or its network, client print and payment as well. Up to six
blocks are taken, one after the other; an account in the first has 6, in the last 1.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fraudar.export import greedy  # type: ignore[import-not-found]

BLOCKS = 6


def products(event: dict[str, Any], wide: bool) -> Iterator[str]:
    """What the exchange shares with others, as names."""
    yield "opening " + event["prompt"][:50]
    if wide:
        for field in ("network", "client", "payment"):
            if event[field] is not None:
                yield f"{field} {event[field]}"


def blocks(events: list[dict[str, Any]], wide: bool) -> dict[str, tuple[float, str]]:
    """Account -> (score, block), from the package's own search with logarithmic column weights."""
    reviewers: dict[str, int] = {}
    seen: dict[str, int] = {}
    edges: set[tuple[int, int]] = set()
    for event in events:
        who = reviewers.setdefault(event["account"], len(reviewers))
        for product in products(event, wide):
            edges.add((who, seen.setdefault(product, len(seen))))
    degree: dict[int, int] = {}
    for _, column in edges:
        degree[column] = degree.get(column, 0) + 1
    kept = sorted(edge for edge in edges if degree[edge[1]] > 1)  # what one account alone has makes no block
    if not kept:
        return {}
    renumbered = {product: place for place, product in enumerate(sorted({product for _, product in kept}))}
    matrix = greedy.listToSparseMatrix([who for who, _ in kept], [renumbered[product] for _, product in kept])
    names = list(reviewers)
    found: dict[str, tuple[float, str]] = {}
    for place, ((rows, _), _) in enumerate(greedy.detectMultiple(matrix, greedy.logWeightedAveDegree, BLOCKS)):
        for row in rows:
            found.setdefault(names[row], (float(BLOCKS - place), str(place)))
    return found


def main(events_file: str, out_file: str, until: str | None = None) -> None:
    """Read events, write the outcome."""
    with Path(events_file).open(encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    if until is not None:
        events = [event for event in events if event["at"] < float(until)]
    variants = {}
    for name, wide in (("opening", False), ("opening, network, client, payment", True)):
        found = blocks(events, wide)
        scores = {account: score for account, (score, _) in found.items()}
        variants[name] = {"scores": scores, "labels": {account: label for account, (_, label) in found.items()}}
    Path(out_file).write_text(json.dumps({"variants": variants}), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
