"""The state folder: parts are added whole or not at all, under one key, by one run at a time."""

from pathlib import Path

import pyarrow as pa
import pytest

from stillwatch.adapters.stores.history import GROUPS, History
from stillwatch.errors import StateError


def test_a_part_is_seen_when_it_is_added_and_not_before(tmp_path: Path) -> None:
    history = History(tmp_path, "check")
    part = history.begin()
    (part / "hours.parquet").write_bytes(b"rows")
    assert history.parts() == []
    final = history.add(part)
    assert history.parts() == [final]
    assert history.files("hours") == [final / "hours.parquet"]
    assert history.files("ties") == []
    history.close()


def test_parts_keep_the_order_of_scans(tmp_path: Path) -> None:
    history = History(tmp_path, "check")
    added = [history.add(history.begin()) for _ in range(12)]
    assert history.parts() == added
    history.close()


def test_what_a_dead_run_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "parts" / ".new-999999").mkdir(parents=True)
    (tmp_path / "parts" / ".new-999999" / "hours.parquet").write_bytes(b"half")
    History(tmp_path, "check").close()
    assert list((tmp_path / "parts").iterdir()) == []


def test_only_one_run_at_a_time(tmp_path: Path) -> None:
    first = History(tmp_path, "check")
    with pytest.raises(StateError, match="in use by another scan"):
        History(tmp_path, "check")
    first.close()
    History(tmp_path, "check").close()


def test_another_key_is_refused_and_the_lock_is_free_again(tmp_path: Path) -> None:
    History(tmp_path, "check").close()
    with pytest.raises(StateError, match="another key"):
        History(tmp_path, "other")
    History(tmp_path, "check").close()


def test_campaigns_are_remembered_and_replaced_by_id(tmp_path: Path) -> None:
    history = History(tmp_path, "check")
    assert history.known_campaigns() == {}
    history.remember_campaigns({"c-1": frozenset({"a", "b"}), "c-2": frozenset({"x"})})
    history.remember_campaigns({"c-1": frozenset({"a", "b", "c"})})
    assert history.known_campaigns() == {"c-1": frozenset({"a", "b", "c"}), "c-2": frozenset({"x"})}
    history.close()


@pytest.mark.parametrize("data", [b"", b"not json", b"[1]", b'{"c-1": 5}'])
def test_a_damaged_list_of_campaigns_is_an_error_of_the_state(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "campaigns.json").write_bytes(data)
    history = History(tmp_path, "check")
    with pytest.raises(StateError, match=r"campaigns\.json"):
        history.known_campaigns()
    history.close()


def test_a_folder_that_can_not_be_made_is_an_error_of_the_state(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(StateError, match="can't be used"):
        History(tmp_path / "state", "check")


def test_groups_are_read_as_the_last_scan_before_left_them(tmp_path: Path) -> None:
    history = History(tmp_path, "check")
    parts = [history.add(history.begin()) for _ in range(4)]
    for number, part in ((1, parts[0]), (2, parts[1]), (4, parts[3])):  # the third scan died before it kept any
        history.keep_groups(part, pa.table({"found": [True] * number}))
    lengths = [None if (table := history.groups(before=part)) is None else len(table) for part in parts]
    assert lengths == [None, 1, 2, 2]
    history.close()


def test_groups_of_a_part_are_kept_once(tmp_path: Path) -> None:
    history = History(tmp_path, "check")
    first, second = history.add(history.begin()), history.add(history.begin())
    for rows in (3, 5):
        history.keep_groups(first, pa.table({"found": [False] * rows}))
    kept = history.groups(before=second)
    assert kept is not None
    assert len(kept) == 3
    history.close()


def test_damaged_groups_are_an_error_of_the_state(tmp_path: Path) -> None:
    history = History(tmp_path, "check")
    first, second = history.add(history.begin()), history.add(history.begin())
    (first / GROUPS).write_bytes(b"PAR1 half a file")
    with pytest.raises(StateError, match=r"own_groups\.parquet can't be read"):
        history.groups(before=second)
    history.close()
