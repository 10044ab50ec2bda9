import threading
from pathlib import Path

import pytest

from stillwatch.adapters.stores.appeals import AppealStore
from stillwatch.decide.appeals import Event
from stillwatch.errors import StateError, UsageError


def filed(store: AppealStore, account: str = "acct_1", at_us: int = 5) -> str:
    return store.file("SW-CASE", account, "org_1", "rule: act", "We had a permit.", at_us)[0].reference


def test_an_appeal_is_there_again_when_the_folder_is_opened_again(tmp_path: Path) -> None:
    reference = filed(AppealStore(tmp_path))
    AppealStore(tmp_path).advance(reference, Event(act="acknowledged", at_us=6, actor="Reviewer 2"))
    found = AppealStore(tmp_path).find(reference)
    assert found is not None
    assert found.state == "acknowledged"
    assert [one.reference for one in AppealStore(tmp_path).every()] == [reference]
    assert (tmp_path / f"{reference}.jsonl").stat().st_mode & 0o077 == 0


def test_who_asks_twice_finds_the_first_appeal(tmp_path: Path) -> None:
    store = AppealStore(tmp_path)
    first, new = store.file("SW-CASE", "acct_1", None, "rule", "one", 1)
    second, again = store.file("SW-CASE", "acct_1", None, "rule", "two", 2)
    assert (new, again) == (True, False)
    assert second == first
    assert store.reference("SW-CASE", "acct_2") != first.reference


def test_references_of_another_folder_can_not_be_computed(tmp_path: Path) -> None:
    assert filed(AppealStore(tmp_path / "a")) != filed(AppealStore(tmp_path / "b"))


@pytest.mark.parametrize("cut", [1, 20])
def test_an_event_that_was_cut_off_never_happened_and_the_file_goes_on(tmp_path: Path, cut: int) -> None:
    store = AppealStore(tmp_path)
    reference = filed(store)
    store.advance(reference, Event(act="acknowledged", at_us=6, actor="Reviewer 2"))
    path = tmp_path / f"{reference}.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    assert store.advance(reference, Event(act="acknowledged", at_us=7, actor="Reviewer 3")).events[-1].at_us == 7
    found = store.find(reference)
    assert found is not None
    assert len(found.events) == 2


def test_a_filing_that_was_cut_off_can_be_filed_again(tmp_path: Path) -> None:
    store = AppealStore(tmp_path)
    reference = filed(store)
    path = tmp_path / f"{reference}.jsonl"
    path.write_bytes(path.read_bytes()[:-3])
    assert store.find(reference) is None
    assert filed(store, at_us=9) == reference
    found = store.find(reference)
    assert found is not None
    assert found.filed_us == 9


@pytest.mark.parametrize("damage", [b"{}\nrubbish\n", b'{"case":"\xff"}\n{}\n'])
def test_a_damaged_file_says_so_and_touches_no_other(tmp_path: Path, damage: bytes) -> None:
    store = AppealStore(tmp_path)
    one, two = filed(store), filed(store, "acct_2")
    (tmp_path / f"{one}.jsonl").write_bytes(damage)
    with pytest.raises(StateError, match="damaged"):
        store.find(one)
    assert store.find(two) is not None


@pytest.mark.parametrize("reference", ["A-AAAAAAAAAAAA", "../../etc/passwd", "", "A-aaaaaaaaaaaa"])
def test_an_appeal_that_does_not_exist_makes_no_file(tmp_path: Path, reference: str) -> None:
    store = AppealStore(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert store.find(reference) is None
    with pytest.raises(UsageError, match="no appeal"):
        store.advance(reference, Event(act="acknowledged", at_us=6, actor="Reviewer 2"))
    assert sorted(tmp_path.iterdir()) == before


def test_two_answers_at_once_are_one_answer(tmp_path: Path) -> None:
    reference = filed(AppealStore(tmp_path))
    AppealStore(tmp_path).advance(reference, Event(act="acknowledged", at_us=6, actor="Reviewer 2"))
    done: list[str] = []

    def answer(number: int) -> None:
        try:
            event = Event(act="upheld", at_us=7, actor=f"Reviewer {number}", message="It stands.")
            AppealStore(tmp_path).advance(reference, event)
            done.append("ok")
        except UsageError:
            done.append("late")

    threads = [threading.Thread(target=answer, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["late"] * 7 + ["ok"]
    found = AppealStore(tmp_path).find(reference)
    assert found is not None
    assert len(found.events) == 3


def test_who_only_reads_makes_nothing(tmp_path: Path) -> None:
    store = AppealStore(tmp_path)
    assert (list(store.every()), store.find("A-AAAAAAAAAAAA"), list(tmp_path.iterdir())) == ([], None, [])
