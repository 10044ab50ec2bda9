"""Requests for the tests of inline rules: the innocent corpus, and a way to ask about one text."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from stillwatch.decide.inline import Hit, Inline, InlineRules, RecentSignatures
from stillwatch.ingest.records import Record
from stillwatch.sketch.keying import SketchKey

KEY = SketchKey(bytes(range(32)))
NOW = 1_780_000_000_000_000
FOLDER = Path(__file__).parent / "innocent"


class Innocent(NamedTuple):
    """A request of the corpus."""

    name: str
    language: str
    request: dict[str, Any]


def innocent() -> Iterator[Innocent]:
    """The whole corpus, file by file."""
    for file in sorted(FOLDER.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            yield Innocent(row["id"], row["language"], row["request"])


def asking(body: dict[str, Any], account: str = "acct_1") -> Record:
    """A record that asks for ``body``."""
    return Record(id="x", occurred_at=0, account=account, request=body)


def saying(text: str, system: str | None = None) -> Record:
    """A record whose caller says ``text``."""
    before = [] if system is None else [{"role": "system", "content": system}]
    return asking({"model": "m-large", "messages": [*before, {"role": "user", "content": text}]})


def inline(rules: InlineRules | None = None) -> Inline:
    """The shipped rules, or others, over an empty memory."""
    return Inline(rules or InlineRules.shipped(), RecentSignatures(), KEY)


def hit(record: Record, rules: InlineRules | None = None) -> Hit | None:
    """What the rules say of it."""
    return inline(rules).check(record, NOW)
