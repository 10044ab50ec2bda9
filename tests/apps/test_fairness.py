"""From a decision over an appeal to the next table, as the people involved do it: by commands."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from stillwatch.adapters.gateways.problems import reply
from stillwatch.adapters.stores.table import Table
from stillwatch.adapters.stores.table_keys import trusted_keys
from stillwatch.decide.decision import Decision

CAMPAIGN = "campaign--0f1c8e5e-5a64-5c0e-9f2a-1b0d3c4e5f60"


def stillwatch(*arguments: str | Path) -> str:
    command = [sys.executable, "-m", "stillwatch", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class World:
    """One provider's folder: a scan's result, a key, a table, appeals."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = folder / "table.key"
        self.table = folder / "table"
        self.appeals = folder / "appeals"
        members = [{"account": f"acct_{number}", "membership": 0.99} for number in range(20)]
        campaign = {
            "id": CAMPAIGN, "name": "Campaign 1", "rank": 1, "weight_bits": 60.0, "p_value": 1e-9, "level": "act",
            "accounts": members, "exchanges": 100, "first_exchange_at": "2026-07-01T00:00:00Z",
            "last_exchange_at": "2026-07-02T00:00:00Z", "noticed_at": None, "noticed_after_exchanges": None,
            "techniques": [], "capabilities": {}, "exposure": [],
            "evidence": [{"id": "even-volumes", "family": "volume", "axis": "volume", "observed": "20 accounts alike",
                          "ordinary": "2", "weight_bits": 7.5, "text": "Their volumes are alike."}],
            "could_be_wrong": ["an evaluation harness"],
        }  # fmt: skip
        scanned = {"exchanges": 1, "accounts": 20, "quarantined": 0, "from": None, "to": None, "seconds": 0.0}
        (folder / "campaigns.json").write_bytes(msgspec.json.encode({"scanned": scanned, "campaigns": [campaign]}))
        self.compile()

    def compile(self, *more: str | Path) -> None:
        stillwatch(
            "decide", "compile", "--campaigns", self.folder / "campaigns.json", "--out", self.table, "--key", self.key,
            *more,
        )  # fmt: skip

    def decided(self, account: str) -> Decision:
        now_us = int(datetime.now(UTC).timestamp() * 1e6)
        table = Table.open(self.table, trusted_keys([self.key.with_suffix(".pub")]))
        return table.decide(account, None, "m", now_us)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def filed(world: World, account: str, case: str, author: str = "rule organisation-in-campaign") -> str:
    return stillwatch(
        "appeal", "file", "--appeals", world.appeals, "--case", case, "--account", account, "--decided-by", author,
        "--statement", "We evaluate our own model.",
    ).strip()  # fmt: skip


def test_an_appeal_that_is_won_lifts_the_decision_and_nobody_elses(world: World) -> None:
    before, neighbour = world.decided("acct_3"), world.decided("acct_4")
    assert before.course == "refuse"
    assert before.case != neighbour.case
    reference = filed(world, "acct_3", before.case)
    stillwatch("appeal", "acknowledge", reference, "--appeals", world.appeals, "--by", "Reviewer 2")
    stillwatch(
        "appeal",
        "overturn",
        reference,
        "--appeals",
        world.appeals,
        "--by",
        "Reviewer 2",
        "--message",
        "You were right.",
    )
    orders = world.folder / "orders.jsonl"
    orders.write_text(stillwatch("appeal", "orders", "--appeals", world.appeals, "--table", world.table))
    world.compile("--orders", orders)
    world.compile("--orders", orders)
    told = stillwatch("explain", before.case, "--table", world.table)
    assert told.count("decided by person Reviewer 2") == told.count("decided by rule ") == 1
    after = world.decided("acct_3")
    assert (after.course, after.case) == ("allow", before.case)
    assert world.decided("acct_4").course == "refuse"
    label = msgspec.json.decode(stillwatch("appeal", "labels", "--appeals", world.appeals))
    assert (label["account"], label["label"]) == ("acct_3", "innocent")


def test_staff_are_told_everything_about_a_case_and_the_caller_a_reason_and_a_reference(world: World) -> None:
    decision = world.decided("acct_3")
    filed(world, "acct_3", decision.case)
    told = stillwatch(
        "explain", decision.case, "--table", world.table, "--state", world.folder / "state", "--appeals", world.appeals,
        "--campaigns", world.folder / "campaigns.json",
    )  # fmt: skip
    for part in (
        "acct_3",
        "rule organisation-in-campaign",
        "Their volumes are alike.",
        "an evaluation harness",
        "+7.5",
    ):
        assert part in told
    assert "We evaluate our own model." in told
    said = reply(decision).body.decode()
    assert decision.case in said
    for part in ("acct_", "volume", "membership", "Campaign", "bits", "rule "):
        assert part not in said


def test_a_covert_order_is_carried_out_and_no_header_says_so(world: World) -> None:
    case = world.decided("acct_5").case
    (world.folder / "key.pub").write_text(stillwatch("ledger", "key", "p.example/ledger", "--out", world.folder / "k"))
    stillwatch(
        "covert", "order", case, "--orders", world.folder / "covert.jsonl", "--treatment", "hold", "--grounds",
        "A named investigation.", "--approved-by", "Counsel 1", "--approved-by", "Engineer 2", "--days", "3",
        "--ledger", world.folder / "ledger.jsonl", "--signing-key", world.folder / "k", "--actor", "p.example",
    )  # fmt: skip
    world.compile("--covert", world.folder / "covert.jsonl")
    decision = world.decided("acct_5")
    assert (decision.course, decision.covert) == ("hold", True)
    assert [name for name, _ in reply(decision).headers] == [b"stillwatch-version"]
    assert world.decided("acct_6").course == "refuse"
    told = stillwatch("explain", case, "--table", world.table, "--state", world.folder / "state")
    assert "Covert, ledger leaf 0: A named investigation." in told
    assert "Counsel 1 and Engineer 2" in told
    before, after = told.split("Covert, ledger leaf 0")
    assert "the caller read: " in before
    assert "the caller read nothing of it" in after
