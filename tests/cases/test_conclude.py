"""From findings to campaigns, on small logs in a real engine."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from small_logs import DAY_US, NO_PERMITS, Log, standing
from stillwatch.apps.sensor.standing import looking_back
from stillwatch.cases.conclude import Setting, conclude, iso
from stillwatch.detect.candidates import surge
from stillwatch.detect.detection import detect
from stillwatch.vocabulary.campaigns import Campaign, Figures

MEMBERS = {f"account-{number}" for number in range(1, 13)}
NOTHING_KNOWN: Mapping[str, frozenset[str]] = {}


class _Names(dict[tuple[str, int], str]):
    """A name for every identifier."""

    def __missing__(self, key: tuple[str, int]) -> str:
        return f"{key[0]}-{key[1]}"


def _concluded(
    log: Log, work: Path, known: Mapping[str, frozenset[str]] = NOTHING_KNOWN
) -> tuple[tuple[Campaign, ...], dict[str, Figures]]:
    work.mkdir(exist_ok=True)
    stands = standing(log, work)
    found = detect(stands.engine, stands.population, stands.ties, NO_PERMITS, stands.work)
    back = looking_back(stands.engine, log.recorded_table())
    names = _Names()
    past = surge.shipped()
    return conclude(found, Setting(stands.engine, stands.population, stands.ties, NO_PERMITS, names, back, past, known))


def _accounts(campaign: Campaign) -> set[str]:
    return {member.account for member in campaign.accounts}


def test_a_campaign_names_its_accounts_surest_first(tmp_path: Path) -> None:
    [campaign], _ = _concluded(Log().ordinary().campaign(), tmp_path)
    assert _accounts(campaign) == MEMBERS
    chances = [member.membership for member in campaign.accounts]
    assert chances == sorted(chances, reverse=True)
    assert all(0.5 <= chance <= 1 for chance in chances)


def test_a_campaign_counts_its_own_exchanges_and_not_its_cover_traffic(tmp_path: Path) -> None:
    log = Log().ordinary().campaign()
    for account in range(1, 13):
        for turn in range(4):
            log.say(account, 3 * DAY_US + turn, assistant_turns=1)
    [campaign], _ = _concluded(log, tmp_path)
    assert campaign.exchanges == 12 * 15
    assert campaign.last_exchange_at < "1970-01-03T07"


def test_noticed_lies_between_the_first_and_the_last_exchange(tmp_path: Path) -> None:
    [campaign], _ = _concluded(Log().ordinary().campaign(), tmp_path)
    assert campaign.noticed_at is not None
    assert campaign.noticed_after_exchanges is not None
    assert campaign.first_exchange_at <= campaign.noticed_at <= campaign.last_exchange_at
    assert 0 < campaign.noticed_after_exchanges <= campaign.exchanges


def test_techniques_and_capabilities_are_shares_of_its_own_exchanges(tmp_path: Path) -> None:
    [campaign], _ = _concluded(Log().ordinary().campaign(), tmp_path)
    assert [(shown.id, shown.share) for shown in campaign.techniques] == [("SW-T16", 1.0)]
    assert campaign.capabilities == {"maths": 1.0}


def test_evidence_adds_up_within_its_caps_and_is_listed_heaviest_first(tmp_path: Path) -> None:
    [campaign], _ = _concluded(Log().ordinary().campaign(), tmp_path)
    weights = [line.weight_bits for line in campaign.evidence]
    assert weights == sorted(weights, reverse=True)
    assert campaign.weight_bits <= sum(weights) + 0.05


def test_the_same_log_gives_the_same_campaign_with_the_same_id(tmp_path: Path) -> None:
    first, _ = _concluded(Log().ordinary().campaign(), tmp_path / "a")
    second, _ = _concluded(Log().ordinary().campaign(), tmp_path / "b")
    assert first == second
    assert first[0].id.startswith("campaign--")


def test_a_campaign_of_an_earlier_run_keeps_its_id(tmp_path: Path) -> None:
    known = {
        "campaign--old": frozenset({"account-1", "account-2", "account-3", "account-4", "account-900"}),
        "campaign--other": frozenset({"account-12", "account-800", "account-801", "account-802"}),
    }
    [campaign], figures = _concluded(Log().ordinary().campaign(), tmp_path, known)
    assert campaign.id == "campaign--old"
    assert set(figures) == {"campaign--old"}


def test_one_account_in_common_gives_no_campaign_an_old_id(tmp_path: Path) -> None:
    known = {"campaign--other": frozenset({"account-12", "account-800", "account-801", "account-802"})}
    [campaign], _ = _concluded(Log().ordinary().campaign(), tmp_path, known)
    assert campaign.id != "campaign--other"


def test_two_campaigns_are_ranked_by_weight_and_have_ids_of_their_own(tmp_path: Path) -> None:
    log = Log().ordinary().campaign()
    draw = np.random.default_rng(6)
    for account in range(500, 512):
        log.record(account, int(1.2 * DAY_US) + account, payment=888)
        for _ in range(12):
            at = 1.5 * DAY_US + draw.random() * 0.8 * DAY_US
            log.say(account, int(at), range(300, 308), t24=100, capability=2, network=9)
    campaigns, figures = _concluded(log, tmp_path)
    assert [campaign.rank for campaign in campaigns] == [1, 2]
    assert campaigns[0].weight_bits >= campaigns[1].weight_bits
    assert len({campaign.id for campaign in campaigns} & set(figures)) == 2
    assert {frozenset(_accounts(c)) for c in campaigns} == {
        frozenset(MEMBERS),
        frozenset(f"account-{number}" for number in range(500, 512)),
    }


def test_a_campaign_that_only_a_card_ties_counts_all_that_its_accounts_sent(tmp_path: Path) -> None:
    log = Log().ordinary(500).campaign()
    log.links = [link for link in log.links if link["account"] >= 1_000]
    [campaign], figures = _concluded(log, tmp_path)
    assert _accounts(campaign) == MEMBERS
    assert campaign.exchanges == 12 * 15
    assert {link.kind for link in figures[campaign.id].links} == {"network", "payment"}


def test_context_is_neither_replayed_nor_drawn(tmp_path: Path) -> None:
    # The same template, but paid apart by customers of long standing who ask for ordinary work: strangers, perhaps.
    log = Log().ordinary().campaign(8, t16=0, network=None)
    for account in range(1, 9):
        log.record(account, -70 * DAY_US - 50 * account * DAY_US)
    campaigns, figures = _concluded(log, tmp_path)
    assert [campaign.level for campaign in campaigns] == ["watch"]
    assert campaigns[0].noticed_at is None
    assert campaigns[0].noticed_after_exchanges is None
    assert figures == {}


def test_figures_show_every_exchange_and_account_of_the_campaign(tmp_path: Path) -> None:
    [campaign], figures = _concluded(Log().ordinary().campaign(), tmp_path)
    drawn = figures[campaign.id]
    assert sum(bucket.exchanges for bucket in drawn.timeline) == campaign.exchanges
    assert {shown.account for shown in drawn.account_exchanges} == MEMBERS
    assert {link.kind for link in drawn.links} >= {"template", "network", "payment"}
    assert drawn.replay[-1].exchanges == campaign.noticed_after_exchanges


def test_an_ordinary_log_has_no_campaigns(tmp_path: Path) -> None:
    assert _concluded(Log().ordinary(), tmp_path) == ((), {})


def test_times_are_written_in_utc_to_the_millisecond() -> None:
    assert iso(0) == "1970-01-01T00:00:00.000Z"
    assert iso(1_234_567) == "1970-01-01T00:00:01.234Z"
