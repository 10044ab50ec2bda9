"""No raw field gives a planted account away: what a detector finds, it must find in what the accounts do."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from rehearse_leakage import FIELDS, KNOWN, Field, Record, area, bags, size

from stillwatch.apps.rehearsal.logfiles import write_lines
from stillwatch.apps.rehearsal.survey import survey
from stillwatch.ingest import IngestSettings
from stillwatch.rehearse.compose import compose, inject
from stillwatch.rehearse.material import Material
from stillwatch.rehearse.population import Population
from stillwatch.rehearse.scenario import Scenario, parse
from stillwatch.rehearse.seen import Donor, Recorded, Seen

#: Accounts of one size and pace on both sides: volume and rhythm are a scenario's choice, and no format.
PLAN = """
name = "leak"
about = "One dispersed campaign among strangers."
start = 2026-06-01T00:00:00Z
[ordinary]
accounts = 700
[[campaign]]
name = "c"
accounts = 500
exchanges = 14
cover = {}
spread = 0.8
wording = "per-account"
pacing = "human"
onset = "spread"
infrastructure = "dispersed"
"""
LOW, HIGH = 0.35, 0.65
LATER_US = 1_800_000_000_000_000

#: What may differ, and why. The first is also the proof that the classifier sees a difference where there is one.
DIFFERS: Mapping[str, tuple[str, Field]] = {
    "prompt: length": (
        "a template around a task is longer than a question",
        lambda r: [size(len(str(r["request"].get("messages") or r["request"].get("input") or r["request"])))],
    ),
    "prompt_tokens": (
        "counts the prompt",
        lambda r: [size(r.get("response", {}).get("usage", {}).get("prompt_tokens"))],
    ),
    "turns and system prompt": (
        "a harvest asks once and has no conversation; people and applications do",
        lambda r: [len(r["request"].get("messages", ())), "system" in r["request"]],
    ),
    "tools": ("agents offer tools; a harvest of answers does not", lambda r: ["tools" in r["request"]]),
}


def areas(records: list[Record], rows: list[Record], guilty: Mapping[str, bool]) -> dict[str, float]:
    """Every field's area under the curve."""
    of_fields = bags(records, FIELDS)
    known = {row["account"]: {name: value for name, value in row.items() if name != "account"} for row in rows}
    for name, field in KNOWN.items():
        if rows:
            of_fields[f"accounts file: {name}"] = {
                account: [repr(token) for token in field(known.get(account, {}))] for account in guilty
            }
    return {name: area(of_field, guilty, 0) for name, of_field in of_fields.items()}


def outside_the_band(found: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in found.items() if not LOW <= value <= HIGH}


def guilty_of(population: Population) -> dict[str, bool]:
    return {name: bool(actor.campaign) for name, actor in zip(population.names, population.actors, strict=True)}


@pytest.mark.parametrize(("cover", "seed"), [(0.0, 3), (0.5, 4)])
def test_no_raw_field_alone_tells_a_dispersed_campaign_from_strangers(cover: float, seed: int, words: Material) -> None:
    population = compose(parse(PLAN.format(cover)), words, seed)
    found = areas(list(population.records()), population.accounts(), guilty_of(population))
    assert outside_the_band(found) == {}


@pytest.mark.shared
@pytest.mark.slow
def test_no_raw_field_alone_tells_them_apart_in_recorded_material(recorded: Material) -> None:
    population = compose(parse(PLAN.format(0.0)), recorded, 6)
    found = areas(list(population.records()), population.accounts(), guilty_of(population))
    assert outside_the_band(found) == {}


def test_the_classifier_sees_what_does_differ(words: Material) -> None:
    population = compose(parse(PLAN.format(0.0)), words, 3)
    guilty = guilty_of(population)
    of_fields = bags(population.records(), {name: field for name, (_, field) in DIFFERS.items()})
    assert area(of_fields["prompt: length"], guilty, 0) > HIGH
    assert area(of_fields["turns and system prompt"], guilty, 0) > HIGH


def test_chance_alone_stays_inside_the_band(words: Material) -> None:
    population = compose(parse(PLAN.format(0.0)), words, 3)
    strangers = {name: place % 2 == 0 for place, name in enumerate(sorted(population.names))}
    found = areas(list(population.records()), population.accounts(), strangers)
    assert outside_the_band(found) == {}


def test_no_raw_field_alone_tells_planted_accounts_from_those_of_a_users_log(words: Material, tmp_path: Path) -> None:
    """The user's log here is in another shape than a composed one: other names, gaps, clients and networks."""
    base = compose(parse(PLAN.replace("accounts = 500", "accounts = 1").format(0.0)), words, 11)
    log = [_as_elsewhere(record) for record in base.records()]
    write_lines(tmp_path / "log.jsonl.zst", (_encoded(record) for record in log))
    seen = survey([str(tmp_path / "log.jsonl.zst")], now_us=LATER_US, settings=IngestSettings())
    planted = inject(_scenario(), words, 12, Seen(seen.donors, seen.accounts, ()), (seen.first_us, seen.last_us))
    records = log + list(planted.records())
    guilty = dict.fromkeys(seen.accounts, False) | dict.fromkeys(planted.names, True)
    found = areas(records, [], guilty)
    assert len(guilty) == len(seen.accounts) + 500
    assert outside_the_band(found) == {}


def test_sign_ups_of_planted_accounts_are_drawn_from_the_users_accounts_file(words: Material, tmp_path: Path) -> None:
    population = compose(parse(PLAN.replace("accounts = 500", "accounts = 1").format(0.0)), words, 11)
    rows = population.accounts()
    signups = [
        Recorded(**{name: row.get(name) for name in Recorded.__struct_fields__ if name != "created_us"}) for row in rows
    ]
    donors = _donors(population, tmp_path / "log.jsonl.zst")
    outside = Seen(donors, frozenset(population.names), signups, len(rows) / len(population.names))
    planted = inject(_scenario(), words, 12, outside, (population.world.start_us, population.world.end_us - 1))
    without_times = [{name: value for name, value in row.items() if name != "created_at"} for row in rows]
    guilty = dict.fromkeys(population.names, False) | dict.fromkeys(planted.names, True)
    known = {row["account"]: row for row in [*without_times, *planted.accounts()]}
    for name, field in KNOWN.items():
        bag = {
            account: [
                repr(token) for token in field({k: v for k, v in known.get(account, {}).items() if k != "account"})
            ]
            for account in guilty
        }
        assert LOW <= area(bag, guilty, 0) <= HIGH, name


def _scenario() -> Scenario:
    return parse(PLAN.format(0.0))


def _donors(population: Population, file: Path) -> tuple[Donor, ...]:
    write_lines(file, population.lines())
    return survey([str(file)], now_us=LATER_US, settings=IngestSettings()).donors


def _encoded(record: Record) -> bytes:
    return msgspec.json.encode(record)


def _as_elsewhere(record: Record) -> Record:
    """The same exchange as another provider might log it."""
    changed = {name: value for name, value in record.items() if name not in ("duration_ms", "endpoint")}
    changed["id"] = "req-" + record["id"][2:14].upper()
    changed["account"] = "user:" + str(int(record["account"][5:], 16) % 10**9)
    if "client" in record:
        changed["client"] = {name: value for name, value in record["client"].items() if name != "tls"}
    if "response" in record:
        changed["response"] = {name: value for name, value in record["response"].items() if name != "usage"}
    return changed
