"""Traffic inside a permit is never a finding; traffic beyond it says which limit was passed."""

from dataclasses import replace

import numpy as np
import pytest

from groups import exchanges
from stillwatch.detect.permits import Permit, Permits
from stillwatch.detect.population import I64, UNKNOWN
from stillwatch.vocabulary.techniques import CAPABILITIES

HOLDER, STRANGER = 3, 4
ACCOUNTS = np.arange(10, dtype=np.int64)
ORGANIZATIONS = {account: HOLDER if account < 5 else STRANGER for account in range(10)}
NOBODY = np.zeros(0, dtype=np.int64)
OPEN = Permit("P-17", HOLDER, None, None, None, None, None, None)
CORE = exchanges(np.repeat(ACCOUNTS, 4), np.random.default_rng(0), 1.0, {"ts_us": 1_000})


def _covered(permit: Permit, *, programme: I64 = NOBODY, one_in: int = 1) -> tuple[list[int], tuple[str, ...]]:
    covered, notes = Permits([permit], ORGANIZATIONS, programme).cover(ACCOUNTS, CORE, one_in)
    return covered.tolist(), notes


def test_a_permit_without_limits_covers_all_accounts_of_its_organisation_and_no_other() -> None:
    assert _covered(OPEN) == ([0, 1, 2, 3, 4], ())


def test_without_permits_nobody_is_covered() -> None:
    covered, notes = Permits([], ORGANIZATIONS, NOBODY).cover(ACCOUNTS, CORE)
    assert (covered.tolist(), notes) == ([], ())


def test_a_permit_that_names_accounts_covers_those_only() -> None:
    assert _covered(replace(OPEN, accounts=frozenset({1, 2}))) == ([1, 2], ())


@pytest.mark.parametrize(
    ("limits", "passed"),
    [
        ({"until_us": 1_000}, "term"),
        ({"from_us": 1_001}, "term"),
        ({"models": frozenset({6})}, "models"),
        ({"capabilities": frozenset({2})}, "capabilities"),
        ({"max_exchanges": 19}, "volume"),
    ],
)
def test_traffic_beyond_a_permit_is_not_covered_and_says_which_limit_was_passed(
    limits: dict[str, object], passed: str
) -> None:
    covered, notes = _covered(replace(OPEN, **limits))  # type: ignore[arg-type]
    assert covered == []
    assert notes == (f"Permit P-17: traffic beyond its {passed}.",)


def test_one_account_beyond_a_permit_by_its_exchanges_leaves_the_others_covered() -> None:
    core = CORE | {"model": np.where(CORE["account"] == 1, 6, 5)}
    covered, notes = Permits([replace(OPEN, models=frozenset({5}))], ORGANIZATIONS, NOBODY).cover(ACCOUNTS, core)
    assert (covered.tolist(), notes) == ([0, 2, 3, 4], ("Permit P-17: traffic beyond its models.",))


def test_a_sample_that_shows_traffic_beyond_a_permit_clears_no_account() -> None:
    core = CORE | {"model": np.where(CORE["account"] == 1, 6, 5)}
    covered, _ = Permits([replace(OPEN, models=frozenset({5}))], ORGANIZATIONS, NOBODY).cover(ACCOUNTS, core, 2)
    assert covered.tolist() == []


def test_an_exchange_without_a_model_passes_no_limit_on_models() -> None:
    core = CORE | {"model": np.full(len(CORE["account"]), UNKNOWN)}
    covered, _ = Permits([replace(OPEN, models=frozenset({5}))], ORGANIZATIONS, NOBODY).cover(ACCOUNTS, core)
    assert covered.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("read", "covered"), [("other", [0, 1, 2, 3, 4]), ("code", [])])
def test_what_is_not_recognised_passes_no_limit_on_capabilities_and_what_is_read_as_another_does(
    read: str, covered: list[int]
) -> None:
    maths, half = CAPABILITIES.index("maths"), np.arange(len(CORE["account"])) % 2 == 0
    core = CORE | {"capability": np.where(half, CAPABILITIES.index(read), maths)}
    permits = Permits([replace(OPEN, capabilities=frozenset({maths}))], ORGANIZATIONS, NOBODY)
    assert permits.cover(ACCOUNTS, core)[0].tolist() == covered


def test_one_exchange_in_twenty_that_is_read_as_another_capability_leaves_a_permit_whole() -> None:
    maths, one = CAPABILITIES.index("maths"), np.arange(len(CORE["account"])) == 3
    core = CORE | {"capability": np.where(one, CAPABILITIES.index("code"), maths)}
    permits = Permits([replace(OPEN, capabilities=frozenset({maths}))], ORGANIZATIONS, NOBODY)
    assert permits.cover(ACCOUNTS, core) == (pytest.approx(np.arange(5)), ())


def test_traffic_at_its_limits_is_covered() -> None:
    limits = {"from_us": 1_000, "until_us": 1_001, "models": frozenset({5}), "max_exchanges": 20}
    assert _covered(replace(OPEN, **limits)) == ([0, 1, 2, 3, 4], ())  # type: ignore[arg-type]


def test_all_limits_that_were_passed_are_named() -> None:
    _, notes = _covered(replace(OPEN, until_us=0, max_exchanges=1))
    assert notes == ("Permit P-17: traffic beyond its term and volume.",)


def test_a_sample_counts_for_what_it_stands_for() -> None:
    assert _covered(replace(OPEN, max_exchanges=40), one_in=2) == ([0, 1, 2, 3, 4], ())
    assert _covered(replace(OPEN, max_exchanges=40), one_in=3)[0] == []


def test_accounts_whose_record_names_the_permit_programme_are_covered() -> None:
    assert _covered(replace(OPEN, organization=99), programme=np.array([7, 8, 900]))[0] == [7, 8]


def test_a_permit_of_another_organisation_leaves_no_note() -> None:
    assert _covered(replace(OPEN, organization=99, max_exchanges=0)) == ([], ())


def test_a_permit_that_covers_nobody_in_the_log_is_named() -> None:
    lost = replace(OPEN, reference="P-18", organization=77)
    permits = Permits([OPEN, lost], ORGANIZATIONS, NOBODY)
    assert permits.unheld(ACCOUNTS) == (
        "1 of 2 permits cover no account here (P-18): neither the logs nor --accounts have the organisation or the "
        "accounts that they name.",
    )
    assert Permits([OPEN], ORGANIZATIONS, NOBODY).unheld(ACCOUNTS) == ()


def test_many_permits_without_a_holder_are_counted_and_some_are_named() -> None:
    lost = [replace(OPEN, reference=f"P-{number}", accounts=frozenset({number})) for number in range(20, 30)]
    (note,) = Permits(lost, ORGANIZATIONS, NOBODY).unheld(ACCOUNTS)
    assert note.startswith("10 of 10 permits cover no account here (P-20, P-21, P-22, P-23, P-24 and 5 more): ")
