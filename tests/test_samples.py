"""The recorded sample under ``samples/`` is what its README says: readable, small, clean, composed where it says so."""

import gzip
import ipaddress
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
ASSEMBLER = ROOT / "tools" / "recorder" / "assemble.py"
Row = dict[str, Any]

#: RFC 5737, RFC 3849, RFC 9637
DOCUMENTATION = [
    ipaddress.ip_network(block)
    for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
]

#: kind of account -> the recording it came from, to put recordings together again
RECORDING = {
    "chat": "people",
    "class exercise": "class",
    "fleet of one organisation": "fleet",
    "evaluation harness": "bench",
    "reseller": "reseller",
    "agent framework": "agent",
    "hobbyist with distilabel": "hobby",
    "hobbyist with synthetic-data-kit": "kit",
    "permitted distiller": "permit",
    "prompt regression test": "prompttest",
    "extraction": "extract",
    "prompt optimiser": "tune",
    "memory layer": "memory",
    "batch classification": "rows",
    "command line": "shell",
    "Operator 7": "elicit",
    "Operator 12": "evolve",
    "Operator 19": "compare",
}


@cache
def exchanges() -> list[Row]:
    with gzip.open(SAMPLES / "exchanges.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def lines(name: str) -> list[Row]:
    return [json.loads(line) for line in (SAMPLES / name).read_text(encoding="utf-8").splitlines()]


@cache
def truth() -> Row:
    loaded: Row = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
    return loaded


@cache
def kinds() -> dict[str, str]:
    """Account -> name of its campaign, or its ordinary kind."""
    found = dict(truth()["ordinary"])
    for campaign in truth()["campaigns"]:
        found |= dict.fromkeys(campaign["accounts"], campaign["name"])
    return found


def last_words(row: Row) -> str:
    body = row["request"]
    turns = body.get("messages") or body.get("input") or body.get("prompt") or ""
    last = turns[-1] if isinstance(turns, list) else turns
    return json.dumps(last.get("content") if isinstance(last, dict) else last, ensure_ascii=False)


def test_the_sample_takes_at_most_five_megabytes() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.iterdir()) <= 5_000_000


def test_every_line_is_an_exchange_record_in_order_of_time() -> None:
    before = ""
    for row in exchanges():
        assert row["id"]
        assert row["account"]
        assert isinstance(row["request"], dict)
        assert row["endpoint"].startswith("/v1/")
        assert row["client"]["headers"] == [name.lower() for name in row["client"]["headers"]]
        assert row["occurred_at"] >= before
        before = row["occurred_at"]
    assert len(exchanges()) >= 8_000


def test_ids_are_unique() -> None:
    assert max(Counter(row["id"] for row in exchanges()).values()) == 1


def test_the_sample_covers_seven_days() -> None:
    first, last = (datetime.fromisoformat(exchanges()[at]["occurred_at"]) for at in (0, -1))
    assert timedelta(days=6) < last - first <= timedelta(days=7)


def test_every_account_is_described_exactly_once() -> None:
    described = Counter(row["account"] for row in lines("accounts.jsonl"))
    assert set(described) == {row["account"] for row in exchanges()}
    assert set(described.values()) == {1}
    assert len(described) >= 350


def test_the_truth_says_one_thing_about_every_account() -> None:
    said = Counter(account for campaign in truth()["campaigns"] for account in campaign["accounts"])
    said.update(list(truth()["ordinary"]))
    assert set(said) == {row["account"] for row in exchanges()}
    assert set(said.values()) == {1}


def test_campaigns_divide_their_prompts_and_a_class_shares_them() -> None:
    """What tells a distiller from a class: whether different accounts ask the very same thing."""
    askers: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in exchanges():
        askers[kinds()[row["account"]]][last_words(row)].add(row["account"])

    def shared(kind: str) -> float:
        prompts = askers[kind].values()
        return sum(len(accounts) > 1 for accounts in prompts) / len(prompts)

    assert shared("Operator 7") < 0.05
    assert shared("Operator 19") < 0.05
    assert shared("evaluation harness") > 0.9
    sheet = Counter(last_words(row) for row in exchanges() if kinds()[row["account"]] == "class exercise")
    assert sum(count for _, count in sheet.most_common(8)) > sum(sheet.values()) / 2


def test_the_quiet_campaign_asks_few_questions_an_account() -> None:
    asked = Counter(row["account"] for row in exchanges() if kinds()[row["account"]] == "Operator 19")
    assert max(asked.values()) <= 9


def test_the_permit_covers_the_permitted_distiller() -> None:
    (permit,) = lines("permits.jsonl")
    asked = [row for row in exchanges() if kinds()[row["account"]] == "permitted distiller"]
    assert {row["organization"] for row in asked} == {permit["organization"]}
    assert len(asked) <= permit["max_exchanges"]
    assert {row["request"]["model"] for row in asked} <= set(permit["models"])


def test_every_address_lies_in_a_documentation_range() -> None:
    given = {row["client"]["ip"] for row in exchanges()} | {row["signup_ip"] for row in lines("accounts.jsonl")}
    strays = [a for a in given if not any(ipaddress.ip_address(a) in block for block in DOCUMENTATION)]
    assert strays == []


@pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_no_file_names_a_host_a_folder_or_a_key_of_the_machine_that_made_it(path: Path) -> None:
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text(encoding="utf-8")
    assert re.findall(r"https?://[^\s\"\\]+", text) == []
    assert re.findall(r"(?:^|[\s\"'=(])/(?:home|root|tmp|usr|var|work|opt|Users)/\S*", text) == []
    assert re.findall(r"127\.0\.0\.1|localhost|Bearer |sk-[A-Za-z0-9]{8,}", text) == []


def recordings_again(out: Path) -> None:
    """The recordings that the sample came from, as far as the sample still shows them."""
    for row in exchanges():
        name = RECORDING[kinds()[row["account"]].split(",")[0]]
        recorded = {
            "at": 0.0,
            "method": "POST",
            "path": row["endpoint"],
            "key": row["account"],
            "headers": [["user-agent", row["client"]["user_agent"]]],
            "order": row["client"]["headers"],
            "body": row["request"],
            "finish": "stop",
            "usage": {"prompt_tokens": 1, "completion_tokens": 1},
        }
        with (out / f"{name}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(recorded) + "\n")
    for name in ("selfinstruct", "camel"):  # the sample shows them as part of the same campaign
        (out / f"{name}.jsonl").touch()


def test_the_assembler_gives_the_same_bytes_for_the_same_seed(tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    recordings_again(recordings)
    outputs = []
    for name, seed in (("first", 3), ("again", 3), ("other", 4)):
        out = tmp_path / name
        options = ["--recordings", str(recordings), "--out", str(out), "--seed", str(seed)]
        subprocess.run([sys.executable, str(ASSEMBLER), *options], check=True)
        outputs.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert outputs[0] == outputs[1]
    assert outputs[0]["exchanges.jsonl.gz"] != outputs[2]["exchanges.jsonl.gz"]
