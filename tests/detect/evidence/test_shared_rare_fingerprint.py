"""Line ``shared-rare-fingerprint``: the same words in many accounts, and in nobody else's."""

from groups import bits, group, rising
from stillwatch.detect.evidence.shared_rare_fingerprint import MOST, SHARED_RARE_FINGERPRINT


def test_a_template_that_nobody_else_shows_weighs_for_a_campaign() -> None:
    assert bits(SHARED_RARE_FINGERPRINT, group()) == MOST


def test_a_public_template_that_strangers_show_in_passing_weighs_against() -> None:
    assert bits(SHARED_RARE_FINGERPRINT, group(fringe=200)) == -1.0


def test_one_common_sentence_is_no_template() -> None:
    assert bits(SHARED_RARE_FINGERPRINT, group(passages=1)) == -1.0


def test_a_group_that_only_ties_hold_together_says_nothing_about_words() -> None:
    assert bits(SHARED_RARE_FINGERPRINT, group(passages=0, origin="ties")) is None


def test_the_fewer_outsiders_show_it_the_more_it_weighs() -> None:
    assert rising([bits(SHARED_RARE_FINGERPRINT, group(fringe=fringe)) for fringe in (100, 40, 20, 5, 0)])


def test_the_more_passages_are_common_the_more_it_weighs() -> None:
    assert rising([bits(SHARED_RARE_FINGERPRINT, group(passages=passages)) for passages in (1, 2, 3, 6, 20)])


def test_few_accounts_weigh_less_than_many() -> None:
    assert rising([bits(SHARED_RARE_FINGERPRINT, group(size)) for size in (3, 5, 10)])
