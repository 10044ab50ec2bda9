import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from decide_world import RULES, campaign
from typer.testing import CliRunner

from stillwatch.adapters.stores.cases import CaseBook
from stillwatch.adapters.stores.permit_counts import FILE, PermitCounts
from stillwatch.adapters.stores.table import Table
from stillwatch.adapters.stores.table_keys import public_file, signing_key, trusted_keys
from stillwatch.adapters.stores.tables import Tables
from stillwatch.apps.cli import decide, permit, ring
from stillwatch.errors import StateError, UsageError
from stillwatch.vocabulary.campaigns import Scan, Scanned

NOW_US = decide.now_us()
ORDINARY = 40


def run(app: object, *words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)  # type: ignore[arg-type]
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with what a scan left behind: two accounts of one organisation in a campaign, forty ordinary ones."""
    scanned = Scanned(exchanges=ORDINARY + 6, accounts=ORDINARY + 2, quarantined=0, first=None, last=None, seconds=0.0)
    found = Scan(scanned=scanned, campaigns=(campaign({"a1": 0.99, "a2": 0.97}),))
    (tmp_path / "campaigns.json").write_bytes(msgspec.json.encode(found))
    (tmp_path / "rules.toml").write_text(RULES)
    accounts = [{"account": name, "organization": "org"} for name in ("a1", "a2")]
    (tmp_path / "accounts.jsonl").write_text("\n".join(map(json.dumps, accounts)) + "\nnot a line\n")
    exchanges = [*(("a1", 3), ("a2", 3)), *((f"o{number}", 1) for number in range(ORDINARY))]
    (tmp_path / "log.jsonl").write_text("".join(_lines(exchanges)))
    return tmp_path


def _lines(exchanges: Sequence[tuple[str, int]]) -> list[str]:
    return [
        json.dumps(
            {
                "id": f"{account}-{number}",
                "occurred_at": NOW_US / 1e6 - 60,
                "account": account,
                "request": {"model": "m", "messages": [{"role": "user", "content": "hello"}]},
            }
        )
        + "\n"
        for account, count in exchanges
        for number in range(count)
    ]


def inputs(files: Path) -> list[object]:
    return [
        "--campaigns", files / "campaigns.json", "--rules", files / "rules.toml",
        "--accounts", files / "accounts.jsonl", "--key", files / "table.key",
    ]  # fmt: skip


def opened(files: Path) -> Table:
    return Table.open(files / "T", trusted_keys([public_file(files / "table.key")]))


def test_what_is_compiled_is_in_force_and_each_case_stands_in_the_book(files: Path) -> None:
    said = run(decide.app, "compile", *inputs(files), "--out", files / "T", "--by", "Engineer 1")
    table = opened(files)
    answer = table.decide("a1", None, "m", NOW_US)
    assert (answer.course, table.manifest.by) == ("refuse", "Engineer 1")
    assert table.version in said
    with CaseBook(files / "T") as book:
        case = book.find(answer.case)
    assert case is not None
    assert case.grounds.startswith("Most of it belongs.")


def test_a_plan_touches_nothing_and_is_applied_as_it_was_shown(files: Path) -> None:
    plan = files / "plan.json"
    told = run(decide.app, "plan", *inputs(files), "--table", files / "T", "--out", plan)
    assert "Would touch 2 of 42 accounts" in told
    assert not (files / "T").exists()
    run(decide.app, "apply", plan, "--out", files / "T", "--key", files / "table.key")
    assert opened(files).decide("later", "org", "m", NOW_US).course == "refuse"


def test_a_plan_whose_files_or_table_changed_is_not_applied(files: Path) -> None:
    plan = files / "plan.json"
    apply = ["apply", plan, "--out", files / "T", "--key", files / "table.key"]
    run(decide.app, "plan", *inputs(files), "--table", files / "T", "--out", plan)
    run(decide.app, "compile", *inputs(files), "--out", files / "T")
    with pytest.raises(UsageError, match="plan again"):
        run(decide.app, *apply)
    run(decide.app, "plan", *inputs(files), "--table", files / "T", "--out", plan)
    (files / "accounts.jsonl").write_text("")
    with pytest.raises(UsageError, match=r"accounts\.jsonl has changed"):
        run(decide.app, *apply)


def test_a_rollback_brings_the_table_before_back_and_status_tells_so(files: Path) -> None:
    run(decide.app, "compile", *inputs(files), "--out", files / "T")
    run(decide.app, "compile", *inputs(files), "--out", files / "T", "--shadow")
    assert opened(files).decide("a1", None, "m", NOW_US).effective == "allow"
    run(decide.app, "rollback", "--table", files / "T", "--key", files / "table.key")
    assert opened(files).decide("a1", None, "m", NOW_US).effective == "refuse"
    told = run(decide.app, "status", "--table", files / "T", "--key", files / "table.key").splitlines()
    assert told[0].startswith("in force 3-")
    assert "rolled back to 1-" in told[0]
    assert len(told) == 3


def test_a_shadow_report_says_what_a_log_would_have_met(files: Path) -> None:
    run(decide.app, "compile", *inputs(files), "--out", files / "T", "--shadow")
    report = json.loads(
        run(decide.app, "shadow", files / "log.jsonl", "--table", files / "T", "--key", files / "table.key", "--json")
    )
    met = {(row["course"], row["shadow"]): (row["exchanges"], row["accounts"]) for row in report["would"]}
    assert met == {("refuse", True): (6, 2), ("allow", False): (ORDINARY, ORDINARY)}


def test_the_shipped_rules_are_printed_and_can_be_used(files: Path) -> None:
    (files / "rules.toml").write_text(run(decide.app, "rules"))
    run(decide.app, "compile", *inputs(files), "--out", files / "T")
    assert opened(files).decide("a1", None, "m", NOW_US).course == "refuse"


def test_a_key_that_others_may_read_signs_nothing(files: Path) -> None:
    signing_key(files / "table.key")
    (files / "table.key").chmod(0o644)
    with pytest.raises(StateError, match="read by others"):
        run(decide.app, "compile", *inputs(files), "--out", files / "T")


def test_a_file_that_is_no_scan_is_named(files: Path) -> None:
    (files / "campaigns.json").write_text("[]")
    with pytest.raises(UsageError, match=r"campaigns\.json is no campaigns\.json"):
        run(decide.app, "compile", *inputs(files), "--out", files / "T")


def test_a_permit_is_given_listed_renewed_and_protects_from_the_next_table_on(files: Path) -> None:
    permits = ("--permits", files / "permits.jsonl")
    run(
        permit.app,
        "add",
        "P-1",
        *permits,
        "--organization",
        "org",
        "--contact",
        "c@example.org",
        "--until",
        "2020-01-01",
    )
    assert "no longer covers" in run(permit.app, "due", *permits)
    run(permit.app, "change", "P-1", *permits, "--until", "2999-01-01", "--by", "Counsel 1")
    assert run(permit.app, "due", *permits) == ""
    (row,) = json.loads(run(permit.app, "list", *permits, "--json"))
    assert (row["state"], row["permit"]["issued_by"], row["permit"]["contact"]) == (
        "covers",
        "Counsel 1",
        "c@example.org",
    )
    run(decide.app, "compile", *inputs(files), *permits, "--out", files / "T")
    assert opened(files).decide("a1", "org", "m", NOW_US).permit == "P-1"


def test_what_gateways_counted_under_a_permit_is_listed(files: Path) -> None:
    permits = ("--permits", files / "permits.jsonl")
    run(permit.app, "add", "P-1", *permits, "--organization", "org", "--contact", "c", "--max-exchanges", 10)
    for name in ("one", "two"):
        (files / name).mkdir()
        with PermitCounts(files / name / FILE) as counts:
            counts.count("P-1", 5)
    assert "5 of 10" in run(permit.app, "list", *permits, "--state", files / "one")
    assert "USED UP" in run(permit.app, "due", *permits, "--state", files / "one", "--state", files / "two")


def test_a_permit_that_would_not_be_read_again_is_never_written(files: Path) -> None:
    permits = ("--permits", files / "permits.jsonl")
    run(permit.app, "add", "P-1", *permits, "--organization", "org", "--contact", "c")
    before = (files / "permits.jsonl").read_bytes()
    for words in (
        ("add", "P-1", *permits, "--organization", "org", "--contact", "c"),
        ("add", "P-2", *permits, "--contact", "c"),
        ("change", "P-1", *permits, "--until", "soon"),
        ("change", "P-3", *permits, "--until", "2027-01-01"),
        ("change", "P-1", *permits),
    ):
        with pytest.raises(UsageError):
            run(permit.app, *words)
    assert (files / "permits.jsonl").read_bytes() == before


def test_an_organisation_is_put_into_a_ring_reviewed_and_dropped(files: Path) -> None:
    places = ("--rings", files / "rings.jsonl")
    run(ring.app, "put", "org_9", *places, "--ring", "vetted-partner", "--contact", "c", "--member", "Lab Two")
    assert "org_9  vetted-partner" in run(ring.app, "list", *places)
    assert run(ring.app, "due", *places) == ""
    assert "org_9" in run(ring.app, "due", *places, "--within", "181")
    assert "nothing received" in run(ring.app, "owed", *places)
    with pytest.raises(UsageError, match="nothing was received"):
        run(ring.app, "owed", *places, "--received", files / "elsewhere")
    assert not (files / "elsewhere").exists()
    run(ring.app, "reviewed", "org_9", *places, "--by", "Analyst 2")
    assert "by Analyst 2" in run(ring.app, "list", *places)
    with pytest.raises(UsageError, match="no ring inner"):
        run(ring.app, "put", "org_9", *places, "--ring", "inner", "--contact", "c")
    run(ring.app, "drop", "org_9", *places)
    assert run(ring.app, "list", *places) == ""


def test_files_that_are_no_text_are_named_and_a_line_of_accounts_that_is_none_is_passed_over(files: Path) -> None:
    broken = files / "broken.json"
    broken.write_bytes(b'{"scanned":"\xff","kind":"\xff","account":"\xff"}')
    with pytest.raises(UsageError, match="no campaigns"):
        run(decide.app, "plan", "--campaigns", broken, "--key", files / "table.key")
    with pytest.raises(UsageError, match="no plan"):
        run(decide.app, "apply", broken, "--out", files / "table", "--key", files / "table.key")
    assert "2 accounts" in run(decide.app, "plan", *inputs(files), "--accounts", broken)


def test_who_looks_where_nothing_is_makes_nothing(files: Path) -> None:
    run(decide.app, "compile", *inputs(files), "--out", files / "table")
    before = sorted(files.iterdir())
    nowhere, key = files / "elsewhere", ["--key", files / "table.key"]
    with pytest.raises(StateError, match="holds no table yet"):
        run(decide.app, "status", "--table", nowhere, *key)
    with pytest.raises(StateError, match="holds no table yet"):
        run(decide.app, "rollback", "--table", nowhere, *key)
    with pytest.raises(UsageError, match="name the one that the table was made with"):
        run(decide.app, "status", "--table", files / "table", "--key", files / "no.key")
    assert sorted(files.iterdir()) == before


#: The keys of DESIGN section 5 and nothing else: no name of a campaign, no family of evidence.
PROMISED_KEYS = {
    "scanned": {"exchanges": 9, "accounts": 2, "quarantined": 0, "from": None, "to": None, "seconds": 0.0},
    "campaigns": [
        {
            "id": "campaign--1", "rank": 1, "weight_bits": 61.2, "p_value": 1e-9, "level": "act",
            "accounts": [{"account": "a1", "membership": 0.98}], "exchanges": 9,
            "first_exchange_at": "2026-07-01T00:00:00Z", "last_exchange_at": "2026-07-02T00:00:00Z",
            "noticed_at": "2026-07-01T01:00:00Z", "noticed_after_exchanges": 3,
            "techniques": [{"id": "SW-T16", "atlas": "AML.T0024.002", "share": 0.93}],
            "capabilities": {"maths": 0.9},
            "exposure": [
                {"capability": "maths", "low": 0, "mid": 0, "high": 0, "unit": "traces", "nearest_public_scale": "s1"}
            ],
            "evidence": [
                {"id": "shared-rare-fingerprint", "axis": "structure", "observed": "o", "ordinary": "r",
                 "weight_bits": 18.4, "text": "t"}
            ],
            "could_be_wrong": ["an agent framework"],
        }
    ],
}  # fmt: skip
LEAST = {"campaigns": [{"id": "campaign--1", "level": "act", "accounts": [{"account": "a1", "membership": 0.98}]}]}


@pytest.mark.parametrize("written", [PROMISED_KEYS, LEAST], ids=["promised-keys", "least"])
def test_a_campaigns_json_of_another_program_decides(files: Path, written: dict[str, object]) -> None:
    (files / "campaigns.json").write_text(json.dumps(written))
    run(decide.app, "compile", *inputs(files), "--out", files / "table")
    table = Table.open(files / "table", trusted_keys([public_file(files / "table.key")]))
    assert table.decide("a1", None, "m", NOW_US).course == "challenge"  # one of two accounts of its organisation


def test_a_plan_without_the_scans_accounts_estimates_exchanges_from_the_campaigns(files: Path) -> None:
    written = {**PROMISED_KEYS, "scanned": {**PROMISED_KEYS["scanned"], "exchanges": 90, "accounts": 40}}  # type: ignore[dict-item]
    (files / "campaigns.json").write_text(json.dumps(written))
    told = run(decide.app, "plan", *inputs(files))
    assert "of 40 accounts" in told
    assert "about 9 of 90 scanned exchanges (10.00%)" in told
    assert "of ordinary traffic (95 %" in told
    assert "equal parts" in told


def test_a_membership_that_is_no_probability_is_a_wrong_file(files: Path) -> None:
    (files / "campaigns.json").write_text(json.dumps(LEAST).replace("0.98", "1.5"))
    with pytest.raises(UsageError, match="0 to 1"):
        run(decide.app, "plan", *inputs(files))


def test_rules_need_no_name_and_take_dates_of_toml(files: Path) -> None:
    (files / "rules.toml").write_text(
        '[[person]]\naccount = "o1"\ncourse = "refuse"\nby = "Analyst 2"\nbecause = "Asked."\nuntil = 2099-01-02\n'
    )
    assert "rules local" in run(decide.app, "compile", *inputs(files), "--out", files / "table")


@pytest.mark.parametrize(("hours", "alarms"), [("0.000001", 1), ("0.5", 0)])
def test_a_table_may_be_stale_in_less_than_an_hour(files: Path, hours: str, alarms: int) -> None:
    (files / "rules.toml").write_text(f"stale_hours = {hours}\n{RULES}")
    run(decide.app, "compile", *inputs(files), "--out", files / "table")
    tables = Tables(files / "table", trusted_keys([public_file(files / "table.key")]))
    assert len(tables.alarms(decide.now_us() + 10_000)) == alarms


@pytest.mark.parametrize("hours", ["0", "-1", "8761"])
def test_a_table_that_is_always_or_never_stale_is_refused(files: Path, hours: str) -> None:
    (files / "rules.toml").write_text(f"stale_hours = {hours}\n{RULES}")
    with pytest.raises(UsageError, match="stale_hours"):
        run(decide.app, "plan", *inputs(files))
