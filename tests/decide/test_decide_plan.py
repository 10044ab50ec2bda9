import pytest
from decide_world import NOW, campaign, material, permit, rules

from stillwatch.apps.deciding.tellings import told_blast
from stillwatch.decide.compile import compile_table
from stillwatch.decide.decision import Decision
from stillwatch.decide.false_alarms import Record
from stillwatch.decide.plan import Blast, Traffic, blast
from stillwatch.decide.rules import Person, load, shipped_text
from stillwatch.decide.shadow import Tally

RECORDS = {"act": Record(0, 9), "review": Record(2, 35)}
ORGANIZATIONS = {"a1": "org", "a2": "org", "a3": "org"}
COUNTS = {"a1": 100, "a2": 50, "a3": 5, "r1": 20, "ordinary": 825}


def planned(*, known: bool = True, **changes: object) -> Blast:
    campaigns = [campaign({"a1": 0.99, "a2": 0.9}), campaign({"r1": 0.95}, id="campaign--2", level="review")]
    made = material(campaigns, organizations=ORGANIZATIONS, **changes)
    traffic = Traffic(COUNTS if known else None, 1000, 5)
    return blast(compile_table(made), campaigns, traffic, NOW, RECORDS, 1.0, ("a1", "gone"))


def test_a_plan_counts_accounts_organisations_and_exchanges_that_it_would_touch() -> None:
    found = planned()
    assert (found.accounts, found.organizations, found.exchanges, found.share_of_all) == (3, 1, 155, 0.155)
    assert [(row.course, row.shadow, row.accounts, row.exchanges) for row in found.touches] == [
        ("refuse", False, 3, 155),
        ("throttle", True, 1, 20),
    ]


def test_accounts_that_no_scan_named_are_told_apart() -> None:
    assert planned().not_named == 1


def test_a_plan_says_who_is_newly_touched_and_who_is_released() -> None:
    assert (planned().newly, planned().released) == (2, 1)


def test_what_is_only_in_shadow_wrongs_nobody_now() -> None:
    found = planned()
    assert (found.carried_out.accounts_of, found.in_shadow.accounts_of) == (3, 1)


def test_the_share_is_of_ordinary_traffic_alone() -> None:
    alarms = planned().carried_out
    ordinary = 1000 - 0.99 * 100 - 0.9 * 50 - 0.95 * 20
    assert alarms.exchanges is not None
    assert alarms.share == pytest.approx(alarms.exchanges / ordinary)
    assert alarms.accounts_low <= alarms.accounts <= alarms.accounts_high <= 3


def test_unknown_exchanges_stay_unknown() -> None:
    found = planned(known=False)
    assert (found.exchanges, found.share_of_all, found.carried_out.share) == (None, None, None)
    assert found.carried_out.accounts > 0


def test_whoever_holds_a_permit_is_not_counted_as_touched() -> None:
    found = planned(permits=(permit(organization="org"),))
    assert (found.accounts, found.permitted) == (0, 3)


def test_a_person_answers_for_whom_a_person_decided_about() -> None:
    order = Person(by="A", because="b", course="hold", until="2026-08-01", organization="org")
    found = planned(rules=rules(person=(order,)))
    assert (found.by_people, found.carried_out.accounts_of) == (3, 0)


@pytest.mark.parametrize(
    ("traffic", "unseen"),
    [
        (Traffic(COUNTS, 1000, 5), 2),  # who was scanned is known by name
        (Traffic({"a1": 500, "a2": 500}, 1000, 2, spread=True), 3),
        (Traffic({"a1": 500, "a2": 500}, 1000, 4, spread=True), 1),  # two without a name may be a3, b1 or b2
        (Traffic(None, 0, 0), 0),  # nothing is known of the scan
    ],
)
def test_accounts_that_the_scan_did_not_see_are_counted(traffic: Traffic, unseen: int) -> None:
    campaigns = [campaign({"a1": 0.99, "a2": 0.9})]
    orders = tuple(
        Person(by="A", because="b", course="hold", until="2026-08-01", account=name) for name in ("b1", "b2")
    )
    made = compile_table(material(campaigns, organizations=ORGANIZATIONS, rules=rules(person=orders)))
    found = blast(made, campaigns, traffic, NOW, RECORDS, 1.0)
    assert (found.accounts, found.unseen) == (5, unseen)
    if traffic.accounts:
        assert f"Would touch 5 of {traffic.accounts + unseen} accounts" in told_blast(found)


def test_rules_without_figures_of_their_own_rest_on_the_shipped_ones_and_the_plan_says_so() -> None:
    shipped = load(shipped_text()).calibration
    assert load("").calibration.records() == shipped.records() == RECORDS
    assert (load("").calibration.assumed(), shipped.assumed()) == (("act", "review"), ())
    own = load("[calibration]\nact = [0, 0]").calibration
    assert (own.records()["act"], own.assumed()) == (Record(0, 0), ("review",))
    campaigns = [campaign({"a1": 0.99})]
    found = blast(
        compile_table(material(campaigns)), campaigns, Traffic(COUNTS, 1000, 5), NOW, RECORDS, 1.0,
        assumed=("act", "review"),
    )  # fmt: skip
    assert "the shipped figures of false reports (0 of 9 at act, 2 of 35 at review)" in told_blast(found)
    assert "shipped figures" not in told_blast(planned())


def test_a_report_of_what_would_have_happened_counts_shadow_apart() -> None:
    tally = Tally("1-x")
    tally.add(Decision("allow", "ordinary", "", None, "1-x"), "a", 30)
    tally.add(Decision("refuse", "usage-under-review", "C-1", 99, "1-x"), "b", 20)
    for moment in (10, 40):
        tally.add(Decision("throttle", "usage-under-review", "C-2", 99, "1-x", 30, True), "c", moment)
    tally.add(Decision("notice", "permit-ends-soon", "", 99, "1-x", permit="P-1", warning="permit-ends-soon"), "d", 50)
    report = tally.report()
    assert [(row.course, row.shadow, row.exchanges, row.accounts) for row in report.would] == [
        ("throttle", True, 2, 1),
        ("allow", False, 1, 1),
        ("notice", False, 1, 1),
        ("refuse", False, 1, 1),
    ]
    assert (report.exchanges, report.accounts, report.first_us, report.last_us) == (5, 4, 10, 50)
    assert [one.case for one in report.cases] == ["C-2", "C-1"]
    assert (report.permits, report.warned) == ({"P-1": 1}, 1)
