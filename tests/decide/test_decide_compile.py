from pathlib import Path

import pytest
from decide_world import DAY_US, NOW, RULES, campaign, material, rules, table

from stillwatch.decide.compile import compile_table
from stillwatch.decide.course import COURSES
from stillwatch.decide.order import case_reference
from stillwatch.decide.organisations import Accounts, subjects
from stillwatch.decide.permits import Line
from stillwatch.decide.rules import Person, Rule, load, shipped_text
from stillwatch.errors import UsageError


def course(folder: Path, made: object, account: str, organization: str | None = None, after: int = 0) -> str:
    return table(folder, made).decide(account, organization, "m", NOW + after).effective  # type: ignore[arg-type]


def test_an_organisation_most_of_which_belongs_is_refused_as_one_and_so_are_accounts_it_opens_later(
    tmp_path: Path,
) -> None:
    made = material(
        [campaign({"a1": 0.99, "a2": 0.98})], organizations={"a1": "org", "a2": "org", "a3": "org", "b1": "other"}
    )
    open_ = table(tmp_path, made)
    answers = {name: open_.decide(name, "org", "m", NOW) for name in ("a1", "a3", "opened-tomorrow")}
    assert {answer.course for answer in answers.values()} == {"refuse"}
    assert len({answer.case for answer in answers.values()}) == 1
    assert open_.decide("b1", "other", "m", NOW).course == "allow"


def test_a_firm_with_one_stolen_key_is_not_treated_as_the_thief(tmp_path: Path) -> None:
    firm = {f"a{number}": "firm" for number in range(20)}
    open_ = table(tmp_path, material([campaign({"a7": 0.99})], organizations=firm))
    assert open_.decide("a7", "firm", "m", NOW).course == "challenge"
    assert {open_.decide(f"a{n}", "firm", "m", NOW).course for n in range(20) if n != 7} == {"allow"}
    assert open_.decide("a20", "firm", "m", NOW).course == "allow"


def test_all_named_accounts_of_one_organisation_get_one_course_whatever_their_own_membership(tmp_path: Path) -> None:
    made = material([campaign({"sure": 0.99, "less": 0.55})], organizations={"sure": "org", "less": "org"})
    open_ = table(tmp_path, made)
    assert open_.decide("sure", "org", "m", NOW) == open_.decide("less", "org", "m", NOW)


def test_an_account_of_no_known_organisation_is_decided_alone(tmp_path: Path) -> None:
    open_ = table(tmp_path, material([campaign({"x": 0.99, "y": 0.6})]))
    assert open_.decide("x", None, "m", NOW).course == "refuse"
    assert open_.decide("y", None, "m", NOW).course == "throttle"
    assert open_.decide("x", None, "m", NOW).case != open_.decide("y", None, "m", NOW).case


def test_a_share_counts_members_by_their_probability_among_all_accounts_of_the_organisation() -> None:
    known = Accounts.known((("a", "org"), ("b", "org"), ("c", "org"), ("d", "org")))
    (subject,) = subjects(campaign({"a": 0.9, "b": 0.7}), known)
    assert subject.share == pytest.approx(1.6 / 4)
    assert subject.membership == 0.9


def test_an_order_ends_when_it_says(tmp_path: Path) -> None:
    made = material([campaign({"x": 0.99})])
    assert course(tmp_path, made, "x", after=30 * DAY_US - 1) == "refuse"
    assert course(tmp_path, made, "x", after=30 * DAY_US) == "allow"


def test_review_alone_carries_out_nothing(tmp_path: Path) -> None:
    answer = table(tmp_path, material([campaign({"x": 0.99}, level="review")])).decide("x", None, "m", NOW)
    assert (answer.course, answer.shadow, answer.effective) == ("throttle", True, "allow")


def test_a_campaign_to_watch_touches_nobody() -> None:
    assert not compile_table(material([campaign({"x": 0.99}, level="watch")])).accounts


def test_of_two_campaigns_what_is_carried_out_counts_before_what_is_in_shadow_then_the_stricter(tmp_path: Path) -> None:
    act = campaign({"x": 0.6})
    review = campaign({"x": 0.99}, id="campaign--2", level="review", weight_bits=90.0)
    strict = campaign({"x": 0.95}, id="campaign--3", weight_bits=18.0)
    assert course(tmp_path / "1", material([review, act]), "x") == "throttle"
    assert course(tmp_path / "2", material([act, strict, review]), "x") == "refuse"


def test_a_persons_order_counts_before_any_rule_and_the_last_of_two_counts(tmp_path: Path) -> None:
    def by_hand(course: str) -> Person:
        return Person(by="Analyst 1", because="Spoke to them.", course=course, until="2026-08-01", organization="org")  # type: ignore[arg-type]

    found = [campaign({"a": 0.99})]
    made = material(
        found, organizations={"a": "org"}, rules=rules(person=(by_hand("refuse"),)), orders=(by_hand("allow"),)
    )
    answer = table(tmp_path, made).decide("a", "org", "m", NOW)
    assert (answer.course, answer.reason) == ("allow", "decided-by-staff")
    assert table(tmp_path, made).decide("new", "org", "m", NOW).course == "allow"


def test_a_persons_order_that_has_ended_leaves_the_rule_in_force(tmp_path: Path) -> None:
    ended = Person(by="Analyst 1", because="Was.", course="allow", until="2026-07-14", account="x")
    made = material([campaign({"x": 0.99})], rules=rules(person=(ended,)))
    assert course(tmp_path, made, "x") == "refuse"


def test_the_outcome_of_an_appeal_keeps_the_reference_of_the_case(tmp_path: Path) -> None:
    found = [campaign({"x": 0.99})]
    before = table(tmp_path / "1", material(found)).decide("x", None, "m", NOW)
    order = Person(by="A", because="b", course="notice", until="2026-08-01", account="x", case=before.case)
    after = table(tmp_path / "2", material(found, orders=(order,))).decide("x", None, "m", NOW)
    assert (after.course, after.case) == ("notice", before.case)


def test_whoever_an_appeal_relieved_stands_under_the_outcome_alone() -> None:
    found, known = [campaign({"x": 0.99, "y": 0.99})], {"x": "org"}
    before = compile_table(material(found, organizations=known))
    case = next(one.reference for one in before.cases if one.organization == "org")
    order = Person(by="A", because="b", course="allow", until="2026-08-01", organization="org", case=case)
    after = compile_table(material(found, organizations=known, orders=(order,)))
    standing = {one.case.reference: (one.order.course, [each.account for each in one.reached]) for one in after.rulings}
    assert len(after.rulings) == len(after.cases) == 2
    assert standing[case] == ("allow", ["x"])
    assert [one.author for one in after.cases if one.reference == case] == ["person A"]


def test_references_stay_from_table_to_table_and_do_not_join_callers() -> None:
    one = compile_table(material([campaign({"x": 0.99, "y": 0.99})]))
    later = compile_table(material([campaign({"x": 0.97, "y": 0.99})], now_us=NOW + DAY_US))
    assert {case.reference for case in one.cases} == {case.reference for case in later.cases}
    assert len({case.reference for case in one.cases}) == 2
    assert case_reference(b"k" * 32, "account x", "campaign--1") != case_reference(
        b"l" * 32, "account x", "campaign--1"
    )


def test_every_case_names_its_course_grounds_author_and_end() -> None:
    for case in compile_table(material([campaign({"x": 0.99})])).cases:
        assert case.author == "rule whole"
        assert "30.0 bits" in case.grounds
        assert case.expires_us == NOW + 30 * DAY_US
        assert case.campaign == "campaign--1"


def test_the_same_inputs_and_moment_give_the_same_table() -> None:
    made = material(
        [campaign({f"a{n}": 0.99 for n in range(50)})], organizations={f"a{n}": f"o{n % 7}" for n in range(60)}
    )
    assert compile_table(made) == compile_table(made)


def test_a_table_in_shadow_decides_everything_and_carries_out_nothing(tmp_path: Path) -> None:
    answer = table(tmp_path, material([campaign({"x": 0.99})], shadow=True)).decide("x", None, "m", NOW)
    assert (answer.course, answer.effective) == ("refuse", "allow")


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ('techniques = ["SW-T22"]', True),
        ('techniques = ["SW-T16"]', False),
        ('techniques = ["SW-T22"]\ntechnique_share_at_least = 0.95', False),
        ("weight_bits_at_least = 31.0", False),
        ("p_value_at_most = 1e-5", True),
        ("p_value_at_most = 1e-9", False),
        ("exchanges_at_least = 1001", False),
    ],
)
def test_a_rule_fits_only_where_each_of_its_conditions_holds(change: str, fits: bool) -> None:
    text = f'name = "t"\n[[rule]]\nid = "r"\nbecause = "b"\nlevels = ["act"]\ncourse = "refuse"\n{change}\n'
    assert bool(compile_table(material([campaign({"x": 0.99})], rules=load(text))).accounts) is fits


def test_a_p_value_that_is_missing_is_not_small() -> None:
    text = 'name = "t"\n[[rule]]\nid = "r"\nbecause = "b"\nlevels = ["act"]\ncourse = "refuse"\np_value_at_most = 0.5\n'
    found = campaign({"x": 0.99}, p_value=None)
    assert not compile_table(material([found], rules=load(text))).accounts


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('course = "refuse"', 'course = "block"', "Invalid enum value"),
        ('levels = ["act"]\nmembership', 'levels = ["review"]\nmembership', "needs a person first"),
        ("membership_at_least = 0.9", "membership_atleast = 0.9", "unknown field"),
        ('id = "some"', 'id = "whole"', "same id"),
        ("membership_at_least = 0.9", "membership_at_least = 9", "lie in 0..1"),
        ('because = "Some of it belongs."', 'because = ""', "says why"),
        ("retry_after = 30", 'reason = "you-know-why"', "no reason code"),
    ],
)
def test_rules_that_would_reach_more_than_their_author_meant_are_refused_as_a_whole(
    old: str, new: str, why: str
) -> None:
    assert old in RULES
    with pytest.raises(UsageError, match=why):
        load(RULES.replace(old, new, 1))


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ('by = ""\ncourse = "hold"\nbecause = "x"\nuntil = "2026-08-01"\naccount = "a"', "who decided"),
        ('by = "A"\ncourse = "hold"\nbecause = "x"\nuntil = "2026-08-01"', "one of account"),
        ('by = "A"\ncourse = "hold"\nbecause = "x"\nuntil = "soon"\naccount = "a"', "until"),
        ('by = "A"\ncourse = "hold"\nbecause = "x"\naccount = "a"', "until"),
    ],
)
def test_an_order_without_a_name_a_ground_or_an_end_is_refused(order: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        load(f'name = "t"\n[[person]]\n{order}\n')


def test_the_shipped_rules_refuse_no_account_below_ninety_percent() -> None:
    shipped = load(shipped_text())
    made = material([campaign({"x": 0.89})], rules=shipped)
    assert [order.course for order in compile_table(made).orders] == ["throttle"]


def test_the_page_names_every_word_of_a_rule_every_course_and_every_setting() -> None:
    page = (Path(__file__).parents[2] / "docs" / "decide.md").read_text("utf-8")
    words = {*Rule.__struct_fields__, *COURSES, *Line.__struct_fields__, "calibration", "stale_hours"} - {"from_"}
    assert {word for word in words if f"`{word}`" not in page and f"`[{word}]`" not in page} == set()
