"""Line ``peer-sightings``: other members look for the same cards, domains and addresses."""

from dataclasses import replace

import numpy as np

from groups import Shared, bits, group, rising
from stillwatch.detect import peers
from stillwatch.detect.evidence.peer_sightings import MOST, MOST_MOVED, PEER_SIGHTINGS
from stillwatch.detect.group import Group

WORDS, ONCE, SEVERAL = range(3)


def seen(
    count: int,
    size: int = 15,
    *,
    outside: int = 8,
    kind: int = ONCE,
    values: int | None = None,
    others: int | None = None,
    **given: object,
) -> Group:
    """A group of which ``count`` members are sighted, and ``outside`` of a hundred others that were asked about."""
    made = group(size, **given)  # type: ignore[arg-type]
    rest = np.setdiff1d(made.population.key, made.members)[:100]
    account = np.r_[made.members[:count], rest[:outside]]
    value = np.r_[np.arange(count) % (values or max(1, count)), 1_000 + np.arange(outside)]
    sighted = peers.Sighted(
        account, value, np.r_[np.full(count, kind), np.full(outside, kind if others is None else others)]
    )
    asked = np.isin(made.population.key, np.r_[made.members, rest])
    population, ties = peers.laid_over(made.population, made.ties, sighted, asked)
    return replace(made, population=population, ties=ties)


def test_a_scan_that_was_told_nothing_is_silent() -> None:
    assert bits(PEER_SIGHTINGS, group(20)) is None


def test_the_more_customers_others_look_for_the_more_it_weighs() -> None:
    assert rising([bits(PEER_SIGHTINGS, seen(count, kind=SEVERAL)) for count in (2, 3, 6, 9)])


def test_what_several_members_look_for_weighs_more_than_what_one_does() -> None:
    one, several = (bits(PEER_SIGHTINGS, seen(4, outside=10, kind=kind)) for kind in (ONCE, SEVERAL))
    assert one is not None
    assert several is not None
    assert several >= one


def test_customers_of_three_providers_are_rarer_than_of_two() -> None:
    assert rising([bits(PEER_SIGHTINGS, seen(5, outside=20, kind=SEVERAL, others=kind)) for kind in (SEVERAL, ONCE)])


def test_as_many_sightings_as_among_other_accounts_weigh_nothing() -> None:
    assert bits(PEER_SIGHTINGS, seen(3, outside=25)) == 0.0


def test_fewer_sightings_than_usual_do_not_speak_for_a_campaign() -> None:
    assert bits(PEER_SIGHTINGS, seen(2, size=30, outside=60)) == 0.0


def test_forty_organisations_behind_one_sighted_address_are_one_customer() -> None:
    assert bits(PEER_SIGHTINGS, seen(40, size=40, kind=SEVERAL, values=1)) is None


def test_an_agency_that_takes_its_customers_to_another_provider_is_one_customer() -> None:
    assert bits(PEER_SIGHTINGS, seen(20, size=20, shared=[Shared("network", 20)])) is None


def test_one_customers_accounts_count_once() -> None:
    assert bits(PEER_SIGHTINGS, seen(15, members={"organization": 7})) is None


def test_templates_that_others_look_for_too_are_not_counted() -> None:
    assert bits(PEER_SIGHTINGS, seen(15, kind=WORDS)) is None


def test_accounts_chosen_for_their_sightings_weigh_by_their_number_and_not_by_their_share() -> None:
    chosen = replace(seen(16, size=16), sighted=True, expected=4.0)
    assert bits(PEER_SIGHTINGS, chosen) == 2.0


def test_a_class_that_works_at_two_providers_weighs_little_however_many_are_sighted() -> None:
    weight = bits(PEER_SIGHTINGS, seen(40, size=45, kind=ONCE))
    assert weight is not None
    assert weight <= MOST_MOVED


def test_no_number_of_sightings_weighs_more_than_the_cap() -> None:
    assert bits(PEER_SIGHTINGS, seen(60, size=60, kind=SEVERAL, others=ONCE)) == MOST
