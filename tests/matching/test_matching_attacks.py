"""Attacks on running holders and on members, each tried for real: what they would have gained, they do not."""

import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matching_world import EPOCH, Member, Party, World, addresses, opened, question, sighted

from stillwatch.adapters.stores.matching import shares
from stillwatch.adapters.transports.matching import MEDIA_TYPE, KeyHolder
from stillwatch.apps.forum import founding
from stillwatch.apps.matching.asking import item
from stillwatch.apps.matching.keeping import Folder
from stillwatch.errors import IntegrityError, StateError, StillwatchError
from stillwatch.guard.ledger.leaves import MatchingCommitted
from stillwatch.match import epochs
from stillwatch.match.group import Point, columns
from stillwatch.match.holder import Holder
from stillwatch.match.keys import HolderKey
from stillwatch.match.local import BothHoldersInOneProcess
from stillwatch.match.proofs import verify
from stillwatch.match.session import begin, resumed
from stillwatch.match.wire import Evaluate, Refused, Upload, encode, reply, request

BOTH: list[Party] = ["forum", "trustee"]


def _asked(world: World, member: Member, id: bytes = bytes(16), count: int = 3) -> Evaluate:
    with world.holder(member, "forum") as forum:
        epoch = forum.announced().epochs[EPOCH]
    listed = question(addresses(0, count)).listed
    session = begin(id=id, secret=bytes(32), pseudonym=bytes(32), member_name=member.name, epoch=epoch, kind="ipv4",
                    items=[item(each, bytes(32)) for each in listed], now=datetime.now(UTC))  # fmt: skip
    found = request(session.outgoing().body)
    assert isinstance(found, Evaluate)
    return found


def _posted(world: World, member: Member, party: Party, body: bytes) -> httpx.Response:
    headers = {"Authorization": f"Bearer {member.credentials[party]}", "Content-Type": MEDIA_TYPE}
    return httpx.post(f"{world.urls[party]}/match/", content=body, headers=headers)


def _upload(session: bytes, count: int) -> Upload:
    columns = (bytes(range(256))[:16] * count, bytes(32 * count), bytes(12 * count), bytes(16 * count))
    return Upload(session, EPOCH, "ipv4", *columns, bytes(39 * count))


# A member that wants more than it pays for.


@pytest.mark.parametrize("party", BOTH)
def test_a_batch_with_one_bad_point_is_computed_once_however_often_it_is_sent(
    world: World, alice: Member, party: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One charge must not buy any number of computations that end in a refusal."""
    counted: list[int] = []
    honest = Holder.answer

    def answer(self: Holder, *words: Any, **more: Any) -> Any:
        counted.append(1)
        return honest(self, *words, **more)

    monkeypatch.setattr(Holder, "answer", answer)
    asked = _asked(world, alice)
    body = encode(msgspec.structs.replace(asked, points=asked.points[:-32] + b"\xff" * 32))
    answers = [_posted(world, alice, party, body) for _ in range(4)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(422, answers[0].content)}
    assert len(counted) == 1
    assert world.used(party, "alice") == 3


def test_the_same_batch_many_times_at_once_is_computed_once(
    world: World, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    honest = Holder.answer

    def answer(self: Holder, *words: Any, **more: Any) -> Any:
        counted.append(1)
        return honest(self, *words, **more)

    monkeypatch.setattr(Holder, "answer", answer)
    body = encode(_asked(world, alice, count=200))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: _posted(world, alice, "forum", body).content, range(16)))
    assert len(set(answers)) == 1
    assert len(counted) == 1


def test_uploads_cost_a_session_each_so_the_ledger_can_not_be_filled_for_nothing(world: World, alice: Member) -> None:
    world.match(alice, addresses(0, 20))
    before = len(world.leaves("forum"))
    for number in range(5):
        said = reply(_posted(world, alice, "forum", encode(_upload(number.to_bytes(16, "big"), 1))).content)
        assert isinstance(said, Refused)
        assert said.code == "upload"
    assert len(world.leaves("forum")) == before


def test_a_session_can_not_upload_more_labels_than_it_had_evaluated_whatever_the_member_has_left(
    world: World, alice: Member
) -> None:
    world.match(alice, addresses(100, 160))
    asked = _asked(world, alice, count=3)
    assert _posted(world, alice, "forum", encode(asked)).status_code == 200
    many = msgspec.structs.replace(_upload(asked.session, 4), labels=bytes(range(64)))
    said = reply(_posted(world, alice, "forum", encode(many)).content)
    assert isinstance(said, Refused)
    assert "this session" in said.why


def test_a_session_of_one_type_or_epoch_pays_for_no_upload_of_another(world: World, alice: Member) -> None:
    opened(world, "2026-w48")
    asked = _asked(world, alice)
    assert _posted(world, alice, "forum", encode(asked)).status_code == 200
    for other in ({"kind": "domain"}, {"epoch": "2026-w48"}):
        upload = msgspec.structs.replace(_upload(asked.session, 1), **other)
        said = reply(_posted(world, alice, "forum", encode(upload)).content)
        assert isinstance(said, Refused)
        assert said.code == "upload"


@pytest.mark.parametrize("party", BOTH)
def test_a_request_moved_to_another_epoch_type_or_rotation_is_another_request(
    world: World, alice: Member, party: Party
) -> None:
    opened(world, "2026-w48")
    asked = _asked(world, alice)
    assert _posted(world, alice, party, encode(asked)).status_code == 200
    for other in ({"epoch": "2026-w48"}, {"kind": "domain"}, {"since": "2026-w48"}, {"audit": True}):
        said = reply(_posted(world, alice, party, encode(msgspec.structs.replace(asked, **other))).content)
        assert isinstance(said, Refused)
        assert said.code == "replay"


def test_what_a_suspended_member_uploaded_counts_no_more(world: World, alice: Member, bob: Member) -> None:
    world.match(bob, addresses(0, 5))
    assert sighted(world.match(alice, addresses(0, 5))) == addresses(0, 5)
    founding.suspend_member(world.dbs["forum"], "bob")
    assert sighted(world.match(alice, addresses(0, 5))) == []
    founding.suspend_member(world.dbs["forum"], "bob", restore=True)
    assert sighted(world.match(alice, addresses(0, 5))) == addresses(0, 5)


def test_a_flood_of_free_questions_of_one_member_holds_one_reader_and_no_other_member(
    world: World, alice: Member, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question is made slow; the other member is answered while the flood goes on."""
    outcome = world.match(alice, addresses(0, 3))
    world.match(bob, addresses(10, 13))
    at_once: list[int] = []
    most: list[int] = []
    honest = shares.answer

    def answer(connection: Any, member: Any, *rest: Any) -> Any:
        if member.name == "alice":
            at_once.append(1)
            most.append(len(at_once))
            time.sleep(0.2)
            at_once.pop()
        return honest(connection, member, *rest)

    monkeypatch.setattr(shares, "answer", answer)
    body = outcome.sessions[0].asking_again().outgoing().body
    with ThreadPoolExecutor(12) as pool:
        flood = [pool.submit(_posted, world, alice, "forum", body) for _ in range(12)]
        started = time.monotonic()
        assert sighted(world.match(bob, addresses(10, 13))) == []
        assert time.monotonic() - started < 1.5
        assert not all(each.done() for each in flood)
        assert {each.result().status_code for each in flood} == {200}
    assert max(most) == 1


# Bytes that are meant to break a server.


@pytest.mark.parametrize("party", BOTH)
@pytest.mark.parametrize(
    "body",
    [
        b"\x91" * 200_000,
        b"\x98\xa8evaluate" + b"\x91" * 200_000,
        b"\x81" * 100_000,
        b"\x91\xa5\x00\x00\x00\x00\x80",
        b"\x97\xa8evaluate\xc4\x10" + bytes(16) + b"\xa2\xff\xfe" + b"\xa4ipv4\xa0\xc4\x00\xc4\x00",
        b"\xdd\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
    ],
    ids=["nested", "nested behind a tag", "maps", "no text", "no text in an epoch", "a long array", "long bytes"],
)
def test_deep_long_or_unreadable_bodies_are_refused_at_once(
    world: World, alice: Member, party: Party, body: bytes
) -> None:
    assert _posted(world, alice, party, body).status_code == 422
    assert world.used(party, "alice") == 0


def test_a_body_longer_than_any_message_is_not_even_read(world: World, alice: Member) -> None:
    assert _posted(world, alice, "forum", bytes(11_000_000)).status_code == 413
    headers = {"Authorization": f"Bearer {alice.credentials['forum']}"}
    assert (
        httpx.post(f"{world.urls['forum']}/match/letters/", content=bytes(40_000), headers=headers).status_code == 413
    )


def test_a_name_that_would_be_sql_is_a_name(world: World, alice: Member) -> None:
    asked = msgspec.structs.replace(
        _asked(world, alice), epoch="x' OR '1'='1", kind="ipv4'; DROP TABLE match_steps; --"
    )
    said = reply(_posted(world, alice, "forum", encode(asked)).content)
    assert isinstance(said, Refused)
    assert said.code == "stale-epoch"


# A holder that lies to members.


@pytest.fixture
def lying(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[Party, Callable[[Any], Any]], None]:
    """Let a holder say something else to whoever asks for epochs."""

    def lie(party: Party, change: Callable[[Any], Any]) -> None:
        honest = KeyHolder.announced

        def announced(self: KeyHolder) -> Any:
            found = honest(self)
            return change(found) if self.name == party else found

        monkeypatch.setattr(KeyHolder, "announced", announced)

    return lie


@pytest.mark.parametrize("party", BOTH)
def test_a_holder_that_shows_one_member_a_key_of_its_own_is_found_out_by_the_other_holder(
    world: World, alice: Member, lying: Any, party: Party
) -> None:
    other = HolderKey.generated(EPOCH, "ipv4", bytes(32)).public.hex()

    def with_another_key(found: Any) -> Any:
        epoch = found.epochs[EPOCH]
        keys = epoch.keys | {"ipv4": msgspec.structs.replace(epoch.keys["ipv4"], **{party: other})}
        return msgspec.structs.replace(found, epochs={EPOCH: msgspec.structs.replace(epoch, keys=keys)})

    lying(party, with_another_key)
    with pytest.raises(IntegrityError, match=f"describe epoch {EPOCH} differently"):
        world.match(alice, addresses(0, 3))
    assert world.used("forum", "alice") == world.used("trustee", "alice") == 0


def test_both_holders_that_show_one_member_another_description_are_found_out_by_their_ledgers(
    world: World, alice: Member, lying: Any
) -> None:
    def sooner(found: Any) -> Any:
        epoch = msgspec.structs.replace(found.epochs[EPOCH], threshold=3)
        return msgspec.structs.replace(found, epochs={EPOCH: epoch})

    for party in BOTH:
        lying(party, sooner)
    with pytest.raises(IntegrityError, match="ledger does not show its key"):
        world.match(alice, addresses(0, 3))


def test_a_member_with_another_list_of_suffixes_asks_no_domain_and_is_told_which_to_install(
    world: World, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = epochs.list_version()
    monkeypatch.setattr(epochs, "list_version", lambda: "1.0")
    outcome = world.match(alice, ["name.example"], "domain")
    assert not outcome.sessions
    assert f"install publicsuffixlist=={ours}" in outcome.unasked[0].reason
    assert len(world.match(alice, addresses(0, 3)).sessions) == 1


def test_a_forum_that_calls_a_member_by_two_names_gets_no_second_share(
    world: World, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two shares of one polynomial at two places would open what this member holds alone."""
    world.match(alice, addresses(0, 3))
    monkeypatch.setattr(KeyHolder, "me", lambda _: "alice-2")
    with pytest.raises(IntegrityError, match="another name"):
        world.match(alice, addresses(0, 6))


@pytest.mark.parametrize("party", BOTH)
def test_a_holder_whose_ledger_does_not_hold_what_it_answered_gets_no_upload(
    world: World, alice: Member, party: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = KeyHolder.proofs

    def hidden(self: KeyHolder, about: str) -> Any:
        return [] if self.name == party and about.endswith("/evaluate") else honest(self, about)

    monkeypatch.setattr(KeyHolder, "proofs", hidden)
    with pytest.raises(IntegrityError, match=f"the {party} answered, and its ledger holds no commitment"):
        world.match(alice, addresses(0, 3))
    assert not any(isinstance(leaf, MatchingCommitted) and leaf.step == "upload" for leaf in world.leaves("forum"))


def test_nested_or_misspelt_answers_of_a_holder_end_in_an_error_of_ours(
    world: World, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    for said in (b'{"x":' + b"[" * 100_000, b'{"holder":"\xff"}', b"[]", b""):
        with world.holder(alice, "forum") as forum:
            monkeypatch.setattr(forum, "_ask", lambda *_, said=said, **__: (httpx.Response(200), said))
            with pytest.raises(IntegrityError, match="none of ours"):
                forum.announced()


# Files of a member.


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_session_file_that_was_tampered_with_is_refused_or_harmless(data: st.DataObject) -> None:
    """Whatever a flipped byte does, no exception but ours comes out, and no identifier goes out in the clear."""
    whole = data.draw(st.sampled_from(_session_bytes()))
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]
    try:
        out = resumed(changed[: data.draw(st.integers(len(changed) - 3, len(changed)))]).outgoing()
    except StillwatchError:
        return
    assert b"8.0.0." not in out.body


def test_a_damaged_session_stops_the_run_and_says_which_file(world: World, alice: Member) -> None:
    world.match(alice, addresses(0, 3))
    (path,) = (alice.folder / "sessions").glob("*.session")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(StateError, match=str(path.name)):
        world.match(alice, addresses(0, 3))


def test_everything_a_member_keeps_is_for_its_own_eyes(world: World, alice: Member) -> None:
    world.match(alice, addresses(0, 3))
    folder = alice.folder / "sessions"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    loose = {path.name for path in folder.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077}
    assert loose <= {"lock"}


def test_a_folder_that_others_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "open").chmod(0o755)
    with pytest.raises(StateError, match="may be read by others"):
        Folder(tmp_path / "open")


def test_no_secret_shows_in_what_python_prints_of_our_values(world: World, alice: Member) -> None:
    (session,) = world.match(alice, addresses(0, 3)).sessions
    key = HolderKey.generated(EPOCH, "ipv4", bytes(32))
    holder = Holder([key], {})
    text = repr((session, key, holder))
    assert "8.0.0." not in text
    for secret in (session.secret, session.pseudonym, bytes(key.secret), *session.tags()):
        assert repr(secret)[2:-1] not in text
        assert secret.hex() not in text


def test_what_a_ledger_shows_of_one_member_is_not_shown_to_another(world: World, alice: Member, bob: Member) -> None:
    (session,) = world.match(alice, addresses(0, 3)).sessions
    for party in BOTH:
        with world.holder(alice, party) as ours, world.holder(bob, party) as theirs:
            about = f"matching/{session.id.hex()}/evaluate"
            assert len(ours.proofs(about)) == 1
            assert theirs.proofs(about) == []
        headers = {"Authorization": f"Bearer {bob.credentials[party]}"}
        assert httpx.get(f"{world.urls[party]}/forum/ledger/forum/export/", headers=headers).status_code == 403


def test_a_session_in_audit_mode_asks_both_for_proofs_and_is_found_in_both_ledgers(
    world: World, alice: Member, bob: Member
) -> None:
    assert sighted(world.match(alice, addresses(0, 20), audit=True)) == []
    (session,) = world.match(bob, addresses(10, 30), audit=True).sessions
    assert session.audit
    assert len(session.receipts) == 2
    columns_ = [[Point(each) for each in columns(data)] for data in (session.points, session.first, session.evaluated)]
    for side, public in enumerate(session.epoch.public("ipv4")):
        assert verify(public, columns_[side], columns_[side + 1], session.proofs[side])
        assert not verify(public, columns_[side], columns_[side + 1][::-1], session.proofs[side])
    assert len(session.found) == 10
    assert world.used("forum", "bob") == world.used("trustee", "bob") == 20
    for party in BOTH:
        leaves = [leaf for leaf in world.leaves(party) if isinstance(leaf, MatchingCommitted)]
        assert {leaf.step for leaf in leaves} == {"evaluate"} | ({"upload"} if party == "forum" else set())


@cache
def _session_bytes() -> tuple[bytes, bytes]:
    """A session before its first step, and one before its upload."""
    now = datetime.now(UTC)
    span = {"opens": now - timedelta(days=1), "closes": now + timedelta(days=1)}
    both = BothHoldersInOneProcess("w", ["ipv4"], **span, chance=lambda size: bytes(range(7, 7 + size)))
    listed = question(addresses(0, 3)).listed
    session = begin(
        id=bytes(16), secret=bytes(32), pseudonym=bytes(32), member_name="alice", epoch=both.epoch, kind="ipv4",
        items=[item(each, bytes(32)) for each in listed], now=now,
    )  # fmt: skip
    later = session
    while later.step != "upload":
        later = later.received(both.send("alice", later.outgoing()))
    return session.encoded(), later.encoded()
