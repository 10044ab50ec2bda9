"""Line ``dealt-payload``: one pack of tasks, dealt to the accounts like cards."""

import numpy as np
import pytest

from groups import Shared, bits, group, rising
from stillwatch.detect.evidence.dealt_payload import DEALT_PAYLOAD, correlation


def _lengths(own: float, *, size: int = 30, each: int = 10) -> np.ndarray:
    """Prompt lengths of which a share ``own`` of the variance lies between accounts."""
    draw = np.random.default_rng(5)
    between = np.repeat(draw.standard_normal(size), each) * np.sqrt(own)
    return np.exp(6 + 0.5 * (between + draw.standard_normal(size * each) * np.sqrt(1 - own))).astype(np.int64)


def test_a_pack_dealt_out_weighs_for_a_campaign() -> None:
    found = bits(DEALT_PAYLOAD, group(30, 10, core={"prompt_symbols": _lengths(0.0)}))
    assert found is not None
    assert found > 1.5


def test_accounts_with_a_subject_of_their_own_weigh_against() -> None:
    found = bits(DEALT_PAYLOAD, group(30, 10, core={"prompt_symbols": _lengths(0.8)}))
    assert found is not None
    assert found < -1


def test_the_more_an_account_explains_the_less_it_weighs() -> None:
    weights = [
        bits(DEALT_PAYLOAD, group(30, 10, core={"prompt_symbols": _lengths(own)})) for own in (0.8, 0.4, 0.15, 0)
    ]
    assert rising(weights)


def test_an_agency_in_one_place_is_not_charged_with_it() -> None:
    agency = group(30, 10, core={"prompt_symbols": _lengths(0.0)}, shared=[Shared("network", 30)])
    assert bits(DEALT_PAYLOAD, agency) == 0


def test_one_request_from_each_account_says_nothing() -> None:
    assert bits(DEALT_PAYLOAD, group(40, 1)) is None


@pytest.mark.parametrize("own", [0.0, 0.3, 0.7])
def test_the_correlation_is_the_share_of_variance_between_accounts(own: float) -> None:
    values = np.log(_lengths(own, size=400, each=6))
    assert correlation(values, np.repeat(np.arange(400), 6)) == pytest.approx(own, abs=0.06)
