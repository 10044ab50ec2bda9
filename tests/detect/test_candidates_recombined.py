"""Candidates from pieces: templates that interlock are one wording, those of strangers are not."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from small_logs import DAY_US, HOUR_US, NO_PERMITS, Log, standing
from stillwatch.detect.candidates.recombined import DIVIDED, DIVIDED_BITS, PIECE_BITS, Piece, candidates, piece
from stillwatch.detect.candidates.templates import Candidate, crowd
from stillwatch.detect.detection import Detection, detect
from stillwatch.detect.evidence.line import Evidence
from stillwatch.detect.weigh import Weight

KIT = 12


def _keys(accounts: Iterable[int]) -> np.ndarray:
    return np.array(sorted(accounts), dtype=np.int64)


def _template(number: int, accounts: Iterable[int]) -> Candidate:
    entities = np.arange(10 * number, 10 * number + 4, dtype=np.int64)
    keys = _keys(accounts)
    return Candidate(np.zeros(4, dtype=np.int8), entities, keys, keys)


def _pieces(shown: Sequence[Iterable[int]]) -> list[Piece]:
    found = [_template(number, accounts) for number, accounts in enumerate(shown)]
    return [Piece(candidate, candidate.accounts) for candidate in found]


def _kit(accounts: range, each: int = 3, seed: int = 1, phrases: int = KIT) -> list[set[int]]:
    """Who shows each phrase of a kit when every account draws ``each`` of them."""
    draw = np.random.default_rng(seed)
    shown: list[set[int]] = [set() for _ in range(phrases)]
    for account in accounts:
        for phrase in draw.choice(phrases, each, replace=False).tolist():
            shown[phrase].add(account)
    return shown


def test_phrases_of_one_kit_are_one_candidate_with_all_accounts_and_all_phrases() -> None:
    [found] = candidates(_pieces(_kit(range(60))))
    assert found.accounts.tolist() == list(range(60))
    assert len(found.entities) == 4 * KIT
    assert found.pieces == KIT


def test_templates_of_strangers_make_nothing() -> None:
    assert candidates(_pieces([range(30 * number, 30 * number + 30) for number in range(8)])) == []


def test_templates_of_one_pipeline_say_nothing_new() -> None:
    assert candidates(_pieces([range(40), range(38), range(2, 40), range(1, 39), range(3, 40)])) == []


def test_a_template_that_is_mostly_shown_by_others_falls_away_with_them() -> None:
    [found] = candidates(_pieces([*_kit(range(60)), {1, 2, 3, *range(500, 540)}]))
    assert found.accounts.tolist() == list(range(60))
    assert found.pieces == KIT


def test_a_stranger_who_shows_few_of_many_phrases_does_not_belong() -> None:
    shown = _kit(range(60), each=10, phrases=24)
    for phrase in (0, 1):
        shown[phrase].add(900)
    [found] = candidates(_pieces(shown))
    assert 900 not in found.accounts
    assert found.accounts.tolist() == list(range(60))


def test_what_a_campaign_asks_for_cover_does_not_bring_in_those_who_ask_the_same() -> None:
    app = [{account for account in range(500, 525) if (account + part) % 4} | {part, part + 7} for part in range(4)]
    found = candidates(_pieces([*_kit(range(60), each=4), *app]))
    assert found[0].accounts.tolist() == list(range(60))


def test_two_kits_are_two_candidates_largest_first() -> None:
    found = candidates(_pieces([*_kit(range(30)), *_kit(range(100, 160), seed=2)]))
    assert [candidate.accounts.tolist() for candidate in found] == [list(range(100, 160)), list(range(30))]


def test_a_few_accounts_are_no_crowd() -> None:
    assert candidates(_pieces(_kit(range(12)))) == []


def test_the_order_of_pieces_does_not_matter() -> None:
    shown = _kit(range(60))
    forth, back = candidates(_pieces(shown)), candidates(_pieces(shown)[::-1])
    assert [one.accounts.tolist() for one in forth] == [one.accounts.tolist() for one in back]
    assert [sorted(one.entities.tolist()) for one in forth] == [sorted(one.entities.tolist()) for one in back]


@pytest.mark.parametrize(
    ("candidate", "bits", "divided", "taken"),
    [
        (_template(1, range(30)), PIECE_BITS, DIVIDED_BITS, True),
        (_template(1, range(30)), PIECE_BITS - 0.1, DIVIDED_BITS, False),
        (_template(1, range(30)), PIECE_BITS, DIVIDED_BITS - 0.1, False),  # a class: everybody has the same tasks
        (crowd(_keys(range(30))), PIECE_BITS, DIVIDED_BITS, False),
    ],
)
def test_a_piece_weighs_something_and_its_work_is_divided(
    candidate: Candidate, bits: float, divided: float, taken: bool
) -> None:
    evidence = [Evidence(DIVIDED, "coordination", "division", "", "", divided, "")]
    assert (piece(candidate, candidate.accounts, evidence, Weight(bits, None, {}, 0.0)) is not None) == taken


def test_what_was_put_together_is_no_piece_again() -> None:
    [together] = candidates(_pieces(_kit(range(60))))
    evidence = [Evidence(DIVIDED, "coordination", "division", "", "", 3.0, "")]
    assert piece(together, together.accounts, evidence, Weight(20.0, "review", {}, 0.0)) is None


def _log(accounts: int = 60, tasks: int | None = None) -> Log:
    """Ordinary accounts, and some that each have a wording of their own out of one kit. ``tasks``: they ask so many
    tasks, the same ones, as a class does; else each has its own."""
    log = Log().ordinary(300)
    draw = np.random.default_rng(5)
    for account in range(1, accounts + 1):
        log.record(account, account * HOUR_US - 3 * DAY_US)
        phrases = draw.choice(KIT, 3, replace=False).tolist()
        passages = [500 + 10 * phrase + place for phrase in phrases for place in range(3)]
        for turn in range(14):
            at = DAY_US + (turn + draw.random()) / 14 * 30 * HOUR_US
            task = {} if tasks is None else {"prompt": 90_000 + turn % tasks}
            log.say(account, int(at), passages, capability=1, answer=4, **task)
    return log


def _detect(log: Log, work: Path) -> Detection:
    stands = standing(log, work)
    return detect(stands.engine, stands.population, stands.ties, NO_PERMITS, stands.work)


def test_a_wording_for_each_account_is_one_finding_for_review_without_a_p_value(tmp_path: Path) -> None:
    found = _detect(_log(), tmp_path).findings
    [together] = [finding for finding in found if finding.group.pieces]
    assert together.accounts.tolist() == list(range(1, 61))
    assert together.weight.bits == max(finding.weight.bits for finding in found)
    assert (together.weight.level, together.weight.p_value) == ("review", None)


def test_pupils_whose_common_tasks_interlock_are_not_put_together(tmp_path: Path) -> None:
    assert not [finding for finding in _detect(_log(tasks=14), tmp_path).findings if finding.group.pieces]


def test_what_was_put_together_is_no_null_group_of_later_scans(tmp_path: Path) -> None:
    found = _detect(_log(), tmp_path)
    assert found.seen is not None
    assert len(found.seen) < found.judged
