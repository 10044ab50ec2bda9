"""``coordination-network-toolkit`` on the events: T. Graham and QUT Digital Observatory, networks of accounts that post
the same within a short time. Runs in an environment of its own: ``with_coordination.py EVENTS OUTCOME [UNTIL]``.

An exchange stands for a post. Three of its networks: *co-tweet*, the same prompt within an hour; *co-reply*, the
same first fifty characters (they stand for the post that is replied to) within an hour; *co-similarity*, prompts whose
sets of words overlap by half within a minute, its default window (its default of nine tenths finds copies only).
Prompts are cut to 600 characters. The weight of an edge is the number of posts.
"""

import json
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coordination_network_toolkit import compute_networks as networks  # type: ignore[import-not-found]
from coordination_network_toolkit.preprocess import preprocess_data  # type: ignore[import-not-found]
from coordination_network_toolkit.similarity import (  # type: ignore[import-not-found]
    get_similarity_fn_from_min_size,
)

CHARACTERS = 600
HOUR, MINUTE = 3_600, 60
PROCESSES = 2
LEAST_WORDS = 5  # the package's own function for short posts; without it a prompt of no words stops the run


def rows(events: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """What ``preprocess_data`` takes, in its order of fields."""
    for place, event in enumerate(events):
        words = event["prompt"]
        yield (
            str(place),
            event["account"],
            event["account"],
            None,
            words[:50] or None,
            words[:CHARACTERS],
            event["at"],
            [],
        )


def edges(database: str, table: str) -> list[list[Any]]:
    """Each pair of accounts once."""
    with sqlite3.connect(database) as found:
        pairs = found.execute(f"select user_1, user_2, max(weight) from {table} where user_1 < user_2 group by 1, 2")
        return [[one, other, float(weight)] for one, other, weight in pairs]


def main(events_file: str, out_file: str, until: str | None = None) -> None:
    """Read events, write the outcome."""
    with Path(events_file).open(encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    if until is not None:
        events = [event for event in events if event["at"] < float(until)]
    with tempfile.TemporaryDirectory(prefix="coordination-") as folder:
        database = str(Path(folder) / "posts.db")
        preprocess_data(database, rows(events))
        networks.compute_co_tweet_network(database, HOUR, n_threads=PROCESSES)
        networks.compute_co_reply_network(database, HOUR, n_threads=PROCESSES)
        networks.compute_co_similar_tweet(
            database,
            MINUTE,
            n_threads=PROCESSES,
            similarity_threshold=0.5,
            similarity_function=get_similarity_fn_from_min_size(LEAST_WORDS),
        )
        tables = {
            "co-tweet, hour": "co_tweet_network",
            "co-reply by opening, hour": "co_reply_network",
            "co-similarity, minute": "co_similar_tweet_network",
        }
        variants = {name: {"edges": edges(database, table)} for name, table in tables.items()}
    Path(out_file).write_text(json.dumps({"variants": variants}), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
