"""Below the threshold nothing opens; from it on, honest rows open and dishonest ones are named."""

from itertools import combinations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protocol_world import NOW, items, matched, world

from stillwatch.match.faults import MalformedError
from stillwatch.match.group import ORDER
from stillwatch.match.payload import Note, Told, binding, handle_for, seal, together, unseal
from stillwatch.match.pool import rows_of
from stillwatch.match.threshold import Row, found, label_of, open_label, place, seal_for, split
from stillwatch.match.wire import Upload, request

TAG = bytes(range(64))
PLACE = ("2026-03", "domain")


def row(member: str, threshold: int, accounts: int = 5, tag: bytes = TAG) -> Row:
    piece = split(tag, threshold, place(member))
    told = Told(Note.of(accounts, 100, 20500, 20510), handle_for(member.encode(), piece.label))
    return seal_for(piece, told, *PLACE, member)


@settings(max_examples=60, deadline=None)
@given(threshold=st.integers(2, 6), tag=st.binary(min_size=64, max_size=64), data=st.data())
def test_any_threshold_of_holders_opens_and_one_fewer_never_does(
    threshold: int, tag: bytes, data: st.DataObject
) -> None:
    members = data.draw(st.lists(st.text(min_size=1, max_size=8), min_size=threshold, max_size=8, unique=True))
    rows = {member: row(member, threshold, tag=tag) for member in members}
    label = label_of(tag, threshold)
    opened = open_label(label, rows, threshold, *PLACE)
    assert opened is not None
    assert set(opened.told) == set(members)
    assert opened.misfits == ()
    for few in combinations(members, threshold - 1):
        assert open_label(label, {member: rows[member] for member in few}, threshold, *PLACE) is None


def test_shares_below_the_threshold_fit_every_secret() -> None:
    share = int.from_bytes(split(TAG, 2, place("member-1")).share, "little")
    at = place("member-1")
    for secret in (0, 1, ORDER - 1):  # some line through the share passes every secret: it rules none out
        slope = (share - secret) * pow(at, -1, ORDER) % ORDER
        assert (secret + slope * at) % ORDER == share


def test_one_member_twice_is_one_member() -> None:
    parties = world()
    first = parties.match("member-1", "domain", items("a.test"), NOW)
    assert not parties.match("member-1", "domain", items("a.test"), NOW).found
    assert not first.found


def test_three_must_hold_it_where_the_epoch_says_three() -> None:
    parties = world(threshold=3)
    sessions = [parties.match(f"member-{number}", "domain", items("a.test"), NOW) for number in range(3)]
    assert [matched(session) for session in sessions] == [set(), set(), {"a.test"}]
    assert sessions[-1].found[0].members == 1


def test_a_false_share_is_named_and_the_honest_rows_still_open() -> None:
    rows = {member: row(member, 2) for member in ("a", "b", "c")}
    rows["b"] = msgspec.structs.replace(rows["b"], share=bytes(32))
    opened = open_label(label_of(TAG, 2), rows, 2, *PLACE)
    assert opened is not None
    assert set(opened.told) == {"a", "c"}
    assert opened.misfits == ("b",)


def test_a_payload_of_another_member_or_place_is_named() -> None:
    rows = {member: row(member, 2) for member in ("a", "b", "c")}
    copied = msgspec.structs.replace(rows["c"], nonce=rows["a"].nonce, sealed=rows["a"].sealed)
    opened = open_label(label_of(TAG, 2), {**rows, "c": copied}, 2, *PLACE)
    assert opened is not None
    assert opened.misfits == ("c",)
    assert open_label(label_of(TAG, 2), rows, 2, "2026-04", "domain") is None


def test_a_label_with_one_honest_row_stays_closed() -> None:
    rows = {"a": row("a", 2), "b": row("b", 2, tag=bytes(64))}
    assert open_label(label_of(TAG, 2), rows, 2, *PLACE) is None


def test_the_asker_is_told_about_the_others_only_and_a_stranger_nothing() -> None:
    rows = {"a": row("a", 2, accounts=5_000), "b": row("b", 2, accounts=7)}
    opened = open_label(label_of(TAG, 2), rows, 2, *PLACE)
    assert opened is not None
    told = {asker: found(label_of(TAG, 2), opened, asker) for asker in ("a", "b", "stranger")}
    assert told["a"] is not None
    assert told["b"] is not None
    assert (told["a"].accounts, told["b"].accounts) == (1, 4)
    assert told["stranger"] is None


def test_labels_of_different_thresholds_have_nothing_in_common() -> None:
    assert label_of(TAG, 2) != label_of(TAG, 3)


def test_a_threshold_of_one_is_refused() -> None:
    with pytest.raises(MalformedError):
        open_label(label_of(TAG, 2), {"a": row("a", 2)}, 1, *PLACE)


def test_the_forum_sees_labels_shares_and_noise_and_no_count_or_day() -> None:
    parties = world()
    parties.match("member-1", "domain", items("a.test", "b.test"), NOW)
    (upload,) = [request(out.body) for _, out, _ in parties.transcript if out.step == "upload"]
    assert isinstance(upload, Upload)
    bodies = [one.sealed for one in rows_of(upload).values()]
    assert len(set(bodies)) == 2
    assert len({one[:8] for one in bodies}) == 2  # the same note under two labels shows no common bytes


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 65535), st.integers(0, 65535))
def test_a_note_survives_sealing_and_tells_only_its_buckets(accounts: int, exchanges: int, one: int, two: int) -> None:
    note = Note.of(accounts, exchanges, min(one, two), max(one, two))
    told, bound = Told(note, bytes(16)), binding(*PLACE, bytes(16), "member-1")
    nonce, sealed = seal(told, bytes(32), bound)
    assert unseal(bytes(32), bound, nonce, sealed) == told
    assert unseal(bytes(32), binding(*PLACE, bytes(16), "member-2"), nonce, sealed) is None
    assert note == Note.of(10 ** max(0, note.accounts - 1) if note.accounts else 0, exchanges, note.first, note.last)


def test_notes_add_up_to_the_bucket_of_their_lower_ends() -> None:
    notes = [Note.of(12, 0, 10, 20), Note.of(95, 9, 5, 12), *(Note.of(10, 1, 7, 8) for _ in range(8))]
    assert together(notes) == Note(accounts=3, exchanges=1, first=5, last=20)


@pytest.mark.parametrize("wrong", [(10, 0, 0, 0), (0, 10, 0, 0), (0, 0, 2, 1), (0, 0, 0, 65536), (-1, 0, 0, 0)])
def test_notes_that_say_what_cannot_be_are_refused(wrong: tuple[int, int, int, int]) -> None:
    with pytest.raises(MalformedError):
        Note(*wrong)


def test_columns_of_different_length_are_refused() -> None:
    good = {"labels": bytes(32), "shares": bytes(64), "nonces": bytes(24), "evidence": bytes(32), "sealed": bytes(78)}
    Upload(bytes(16), *PLACE, **good)
    for name, column in good.items():
        with pytest.raises(MalformedError):
            Upload(bytes(16), *PLACE, **{**good, name: column[: len(column) // 2]})
        with pytest.raises(MalformedError):
            Upload(bytes(16), *PLACE, **{**good, name: column + b"x"})
