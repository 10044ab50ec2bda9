"""Candidates from ties: one card, one credential, one sign-up network under many names."""

import numpy as np

from groups import NO_TIES, Shared, missing, ordinary, ties
from stillwatch.detect.candidates.ties import COMMON_FEWEST, candidates
from stillwatch.detect.population import I64, Accounts, Ties

PEOPLE = 2_000
KEYS = np.arange(PEOPLE, dtype=np.int64) * 10


def _people(**columns: I64 | int) -> Accounts:
    return Accounts(KEYS, ordinary(PEOPLE, **columns))


def _tied(*shared: Shared, first: int = 0) -> Ties:
    return ties(shared, KEYS[first : first + 100], KEYS[1_000:])


def _both(left: Ties, right: Ties) -> Ties:
    rows = [np.concatenate(columns) for columns in (
        (left.name, right.name), (left.entity, right.entity), (left.account, right.account),
        (left.reach, right.reach), (left.first_us, right.first_us),
    )]  # fmt: skip
    order = np.argsort(rows[2], kind="stable")
    return Ties(left.names, rows[0][order].astype(np.int8), *(row[order] for row in rows[1:]))


def test_strangers_who_pay_with_one_card_are_a_candidate() -> None:
    [members] = candidates(_tied(Shared("payment", 10)), _people())
    assert members.tolist() == KEYS[:10].tolist()


def test_one_organisation_that_pays_with_its_card_is_no_candidate() -> None:
    assert candidates(_tied(Shared("payment", 10)), _people(organization=3)) == []


def test_accounts_without_an_organisation_each_stand_for_themselves() -> None:
    found = candidates(_tied(Shared("payment", 10)), _people(organization=missing(PEOPLE)))
    assert [len(members) for members in found] == [10]


def test_an_address_or_a_client_alone_binds_nobody() -> None:
    shared = (Shared("address", 10), Shared("network", 10), Shared("client", 10), Shared("user_field", 10))
    assert candidates(_tied(*shared), _people()) == []


def test_one_sign_up_network_alone_is_no_group() -> None:
    assert candidates(_tied(Shared("signup", 10)), _people()) == []


def test_a_payment_print_that_many_show_binds_nobody() -> None:
    assert candidates(_tied(Shared("payment", 10, elsewhere=COMMON_FEWEST)), _people()) == []


def test_two_accounts_are_no_group() -> None:
    assert candidates(_tied(Shared("payment", 2)), _people()) == []


def test_an_account_that_touches_two_crowds_does_not_make_them_one() -> None:
    # Two crowds of twenty with three cards each; the last account of the first also shows a card of the second.
    one = _tied(*(Shared("payment", 20) for _ in range(3)))
    other = _tied(*(Shared("payment", 20) for _ in range(3)), first=19)
    other = Ties(other.names, other.name, other.entity + 50_000, other.account, other.reach, other.first_us)
    bridge = (other.account == KEYS[19]) & (other.entity != other.entity.min())
    found = candidates(_both(one, other.only(~bridge)), _people())
    assert sorted(len(members) for members in found) in ([19, 20], [20, 19])


def test_nothing_shared_means_no_candidates() -> None:
    assert candidates(NO_TIES, _people()) == []


def test_a_run_repeats() -> None:
    draw = np.random.default_rng(4)
    shared = [Shared("payment", int(draw.integers(3, 40)), values=int(draw.integers(1, 6))) for _ in range(12)]
    tied, people = _tied(*shared, Shared("signup", 60, values=5)), _people()
    first = [members.tolist() for members in candidates(tied, people)]
    assert first
    assert all([members.tolist() for members in candidates(tied, people)] == first for _ in range(5))
