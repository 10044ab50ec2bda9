"""From standing aggregates to findings, on small logs in a real engine."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from small_logs import DAY_US, NO_PERMITS, Log, Standing, standing
from stillwatch.detect import detection, forming
from stillwatch.detect.detection import Detection, detect
from stillwatch.detect.permits import Permit, Permits
from stillwatch.detect.population import UNKNOWN
from stillwatch.detect.tables import columns_of

MEMBERS = list(range(1, 13))


def _detect(log: Log, work: Path, permits: Permits = NO_PERMITS) -> Detection:
    return _in(standing(log, work), permits)


def _in(stands: Standing, permits: Permits = NO_PERMITS) -> Detection:
    return detect(stands.engine, stands.population, stands.ties, permits, stands.work)


def test_a_campaign_among_ordinary_accounts_is_the_foremost_finding_with_its_own_accounts(tmp_path: Path) -> None:
    found = _detect(Log().ordinary().campaign(), tmp_path)
    assert found.findings[0].accounts.tolist() == MEMBERS
    assert found.findings[0].weight.level in ("review", "act")
    assert found.findings[0].weight.bits == max(finding.weight.bits for finding in found.findings)


def test_ordinary_accounts_alone_are_no_finding(tmp_path: Path) -> None:
    assert _detect(Log().ordinary(), tmp_path).findings == []


def test_an_empty_log_has_no_findings(tmp_path: Path) -> None:
    assert _detect(Log(), tmp_path).findings == []


def test_a_stranger_who_shows_one_passage_of_the_template_is_not_listed(tmp_path: Path) -> None:
    log = Log().ordinary().campaign()
    for _ in range(3):
        log.say(1_005, 2 * DAY_US, [100])
    assert 1_005 not in _detect(log, tmp_path).findings[0].accounts


def test_a_stranger_who_pasted_the_template_once_is_not_listed(tmp_path: Path) -> None:
    log = Log().ordinary().campaign()
    log.say(1_005, 2 * DAY_US, range(100, 108))
    for _ in range(10):
        log.say(1_005, 2 * DAY_US)
    found = _detect(log, tmp_path).findings[0]
    assert 1_005 in found.group.fringe
    assert 1_005 not in found.accounts


def test_a_permit_keeps_its_holders_out(tmp_path: Path) -> None:
    log = Log().ordinary().campaign()
    permit = Permit("P-17", UNKNOWN, frozenset(MEMBERS), None, None, None, None, None)
    assert _detect(log, tmp_path, Permits([permit], {}, np.zeros(0, dtype=np.int64))).findings == []


def test_a_permit_that_was_passed_is_named_with_the_finding(tmp_path: Path) -> None:
    log = Log().ordinary().campaign()
    permit = Permit("P-17", UNKNOWN, frozenset(MEMBERS), None, None, None, None, 100)
    found = _detect(log, tmp_path, Permits([permit], {}, np.zeros(0, dtype=np.int64)))
    assert found.findings[0].permits == ("Permit P-17: traffic beyond its volume.",)


def test_accounts_that_one_card_ties_are_found_without_any_common_words(tmp_path: Path) -> None:
    log = Log().ordinary(500).campaign()
    log.links = [link for link in log.links if link["account"] not in MEMBERS]
    [found] = _detect(log, tmp_path).findings
    assert found.group.origin == "ties"
    assert found.accounts.tolist() == MEMBERS


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    log = Log().ordinary().campaign()
    draw = np.random.default_rng(0)
    mixed = Log(
        [log.rows[i] for i in draw.permutation(len(log.rows))],
        [log.links[i] for i in draw.permutation(len(log.links))],
        log.recorded,
    )
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    straight, shuffled = _detect(log, tmp_path / "a"), _detect(mixed, tmp_path / "b")
    assert straight.findings
    assert [(f.evidence, f.weight, f.accounts.tolist()) for f in straight.findings] == [
        (f.evidence, f.weight, f.accounts.tolist()) for f in shuffled.findings
    ]


def test_a_large_core_is_sampled_by_whole_prompt_and_counts_stay_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forming, "MOST_CORE", 60)
    found = _detect(Log().ordinary().campaign(), tmp_path).findings[0]
    assert found.group.one_in == 3
    assert len(found.group.core["exchange"]) < 180
    assert np.all(found.group.core["prompt"] % 3 == 0)
    assert found.group.counts.tolist() == [15] * 12


def test_candidates_beyond_the_cap_are_counted_in_the_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log().ordinary().campaign()
    for account in (1_001, 1_002, 1_003):
        for _ in range(3):
            log.say(account, 2 * DAY_US, range(500, 508))
    monkeypatch.setattr(detection, "MOST_CANDIDATES", 1)
    found = _detect(log, tmp_path)
    assert any("groups shared some template; the 1 most telling" in note for note in found.notes)
    assert found.findings[0].accounts.tolist() == MEMBERS


def test_cores_are_fetched_in_stretches_without_losing_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log().ordinary().campaign()
    for account in (1_001, 1_002, 1_003):
        for _ in range(3):
            log.say(account, 2 * DAY_US, range(500, 508))
    stands = standing(log, tmp_path)
    whole = _in(stands)
    monkeypatch.setattr(forming, "MOST_ROWS", 10)
    cut = _in(stands)
    assert whole.judged == cut.judged > 1
    assert [f.evidence for f in whole.findings] == [f.evidence for f in cut.findings]


def test_what_suspects_live_by_is_no_measure_of_what_is_ordinary(tmp_path: Path) -> None:
    population = standing(Log().ordinary(10).campaign(), tmp_path).population
    living, busy = population.living_by("t16")
    assert (int(living.sum()), int(busy.sum())) == (12, int((population["exchanges"] >= 3).sum()))
    without = replace(population, suspected=np.arange(1, 13))
    assert int(without.living_by("t16")[0].sum()) == 0


def test_missing_numbers_become_unknown_and_not_zero(tmp_path: Path) -> None:
    columns = columns_of(standing(Log().ordinary(3), tmp_path).log.table())
    assert set(columns["temperature"].dtype.kind) == {"f"}
    assert np.isnan(columns["temperature"].astype(float)).all()
    assert (columns["credential"] == UNKNOWN).all()
    assert columns["content"].shape == (len(columns["exchange"]), 64)
