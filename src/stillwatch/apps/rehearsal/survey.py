"""Looks through a user's log once, in bounded memory: its span, its accounts' names, and donors for planted accounts.

Donors are the accounts whose hashed names are smallest, so that the same log gives the same donors in any order of
files, and each kind of account gives as many as it has.
"""

import hashlib
import heapq
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from stillwatch import ingest
from stillwatch.adapters.sources import MAX_LINE_BYTES, blocks, expand
from stillwatch.errors import NoInputError
from stillwatch.ingest import FORMATS, IngestSettings
from stillwatch.rehearse.rehearsal import LogSeen
from stillwatch.rehearse.seen import Donor, Recorded
from stillwatch.vocabulary.quarantine import Reject

#: Donors kept. Enough to have the rare clients in their share, few enough to hold.
DONORS = 4_000

_PARAMETERS = ("temperature", "top_p", "stream")
_COLUMNS = (
    "account", "id", "organization", "credential", "surface", "endpoint", "status", "dialect", "model", "ip", "asn",
    "user_agent", "tls", "header_names", "max_tokens", "choices", "duration_us", "finish_reason", "prompt_tokens",
    "completion_tokens", "reasoning_tokens", "response_model", *_PARAMETERS,
)  # fmt: skip
#: Column -> the field of a record that it comes from.
_FIELDS = {
    "status": "status", "duration_us": "duration_ms", "endpoint": "endpoint", "surface": "surface",
    "finish_reason": "response.finish_reason", "response_model": "response.model",
    "prompt_tokens": "usage.prompt_tokens", "completion_tokens": "usage.completion_tokens",
    "reasoning_tokens": "usage.reasoning_tokens", "ip": "client.ip", "asn": "client.asn",
    "user_agent": "client.user_agent", "tls": "client.tls", "header_names": "client.headers",
}  # fmt: skip


class Survey(msgspec.Struct, kw_only=True):
    """What a log shows. ``digest`` is a hash over all its exchanges: the same log, the same digest."""

    exchanges: int
    first_us: int
    last_us: int
    accounts: frozenset[str]
    donors: tuple[Donor, ...]
    answer_length: int  # characters of an answer that the log keeps, on average; 0 where it keeps none
    digest: bytes

    def seen(self, iso: Any) -> LogSeen:
        """The same for ``rehearsal.json``; ``iso`` writes microseconds as text."""
        return LogSeen(
            exchanges=self.exchanges, accounts=len(self.accounts), first=iso(self.first_us), last=iso(self.last_us)
        )


def survey(logs: Sequence[str], *, now_us: int, settings: IngestSettings) -> Survey:
    """Read every log once. ``NoInputError`` where nothing in them is readable."""
    hashed = hashlib.sha256()
    accounts: set[str] = set()
    chosen: dict[str, dict[str, Any]] = {}
    ranks: list[tuple[int, str]] = []  # a heap of (minus the rank, name): the worst donor first
    exchanges, first, last, letters, answered = 0, 1 << 62, -(1 << 62), 0, 0
    for batch in _batches(logs, now_us, settings):
        exchanges += batch.num_rows
        times = batch.column("ts_us").to_numpy()
        first, last = min(first, int(times.min())), max(last, int(times.max()))
        for name in ("id", "account"):
            hashed.update(b"\0".join(text.encode() for text in batch.column(name).to_pylist()))
        hashed.update(times.tobytes())
        texts = batch.column("response_text")
        letters += pa.compute.sum(pa.compute.utf8_length(texts)).as_py() or 0
        answered += len(texts) - texts.null_count
        _choose(batch, accounts, chosen, ranks)
    if not exchanges:
        raise NoInputError(f"nothing readable: no exchange stands in {', '.join(logs)}")
    return Survey(
        exchanges=exchanges,
        first_us=first,
        last_us=last,
        accounts=frozenset(accounts),
        donors=tuple(_donor(chosen[name], texts=bool(answered)) for name in sorted(chosen)),
        answer_length=letters // answered if answered else 0,
        digest=hashed.digest(),
    )


def _batches(logs: Sequence[str], now_us: int, settings: IngestSettings) -> Iterator[pa.RecordBatch]:
    for index, source in enumerate(expand(logs)):
        if isinstance(source, Reject):
            continue  # the scan itself says so
        named: str | None = None
        for block in blocks(source, index=index, max_line_bytes=MAX_LINE_BYTES):
            if isinstance(block, Reject):
                continue
            named = named or ingest.recognise_block(block)
            batch = ingest.read(block, named or FORMATS[0].name, now_us=now_us, settings=settings).exchanges
            if batch.num_rows:
                yield batch


def _choose(
    batch: pa.RecordBatch, accounts: set[str], chosen: dict[str, dict[str, Any]], ranks: list[tuple[int, str]]
) -> None:
    """Keep the first good row of each account with a small rank; a failed request is replaced by a better one."""
    names = batch.column("account").to_pylist()
    good = [status is None or status == 200 for status in batch.column("status").to_pylist()]
    wanted: dict[str, int] = {}
    for row, name in enumerate(names):
        if name not in accounts:
            accounts.add(name)
            rank = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
            if len(ranks) < DONORS:
                heapq.heappush(ranks, (-rank, name))
            elif -ranks[0][0] > rank:
                gone = heapq.heapreplace(ranks, (-rank, name))[1]
                chosen.pop(gone, None)
                wanted.pop(gone, None)
            else:
                continue
            wanted[name] = row
        elif good[row] and not _is_good(name, wanted, good, chosen):
            wanted[name] = row
    for name, row in wanted.items():
        chosen[name] = {column: batch.column(column)[row].as_py() for column in _COLUMNS}


def _is_good(name: str, wanted: dict[str, int], good: list[bool], chosen: dict[str, dict[str, Any]]) -> bool:
    """Whether a donor has a good row already; an account that is no donor needs none."""
    if name in wanted:
        return good[wanted[name]]
    return name not in chosen or chosen[name]["status"] in (None, 200)


def _donor(row: dict[str, Any], *, texts: bool) -> Donor:
    parameters = {name: row[name] for name in _PARAMETERS if row[name] is not None}
    if row["max_tokens"] is not None:
        parameters["max_output_tokens" if row["dialect"] == "openai-responses" else "max_tokens"] = row["max_tokens"]
    if row["choices"] is not None and row["dialect"] == "openai-chat":
        parameters["n"] = row["choices"]
    for name in ("temperature", "top_p"):
        if name in parameters:
            parameters[name] = round(parameters[name], 4)
    withheld = {field for column, field in _FIELDS.items() if row[column] is None}
    return Donor(
        account=row["account"],
        exchange=row["id"],
        organization=row["organization"],
        credential=row["credential"],
        surface=row["surface"],
        endpoint=row["endpoint"],
        dialect=row["dialect"],
        model=row["model"],
        ip=row["ip"],
        asn=row["asn"],
        user_agent=row["user_agent"],
        tls=row["tls"],
        headers=tuple(row["header_names"].split(",")) if row["header_names"] else None,
        parameters=parameters,
        withheld=frozenset(withheld if texts else {*withheld, "response.text"}),
    )


def recorded(table: pa.Table) -> list[Recorded]:
    """Lines of the user's accounts file, for sign-ups to be drawn from."""
    names = Recorded.__struct_fields__
    return [Recorded(**{name: row[name] for name in names}) for row in table.select(list(names)).to_pylist()]
