"""What to ask: identifiers out of a file or of a campaign's watch-list, without those that everybody has.

The most important come first, since a budget may end before the list does: by level, then by exchanges.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from stillwatch.errors import NoInputError, UsageError
from stillwatch.match.audit import Record, evidence, source
from stillwatch.match.common import CommonValues, LeftOut, capped, entries, shipped
from stillwatch.match.identifiers import Listed, Reading, read
from stillwatch.match.payload import Note
from stillwatch.match.session import Item
from stillwatch.vocabulary.campaigns import LEVELS, Campaign, Scan
from stillwatch.vocabulary.quarantine import Reject

#: What ``scan`` writes beside ``campaigns.json``.
WATCHLIST = "watchlist.jsonl"
_RANK: Mapping[str | None, int] = {level: rank for rank, level in enumerate(LEVELS)}


class Question(msgspec.Struct, frozen=True):
    """What is asked, the most important first; what could not be read; what everybody has."""

    listed: tuple[Listed, ...]
    rejected: tuple[Reject, ...]
    common: tuple[LeftOut, ...]

    def of_kind(self, kind: str) -> list[Listed]:
        return [each for each in self.listed if each.identifier.type == kind]

    @property
    def kinds(self) -> list[str]:
        return sorted({each.identifier.type for each in self.listed})


def question(identifiers: Path | None, campaign: Path | None, common: Path | None = None) -> Question:
    """What the member wants to know. Exactly one of the two paths is given.

    ``identifiers``: JSON Lines or CSV (``match.identifiers.read``). ``campaign``: a ``campaigns.json`` with the
    watch-list of the same scan beside it, or a file with one of its campaigns. ``common``: a list of what everybody
    has, in the form of ``match/common.json``, besides the one that ships. Raises ``UsageError``, ``NoInputError``.
    """
    if (identifiers is None) == (campaign is None):
        raise UsageError("give either --identifiers FILE or --campaign FILE")
    if identifiers is not None:
        reading, path = _read(identifiers), identifiers
    else:
        assert campaign is not None
        reading, path = _of_campaigns(campaign), campaign
    if not reading.listed:
        raise NoInputError(f"{path} names no identifier that can be matched{_why(reading.rejected)}")
    kept, left = _common(common).split(reading.listed)
    ordered = sorted(kept, key=lambda each: (_RANK.get(each.level, len(LEVELS)), -(each.exchanges or 0)))
    return Question(tuple(ordered), reading.rejected, left)


def item(listed: Listed, secret: bytes) -> Item:
    """What goes into a session: the identifier, a note of buckets and days, a commitment to the evidence for it."""
    found = record(listed, secret)
    return Item(listed.identifier.message, found.note, evidence(secret, listed.identifier, found))


def record(listed: Listed, secret: bytes) -> Record:
    """The evidence for an identifier: its line of the watch-list, which the member's own scan can make again."""
    last = _day(listed.last_seen)
    first = min(_day(listed.first_seen), last)
    note = Note.of(capped(listed.accounts or 0), listed.exchanges or 0, first, last)
    line = msgspec.json.encode(msgspec.to_builtins(listed), order="sorted").decode()
    return Record(note, (source(secret, line),))


def _why(rejected: Sequence[Reject]) -> str:
    if not rejected:
        return ""
    return f" ({len(rejected):,} rejected; line {rejected[0].line}: {rejected[0].reason})"


def _common(path: Path | None) -> CommonValues:
    """What everybody has. An entry that can't be used is refused: what it stands for would be asked."""
    if path is None:
        return shipped()
    try:
        values = shipped(entries(path.read_bytes()))
    except OSError as error:
        raise UsageError(f"{path} can't be read: {(error.strerror or '').lower()}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no list of common values: {error}") from error
    if values.rejected:
        first = values.rejected[0]
        raise UsageError(f"{path}: entry {first.line} {first.reason}")
    return values


def _of_campaigns(path: Path) -> Reading:
    """The watch-list's lines that belong to the campaigns of a file."""
    ids = _campaigns(path)
    if not path.with_name(WATCHLIST).exists():
        raise UsageError(f"no {WATCHLIST} lies beside {path}: a scan writes it there; any other list is --identifiers")
    listed = _read(path.with_name(WATCHLIST))
    return Reading(tuple(each for each in listed.listed if each.campaign in ids), listed.rejected)


def _campaigns(path: Path) -> frozenset[str]:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} can't be read: {(error.strerror or '').lower()}") from error
    try:
        found: Sequence[Campaign] = msgspec.json.decode(body, type=Scan).campaigns
    except (ValueError, RecursionError):
        try:
            found = (msgspec.json.decode(body, type=Campaign),)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{path} is neither a campaigns.json nor one of its campaigns: {error}") from error
    return frozenset(each.id for each in found)


def _read(path: Path) -> Reading:
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            return read(path.name, lines)
    except OSError as error:
        raise UsageError(f"{path} can't be read: {(error.strerror or '').lower()}") from error


def _day(time: str | None) -> int:
    """Days since 1970-01-01, in UTC; 0 where nothing was said that can be read as a time a note has room for."""
    try:
        said = datetime.fromisoformat(time or "")
        days = ((said if said.tzinfo else said.replace(tzinfo=UTC)) - _EPOCH).days
    except (ValueError, OverflowError):
        return 0
    return days if 0 <= days < 2**16 else 0


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
