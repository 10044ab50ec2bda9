"""A provider's own null groups: one row an identity, however often it is judged; what was found is no null group."""

import numpy as np
import numpy.typing as npt
import pytest

from stillwatch.detect import own_groups
from stillwatch.detect.calibrate import BLOCKS
from stillwatch.detect.own_groups import Known, Seen, cleared, from_table, judged, merged, null, to_table
from stillwatch.detect.population import Accounts

DAY = own_groups.DAY_US


def accounts(days: int) -> Accounts:
    key = np.arange(10, dtype=np.int64)
    return Accounts(key, {"first_us": key * 0, "last_us": np.full(10, days * DAY - 1)})


def some(count: int, *, first: int = 0, each: int = 5) -> list[Known]:
    """Groups that have nothing in common, of ``each`` accounts."""
    return [
        Known(
            np.arange(8, dtype=np.int64) + 100 * number + 1,
            np.sort(own_groups._mixed(np.arange(each, dtype=np.int64) + 1_000 * number, 0)),
            each,
        )
        for number in range(first, first + count)
    ]


def scan(groups: list[Known], scores: npt.ArrayLike, days: int = 7, **found: npt.ArrayLike) -> Seen:
    """One scan with a score for each group; ``found`` by row (``r3``) with its accounts."""
    rows = {int(name[1:]): np.asarray(members, dtype=np.int64) for name, members in found.items()}
    bits = np.repeat(np.asarray(scores, dtype=np.float64)[:, None], len(BLOCKS), axis=1)
    return judged(groups, bits, rows, accounts(days))


def test_a_group_that_is_judged_every_day_is_one_null_group_with_its_highest_score() -> None:
    groups, seen = some(3), None
    for day, score in enumerate([1.0, 4.0, 2.0], start=1):
        seen = merged(seen, scan(groups, [score, 0.0, -float(day)], day))
    own = null(seen, [])
    assert own is not None
    assert own.scores[:, 0].tolist() == [4.0, 0.0, -1.0]


def test_the_same_scan_again_changes_nothing() -> None:
    once = merged(None, scan(some(40), np.arange(40)))
    again = merged(once, scan(some(40), np.arange(40)))
    assert to_table(again).equals(to_table(once))


def test_a_template_is_known_again_by_half_of_its_sample() -> None:
    [before] = some(1)
    grown = Known(np.r_[before.prints[:4], np.arange(900, 904)], before.members, 9)
    changed = Known(np.r_[before.prints[:3], np.arange(900, 905)], before.members, 9)
    past = merged(None, scan([before], [1.0]))
    for now, row in ((grown, 0), (changed, -1)):
        own = null(past, [now])
        assert own is not None
        assert own.past.tolist() == [row]


def test_a_group_that_joins_two_earlier_ones_makes_them_one() -> None:
    past = merged(None, scan(some(2), [1.0, 3.0]))
    both = Known(np.concatenate([group.prints[:4] for group in some(2)]), some(1)[0].members, 10)
    own = null(past, [both])
    assert own is not None
    assert (own.scores[:, 0].tolist(), own.past.tolist()) == ([3.0], [0])


def test_findings_and_what_they_hold_most_accounts_of_are_no_null_groups() -> None:
    groups = some(6)
    fragment = Known(np.arange(8, dtype=np.int64) + 5_000, groups[2].members, 5)
    members = np.arange(5, dtype=np.int64) + 2_000
    own = null(merged(None, scan([*groups, fragment], np.arange(7), r2=members)), [])
    assert own is not None
    assert sorted(own.scores[:, 0].tolist()) == [0.0, 1.0, 3.0, 4.0, 5.0]
    assert own.found == 1


def test_what_is_found_later_takes_its_whole_past_out() -> None:
    groups = some(4)
    quiet = merged(None, scan(groups, [0.0, 1.0, 2.0, 3.0], 7))
    loud = merged(quiet, scan(groups, [0.0, 1.0, 2.0, 20.0], 14, r3=np.arange(5) + 3_000))
    after = merged(loud, scan(groups, [0.0, 1.0, 2.0, 5.0], 21))
    for seen, rows in ((quiet, 4), (loud, 3), (after, 3)):
        own = null(seen, groups)
        assert own is not None
        assert len(own.scores) == rows
    own = null(after, groups)
    assert own is not None
    assert own.past[3] == -1


def test_a_found_group_whose_accounts_won_their_appeals_is_measured_against_from_then_on() -> None:
    past = merged(None, scan(some(4), [0.0, 1.0, 2.0, 20.0], 7, r2=np.arange(5) + 2_000, r3=np.arange(5) + 3_000))
    few, most = np.arange(2) + 3_000, np.arange(3) + 3_000
    for innocent, scores in ((few, [0.0, 1.0]), (most, [0.0, 1.0, 20.0])):
        own = null(cleared(past, innocent.astype(np.int64)), [])
        assert own is not None
        assert sorted(own.scores[:, 0].tolist()) == scores
    assert cleared(past, np.zeros(0, dtype=np.int64)).found.tolist() == past.found.tolist()


def test_found_groups_that_share_accounts_are_counted_as_one_campaign() -> None:
    groups = some(4)
    same = [*groups[:2], Known(groups[2].prints, groups[0].members, 5), groups[3]]
    own = null(merged(None, scan(same, np.zeros(4), r0=[], r1=[], r2=[])), [])
    assert own is not None
    assert own.found == 2


def test_only_what_the_last_scan_judged_is_compared_with() -> None:
    seen = merged(merged(None, scan(some(5), np.zeros(5), 7)), scan(some(3, first=3), np.ones(3), 14))
    own = null(seen, [])
    assert own is not None
    assert (len(seen), len(own.scores), own.days) == (6, 3, 14)


def test_groups_not_judged_for_a_quarter_are_forgotten() -> None:
    seen = merged(None, scan(some(5), np.zeros(5), 7))
    assert len(merged(seen, scan(some(1), np.zeros(1), 90))) == 5
    assert len(merged(seen, scan(some(1), np.zeros(1), 120))) == 1


def test_what_is_kept_is_read_again() -> None:
    seen = merged(None, scan(some(5, each=3), np.arange(5), r1=[]))
    back = from_table(to_table(seen))
    assert back is not None
    assert to_table(back).equals(to_table(seen), check_metadata=True)
    assert (back.first_us, back.last_us, back.population) == (0, 7 * DAY - 1, 10)


@pytest.mark.parametrize("changed", ["version", "scoring"])
def test_groups_weighed_by_another_version_are_not_compared_with(changed: str) -> None:
    table = to_table(merged(None, scan(some(2), np.zeros(2))))
    other = {**(table.schema.metadata or {}), changed.encode(): b"another"}
    assert from_table(table.replace_schema_metadata(other)) is None


def test_no_history_is_no_null() -> None:
    assert null(None, some(2)) is None
