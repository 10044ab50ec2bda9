"""Line ``replayed-signature``: a reasoning signature shown outside its own account."""

from groups import Shared, bits, group, rising
from stillwatch.detect.evidence.replayed_signature import REPLAYED_SIGNATURE


def test_signatures_of_each_others_sessions_are_near_proof() -> None:
    assert bits(REPLAYED_SIGNATURE, group(shared=[Shared("signature", 20, values=4)])) == 14.0


def test_a_transcript_that_two_customers_share_says_nothing() -> None:
    assert bits(REPLAYED_SIGNATURE, group(shared=[Shared("signature", 2)])) is None


def test_one_customer_that_moves_its_session_between_its_accounts_says_nothing() -> None:
    assert bits(REPLAYED_SIGNATURE, group(members={"organization": 3}, shared=[Shared("signature", 20)])) is None


def test_without_signatures_nothing_is_said() -> None:
    assert bits(REPLAYED_SIGNATURE, group()) is None


def test_the_more_members_show_one_the_more_it_weighs() -> None:
    assert rising([bits(REPLAYED_SIGNATURE, group(shared=[Shared("signature", tied)])) for tied in (3, 4, 6)])
