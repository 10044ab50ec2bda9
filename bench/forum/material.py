"""Valid STIX 2.1 objects to add, alike in size to what feeds carry, each with an id of its own. Seeded."""

import json
import random
import uuid
from collections.abc import Iterator
from typing import Any


def indicators(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """``count`` indicators of some 450 bytes."""
    draw = random.Random(seed)
    for _ in range(count):
        moment = f"2026-{draw.randint(1, 9):02d}-{draw.randint(1, 28):02d}T{draw.randint(0, 23):02d}:00:00.000Z"
        address = f"198.51.100.{draw.randint(0, 255)}"
        yield {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--{uuid.UUID(int=draw.getrandbits(128), version=4)}",
            "created": moment,
            "modified": moment,
            "name": f"Address seen in episode {draw.randint(0, 99_999)}",
            "description": "Requests from this address took part in a coordinated episode.",
            "indicator_types": ["malicious-activity"],
            "pattern": f"[ipv4-addr:value = '{address}']",
            "pattern_type": "stix",
            "valid_from": moment,
            "labels": [f"episode-{draw.randint(0, 999)}"],
        }


def envelopes(count: int, each: int, seed: int) -> list[bytes]:
    """``count`` objects in TAXII envelopes of ``each``, encoded before any clock starts."""
    items = indicators(count, seed)
    return [
        json.dumps({"objects": [item for _, item in zip(range(each), items, strict=False)]}).encode()
        for _ in range(count // each)
    ]
