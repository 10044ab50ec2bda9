"""Reads what the endpoint wrote, and turns one recorded request of an account into an exchange record."""

import json
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cast import Account, stamp

Recorded = dict[str, Any]

#: A folder of the machine that recorded: it says where a recording was made rather than who asked.
FOLDER = re.compile(r"[\s\"'=(]/(?:home|root|tmp|usr|var|work|opt|Users)/")


def load(folder: Path) -> dict[str, dict[str, list[Recorded]]]:
    """Recording -> key -> requests in the order received."""
    out: dict[str, dict[str, list[Recorded]]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        keys: dict[str, list[Recorded]] = defaultdict(list)
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["method"] == "POST":
                keys[row["key"]].append(row)
        out[path.stem] = {key: keys[key] for key in sorted(keys)}
    return out


def continues(row: Recorded) -> bool:
    """Whether a request carries an earlier answer back: it belongs to the conversation before it."""
    turns = row["body"].get("messages") or row["body"].get("input") or []
    return any(isinstance(turn, dict) and turn.get("role") in ("assistant", "tool") for turn in turns)


def flat(keys: dict[str, list[Recorded]]) -> list[Recorded]:
    """All requests of a recording in the order received."""
    return sorted((row for rows in keys.values() for row in rows), key=lambda row: float(row["at"]))


def exchange(rng: random.Random, account: Account, row: Recorded, seconds: float) -> dict[str, Any]:
    """The record of one request, without its ``id``. Usage is the endpoint's; the text of the answer is left out."""
    headers = dict(row["headers"])
    address, asn = rng.choice(account.addresses)
    failed = rng.random() < 0.006
    response = {
        "model": row["body"].get("model"),
        "finish_reason": row["finish"],
        "usage": {name: row["usage"][name] for name in ("prompt_tokens", "completion_tokens")},
    }
    return {
        "occurred_at": stamp(seconds),
        "duration_ms": 200 + int(row["usage"]["completion_tokens"] * rng.uniform(8, 25)),
        "account": account.name,
        "organization": account.organization,
        "credential": account.credential,
        "surface": account.surface,
        "endpoint": row["path"],
        "status": 429 if failed else 200,
        "client": {"ip": address, "asn": asn, "user_agent": headers.get("user-agent"), "headers": row["order"]},
        "request": row["body"],
        "response": None if failed else response,
    }


def homeless(rows: Sequence[Recorded]) -> bool:
    """Whether no request names a folder of the machine that recorded it."""
    return not any(FOLDER.search(json.dumps(row["body"])) for row in rows)
