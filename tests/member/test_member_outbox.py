"""The queue on disk: whole files, in order, nothing twice, whatever moment the process ends at."""

import pytest
from member_world import NOW

from stillwatch.apps.member.outbox import Outbox, Parcel, Settled
from stillwatch.errors import StateError, UsageError
from stillwatch.share.stix.say import timestamp


def parcel(name: str, **more) -> Parcel:
    made = {"group": "peers", "kind": "campaign", "queued_at": timestamp(NOW), "about": name}
    return Parcel(**{**made, "items": ({"id": name, "type": "campaign"},), "digests": (name,), **more})


def names(outbox: Outbox) -> list[str]:
    return [outbox.read(path).about for path in outbox.waiting()]


def test_what_was_put_waits_in_the_order_of_time(tmp_path):
    outbox = Outbox(tmp_path / "outbox")
    outbox.put(parcel("second", queued_at="2026-11-20T12:00:01.000Z"))
    outbox.put(parcel("first", queued_at="2026-11-20T12:00:00.999Z"))
    assert names(Outbox(tmp_path / "outbox")) == ["first", "second"]


def test_the_same_bytes_are_queued_once(tmp_path):
    outbox = Outbox(tmp_path)
    assert outbox.put(parcel("one")) is not None
    assert outbox.put(parcel("one", queued_at="2026-11-21T12:00:00.000Z")) is None
    assert names(outbox) == ["one"]


def test_what_was_sent_is_not_queued_again(tmp_path):
    outbox = Outbox(tmp_path)
    path = outbox.put(parcel("one"))
    outbox.settle(path, Settled(parcel=parcel("one"), settled_at=timestamp(NOW)))
    assert outbox.put(parcel("one")) is None
    assert names(outbox) == []


def test_what_was_held_may_be_queued_again(tmp_path):
    outbox = Outbox(tmp_path)
    path = outbox.put(parcel("one"))
    outbox.settle(path, Settled(parcel=parcel("one"), settled_at=timestamp(NOW), failures=(("one", "no"),)))
    assert outbox.put(parcel("one")) is not None


def test_a_crash_between_the_two_steps_of_settling_sends_nothing_again(tmp_path):
    """The file in ``sent`` is there, the one in ``queued`` not gone yet."""
    outbox = Outbox(tmp_path)
    path = outbox.put(parcel("one"))
    before = path.read_bytes()
    outbox.settle(path, Settled(parcel=parcel("one"), settled_at=timestamp(NOW)))
    path.write_bytes(before)
    assert names(Outbox(tmp_path)) == []
    assert not path.exists()


def test_a_file_that_was_being_written_when_the_process_ended_is_no_parcel(tmp_path):
    outbox = Outbox(tmp_path)
    path = outbox.put(parcel("one"))
    (path.parent / f".{path.name}.123").write_bytes(path.read_bytes()[:20])
    assert names(outbox) == ["one"]


def test_a_damaged_parcel_stops_the_queue_with_its_place_and_is_not_thrown_away(tmp_path):
    outbox = Outbox(tmp_path)
    path = outbox.put(parcel("one"))
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(StateError, match=path.name):
        names(outbox)
    assert path.exists()


def test_the_newest_version_of_an_object_is_found_for_its_own_group_only(tmp_path):
    outbox = Outbox(tmp_path)
    path = outbox.put(parcel("one", items=({"id": "x", "v": 1},)))
    outbox.settle(path, Settled(parcel=outbox.read(path), settled_at=timestamp(NOW)))
    outbox.put(parcel("two", items=({"id": "x", "v": 2},), queued_at="2026-11-21T12:00:00.000Z"))
    assert outbox.latest("x", "peers") == {"id": "x", "v": 2}
    assert outbox.latest("x", "others") is None


def test_a_draft_waits_by_a_short_name_until_it_is_dropped(tmp_path):
    outbox = Outbox(tmp_path)
    name = outbox.draft(parcel("one", digests=()))
    assert outbox.read_draft(name).about == "one"
    assert names(outbox) == []
    outbox.drop_draft(name)
    with pytest.raises(UsageError, match="there is: none"):
        outbox.read_draft(name)


def test_only_its_owner_may_read_the_outbox(tmp_path):
    outbox = Outbox(tmp_path / "outbox")
    path = outbox.put(parcel("one"))
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
