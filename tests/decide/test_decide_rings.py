from pathlib import Path

import pytest
from decide_world import DAY_US, NOW, RULES, campaign, material, rules, table

from stillwatch.decide.rings import REVIEW_GRACE_DAYS, Place, Ring, owed, read, review_due
from stillwatch.decide.rules import load
from stillwatch.decide.times import day, start_us
from stillwatch.errors import UsageError

RINGS = (
    Ring(name="general", models=("m-small", "old-*"), reasoning="reduced"),
    Ring(name="verified", models=("m-*", "old-*")),
    Ring(name="vetted-partner", owes=("findings",), owes_every_days=90, review_days=180),
)


def place(organization: str, ring: str, **fields: str) -> Place:
    return Place(
        **{"organization": organization, "ring": ring, "since": "2026-01-01", "by": "A", "contact": "c", **fields}
    )  # type: ignore[arg-type]


PLACES = (place("org_v", "verified", review_by="2026-07-10"), place("org_p", "vetted-partner", member="Lab Two"))
MADE = material([campaign({"x": 0.99})], rules=rules(ring=RINGS), places=PLACES)


@pytest.mark.parametrize(
    ("organization", "model", "course"),
    [
        (None, "m-small", "reduce-reasoning"),
        (None, "m-large", "refuse"),
        ("stranger", "old-2", "reduce-reasoning"),
        ("stranger", "secret", "refuse"),
        ("org_v", "m-large", "allow"),
        ("org_v", "secret", "refuse"),
        ("org_p", "secret", "allow"),
        ("org_p", None, "allow"),
    ],
)
def test_a_ring_says_which_models_may_be_used(
    tmp_path: Path, organization: str | None, model: str | None, course: str
) -> None:
    assert table(tmp_path, MADE).decide("a", organization, model, NOW).course == course


def test_an_account_of_a_known_organisation_stands_in_its_ring_without_naming_it(tmp_path: Path) -> None:
    made = material(rules=rules(ring=RINGS), places=PLACES, organizations={"p1": "org_p", "s1": "stranger"})
    open_ = table(tmp_path, made)
    assert open_.decide("p1", None, "secret", NOW).course == "allow"
    assert open_.decide("s1", None, "secret", NOW).reason == "access-ring"


def test_a_ring_never_softens_an_order(tmp_path: Path) -> None:
    open_ = table(tmp_path, MADE)
    assert open_.decide("x", "org_p", "secret", NOW).reason == "usage-under-review"
    assert open_.decide("x", None, "m-small", NOW).course == "refuse"


def test_a_review_that_is_long_overdue_sends_back_to_the_first_ring(tmp_path: Path) -> None:
    open_ = table(tmp_path, MADE)
    lapses = start_us("2026-07-11") + REVIEW_GRACE_DAYS * DAY_US
    assert open_.decide("a", "org_v", "m-large", lapses - 1).course == "allow"
    assert open_.decide("a", "org_v", "m-large", lapses).reason == "access-ring"


def test_callers_who_invent_models_without_end_fill_no_memory(tmp_path: Path) -> None:
    open_ = table(tmp_path, MADE)
    for number in range(5000):
        open_.decide("a", "org_p", f"m-{number}", NOW)
    assert len(open_._answers.free) <= 1024


def test_an_endless_name_of_a_model_takes_no_time_and_opens_nothing() -> None:
    ring = Ring(name="r", models=("*a*b*c*d*e",))
    assert not ring.may_use("abcd" * 50_000)
    assert Ring(name="r").may_use("x" * 50_000)


def test_a_rule_may_be_for_one_ring_only() -> None:
    ring = RULES.replace('id = "likely"', 'id = "likely"\nrings = ["verified"]')
    with pytest.raises(UsageError, match="no ring verified"):
        load(ring)


def test_reviews_are_listed_most_urgent_first() -> None:
    places = (
        *PLACES,
        place("late", "verified", review_by="2026-01-10"),
        place("far", "verified", review_by="2027-01-01"),
    )
    assert [one.organization for one in review_due(places, NOW, 30)] == ["late", "org_v"]
    assert [one.organization for one in review_due(places, start_us("2026-07-10"))] == ["late"]


def test_a_partner_owes_from_its_last_finding_on() -> None:
    (never,) = owed(PLACES, RINGS, {}, NOW)
    assert (day(never.due_us), never.overdue, never.last_given_us) == ("2026-04-01", True, None)
    (gave,) = owed(PLACES, RINGS, {"Lab Two": start_us("2026-07-01")}, NOW)
    assert (day(gave.due_us), gave.overdue) == ("2026-09-29", False)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"organization":"o","ring":"inner","since":"2026-01-01","by":"A","contact":"c"}', "no ring inner"),
        (b'{"organization":"o","ring":"verified","since":"2026-01-01","contact":"c"}', "missing required field"),
        (b'{"organization":"o","ring":"verified","since":"today","by":"A","contact":"c"}', "line 1"),
        (b'{"organization":"o","ring":"verified","since":"2026-01-01","by":"A","contact":"c","until":"x"}', "unknown"),
    ],
)
def test_a_line_of_the_registry_that_is_wrong_is_refused(line: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        read([line], RINGS)
