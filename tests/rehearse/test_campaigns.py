"""What single switches of a campaign do: bans, releases, stripped clients, pools of addresses."""

from collections import Counter

import pytest

from stillwatch.adapters.material import shipped
from stillwatch.errors import UsageError
from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.material import Material
from stillwatch.rehearse.population import Population
from stillwatch.rehearse.scenario import parse

PLAN = """
name = "alone"
about = "One campaign alone."
start = 2026-06-01T00:00:00Z
[ordinary]
accounts = 0
[[campaign]]
name = "c"
accounts = 40
exchanges = 20
{}
"""


def population(words: Material, more: str) -> Population:
    return compose(parse(PLAN.format(more)), words, 4)


def test_after_a_ban_other_accounts_go_on_with_the_same_template(words: Material) -> None:
    days: dict[str, set[bool]] = {}
    refused: Counter = Counter()
    for record in population(words, "banned_day = 3.0").records():
        if record["status"] == 403:
            refused[record["account"]] += 1
            assert record["occurred_at"] >= "2026-06-04"
            assert "response" not in record
            continue
        days.setdefault(record["account"], set()).add(record["occurred_at"] < "2026-06-04")
    assert Counter(next(iter(sides)) for sides in days.values()) == {True: 20, False: 20}
    assert all(len(sides) == 1 for sides in days.values())
    assert Counter(refused.values()) == {3: 20}  # a banned account tries three times more


def test_after_a_release_most_requests_ask_for_the_new_model(words: Material) -> None:
    records = list(population(words, "release_day = 3.0").records())
    before = [record["request"]["model"] == "m-next" for record in records if record["occurred_at"] < "2026-06-04"]
    after = [record["request"]["model"] == "m-next" for record in records if record["occurred_at"] >= "2026-06-04"]
    assert not any(before)
    assert sum(after) / len(after) == pytest.approx(0.9, abs=0.05)


def test_a_stripped_campaign_shows_addresses_and_nothing_else_of_its_clients(words: Material) -> None:
    shown = {key for record in population(words, "stripped = true").records() for key in record["client"]}
    assert shown == {"ip", "asn"}


def test_a_shared_campaign_uses_the_addresses_it_is_given(words: Material) -> None:
    records = population(words, 'infrastructure = "shared"\naddresses = 7').records()
    assert len({record["client"]["ip"] for record in records}) == 7


def test_a_tenth_shares_and_the_others_do_not(words: Material) -> None:
    composed = compose(parse(PLAN.format('infrastructure = "tenth"').replace("= 40", "= 600")), words, 4)
    payments = Counter(row["payment"] for row in composed.accounts() if row.get("payment"))
    together = sum(times for times in payments.values() if times > 1)
    assert together / 600 == pytest.approx(0.1, abs=0.04)  # of all accounts: not all others have a payment print


def test_round_the_clock_and_human_pacing_differ_by_night(words: Material) -> None:
    def hours(pacing: str) -> float:
        by_account: dict[str, Counter] = {}
        for record in population(words, f'pacing = "{pacing}"').records():
            by_account.setdefault(record["account"], Counter())[int(record["occurred_at"][11:13]) // 6] += 1
        return sum(min(counts[part] for part in range(4)) for counts in by_account.values()) / len(by_account)

    assert hours("even") > 2 * hours("human")


def test_an_unknown_program_is_refused_with_the_known_ones(words: Material) -> None:
    with pytest.raises(UsageError, match="step-pipeline"):
        population(words, 'tool = "no-such-tool"')


def test_each_recorded_program_becomes_a_campaign(words: Material) -> None:
    composed = compose(shipped.scenario("pipelines"), words, 1)
    campaigns = {row["campaign"] for row in composed.truth()["accounts"].values()} - {""}
    assert campaigns == {"pipeline-step-pipeline", "pipeline-evolve-pipeline"}
