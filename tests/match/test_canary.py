"""Canaries are met by who counts, and by nobody who looks at its own customers."""

import pytest

from stillwatch.match.canary import CanaryHit, chance, from_networks, from_pool, suspects

SECRET = bytes(range(32))


def test_the_same_secret_draws_the_same_canaries_another_secret_or_epoch_draws_others():
    def drawn(secret, epoch):
        return set(from_networks(secret, epoch, ["198.51.100.0/24", "203.0.113.0/24"], 40))

    assert len(drawn(SECRET, "w27")) == 40
    assert drawn(SECRET, "w27") == drawn(SECRET, "w27")
    assert len(drawn(SECRET, "w27") & drawn(SECRET, "w28")) < 20
    assert len(drawn(SECRET, "w27") & drawn(bytes(32), "w27")) < 20


def test_a_pool_that_is_too_small_or_not_fit_to_be_matched_is_refused():
    with pytest.raises(ValueError, match="256 values"):
        from_networks(SECRET, "w27", ["198.51.100.0/24", "10.0.0.0/24"], 257)
    assert len(from_pool(SECRET, "w27", from_networks(SECRET, "w27", ["198.51.100.0/24"], 9), 9)) == 9


def test_a_network_that_nobody_can_know_to_be_dark_is_refused_at_once():
    with pytest.raises(ValueError, match="more than"):
        from_networks(SECRET, "w27", ["0.0.0.0/0"], 64)


def test_one_hit_is_no_suspicion_and_two_are():
    canaries = frozenset({b"a", b"b", b"c"})
    uploads = {"counting": [b"a", b"c", b"x"], "unlucky": [b"b", b"y"], "honest": [b"z"]}
    assert suspects(uploads, canaries) == [CanaryHit("counting", 2)]
    assert [hit.member for hit in suspects(uploads, canaries, least=1)] == ["counting", "unlucky"]


def test_the_chance_to_meet_a_canary_grows_with_what_is_asked():
    assert chance(75_000, 300, 100) == pytest.approx(0.33, abs=0.005)
    assert chance(75_000, 300, 0) == 0
    assert chance(75_000, 300, 75_000) > 0.999_999
