"""Line ``two-mode``: a template amid other traffic, in the same proportion everywhere."""

import numpy as np
import pytest

from groups import MATHS, bits, group, rising
from stillwatch.detect.evidence.two_mode import TWO_MODE
from stillwatch.vocabulary.techniques import CAPABILITIES

SIZE = 30
DRAW = np.random.default_rng(6)


def _bits(typical: float, spread: float, *, volume: int = 40, rest: int = 6, size: int = SIZE) -> float | None:
    """Members with so much traffic, about this share of it the template (maths); the rest is about ``rest``."""
    odds = np.log(typical / (1 - typical)) + spread * DRAW.standard_normal(size)
    counts = np.maximum(1, DRAW.binomial(volume, 1 / (1 + np.exp(-odds))))
    about = {f"c{code}": np.where(code == MATHS, counts, 0) for code in range(len(CAPABILITIES))}
    about[f"c{rest}"] = about[f"c{rest}"] + volume - counts
    members = {"exchanges": np.full(size, volume), **about}
    return bits(TWO_MODE, group(size, counts=counts, members=members, core={"capability": MATHS}))


def test_the_same_share_of_cover_in_every_account_weighs_for_a_campaign() -> None:
    found = _bits(0.3, 0.0)
    assert found is not None
    assert found > 1.5


def test_strangers_who_use_a_prompt_as_often_as_they_like_weigh_against() -> None:
    found = _bits(0.3, 1.6)
    assert found is not None
    assert found < 0


def test_cover_that_is_like_the_template_shows_no_second_mode() -> None:
    assert _bits(0.3, 0.0, rest=MATHS) == 0.0


@pytest.mark.parametrize("typical", [0.9, 0.01])
def test_accounts_with_hardly_any_other_mode_are_not_looked_at(typical: float) -> None:
    assert _bits(typical, 0.0, volume=400) is None


def test_accounts_of_a_few_requests_show_no_share() -> None:
    assert _bits(0.3, 0.0, volume=5) is None


def test_seven_accounts_are_too_few_to_tell() -> None:
    assert _bits(0.3, 0.0, size=7) is None


def test_the_more_alike_the_shares_the_more_it_weighs() -> None:
    assert rising([_bits(0.4, spread, size=200) for spread in (1.6, 0.7, 0.45, 0.1)])


def test_chance_alone_makes_no_spread() -> None:
    # Fifteen requests each: shares differ by a factor of two by chance; a large group shows that this is all.
    found = _bits(0.3, 0.0, volume=15, size=200)
    assert found is not None
    assert found > 1.2


def test_customers_of_a_popular_prompt_seldom_look_alike() -> None:
    """Null: log-odds of the template's share spread by 1 among strangers. Unit: the group. 300 draws."""
    weights = np.array([_bits(0.3, 1.0) or 0.0 for _ in range(300)])
    assert np.mean(weights > 0.5) < 0.03
    assert np.mean(np.exp2(weights)) < 1.0
