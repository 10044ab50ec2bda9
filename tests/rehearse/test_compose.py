"""What a composed population promises: it repeats, it is fully known, and it has the sizes its scenario states."""

import ipaddress
from collections import Counter
from datetime import datetime

import msgspec
import numpy as np
import pytest

from stillwatch.adapters.material import shipped
from stillwatch.errors import UsageError
from stillwatch.rehearse import lookalikes
from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.material import Material
from stillwatch.rehearse.scenario import LookAlike, Ordinary, Scenario, parse, scaled


def text_of(body: dict) -> str:
    return msgspec.json.encode({key: body.get(key) for key in ("messages", "prompt", "input", "system")}).decode()


def test_the_same_seed_gives_the_same_bytes(small: Scenario, words: Material) -> None:
    first, second = compose(small, words, 5), compose(small, words, 5)
    assert b"\n".join(first.lines()) == b"\n".join(second.lines())
    assert first.accounts() == second.accounts()
    assert first.truth() == second.truth()


def test_lines_can_be_read_twice_and_do_not_change(small: Scenario, words: Material) -> None:
    population = compose(small, words, 5)
    assert list(population.lines()) == list(population.lines())


def test_another_seed_gives_another_population(small: Scenario, words: Material) -> None:
    first, second = compose(small, words, 5), compose(small, words, 6)
    assert not set(first.truth()["accounts"]) & set(second.truth()["accounts"])
    assert not set(first.truth()["exchanges"]) & set(second.truth()["exchanges"])


def test_days_together_are_the_whole_log(small: Scenario, words: Material) -> None:
    population = compose(small, words, 5)
    assert [line for day in range(7) for line in population.lines(day)] == list(population.lines())


def test_the_log_is_in_order_of_time_and_inside_its_days(small: Scenario, words: Material) -> None:
    stamps = [record["occurred_at"] for record in compose(small, words, 5).records()]
    assert stamps == sorted(stamps)
    assert stamps[0] >= "2026-06-01"
    assert stamps[-1] < "2026-06-08"


def test_every_record_is_an_exchange_record(small: Scenario, words: Material) -> None:
    ids = set()
    for record in compose(small, words, 5).records():
        ids.add(record["id"])
        assert record["id"]
        assert record["account"]
        assert datetime.fromisoformat(record["occurred_at"]).tzinfo is not None
        assert record["request"]["model"]
        assert any(record["request"].get(key) for key in ("messages", "prompt", "input"))
        assert ("response" in record) == (record["status"] == 200)
        assert "{payload}" not in text_of(record["request"])
    assert len(ids) == len(compose(small, words, 5))


def test_no_address_belongs_to_anybody(small: Scenario, words: Material) -> None:
    population = compose(small, words, 5)
    seen = {record["client"]["ip"] for record in population.records() if "ip" in record.get("client", {})}
    for text in seen:
        address = ipaddress.ip_address(text)
        assert address in ipaddress.ip_network("240.0.0.0/4" if address.version == 4 else "2001:db8::/32")


def test_truth_knows_every_account_and_every_exchange_of_a_campaign(small: Scenario, words: Material) -> None:
    population = compose(small, words, 5)
    truth = population.truth()
    accounts = {record["id"]: record["account"] for record in population.records()}
    assert set(accounts.values()) <= set(truth["accounts"])
    assert {row["account"] for row in population.accounts()} <= set(truth["accounts"])
    for exchange, campaign in truth["exchanges"].items():
        assert truth["accounts"][accounts[exchange]]["campaign"] == campaign


def test_a_campaign_has_the_accounts_exchanges_and_cover_of_its_plan(small: Scenario, words: Material) -> None:
    population = compose(small, words, 5)
    truth = population.truth()
    members = Counter(row["campaign"] for row in truth["accounts"].values())
    assert members["operator-1"] == 30
    assert members["operator-2"] == 12
    own = Counter(truth["exchanges"].values())
    in_all = Counter(truth["accounts"][record["account"]]["campaign"] for record in population.records())
    assert in_all["operator-1"] == pytest.approx(600, rel=0.1)
    assert own["operator-1"] == pytest.approx(300, rel=0.1)
    assert in_all["operator-2"] == own["operator-2"] == pytest.approx(120, rel=0.2)


@pytest.mark.parametrize("cover", [0.0, 0.5, 0.8, 0.95])
def test_the_share_of_cover_is_what_the_scenario_says(cover: float, words: Material) -> None:
    plan = f"""
name = "cover"
about = "One campaign alone."
start = 2026-06-01T00:00:00Z
[ordinary]
accounts = 0
[[campaign]]
name = "c"
accounts = 200
exchanges = 20
cover = {cover}
"""
    population = compose(parse(plan), words, 3)
    assert 1 - len(population.truth()["exchanges"]) / len(population) == pytest.approx(cover, abs=0.02)


def test_a_fixed_wording_is_the_same_everywhere_and_a_private_one_is_not(words: Material) -> None:
    plan = """
name = "wording"
about = "One campaign alone."
start = 2026-06-01T00:00:00Z
[ordinary]
accounts = 0
[[campaign]]
name = "c"
accounts = 20
exchanges = 5
wording = "{}"
"""

    def endings(wording: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for record in compose(parse(plan.format(wording)), words, 4).records():
            prompt = record["request"].get("prompt") or record["request"].get("messages") or record["request"]["input"]
            text = prompt if isinstance(prompt, str) else prompt[-1]["content"]
            found.setdefault(record["account"], set()).add(text[-60:])
        return found

    fixed, account, request = (endings(wording) for wording in ("fixed", "per-account", "per-request"))
    assert len(set.union(*fixed.values())) == 1
    assert all(len(of_one) == 1 for of_one in account.values())
    assert len(set.union(*account.values())) > 10
    assert sum(len(of_one) for of_one in request.values()) > 60


def test_a_campaign_asks_no_task_twice(words: Material) -> None:
    plan = """
name = "partition"
about = "More exchanges than tasks."
start = 2026-06-01T00:00:00Z
[ordinary]
accounts = 0
[[campaign]]
name = "c"
accounts = 100
exchanges = 60
"""
    prompts = [text_of(record["request"]) for record in compose(parse(plan), words, 4).records()]
    assert len(set(prompts)) > 0.999 * len(prompts)


@pytest.mark.parametrize("kind", sorted(lookalikes.KINDS))
def test_every_look_alike_stands_alone_and_belongs_to_no_campaign(kind: str, words: Material) -> None:
    scenario = Scenario(
        name="one",
        about="One group.",
        start=datetime.fromisoformat("2026-06-01T00:00:00Z"),
        ordinary=Ordinary(accounts=0),
        lookalike=(LookAlike(kind, 2),),
    )
    population = compose(scenario, words, 8)
    truth = population.truth()
    assert truth["exchanges"] == {}
    assert {row["kind"] for row in truth["accounts"].values()} == {kind}
    assert {row["group"] for row in truth["accounts"].values()} == {f"{kind}-1", f"{kind}-2"}
    assert len(population) > 0


def test_a_permitted_distiller_has_a_permit_that_covers_its_exchanges(words: Material) -> None:
    scenario = Scenario(
        name="permit",
        about="One permitted distiller.",
        start=datetime.fromisoformat("2026-06-01T00:00:00Z"),
        ordinary=Ordinary(accounts=0),
        lookalike=(LookAlike("permitted-distiller", 1),),
    )
    population = compose(scenario, words, 8)
    (permit,) = population.permits()
    assert {record["organization"] for record in population.records()} == {permit["organization"]}
    assert permit["from"] < "2026-06-01" < permit["until"]


def test_scaling_multiplies_look_alikes_and_leaves_campaigns_alone() -> None:
    whole = shipped.scenario("fixed")
    larger = scaled(whole, whole.ordinary.accounts * 10)
    assert larger.campaign == whole.campaign
    assert sum(item.groups for item in larger.lookalike) == 10 * sum(item.groups for item in whole.lookalike)


@pytest.mark.parametrize("name", shipped.names())
def test_every_shipped_scenario_can_be_read(name: str) -> None:
    scenario = shipped.scenario(name)
    assert scenario.name == name
    assert scenario.about.endswith(".")
    assert all(item.kind in lookalikes.KINDS for item in scenario.lookalike)


def test_the_ordinary_case_has_every_look_alike() -> None:
    assert {item.kind for item in shipped.scenario("ordinary").lookalike} == set(lookalikes.KINDS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = 3", "scenario"),
        ('name = "a"\nabout = "b"\nstart = 2026-06-01T00:00:00', "time zone"),
        ('name = "a"\nabout = "b"\nstart = 2026-06-01T00:00:00Z\ncolour = "red"', "colour"),
    ],
)
def test_a_wrong_scenario_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse(text)


def test_part_of_the_accounts_have_no_metadata(small: Scenario, words: Material) -> None:
    population = compose(scaled(small, 600), words, 5)
    rows = population.accounts()
    listed = len(rows) / len(population.actors)
    assert 0.8 < listed < 0.95
    assert any("created_at" not in row for row in rows)
    assert any("payment" not in row for row in rows)


def test_clients_models_and_parameters_of_campaigns_are_those_of_strangers(words: Material) -> None:
    plan = """
name = "leak"
about = "Many campaign accounts of one exchange, to compare with strangers."
start = 2026-06-01T00:00:00Z
[ordinary]
accounts = 1500
[[campaign]]
name = "c"
accounts = 1500
exchanges = 2
infrastructure = "dispersed"
"""
    population = compose(parse(plan), words, 5)
    truth = population.truth()["accounts"]
    seen: dict[str, dict[bool, Counter]] = {}
    done = set()
    for record in population.records():
        if record["account"] in done:
            continue
        done.add(record["account"])
        client, guilty = record.get("client", {}), bool(truth[record["account"]]["campaign"])
        fields = {
            "agent": client.get("user_agent"),
            "tls": client.get("tls"),
            "headers": len(client.get("headers", ())),
            "model": record["request"]["model"],
            "temperature": record["request"].get("temperature"),
            "stream": record["request"].get("stream"),
            "first key": next(iter(record["request"])),
            "organisation known": "organization" in record,
            "first of id": record["id"][2],
            "first of account": record["account"][5],
        }
        for field, value in fields.items():
            seen.setdefault(field, {True: Counter(), False: Counter()})[guilty][value] += 1
    for field, (ours, theirs) in ((field, (both[True], both[False])) for field, both in seen.items()):
        values = sorted(set(ours) | set(theirs), key=str)
        shares = [np.array([side[value] / side.total() for value in values]) for side in (ours, theirs)]
        assert np.abs(shares[0] - shares[1]).sum() / 2 < 0.12, field
