from pathlib import Path

import pytest
from decide_world import DAY_US, NOW, TRUSTED, campaign, material, permit, published, rules, table

from stillwatch import ingest
from stillwatch.adapters.stores.permit_counts import FILE, PermitCounts, counted
from stillwatch.adapters.stores.tables import Tables
from stillwatch.decide.permits import Manners, MemoryCounter, read, written
from stillwatch.decide.rules import Person
from stillwatch.decide.times import start_us
from stillwatch.errors import UsageError

MANNERS = Manners()
WHOLE = permit(from_="2026-07-01", until="2026-07-31", models=("m-small",), max_exchanges=100)
END = start_us("2026-08-01")


@pytest.mark.parametrize(
    ("model", "used", "now_us", "standing"),
    [
        ("m-small", 0, start_us("2026-07-01") - 1, "none"),
        ("m-small", 0, start_us("2026-07-01"), "covers"),
        ("m-small", 89, NOW, "covers"),
        ("m-small", 90, NOW, "nearly-used"),
        ("m-small", 99, NOW, "nearly-used"),
        ("m-small", 100, NOW, "used-up"),
        ("m-large", 0, NOW, "none"),
        (None, 0, NOW, "none"),
        ("m-small", 0, END - 14 * DAY_US - 1, "covers"),
        ("m-small", 0, END - 14 * DAY_US, "ends-soon"),
        ("m-small", 0, END, "ended"),
        ("m-small", 0, END + 7 * DAY_US - 1, "ended"),
        ("m-small", 0, END + 7 * DAY_US, "none"),
    ],
)
def test_a_permit_warns_before_it_bites(model: str | None, used: int, now_us: int, standing: str) -> None:
    assert WHOLE.standing(model, used, now_us, MANNERS) == standing


def permitted(folder: Path, used: int = 0, **fields: object):  # type: ignore[no-untyped-def]
    counter = MemoryCounter()
    counter.count("P-1", used)
    made = material([campaign({"x": 0.99})], organizations={"x": "org_p"}, permits=(permit(**fields),))
    return table(folder, made, counter)


def test_who_holds_a_permit_is_left_alone_and_the_permit_named(tmp_path: Path) -> None:
    answer = permitted(tmp_path).decide("x", "org_p", "m", NOW)
    assert (answer.course, answer.reason, answer.permit, answer.warning) == ("allow", "permit", "P-1", None)


def test_the_permit_of_an_organisation_covers_its_known_accounts_where_a_request_names_no_organisation(
    tmp_path: Path,
) -> None:
    counter = MemoryCounter()
    made = material([campaign({"x": 0.99})], organizations={"x": "org_p"}, permits=(permit(max_exchanges=2),))
    open_ = table(tmp_path, made, counter)
    assert open_.decide("x", None, "m", NOW).permit == "P-1"
    counter.count("P-1", 2)
    assert open_.decide("x", None, "m", NOW).course == open_.decide("x", "org_p", "m", NOW).course == "refuse"


def test_a_permit_that_ends_soon_is_noticed_and_still_covers(tmp_path: Path) -> None:
    answer = permitted(tmp_path, until="2026-07-20").decide("x", "org_p", "m", NOW)
    assert (answer.course, answer.warning, answer.permit) == ("notice", "permit-ends-soon", "P-1")


def test_beyond_the_volume_the_order_counts_and_says_why(tmp_path: Path) -> None:
    answer = permitted(tmp_path, used=5, max_exchanges=5).decide("x", "org_p", "m", NOW)
    assert (answer.course, answer.warning, answer.permit) == ("refuse", "permit-used-up", None)


def test_a_holder_who_passed_the_volume_and_is_in_no_campaign_is_only_warned(tmp_path: Path) -> None:
    counter = MemoryCounter()
    counter.count("P-1", 5)
    open_ = table(tmp_path, material(permits=(permit(max_exchanges=5),)), counter)
    answer = open_.decide("other", "org_p", "m", NOW)
    assert (answer.course, answer.warning) == ("allow", "permit-used-up")


def test_a_permit_for_some_accounts_covers_no_others_of_the_organisation(tmp_path: Path) -> None:
    open_ = permitted(tmp_path, accounts=("x2",))
    assert open_.decide("x", "org_p", "m", NOW).course == "refuse"
    assert open_.decide("x2", "org_p", "m", NOW).permit == "P-1"


def test_a_person_who_decides_about_a_holder_outranks_the_permit(tmp_path: Path) -> None:
    order = Person(by="A", because="The permit was forged.", course="hold", until="2026-08-01", organization="org_p")
    made = material(permits=(permit(),), rules=rules(person=(order,)))
    assert table(tmp_path, made).decide("x", "org_p", "m", NOW).course == "hold"


def test_a_table_that_follows_its_folder_counts_what_it_allows_under_a_permit(tmp_path: Path) -> None:
    counter = MemoryCounter()
    made = material([campaign({"x": 0.99})], organizations={"x": "org_p"}, permits=(permit(max_exchanges=3),))
    published(tmp_path, made)
    tables = Tables(tmp_path, TRUSTED, counter=counter)
    assert [tables.decide("x", "org_p", "m", NOW).effective for _ in range(5)] == [
        "allow", "allow", "notice", "refuse", "refuse",
    ]  # fmt: skip
    assert counter.used("P-1") == 3


def test_workers_see_each_others_counts_after_a_flush_and_lose_none(tmp_path: Path) -> None:
    with PermitCounts(tmp_path / FILE, every=60) as one, PermitCounts(tmp_path / FILE, every=60) as two:
        for worker in (one, two):
            for _ in range(7):
                worker.count("P-1")
        assert one.used("P-1") == 7
        two.flush()
        one.flush()
        assert one.used("P-1") == 14
        one.count("P-1")
    assert counted(tmp_path / FILE) == {"P-1": 15}


def test_the_registry_reads_a_permit_as_the_scan_does() -> None:
    lines = [
        b'{"organization": "org_3", "accounts": null, "from": "2026-05-01", "until": "2026-12-31", '
        b'"models": ["m-small"], "capabilities": null, "max_exchanges": 500000, "reference": "P-17"}',
        b'{"accounts": ["a"], "until": "2026-12-31T12:00:00+02:00", "reference": "P-18"}',
    ]
    ours = [line.permit() for line in read(lines)]
    scans = ingest.permits(lines)[0].to_pylist()
    for mine, row in zip(ours, scans, strict=True):
        same = ("organization", "from_us", "max_exchanges", "reference")
        assert {name: getattr(mine, name) for name in same} == {name: row[name] for name in same}
        assert [*(mine.models or ())] == (row["models"] or [])
        assert mine.until_us in (row["until_us"], row["until_us"] + 1)  # a scan's end of day is its last microsecond


def test_what_is_written_reads_again() -> None:
    (line,) = read([b'{"organization": "o", "from": "2026-05-01", "reference": "P-1", "contact": "c@example.org"}'])
    assert read([written(line)]) == (line,)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"reference": "P-1"}', "for whom"),
        (b'{"reference": "P-1", "organization": "o", "max_exchange": 5}', "unknown field"),
        (b'{"reference": "P-1", "organization": "o", "until": "soon"}', "line 2"),
        (b'{"reference": "P-1", "organization": "o", "from": "2026-05-02", "until": "2026-05-01"}', "before from"),
        (b'{"reference": "P-0", "organization": "o"}', "another permit"),
    ],
)
def test_a_line_that_would_have_to_be_guessed_is_refused_with_its_number(line: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        read([b'{"reference": "P-0", "organization": "o"}', line])
