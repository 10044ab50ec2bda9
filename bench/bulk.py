"""Large logs fast, for measuring the speed of a scan: 20,000 accounts with prompts of about 1.2 kB, no truth.

Each account has a wrapper of its own; each prompt adds spun text cut at a random place from a long strip. Six in seven
get their letters exchanged by one of some thousand tables, so that strangers share no passages as they would if all
were cut from one strip. JSON is put together from encoded parts: some 100,000 exchanges a second.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import zstandard

from stillwatch.rehearse import builtin
from stillwatch.rehearse.actors import MODELS
from stillwatch.rehearse.clients import client
from stillwatch.rehearse.dice import Dice, mix
from stillwatch.rehearse.networks import machine, person
from stillwatch.rehearse.world import topics

ACCOUNTS = 20_000
_STRIP = 6_000_000  # characters of spun text that prompts are cut from
_START = np.datetime64("2026-06-01T00:00:00", "ms")
_BLOCK = 20_000
_BODY = 1_200  # characters of a prompt, about
_TABLES = 4_096


def _strip(seed: int) -> bytes:
    """Spun text of ASCII letters, safe inside JSON as it stands."""
    babblers = topics(builtin.material().corpus)
    dice = Dice(seed)
    parts: list[str] = []
    size = 0
    while size < _STRIP:
        parts.append(dice.pick(babblers).passage(dice, 6))
        size += len(parts[-1]) + 1
    plain = " ".join(parts).encode("ascii", "ignore")
    return plain.replace(b'"', b"'").replace(b"\\", b"/")


def _tables(rng: np.random.Generator) -> list[bytes]:
    """Tables that exchange vowels for vowels and consonants for consonants."""
    tables = []
    for _ in range(_TABLES):
        source, target = b"", b""
        for letters in (b"aeiou", b"bcdfghjklmnpqrstvwxyz"):
            source += letters
            target += bytes(rng.permutation(np.frombuffer(letters, np.uint8)))
        tables.append(bytes.maketrans(source, target))
    return tables


def _heads(rng: np.random.Generator, strip: bytes, seed: int) -> list[tuple[bytes, bytes]]:
    """For each account: what stands before the prompt's own text, and what follows it."""
    heads = []
    for number in range(ACCOUNTS):
        seen, place = client(rng, "openai-chat"), person(rng) if rng.random() < 0.7 else machine(rng)
        model = MODELS.draw(rng)
        around = {
            "account": f"acct_{mix(seed, number):016x}",
            "surface": "api",
            "endpoint": "/v1/chat/completions",
            "status": 200,
            "client": {"ip": place.addresses[0], "asn": place.asn, "user_agent": seen.agent, "tls": seen.tls,
                       "headers": seen.headers},
        }  # fmt: skip
        cut = int(rng.integers(len(strip) - 400))
        wrapper = strip[cut : cut + int(rng.integers(60, 260))]
        before = (
            msgspec.json.encode(around)[1:-1]
            + f',"request":{{"model":"{model}","messages":[{{"role":"user","content":"'.encode()
            + wrapper
            + b"\\n\\n"
        )  # fmt: skip
        after = (
            b'"}]},"response":{"model":"' + model.encode() + b'","finish_reason":"stop","usage":{"prompt_tokens":310'
        )
        heads.append((before, after + b',"completion_tokens":180},"text":"Done as asked."}}\n'))
    return heads


def lines(count: int, day: int, seed: int, strip: bytes, heads: list[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """Blocks of lines of one day, in order of time."""
    tables = _tables(np.random.default_rng([seed, 9]))
    rng = np.random.default_rng([seed, day, 77])
    popular = rng.permutation(ACCOUNTS)
    for begin in range(0, count, _BLOCK):
        size = min(_BLOCK, count - begin)
        who = popular[(ACCOUNTS * rng.random(size) ** 2.2).astype(np.int64)].tolist()
        cuts = rng.integers(0, len(strip) - 2_000, size).tolist()
        sizes = np.clip(rng.normal(_BODY - 160, 260, size), 200, 1_900).astype(np.int64).tolist()
        offsets = ((begin + np.arange(size)) * (86_400_000 / count)).astype(np.int64)
        stamps = np.datetime_as_string(_START + day * 86_400_000 + offsets).tolist()
        first = day * count + begin
        out = []
        for place, (account, cut, length) in enumerate(zip(who, cuts, sizes, strict=True)):
            before, after = heads[account]
            start = f'{{"id":"x-{first + place}","occurred_at":"{stamps[place]}Z","duration_ms":900,'.encode()
            words = strip[cut : cut + length]
            if cut % 7:
                words = words.translate(tables[cut % _TABLES])
            out.append(start + before + words + after)
        yield b"".join(out)


def write(out: Path, *, millions: float, days: int, seed: int) -> int:
    """``days`` files of ``millions`` million exchanges together, and the accounts. Returns the number written."""
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, 5])
    strip = _strip(seed)
    heads = _heads(rng, strip, seed)
    each = int(millions * 1_000_000) // days
    for day in range(days):
        path = out / (f"exchanges-{day + 1:02d}.jsonl.zst" if days > 1 else "exchanges.jsonl.zst")
        with path.open("wb") as raw, zstandard.ZstdCompressor(level=1).stream_writer(raw) as sink:
            for block in lines(each, day, seed, strip, heads):
                sink.write(block)
    rows = ({"account": f"acct_{mix(seed, number):016x}", "plan": "pay-as-you-go"} for number in range(ACCOUNTS))
    (out / "accounts.jsonl").write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
    return each * days
