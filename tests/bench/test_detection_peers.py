"""Each peer of the comparison finds what it was made to find, and thresholds and figures are what they say."""

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bench.detection import environments, logs, measures, page
from bench.detection.events import Event, network
from bench.detection.logs import Truth
from bench.detection.measures import Threshold
from bench.detection.peers import PACKAGES, PEERS, keywords, mahalanobis, mmd, opening, prada, seat, synchrotrap, volume
from bench.detection.results import Cost, Line, Replay, Results
from bench.detection.suspicions import Variant, accused, at_budget, best_f1, forest, groups, levels

WORDS = [f"word{number}" for number in range(400)]
TEMPLATE = " ".join(WORDS[:12])


def event(account: str, at: float, prompt: str, **fields: str | None) -> Event:
    known = {"system": None, "network": None, "client": None, "payment": None, "model": None} | fields
    return Event(account=account, at=at, prompt=prompt, **known)  # type: ignore[arg-type]


def ordinary(accounts: int, each: int, seed: int = 0) -> list[Event]:
    """Accounts with interests of their own: each draws from forty words of four hundred."""
    rng = np.random.default_rng(seed)
    found = []
    for account in range(accounts):
        own = rng.choice(WORDS, 40, replace=False)
        for _ in range(each):
            found.append(event(f"o{account}", float(rng.uniform(0, 604_800)), " ".join(rng.choice(own, 20))))
    return sorted(found, key=lambda one: one.at)


def campaign(accounts: int, each: int) -> list[Event]:
    """Accounts with one template, every hour of the first day."""
    return [
        event(f"c{account}", 3_600.0 * k + account, f"{TEMPLATE} {WORDS[(account * each + k) % 400]}")
        for k in range(each)
        for account in range(accounts)
    ]


def mean(scores: dict[str, float], letter: str) -> float:
    return float(np.mean([score for account, score in scores.items() if account.startswith(letter)]))


def mixed() -> list[Event]:
    return sorted(ordinary(40, 12, seed=1) + campaign(10, 12), key=lambda one: one.at)


def test_the_volume_threshold_counts_the_busiest_hour_and_all() -> None:
    events = [event("a", second, "x") for second in (0, 10, 4_000)] + [event("b", 0, "x")]
    found = volume.score(events, None)
    assert found["in all"].scores == {"a": 3.0, "b": 1.0}
    assert found["busiest hour"].scores == {"a": 2.0, "b": 1.0}


def test_the_opening_groups_accounts_by_how_their_prompts_begin() -> None:
    variant = opening.score(mixed(), None)["prompt, 1 or more each"]
    assert groups(variant, 10.0) == [{f"c{number}" for number in range(10)}]
    assert accused(variant, 11.0) == set()


def test_an_opening_that_one_account_alone_uses_accuses_nobody() -> None:
    events = [event("a", second, TEMPLATE) for second in range(50)]
    assert opening.score(events, None)["prompt, 1 or more each"].scores == {}


def test_keywords_see_requests_for_reasoning_and_not_small_talk() -> None:
    events = [event("a", 0, "Show your reasoning before you answer."), event("b", 0, "What shall I cook tonight?")]
    assert keywords.score(events, None)["hits in all"].scores == {"a": 1.0}


def test_a_first_query_of_a_class_has_no_distance_in_prada() -> None:
    found = np.array([[0.0, 0.0], [3.0, 4.0], [1.0, 0.0]], np.float32)
    assert prada.distances(found, np.array([0, 0, 1])).tolist() == [5.0]


def test_a_query_that_repeats_another_does_not_grow_the_set_of_prada() -> None:
    found = np.array([[0.0], [10.0], [10.0], [20.0]], np.float32)
    assert prada.distances(found, np.zeros(4, np.int64)).tolist() == [10.0, 0.0, 10.0]


def test_prada_lets_nothing_near_join_once_what_joined_lies_far_apart() -> None:
    # Ten queries ten apart raise the bar; the next but one is then measured against the set without its neighbour.
    found = np.array([[10.0 * place] for place in range(11)] + [[101.0], [102.0]], np.float32)
    assert prada.distances(found, np.zeros(13, np.int64))[-2:].tolist() == [1.0, 2.0]


def test_prada_suspects_an_account_that_repeats_itself_more_than_one_that_wanders() -> None:
    rng = np.random.default_rng(4)
    wandering = [event("o", at, " ".join(rng.choice(WORDS, 20))) for at in range(60)]
    repeating = [event("c", at, one.prompt if at % 3 else wandering[0].prompt) for at, one in enumerate(wandering)]
    fitted = prada.fit(ordinary(60, 12))
    scores = prada.score(wandering + repeating, fitted)["10 distances or more"].scores
    assert scores["c"] > scores["o"]


@pytest.mark.parametrize("name", ["seat", "mahalanobis", "mmd-shuffled", "mmd-accounts"])
def test_peers_that_compare_texts_suspect_a_template_more_than_ordinary_accounts(name: str) -> None:
    peer = next(peer for peer in PEERS if peer.name == name)
    variants = peer.score(mixed(), peer.fit(ordinary(60, 12)))
    assert any(mean(v.scores, "c") > mean(v.scores, "o") for v in variants.values() if v.scores)


def test_seat_counts_queries_with_a_similar_earlier_one() -> None:
    events = [event("a", 0, "word1 word2 word3"), event("a", 1, "word1 word2 word3"), event("a", 2, "word300")]
    history = ordinary(60, 12)
    assert seat.score(events, seat.fit(history))["number at 0.97"].scores["a"] == 1.0


def test_mahalanobis_is_about_the_number_of_features_for_the_history_itself() -> None:
    history = ordinary(200, 12)
    fitted = mahalanobis.fit(history)
    scores = mahalanobis.score(history, fitted)["all accounts"].scores
    assert 0.3 * len(fitted.mean) < np.mean(list(scores.values())) <= 1.2 * len(fitted.mean)


def test_mmd_on_shuffled_queries_accuses_accounts_that_only_have_interests_of_their_own() -> None:
    history, later = ordinary(80, 40), ordinary(80, 40, seed=9)
    shuffled = mmd.score(later, mmd.fit_shuffled(history))["worst window"]
    accounts = mmd.score(later, mmd.fit_accounts(history))["worst window"]
    assert len(accused(shuffled, 1.0)) > 60
    assert len(accused(accounts, 1.0)) < 10


def test_synchrotrap_groups_accounts_that_do_the_same_in_the_same_hour() -> None:
    variant = synchrotrap.score(mixed(), None)["opening, same hour"]
    assert groups(variant, 0.9) == [{f"c{number}" for number in range(10)}]


def test_the_similarity_of_synchrotrap_is_that_of_jaccard() -> None:
    edges = synchrotrap.similar([("a", 1), ("a", 2), ("a", 2), ("b", 2), ("b", 3)])
    assert edges == [("a", "b", pytest.approx(1 / 3))]


def test_a_forest_joins_what_all_edges_join_by_the_strongest() -> None:
    edges = [("a", "b", 1.0), ("b", "c", 3.0), ("a", "c", 2.0)]
    assert forest(edges) == [("b", "c", 3.0), ("a", "c", 2.0)]


def test_an_account_is_accused_where_its_component_becomes_large_enough() -> None:
    chain = [(str(number), str(number + 1), 9.0 - number) for number in range(6)]
    found = levels(Variant(edges=chain))
    assert found == {**dict.fromkeys("01234", 6.0), "5": 5.0, "6": 4.0}
    assert groups(Variant(edges=chain), 5.0) == [set("012345")]
    assert groups(Variant(edges=chain), 7.0) == []


def test_a_budget_is_never_exceeded_where_scores_are_equal() -> None:
    found = {"g": 3.0, "h": 2.0, "i": 2.0, "j": 2.0, "k": 1.0}
    assert at_budget(found, ["h", "i", "k", "unseen"], 1) == 3.0
    assert at_budget(found, ["h", "i", "k", "unseen"], 2) == 2.0
    assert at_budget(found, ["g"], 0) == float("inf")


def test_the_best_f1_takes_all_accounts_of_equal_score_or_none() -> None:
    level, value = best_f1({"a": 2.0, "x": 1.0, "b": 1.0}, {"a", "b"})
    assert (level, value) == (1.0, pytest.approx(0.8))


def truth(campaign: Sequence[str] = ("a", "b", "c", "d")) -> Truth:
    return Truth({"one": frozenset(campaign)}, frozenset("xy"), {"z": "classroom"}, {"one": [10, 40, 100]})


def test_a_measurement_counts_ordinary_accounts_and_lookalikes_apart() -> None:
    found = measures.measure(truth(), {"a", "b", "x", "z"}, [{"a"}, {"b", "z"}])
    assert found.recall == {"one": 0.5}
    assert found.together == {"one": 0.25}
    assert (found.right, found.ordinary, found.wronged) == (2, 1, {"classroom": 1})


def test_what_was_harvested_is_all_where_nothing_was_noticed() -> None:
    assert measures.harvested(truth(), [set(), {"a"}, {"a", "b"}]) == {"one": 0.4}
    assert measures.harvested(truth(), [set(), {"x"}, set()]) == {"one": 1.0}


def test_thresholds_are_those_of_the_variant_that_does_best_at_each_point() -> None:
    good = Variant(scores={"a": 5.0, "b": 5.0, "c": 4.0, "x": 3.0, "d": 1.0})
    poor = Variant(scores={"x": 5.0, "a": 1.0})
    found = measures.thresholds([(truth(), {"poor": poor, "good": good})], own=2.0)
    assert found["f1"] == Threshold("good", 1.0)
    assert found["innocent"] == Threshold("good", 4.0)
    assert found["own"] == Threshold("poor", 2.0)


def test_a_peer_that_no_threshold_suits_accuses_nobody_also_after_it_was_kept() -> None:
    variants = {"only": Variant(scores={"x": 2.0, "y": 2.0, "a": 1.0})}
    at = measures.thresholds([(truth(), variants)], own=None)["innocent"]
    kept = msgspec.json.decode(msgspec.json.encode(at), type=Threshold)
    assert kept == at == Threshold("only", None)
    assert measures.of_peer(truth(), variants, kept).right == 0


def test_the_lock_has_a_hash_locked_section_for_every_package() -> None:
    from bench.detection.running import ROOT

    lock = (ROOT / "requirements" / "peers.lock").read_text("utf-8")
    found = environments.sections(lock)
    assert found.keys() == {package.package for package in PACKAGES}
    for name, text in found.items():
        assert f"{name}==" in text
        assert text.count("--hash=sha256:") >= text.count("==")
    assert "://" not in lock


def test_events_carry_no_truth_and_networks_are_coarse() -> None:
    assert Event.__struct_fields__ == (
        "account", "at", "prompt", "system", "network", "client", "payment", "model",
    )  # fmt: skip
    assert network("198.51.100.77") == "198.51.100.0/24"
    assert network("2001:db8:1:2:3::4") == "2001:db8:1:2::/64"
    assert network(None) is None


def test_a_composed_log_gives_events_in_order_and_leaves_permitted_accounts_out(tmp_path: Path) -> None:
    log = logs.made("ordinary", "tuning", 3, tmp_path, choice="builtin", ordinary=20)
    lines = [json.loads(line) for line in log.events.read_text("utf-8").splitlines()]
    times = [line["at"] for line in lines]
    assert len(lines) == log.size
    assert times == sorted(times)
    assert "permitted-distiller" not in log.truth.lookalikes.values()
    assert len(log.truth.ordinary) == 20


def results() -> Results:
    ours = measures.measure(truth(), {"a"}, [{"a"}])
    theirs = measures.measure(truth(), {"a", "b", "c", "x"}, None)
    cost = Cost(1000, 2.0, 50_000_000)
    lines = [
        Line(case="simple", seed=1, name="stillwatch", points={"review": ours, "act": ours}, cost=cost),
        Line(case="simple", seed=1, name="volume", points=dict.fromkeys(measures.POINTS, theirs), cost=cost),
    ]
    return Results(
        half="holdout",
        seeds=1,
        ordinary=2,
        material="built-in",
        load=(0.1, 0.2),
        thresholds={"volume": {point: Threshold("in all", 3.0) for point in measures.POINTS}},
        absent={"unmimic": "no weights"},
        lines=lines,
        replays=[Replay("volume", {"f1": {"one": 1.0}})],
        replayed="simple",
    )


def test_the_page_says_where_a_peer_does_better_and_who_was_not_measured() -> None:
    text = page.markdown(results())
    lost = text.partition("### Where Stillwatch loses")[2].partition("###")[0]
    assert "volume threshold reaches 0.75" in lost
    assert "Stillwatch 0.25" in lost
    assert "| unmimic | no weights |" in text
