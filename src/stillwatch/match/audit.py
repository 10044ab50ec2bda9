"""Does a member hold what it asks about? Evidence is committed to when it is uploaded, and opened at random later.

With each identifier a member uploads 16 bytes: a digest of a *record* of what it saw (buckets, days, digests of the
sketched exchanges). Nobody can read it, and the member can't change it afterwards: when rows are drawn for an audit it
must open exactly these. It shows ``seal`` and ``record``, and no identifier. Caught: rows without any evidence, records
made up after the draw, one source used as the evidence of several rows, days that do not fit. Not caught: records that
were made up before, and records of another identifier than the row's. Only who looks at log and folder at the member's
own place finds these; that is done by hand, no command helps.

The draw is nobody's choice: its seed is made of a secret that the auditor committed to before the upload and of the
ledger's root after it (``seed``). A member that can't open ``invented`` of its ``rows`` escapes a draw of ``size`` with
the chance ``escape``: with one row in ten invented and 50 drawn of 1,000 it is 0.4 %.

The digest is cut to 128 bits: a member would need 2**64 trials to prepare two records for one digest, and has no use
for it that making up one record beforehand does not serve as well.
"""

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256
from math import comb
from typing import Annotated

import msgspec
import numpy as np

from stillwatch.match.faults import MatchError
from stillwatch.match.identifiers import Identifier
from stillwatch.match.payload import Note

#: Bytes of an uploaded evidence digest, and of a seal.
DIGEST, SEAL = 16, 32
#: Types of which one exchange can show several values; of all others it has one, so it is evidence of one row.
SEVERAL_IN_ONE = frozenset({"template"})
_Source = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]


class Record(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a member says it saw: the note it uploads, and up to 64 digests of exchanges (``source``) that show it."""

    note: Note
    sources: Annotated[tuple[_Source, ...], msgspec.Meta(min_length=1, max_length=64)]

    def encoded(self) -> bytes:
        return msgspec.msgpack.encode(self)


class Opening(msgspec.Struct, frozen=True):
    """What opens one row in an audit."""

    seal: bytes
    record: bytes


class Failed(msgspec.Struct, frozen=True):
    """One drawn row that did not hold, and why: a clause that a person reads."""

    row: int
    reason: str


def source(secret: bytes, exchange: str) -> bytes:
    """A digest that stands for one exchange of the member's log, under the member's secret: the same in every row."""
    return hmac.digest(secret, b"stillwatch evidence source v1/" + exchange.encode(), "sha256")[:16]


def row_secret(secret: bytes, identifier: Identifier) -> bytes:
    """32 bytes for one identifier: showing them opens this row and no other."""
    return hmac.digest(secret, b"stillwatch evidence row v1/" + identifier.message, "sha256")


def sealed(row: bytes, identifier: Identifier) -> bytes:
    """32 bytes that commit to the identifier and hide it as long as the row's secret is secret."""
    return hmac.digest(row, b"stillwatch evidence seal v1/" + identifier.message, "sha256")


def digest(seal: bytes, record: bytes) -> bytes:
    """The 16 bytes that are uploaded with a row."""
    return sha256(b"stillwatch evidence v1/" + seal + record).digest()[:DIGEST]


def evidence(secret: bytes, identifier: Identifier, record: Record) -> bytes:
    """The same in one step, for whoever uploads. ``secret``: 32 random bytes of the member's own, kept for audits."""
    return digest(sealed(row_secret(secret, identifier), identifier), record.encoded())


def opening(secret: bytes, identifier: Identifier, record: bytes) -> Opening:
    """What the member shows for this row in an audit. ``record``: as it was encoded when it was uploaded."""
    return Opening(sealed(row_secret(secret, identifier), identifier), record)


def seed(auditors_secret: bytes, root: bytes) -> bytes:
    """The seed of a draw: the auditor's secret, whose SHA-256 stood in the ledger before, and the root after upload."""
    return sha256(b"stillwatch audit draw v1/" + auditors_secret + root).digest()


def drawn(seed: bytes, rows: int, size: int) -> tuple[int, ...]:
    """``size`` different rows of ``rows``, all if there are fewer, in rising order."""
    dice = np.random.Generator(np.random.PCG64(int.from_bytes(seed, "little")))
    return tuple(sorted(int(row) for row in dice.choice(rows, size=min(size, rows), replace=False)))


def failures(
    kind: str, uploaded: Sequence[bytes], chosen: Sequence[int], openings: Mapping[int, Opening], today: int
) -> tuple[Failed, ...]:
    """The drawn rows that do not hold. ``uploaded``: digests in the order of rows; ``today``: days since 1970-01-01."""
    failed = []
    shown: dict[bytes, int] = {}
    for row in chosen:
        record = _opened(uploaded[row], openings.get(row), today)
        if isinstance(record, str):
            failed.append(Failed(row, record))
            continue
        again = [shown[one] for one in record.sources if one in shown]
        if again and kind not in SEVERAL_IN_ONE:
            failed.append(Failed(row, f"shows an exchange that row {again[0]} was opened with too"))
        shown.update(dict.fromkeys(record.sources, row))
    return tuple(failed)


def escape(rows: int, invented: int, size: int) -> float:
    """The chance that none of ``invented`` rows is among ``size`` drawn without return (hypergeometric)."""
    size = min(size, rows)
    return comb(rows - invented, size) / comb(rows, size)


def _opened(uploaded: bytes, opened: Opening | None, today: int) -> Record | str:
    """The record of a row, or why it does not hold."""
    if opened is None:
        return "was not opened"
    if len(opened.seal) != SEAL or not hmac.compare_digest(uploaded, digest(opened.seal, opened.record)):
        return "was opened to something else than what was uploaded"
    try:
        record = msgspec.msgpack.decode(opened.record, type=Record)
    except (ValueError, RecursionError, MatchError):
        return "was opened to what is no record: it was uploaded without evidence"
    if len(set(record.sources)) != len(record.sources):
        return "shows one exchange twice"
    if record.note.last > today:
        return "tells of days to come"
    return record
