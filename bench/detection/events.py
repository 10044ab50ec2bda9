"""What every peer gets: one line of JSON an exchange, in order of time, with nothing in it that tells the truth.

``account``; ``at`` seconds since 1970-01-01 UTC; ``prompt`` the caller's last words; ``system`` the system prompt;
``network`` the IPv4 /24 or IPv6 /64; ``client`` user agent and TLS print; ``payment`` the account's payment print;
``model``. A field is null where the log or the accounts file says nothing. Log formats are read by Stillwatch's own
``ingest``, so that no peer loses for want of a parser.
"""

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.adapters.sources import blocks, expand
from stillwatch.adapters.sources.expand import Source
from stillwatch.ingest import FORMATS, Block, read

_FAR_US = 4_102_444_800_000_000  # the year 2100: no composed time counts as a broken clock
_COLUMNS = ("account", "ts_us", "last_text", "first_text", "system_text", "ip", "user_agent", "tls", "model")


class Event(msgspec.Struct, frozen=True):
    """One exchange as a peer sees it."""

    account: str
    at: float
    prompt: str
    system: str | None
    network: str | None
    client: str | None
    payment: str | None
    model: str | None


def network(address: str | None) -> str | None:
    """The IPv4 /24 or IPv6 /64 of an address."""
    if address is None:
        return None
    bits = 24 if ipaddress.ip_address(address).version == 4 else 64
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


def of_log(log: Path, accounts: Path) -> Iterator[Event]:
    """The events of a log in Stillwatch's own format, with what ``accounts`` knows of payment."""
    rows = [msgspec.json.decode(line) for line in accounts.read_bytes().splitlines()]
    payments: dict[str, Any] = {row["account"]: row.get("payment") for row in rows}
    for source in expand([str(log)]):
        assert isinstance(source, Source), source
        for block in blocks(source, index=0):
            assert isinstance(block, Block), block
            batch = read(block, FORMATS[0].name, now_us=_FAR_US).exchanges
            columns = (batch.column(name).to_pylist() for name in _COLUMNS)
            for account, at, last, first, system, ip, agent, tls, model in zip(*columns, strict=True):
                client = None if agent is None and tls is None else f"{agent} {tls}"
                words = last if last is not None else first
                yield Event(account, at / 1e6, words or "", system, network(ip), client, payments.get(account), model)


def write(events: Iterator[Event], file: Path) -> int:
    """One line an event. Returns how many."""
    encoder, count = msgspec.json.Encoder(), 0
    with file.open("wb") as out:
        for event in events:
            out.write(encoder.encode(event) + b"\n")
            count += 1
    return count


def load(file: Path, until: float | None = None) -> list[Event]:
    """The events before ``until`` (seconds since 1970), or all."""
    decoder = msgspec.json.Decoder(Event)
    with file.open("rb") as lines:
        events = [decoder.decode(line) for line in lines]
    return events if until is None else [event for event in events if event.at < until]
