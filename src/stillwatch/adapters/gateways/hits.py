"""What inline rules saw, for staff: a line for each first hit of a caller, day and sign, and no word of the request.

Files are written like the tap's: one for each day and process, in a folder that only its owner reads. A caller that
sends the same thing a thousand times a minute fills no disk: what was noted is remembered, up to a bound.
"""

import os
import time
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Literal

import msgspec

from stillwatch.decide.course import Course
from stillwatch.decide.inline import Hit
from stillwatch.decide.inline.rules import RuleName
from stillwatch.errors import OutputError
from stillwatch.ingest.records import Record

_REMEMBERED = 50_000


class Ringed(msgspec.Struct, frozen=True, kw_only=True):
    """An access ring refused a model: noted like a hit. The model's name is the caller's word and is not kept."""

    course: Course
    reason: str
    rule: Literal["access-ring"] = "access-ring"
    sign: str = "model"
    author: str = "the rings of the rules"
    shadow: bool = False


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """One line: whose request, by which rule, and what the caller was told."""

    case: str
    account: str
    organization: str | None
    exchange: str
    at_us: int
    rule: RuleName | Literal["access-ring"]
    sign: str
    course: str
    reason: str
    author: str
    shadow: bool


class HitFolder:
    """A book of hits below ``folder``. Raises ``OutputError`` where that can't be made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise OutputError(f"{folder} can't be made: {(error.strerror or '').lower()}") from error
        self._seen: OrderedDict[tuple[str, str, int], None] = OrderedDict()
        self._lock = Lock()

    def note(self, case: str, record: Record, hit: Hit | Ringed, now_us: int) -> None:
        """Write a line unless the same was noted today."""
        what = (case, hit.sign, now_us // 86_400_000_000)
        with self._lock:
            if what in self._seen:
                return
            self._seen[what] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        line = msgspec.json.encode(
            Noted(
                case=case,
                account=str(record.account),
                organization=None if record.organization is None else str(record.organization),
                exchange=str(record.id),
                at_us=now_us,
                rule=hit.rule,
                sign=hit.sign,
                course=hit.course,
                reason=hit.reason,
                author=hit.author,
                shadow=hit.shadow,
            )
        )
        name = time.strftime("hits-%Y%m%d", time.gmtime(now_us / 1e6)) + f"-{os.getpid()}.jsonl"
        handle = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, line + b"\n")
        finally:
            os.close(handle)


def noted(folder: Path, case: str | None = None) -> Iterator[Noted]:
    """What stands in the folder, the oldest day first; of one case where ``case`` is given. Broken lines are passed
    over."""
    decoder = msgspec.json.Decoder(Noted)
    for file in sorted(folder.glob("hits-*.jsonl")):
        for line in file.read_bytes().splitlines():
            try:
                found = decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            if case is None or found.case == case:
                yield found
