"""What a member keeps and what is shown of it: files that were tampered with, secrets that nobody else sees."""

import stat
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matching_world import EPOCH, Member, Party, World, addresses, question, sighted

from stillwatch.apps.matching.asking import item
from stillwatch.apps.matching.keeping import Folder
from stillwatch.errors import StateError, StillwatchError
from stillwatch.guard.ledger.leaves import MatchingCommitted
from stillwatch.match.group import Point, columns
from stillwatch.match.holder import Holder
from stillwatch.match.keys import HolderKey
from stillwatch.match.local import BothHoldersInOneProcess
from stillwatch.match.proofs import verify
from stillwatch.match.session import begin, resumed

BOTH: list[Party] = ["forum", "trustee"]


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
