import base64
import json
import threading
from pathlib import Path

import pytest
from decide_world import DAY_US, KEY, NOW, OTHER_KEY, TRUSTED, campaign, material, published, rules, table

from stillwatch.adapters.stores.cases import CaseBook
from stillwatch.adapters.stores.table import CURRENT, ENTRIES, PAST, Table
from stillwatch.adapters.stores.table_folder import KEPT, TableFolder
from stillwatch.adapters.stores.tables import Tables
from stillwatch.decide.compile import compile_table
from stillwatch.errors import IntegrityError, StateError, UsageError

ONE = material([campaign({"x": 0.99})])
TWO = material([campaign({"y": 0.99})])


def entries(folder: Path) -> Path:
    envelope = json.loads((folder / CURRENT).read_bytes())
    return folder / ENTRIES / json.loads(base64.b64decode(envelope["payload"]))["entries"]


def test_a_decision_names_the_version_that_made_it(tmp_path: Path) -> None:
    open_ = table(tmp_path, ONE)
    assert open_.version.startswith("1-")
    assert {open_.decide(name, None, "m", NOW).version for name in ("x", "nobody")} == {open_.version}


def test_a_name_of_any_length_or_alphabet_is_found_and_none_raises(tmp_path: Path) -> None:
    names = ["", "k" * 5000, "学校-1", "a\0b", "é" * 300]
    open_ = table(tmp_path, material([campaign(dict.fromkeys(names, 0.99))], organizations={names[1]: "o" * 700}))
    assert {open_.decide(name, None, "m", NOW).course for name in names} == {"refuse"}
    assert open_.decide("new", "o" * 700, "m", NOW).course == "refuse"
    for name in ("\ud800", "k" * 4999, "a"):
        assert open_.decide(name, "\ud800", None, NOW).course == "allow"


def test_one_byte_changed_anywhere_in_the_entries_is_noticed(tmp_path: Path) -> None:
    published(tmp_path, ONE)
    file = entries(tmp_path)
    whole = file.read_bytes()
    for place in (0, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :])
        with pytest.raises(IntegrityError, match="damaged or was changed"):
            Table.open(tmp_path, TRUSTED)


def test_a_table_that_no_trusted_key_signed_is_refused(tmp_path: Path) -> None:
    published(tmp_path, ONE)
    with pytest.raises(IntegrityError, match="no key that is trusted"):
        Table.open(tmp_path, (OTHER_KEY.public_key(),))
    assert Table.open(tmp_path, (OTHER_KEY.public_key(), KEY.public_key())).decide("x", None, None, NOW).case


@pytest.mark.parametrize("part", ["payload", "signatures", "payloadType"])
def test_a_changed_manifest_is_refused(tmp_path: Path, part: str) -> None:
    published(tmp_path, ONE)
    envelope = json.loads((tmp_path / CURRENT).read_bytes())
    if part == "payload":
        manifest = json.loads(base64.b64decode(envelope["payload"]))
        envelope["payload"] = base64.b64encode(json.dumps({**manifest, "serial": 99}).encode()).decode()
    elif part == "signatures":
        envelope["signatures"] = []
    else:
        envelope["payloadType"] = "application/json"
    (tmp_path / CURRENT).write_text(json.dumps(envelope))
    with pytest.raises(IntegrityError):
        Table.open(tmp_path, TRUSTED)


def test_where_there_is_no_table_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="no table can be read"):
        Table.open(tmp_path, TRUSTED)


def test_a_rollback_is_a_new_table_over_the_old_entries(tmp_path: Path) -> None:
    published(tmp_path, ONE)
    published(tmp_path, TWO)
    manifest = TableFolder(tmp_path).rollback(None, KEY, NOW + DAY_US, "Engineer 2")
    back = Table.open(tmp_path, TRUSTED)
    assert (manifest.serial, manifest.rolled_back_to[:2], manifest.by) == (3, "1-", "Engineer 2")
    assert (back.decide("x", None, "m", NOW).course, back.decide("y", None, "m", NOW).course) == ("refuse", "allow")


def test_one_can_not_go_back_to_what_never_was(tmp_path: Path) -> None:
    published(tmp_path, ONE)
    for to in (None, "7-abcdef01"):
        with pytest.raises(UsageError, match="no version"):
            TableFolder(tmp_path).rollback(to, KEY, NOW, "Engineer 2")


def test_old_entries_are_removed_and_those_one_can_go_back_to_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT + 3):
        published(tmp_path, material([campaign({f"x{number}": 0.99})]))
    assert len(list((tmp_path / PAST).iterdir())) == KEPT
    assert len(list((tmp_path / ENTRIES).iterdir())) == KEPT
    TableFolder(tmp_path).rollback(None, KEY, NOW, "Engineer 1")


def test_a_publisher_that_dies_before_the_end_leaves_the_old_table_in_force(tmp_path: Path) -> None:
    published(tmp_path, ONE)

    def dies(_: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        TableFolder(tmp_path).publish(compile_table(TWO), KEY, NOW, "Engineer 1", before=dies)
    assert Table.open(tmp_path, TRUSTED).version.startswith("1-")
    published(tmp_path, TWO)
    assert Table.open(tmp_path, TRUSTED).version.startswith("2-")


def test_two_who_open_one_table_in_one_process_share_it(tmp_path: Path) -> None:
    published(tmp_path, ONE)
    first, second = Table.open(tmp_path, TRUSTED), Table.open(tmp_path, TRUSTED)
    del first
    assert second.decide("x", None, "m", NOW).course == "refuse"


def test_many_threads_get_the_same_answers(tmp_path: Path) -> None:
    open_ = table(tmp_path, material([campaign({f"x{n}": 0.99 for n in range(500)})]))
    right = {f"x{n}": open_.decide(f"x{n}", None, "m", NOW) for n in range(1000)}
    wrong: list[str] = []

    def ask() -> None:
        for _ in range(5):
            wrong.extend(name for name, one in right.items() if open_.decide(name, None, "m", NOW) != one)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_new_table_is_swapped_in_and_told(tmp_path: Path) -> None:
    published(tmp_path, ONE)
    told: list[str] = []
    tables = Tables(tmp_path, TRUSTED, tell=told.append)
    assert not tables.look()
    published(tmp_path, TWO)
    assert tables.look()
    assert tables.decide("y", None, "m", NOW).course == "refuse"
    assert told == [f"table {tables.current.version} is in force after 1-{told[0][-8:]}"]


def test_a_damaged_new_table_is_refused_and_the_one_in_force_stays(tmp_path: Path) -> None:
    published(tmp_path, ONE)
    tables = Tables(tmp_path, TRUSTED)
    published(tmp_path, TWO)
    file = entries(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes((whole[-1] ^ 1,)))
    assert not tables.look()
    assert tables.decide("x", None, "m", NOW).version.startswith("1-")
    assert "damaged" in tables.alarms(NOW)[0]
    published(tmp_path, TWO)
    assert tables.look()
    assert tables.alarms(NOW) == ()


def test_entries_that_arrive_after_their_manifest_are_taken_when_they_are_whole(tmp_path: Path) -> None:
    published(tmp_path, ONE)
    tables = Tables(tmp_path, TRUSTED)
    published(tmp_path, TWO)
    file = entries(tmp_path)
    whole = file.read_bytes()
    file.unlink()
    assert not tables.look()
    file.write_bytes(whole[:5000])
    assert not tables.look()
    assert tables.decide("x", None, "m", NOW).course == "refuse"
    file.write_bytes(whole)
    assert tables.look()
    assert tables.decide("y", None, "m", NOW).course == "refuse"


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc to see what is held open")
def test_a_hundred_swaps_leave_nothing_behind(tmp_path: Path) -> None:
    published(tmp_path, ONE)
    tables = Tables(tmp_path, TRUSTED)

    def swap() -> None:
        for made in (ONE, TWO):
            published(tmp_path, made)
            assert tables.look()
            tables.decide("x", None, "m", NOW)

    def held() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), Path("/proc/self/maps").read_text().count(".mdb")

    swap()
    before = held()
    for _ in range(60):
        swap()
    assert held() == before


def test_an_unsigned_new_table_is_refused_and_the_one_in_force_stays(tmp_path: Path) -> None:
    published(tmp_path, ONE)
    tables = Tables(tmp_path, TRUSTED)
    TableFolder(tmp_path / "other").publish(compile_table(TWO), OTHER_KEY, NOW, "Stranger")
    (tmp_path / "other" / CURRENT).replace(tmp_path / CURRENT)
    assert not tables.look()
    assert "no key that is trusted" in tables.alarms(NOW)[0]
    assert tables.decide("x", None, "m", NOW).course == "refuse"


def test_an_old_table_copied_back_is_refused(tmp_path: Path) -> None:
    published(tmp_path, TWO)
    old = (tmp_path / CURRENT).read_bytes()
    published(tmp_path, ONE)
    tables = Tables(tmp_path, TRUSTED)
    (tmp_path / CURRENT).write_bytes(old)
    assert not tables.look()
    assert "older than" in tables.alarms(NOW)[0]
    assert tables.decide("x", None, "m", NOW).course == "refuse"


def test_a_table_whose_manifest_vanished_goes_on_to_answer_and_alarms(tmp_path: Path) -> None:
    published(tmp_path, ONE)
    tables = Tables(tmp_path, TRUSTED)
    (tmp_path / CURRENT).unlink()
    assert not tables.look()
    assert tables.decide("x", None, "m", NOW).course == "refuse"
    assert "no table can be read" in tables.alarms(NOW)[0]


def test_a_stale_table_alarms_from_the_hour_that_the_rules_name(tmp_path: Path) -> None:
    published(tmp_path, ONE)
    tables = Tables(tmp_path, TRUSTED)
    assert tables.alarms(NOW + 2 * DAY_US - 1) == ()
    assert "48 hours ago" in tables.alarms(NOW + 2 * DAY_US)[0]


@pytest.mark.parametrize(
    ("minutes", "told"), [(1, "1 minute ago"), (6, "6 minutes ago"), (119, "119 minutes ago"), (120, "2 hours ago")]
)
def test_the_alarm_tells_the_age_of_a_young_table_in_minutes(tmp_path: Path, minutes: int, told: str) -> None:
    published(tmp_path, material([campaign({"x": 0.99})], rules=rules(stale_hours=0.01)))
    assert told in Tables(tmp_path, TRUSTED).alarms(NOW + minutes * DAY_US // 1440)[0]


def test_swaps_under_load_never_give_an_answer_of_another_version(tmp_path: Path) -> None:
    """Odd versions refuse x, even ones refuse y: every answer must be that of the version it names."""
    published(tmp_path, ONE)
    wrong: list[object] = []
    asked: set[str] = set()
    stop = threading.Event()

    def ask(tables: Tables) -> None:
        while not stop.is_set():
            for name in ("x", "y"):
                answer = tables.decide(name, None, "m", NOW)
                serial = int(answer.version.partition("-")[0])
                asked.add(answer.version)
                if (answer.course == "refuse") is not ((name == "x") == (serial % 2 == 1)):
                    wrong.append(answer)

    with Tables(tmp_path, TRUSTED, every=0.005) as tables:
        threads = [threading.Thread(target=ask, args=(tables,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for number in range(30):
            published(tmp_path, ONE if number % 2 else TWO)
        stop.set()
        for thread in threads:
            thread.join()
        tables.look()
        assert tables.current.version.startswith("31-")
    assert not wrong
    assert len(asked) > 3


def test_the_book_keeps_the_first_day_of_a_case_and_every_change_of_course(tmp_path: Path) -> None:
    first = compile_table(ONE)
    later = compile_table(material(ONE.campaigns, now_us=NOW + DAY_US))
    milder = compile_table(material([campaign({"x": 0.6})], now_us=NOW + 2 * DAY_US))
    reference = first.cases[0].reference
    with CaseBook(tmp_path) as book:
        assert [book.enter(one.cases, f"{n}-") for n, one in enumerate((first, later, milder), 1)] == [1, 0, 1]
        rulings = book.rulings(reference)
        assert [(one.version, one.case.course, one.case.decided_us) for one in rulings] == [
            ("1-", "refuse", NOW),
            ("3-", "throttle", NOW + 2 * DAY_US),
        ]
        assert rulings[0].case.expires_us == NOW + 31 * DAY_US
        assert book.of_account("x") == [reference]
        assert book.find("C-000000000000") is None
    assert (tmp_path / "cases.sqlite").stat().st_mode & 0o077 == 0
