"""Rotation moves tags to a new key without identifiers; destroyed keys move nothing; sessions survive a kill."""

import msgspec
import pytest
from protocol_world import NOW, TwoEpochs, items, matched, started, world

from stillwatch.match.epochs import Epoch
from stillwatch.match.faults import MalformedError, ProofError, StaleEpochError
from stillwatch.match.group import columns
from stillwatch.match.keys import HolderKey
from stillwatch.match.session import resumed, run


@pytest.mark.parametrize("audit", [False, True])
def test_rotation_from_kept_points_gives_the_tags_that_identifiers_would_give(audit: bool) -> None:
    parties = TwoEpochs()
    names = [b"a.test", b"b.test", b"c.test"]
    old = parties.evaluated("2026-03", names)
    moved = parties.evaluated("2026-04", list(columns(old.kept)), since="2026-03", audit=audit)
    assert moved.labels == parties.evaluated("2026-04", names).labels
    assert moved.tags() == parties.evaluated("2026-04", names).tags()
    assert not set(moved.labels) & set(old.labels)


def test_a_member_that_rotates_stores_no_identifier() -> None:
    parties = TwoEpochs()
    old = parties.evaluated("2026-03", [b"a-very-recognisable-name.test"])
    moved = parties.evaluated("2026-04", list(columns(old.kept)), since="2026-03")
    assert b"recognisable" in old.encoded()
    assert b"recognisable" not in moved.encoded()


def test_a_rotation_under_another_ratio_than_the_published_keys_is_refused() -> None:
    parties = TwoEpochs()
    old = parties.evaluated("2026-03", [b"a.test"])
    strange = HolderKey.generated("2026-03", "domain", b"another old key".ljust(32))
    parties.holders["forum"] = parties.holder([strange, parties.keys["forum", "2026-04"]])
    with pytest.raises(ProofError, match="the forum gave a proof that does not hold"):
        parties.evaluated("2026-04", list(columns(old.kept)), since="2026-03")


def test_after_destruction_old_tags_can_neither_be_made_nor_moved() -> None:
    parties = TwoEpochs()
    old = parties.evaluated("2026-03", [b"a.test"])
    key = parties.keys["trustee", "2026-03"]
    key.destroy()
    assert key.destroyed
    assert not any(key._secret)
    with pytest.raises(StaleEpochError, match="destroyed"):
        parties.evaluated("2026-03", [b"a.test"])
    with pytest.raises(StaleEpochError, match="destroyed"):
        parties.evaluated("2026-04", list(columns(old.kept)), since="2026-03")
    assert parties.evaluated("2026-04", [b"a.test"]).labels


def test_one_evaluation_gives_other_tags_in_every_forum_epoch_and_type() -> None:
    old = TwoEpochs().evaluated("2026-03", [b"a.test"])
    elsewhere = msgspec.structs.replace(old, epoch=msgspec.structs.replace(old.epoch, forum="another forum"))
    other_epoch = msgspec.structs.replace(old, epoch=msgspec.structs.replace(old.epoch, id="2026-04"))
    other_type = msgspec.structs.replace(old, kind="email")
    assert len({one.tags()[0] for one in (old, elsewhere, other_epoch, other_type)}) == 4


def test_a_session_that_is_killed_before_or_after_any_reply_goes_on_with_the_same_bytes() -> None:
    parties = world()
    parties.match("member-2", "domain", items("b.test"), NOW)
    session = started(parties.epoch, items("a.test", "b.test"))
    whole = run(session, lambda out: parties.send("member-1", out))
    steps = 0
    while not session.done:
        sent = session.outgoing()
        reply = parties.send("member-1", sent)  # the member dies here, and asks again
        session = resumed(session.encoded())
        assert session.outgoing() == sent
        session = resumed(session.received(reply).encoded())
        steps += 1
    assert steps == 6
    assert (session.labels, session.found, session.kept) == (whole.labels, whole.found, whole.kept)
    assert matched(session) == {"b.test"}


def test_bytes_that_are_no_session_are_refused() -> None:
    with pytest.raises(MalformedError):
        resumed(b"\x80")


def test_a_threshold_below_two_and_a_seed_that_is_short_are_refused() -> None:
    epoch = TwoEpochs().epochs["2026-03"]
    with pytest.raises(ValueError, match="threshold"):
        msgspec.convert({**msgspec.to_builtins(epoch), "threshold": 1}, Epoch)
    with pytest.raises(MalformedError):
        HolderKey.generated("2026-03", "domain", b"short")


def test_the_digest_of_an_epoch_covers_every_field() -> None:
    epoch = TwoEpochs().epochs["2026-03"]
    changed = [
        msgspec.structs.replace(epoch, forum="x"),
        msgspec.structs.replace(epoch, id="x"),
        msgspec.structs.replace(epoch, opens=NOW),
        msgspec.structs.replace(epoch, closes=NOW),
        msgspec.structs.replace(epoch, threshold=3),
        msgspec.structs.replace(epoch, agreement="x"),
        msgspec.structs.replace(epoch, keys={}),
    ]
    assert len({one.digest() for one in (epoch, *changed)}) == 8
