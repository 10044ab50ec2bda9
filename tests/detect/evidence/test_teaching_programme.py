"""Line ``teaching-programme``: classes look like campaigns."""

import numpy as np

from groups import bits, group, missing, rising
from stillwatch.detect.evidence.teaching_programme import EDUCATION, TEACHING_PROGRAMME

OTHER = 0


def _enrolled(members: int) -> float | None:
    programme = np.where(np.arange(20) < members, EDUCATION, OTHER)
    return bits(TEACHING_PROGRAMME, group(members={"programme": programme}))


def test_a_class_weighs_against() -> None:
    assert _enrolled(20) == -5.0


def test_a_few_pupils_among_strangers_say_nothing() -> None:
    assert _enrolled(5) is None


def test_unknown_programmes_say_nothing() -> None:
    assert bits(TEACHING_PROGRAMME, group(members={"programme": missing(20)})) is None


def test_another_programme_is_no_class() -> None:
    assert bits(TEACHING_PROGRAMME, group(members={"programme": 2})) is None


def test_the_more_are_enrolled_the_more_it_weighs_against() -> None:
    assert rising([_enrolled(members) for members in (20, 15, 10, 6)])
