"""Line ``narrow-capability``: one capability and no other."""

import numpy as np

from groups import MATHS, WRITING, bits, group, rising
from stillwatch.detect.evidence.narrow_capability import NARROW_CAPABILITY


def test_a_group_that_asks_for_maths_only_weighs_for_a_campaign() -> None:
    assert bits(NARROW_CAPABILITY, group(core={"capability": MATHS})) > 1.0  # type: ignore[operator]


def test_a_group_as_mixed_as_everybody_weighs_against() -> None:
    assert bits(NARROW_CAPABILITY, group(core={"capability": np.arange(200) % 9})) == -0.5


def test_a_group_about_nothing_in_particular_weighs_against() -> None:
    assert bits(NARROW_CAPABILITY, group(core={"capability": 0})) == -0.5


def test_what_everybody_here_asks_for_is_no_focus() -> None:
    all_writing = {f"c{code}": 0 for code in range(9)} | {f"c{WRITING}": 100}
    assert bits(NARROW_CAPABILITY, group(everyone=all_writing)) == -0.5


def test_under_ten_exchanges_nobody_can_tell() -> None:
    assert bits(NARROW_CAPABILITY, group(3, 3)) is None


def test_the_narrower_the_more_it_weighs() -> None:
    cores = [np.where(np.arange(200) < share * 200, MATHS, np.arange(200) % 9) for share in (0.0, 0.3, 0.6, 1.0)]
    assert rising([bits(NARROW_CAPABILITY, group(core={"capability": core})) for core in cores])
