from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bench.compose import material
from bench.evasion import page, survey, weeks
from bench.evasion.__main__ import prices
from bench.evasion.attackers import LADDER, Budget, every_tactic, one_bit, white_box
from bench.evasion.cells import LIMIT, TOGETHER, Cell, batches, grid, in_order, lane_of, runnable
from bench.evasion.contest import Stakes, Weeks
from bench.evasion.costs import NAIVE, Prices, Tactic, cost, fits, planned, size, spent
from bench.evasion.results import Attacked, CellSeen, Checked, Kept, Origin, code_now
from bench.evasion.weeks import Ground, Seen
from stillwatch.rehearse.campaigns import exchanges_by_account
from stillwatch.rehearse.judging import CampaignJudged

ORIGIN = Origin("abc", "tuning", "built-in", 20)
PRICES = Prices()


def seen(cell: Cell, level: str) -> Seen:
    missed = level == "missed"
    judged = CampaignJudged(
        name=cell.name,
        level=level,
        accounts=cell.accounts,
        listed_act=0,
        listed_review=0 if missed else cell.accounts,
        precision=None,
        exchanges=cell.size,
        before_notice=cell.size if missed else cell.size // 10,
        noticed_at=None,
        reported_as=() if missed else ("campaign--1",),
    )
    return Seen(judged=judged, company=1, innocent=100)


def line(cell: Cell, level: str = "review", origin: Origin = ORIGIN, seed: int = 1) -> CellSeen:
    return CellSeen(origin=origin, seed=seed, cell=cell, seen=seen(cell, level))


def test_the_grid_holds_every_combination_and_no_cover_without_wording() -> None:
    cells = grid()
    assert len(cells) == len(set(cells)) == 6 * 6 * 3 * (3 * 4 + 1)
    assert {cell.cover for cell in cells if cell.wording == "none"} == {0.0}
    assert all(cell.size <= LIMIT for cell in runnable(cells))
    assert Cell(670, 20000, 0.0, "fixed", "shared") not in runnable(cells)


def test_the_beginning_of_the_order_has_its_share_of_every_level_and_pair_of_levels() -> None:
    cells = runnable(grid())
    ordered = in_order(cells, 1)
    assert sorted(ordered) == sorted(cells)
    tenth = ordered[: len(ordered) // 10]
    for axis in Cell.__struct_fields__:
        whole = Counter(getattr(cell, axis) for cell in cells)
        part = Counter(getattr(cell, axis) for cell in tenth)
        for level, count in whole.items():
            assert abs(part[level] - count / 10) <= 0.35 * count / 10 + 2, (axis, level)
    pairs = {(cell.wording, cell.infrastructure) for cell in tenth}
    assert pairs == {(cell.wording, cell.infrastructure) for cell in cells}


def test_the_order_is_the_same_each_time_and_another_with_another_seed() -> None:
    cells = runnable(grid())
    assert in_order(cells, 1) == in_order(cells, 1)
    assert in_order(cells, 1)[:50] != in_order(cells, 2)[:50]


def test_every_cell_stands_in_one_batch_and_no_batch_is_crowded() -> None:
    ordered = in_order(runnable(grid()), 3)
    packed = batches(ordered, 3)
    assert sorted(cell for batch in packed for cell in batch) == sorted(ordered)
    for batch in packed:
        assert len({lane_of(cell, 3) for cell in batch}) == len(batch)
        assert len(batch) == 1 or sum(cell.accounts for cell in batch) <= TOGETHER


def test_a_part_of_the_grid_takes_batches_of_the_whole_so_that_a_run_can_go_on() -> None:
    part = survey.todo([1, 2], LIMIT, 0.05)
    whole = {(seed, number): batch for seed, number, batch in survey.todo([1, 2], LIMIT, 1.0)}
    assert 0 < len(part) < len(whole)
    assert all(whole[seed, number] == batch for seed, number, batch in part)
    assert [seed for seed, _, _ in part[:4]] == [1, 2, 1, 2]


def test_bills_are_those_worked_out_by_hand() -> None:
    # 10 accounts at 50, 1,000 exchanges, 12 addresses at 30.
    assert cost(NAIVE, 1000, PRICES) == 500 + 1000 + 360
    # Ten own exchanges each: 100 accounts, as many addresses, 2,000 exchanges, half of them reworded at 0.5.
    private = Tactic(20, 0.5, "per-request", "dispersed")
    assert cost(private, 1000, PRICES) == 100 * 50 + 100 * 30 + 2000 + 500
    # A tenth behind the twelve shared addresses.
    assert cost(Tactic(20, 0.5, "per-account", "tenth"), 1000, PRICES) == 5000 + (90 + 12) * 30 + 100 * 0.5 + 2000
    # Half of the requests ask for a task, and the answer is worth a quarter.
    assert size(Tactic(100, 0.0, "none"), 1000, PRICES).own == 8000
    assert cost(NAIVE, 1000, prices(["account=200"])) == 2000 + 1000 + 360


def test_a_campaign_that_is_noticed_at_once_has_still_paid_for_its_accounts() -> None:
    assert spent(NAIVE, 1000, PRICES, 0.0) == 860
    assert spent(NAIVE, 1000, PRICES, 1.0) == cost(NAIVE, 1000, PRICES)


@pytest.mark.parametrize("tactic", [NAIVE, Tactic(3, 0.95, "per-request"), Tactic(20, 0.8), Tactic(670, 0.5)])
def test_the_composer_makes_as_many_own_exchanges_as_are_paid_for(tactic: Tactic) -> None:
    expected = size(tactic, 2000, PRICES)
    plan = planned(tactic, 2000, PRICES, "operator-1", 0)
    made = np.array([exchanges_by_account(np.random.default_rng(seed), plan) for seed in range(20)]).sum(axis=1)
    total, own = made.mean(axis=0)
    assert plan.accounts == expected.accounts
    assert own == pytest.approx(expected.own, rel=0.1)
    assert total == pytest.approx(expected.total, rel=0.1)


def test_a_price_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SystemExit, match="--price"):
        prices(["karma=3"])


def test_a_run_goes_on_behind_the_cells_that_are_kept(tmp_path: Path) -> None:
    batch = [Cell(3, 10, 0.0, "fixed", "shared"), Cell(5, 10, 0.0, "fixed", "shared")]
    kept = Kept(tmp_path / "kept.jsonl")
    kept.add(line(cell) for cell in batch)
    nowhere = Ground(material("builtin", "tuning"), 20, tmp_path / "nowhere")
    again = Kept(tmp_path / "kept.jsonl")
    assert survey.run(nowhere, ORIGIN, again, [(1, 0, batch)], lambda: True, print) == 0
    assert again.lines == kept.lines


def test_another_state_of_the_code_has_done_nothing_yet(tmp_path: Path) -> None:
    cell = Cell(3, 10, 0.0, "fixed", "shared")
    kept = Kept(tmp_path / "kept.jsonl")
    kept.add([line(cell)])
    assert kept.done(ORIGIN) == {(cell, 1)}
    assert kept.done(msgspec.structs.replace(ORIGIN, code="def")) == set()
    assert code_now() == code_now() != ""


def test_a_line_that_was_cut_short_is_dropped_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    cells = [Cell(3, 10, 0.0, "fixed", "shared"), Cell(5, 10, 0.0, "fixed", "shared")]
    Kept(path).add(line(cell) for cell in cells)
    path.write_bytes(path.read_bytes()[:-7])
    kept = Kept(path)
    assert kept.done(ORIGIN) == {(cells[0], 1)}
    kept.add([line(cells[1])])
    assert Kept(path).done(ORIGIN) == {(cell, 1) for cell in cells}


def space() -> list[Tactic]:
    return every_tactic(lambda tactic: fits(tactic, 1000, PRICES))


def bill(tactic: Tactic) -> float:
    return cost(tactic, 1000, PRICES)


def careless(tactics: Sequence[Tactic]) -> list[bool]:
    """A detector that sees whatever shares its wording or its infrastructure, or has large accounts."""
    return [
        tactic.wording == "fixed" or tactic.infrastructure == "shared" or tactic.exchanges > 20 for tactic in tactics
    ]


def test_the_white_box_attacker_comes_near_the_cheapest_tactic_within_its_budget() -> None:
    best = min(bill(tactic) for tactic, noticed in zip(space(), careless(space()), strict=True) if not noticed)
    for seed in range(10):
        budget = Budget(careless, 40)
        found = white_box(space(), bill, budget, np.random.default_rng(seed))
        assert budget.used <= 40
        assert found is not None
        assert not careless([found])[0]
        assert bill(found) <= 1.5 * best


def test_the_white_box_attacker_gives_up_where_everything_is_noticed() -> None:
    budget = Budget(lambda tactics: [True] * len(tactics), 40)
    assert white_box(space(), bill, budget, np.random.default_rng(1)) is None
    assert budget.used <= 40


def test_the_one_bit_attacker_stops_at_the_first_rung_that_is_unnoticed_twice() -> None:
    budget = Budget(careless, 12)
    rung = one_bit(budget)
    assert rung == Tactic(20, 0.0, "per-request", "dispersed", "human", "spread")
    assert budget.used == LADDER.index(rung) + 2
    assert one_bit(Budget(lambda tactics: [True] * len(tactics), 12)) is None


def test_one_quiet_campaign_does_not_content_the_one_bit_attacker() -> None:
    answers = iter([False, True, True, False, False])
    assert one_bit(Budget(lambda tactics: [next(answers)], 12)) == LADDER[2]


def test_nothing_is_claimed_of_a_cell_that_was_not_run() -> None:
    cells = [line(Cell(3, 10, 0.0, "fixed", "shared")), line(Cell(20, 50, 0.5, "fixed", "dispersed"), "missed")]
    check = Checked(origin=ORIGIN, seed=1, cell=cells[0].cell, together=True, by_itself=False)
    text = page.markdown(ORIGIN, cells, [check], [], LIMIT)
    assert "| 3 | 1/1 | · | · | · | · | · |" in text
    assert "| 20 | · | 0/1 | · | · | not run | not run |" in text
    assert "Of 1 others that were run again alone to check, 0 came to the same answer." in text
    assert "| fixed | dispersed | 50% | 0/1 |" in text


def test_the_page_says_when_an_attacker_found_nothing_that_stays_unnoticed() -> None:
    attack = Attacked(
        origin=ORIGIN, attacker="white-box", seed=1, useful=1000, prices=PRICES, tries=36, fresh=3, budget=36, used=30,
        tactic=None, multiplier=None,
    )  # fmt: skip
    text = page.markdown(ORIGIN, [], [], [attack], LIMIT)
    assert "| white-box | 36 tries, 30 used | 1 | 0/1 | – |" in text
    assert "nothing that stayed unnoticed" in text


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(material("builtin", "tuning"), 20, tmp_path_factory.mktemp("evasion"))


@pytest.mark.slow
def test_an_obvious_campaign_is_found_and_an_invisible_one_is_not(ground: Ground) -> None:
    obvious = Cell(100, 50, 0.0, "fixed", "shared")
    hidden = msgspec.structs.replace(
        Cell(20, 50, 0.0, "none", "dispersed").plan(1), payload="people", pacing="human", onset="spread", spread=0.8
    )
    first, second = weeks.watched(ground, "test", 4, [obvious.plan(0), hidden])
    assert first.noticed
    assert first.share < 0.5
    assert not second.noticed
    assert second.share == 1.0
    assert first.company == second.company == 2


@pytest.mark.slow
def test_a_campaign_run_again_alone_is_the_same_campaign(ground: Ground) -> None:
    plans = [Cell(20, 10, 0.0, "fixed", "shared").plan(0), Cell(20, 30, 0.0, "fixed", "shared").plan(1)]
    together = weeks.watched(ground, "test", 5, plans)[1]
    by_itself = weeks.alone(ground, "test", 5, plans, 1)
    assert by_itself.company == 1
    assert by_itself.joined
    assert by_itself.judged.exchanges == together.judged.exchanges
    assert by_itself.judged.noticed_at == together.judged.noticed_at
    assert by_itself.innocent == together.innocent


@pytest.mark.slow
def test_trials_of_small_campaigns_share_a_week_and_keep_their_order(ground: Ground) -> None:
    trials = Weeks(ground, Stakes(300, PRICES, 4, 1), 1, "test", print)
    tactics = [NAIVE, Tactic(20, 0.0, "none", "dispersed", "human", "spread")]
    noticed = trials(tactics)
    assert [tactic for tactic, _ in trials.seen] == tactics
    assert noticed == [one.noticed for _, one in trials.seen]
    assert len({one.judged.name for _, one in trials.seen}) == 2
