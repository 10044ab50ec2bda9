"""Identities are told by mutual consent alone, and the forum between carries what it can't read."""

import re
import subprocess
import sys
from contextlib import ExitStack

import msgspec
import pytest
import sqlalchemy as sa
from matching_world import Member, World, addresses

from stillwatch.adapters.stores.forum import database
from stillwatch.adapters.stores.matching.tables import letters
from stillwatch.apps.forum import founding
from stillwatch.apps.matching.consenting import Correspondence, Kept
from stillwatch.apps.matching.keeping import Folder
from stillwatch.errors import NoInputError, UsageError
from stillwatch.match.consent import Identity, decode, digest, encode
from stillwatch.match.faults import MalformedError
from stillwatch.match.identifiers import Identifier, canonical

SHARED = "8.0.0.50"


def _shared() -> Identifier:
    found = canonical("ipv4", SHARED)
    assert isinstance(found, Identifier)
    return found


def _post(world: World, member: Member, stack: ExitStack) -> Correspondence:
    folder = stack.enter_context(Folder(member.folder / "sessions"))
    forum = stack.enter_context(world.holder(member, "forum"))
    return Correspondence(folder, forum, Identity(member=member.name, contact=f"desk@{member.name}.example"))


@pytest.fixture
def matched(world: World, alice: Member, bob: Member) -> World:
    world.match(alice, addresses(0, 60))
    world.match(bob, addresses(50, 120))
    world.match(alice, addresses(0, 60))
    return world


def test_who_wishes_and_who_agrees_learn_of_each_other(matched: World, alice: Member, bob: Member) -> None:
    with ExitStack() as stack:
        ours, theirs = _post(matched, alice, stack), _post(matched, bob, stack)
        wanted = ours.wish(_shared())
        assert theirs.read()["wishes"] == [{"about": f"ipv4 {SHARED}", "wish": wanted}]
        theirs.agree(wanted)
        assert [met["member"] for met in ours.read()["met"]] == ["bob"]
        assert [met["contact"] for met in theirs.read()["met"]] == ["desk@alice.example"]
        assert theirs.read()["wishes"] == []


def test_without_consent_nobody_is_named_and_a_wish_names_nobody(matched: World, alice: Member, bob: Member) -> None:
    with ExitStack() as stack:
        ours, theirs = _post(matched, alice, stack), _post(matched, bob, stack)
        assert ours.wish(_shared()) == ours.wish(_shared())
        assert ours.read()["met"] == []
        assert len(theirs.read()["wishes"]) == 1
        assert "alice" not in str(theirs.read())


def test_whoever_asked_before_anybody_else_did_gets_the_wishes_of_those_who_came_later(
    world: World, alice: Member, bob: Member
) -> None:
    world.match(alice, addresses(0, 60))
    world.match(bob, addresses(50, 120))
    with ExitStack() as stack:
        first, later = _post(world, alice, stack), _post(world, bob, stack)
        wanted = later.wish(_shared())
        assert first.read()["wishes"] == [{"about": f"ipv4 {SHARED}", "wish": wanted}]
        first.agree(wanted)
        assert [met["member"] for met in later.read()["met"]] == ["alice"]


def test_the_forum_holds_no_identity_that_it_could_read(matched: World, alice: Member, bob: Member) -> None:
    with ExitStack() as stack:
        ours, theirs = _post(matched, alice, stack), _post(matched, bob, stack)
        theirs.agree(ours.wish(_shared()))
        ours.read()
    engine = database.connect(matched.dbs["forum"])
    with engine.connect() as connection:
        bodies = connection.execute(sa.select(letters.c.kind, letters.c.body).order_by(letters.c.id)).all()
    engine.dispose()
    assert [row.kind for row in bodies] == ["wish", "agreed", "given", "given"]
    assert not any(b"desk@" in row.body or SHARED.encode() in row.body for row in bodies)


def test_who_does_not_hold_an_identifier_gets_no_wish_and_can_make_none(
    matched: World, alice: Member, bob: Member
) -> None:
    carol = matched.member("carol")
    matched.match(carol, addresses(200, 210))
    with ExitStack() as stack:
        ours, hers = _post(matched, alice, stack), _post(matched, carol, stack)
        wanted = ours.wish(_shared())
        assert hers.read() == {"wishes": [], "met": [], "not_authentic": []}
        with pytest.raises(UsageError, match="no wish"):
            hers.agree(wanted)
        with pytest.raises(NoInputError, match="match it first"):
            hers.wish(_shared())


def test_neither_half_is_delivered_before_both_are_with_the_forum(matched: World, alice: Member, bob: Member) -> None:
    """Whoever takes the other's name without giving its own gets none: a client that was made to do so is tried."""
    with ExitStack() as stack:
        ours, theirs = _post(matched, alice, stack), _post(matched, bob, stack)
        theirs.agree(ours.wish(_shared()))
        assert theirs.read()["met"] == []
        with matched.holder(alice, "forum") as forum:
            assert [type(decode(body)).__name__ for body in forum.letters(0)[1]] == ["Agreed"]
        assert [met["member"] for met in ours.read()["met"]] == ["bob"]
        with matched.holder(alice, "forum") as forum:
            assert [type(decode(body)).__name__ for body in forum.letters(0)[1]] == ["Agreed", "Given"]


def test_a_wish_that_no_holder_of_the_identifier_has_made_is_not_listed(
    matched: World, alice: Member, bob: Member
) -> None:
    """The forum, or a member with the label and not the tag, makes one up."""
    with ExitStack() as stack:
        ours, theirs = _post(matched, alice, stack), _post(matched, bob, stack)
        ours.wish(_shared())
        engine = database.connect(matched.dbs["forum"])
        with engine.begin() as connection:
            (body,) = connection.execute(sa.select(letters.c.body)).scalars()
            forged = encode(msgspec.structs.replace(decode(body), public=bytes(range(32))))
            connection.execute(sa.update(letters).values(body=forged))
        engine.dispose()
        found = theirs.read()
        assert found["wishes"] == []
        assert [one["about"] for one in found["not_authentic"]] == [f"ipv4 {SHARED}"]
        with pytest.raises(MalformedError, match="not made by a holder"):
            theirs.agree(digest(decode(forged)).hex())


def test_an_answer_to_what_was_no_wish_is_told_and_nothing_follows(matched: World, alice: Member, bob: Member) -> None:
    """The forum hands bob a consent to bob's own consent."""
    with ExitStack() as stack:
        ours, theirs = _post(matched, alice, stack), _post(matched, bob, stack)
        theirs.agree(ours.wish(_shared()))
        engine = database.connect(matched.dbs["forum"])
        with engine.begin() as connection:
            rows = {row.kind: row for row in connection.execute(sa.select(letters))}
            crossed = msgspec.structs.replace(decode(rows["agreed"].body), wish=digest(decode(rows["agreed"].body)))
            values = {"body": encode(crossed), "recipient_id": rows["agreed"].sender_id}
            connection.execute(sa.update(letters).where(letters.c.kind == "agreed").values(values))
        engine.dispose()
        assert [one["about"] for one in theirs.read()["not_authentic"]] == [f"ipv4 {SHARED}"]


def test_whoever_was_killed_between_consent_and_half_gives_its_half_when_it_reads_again(
    matched: World, alice: Member, bob: Member
) -> None:
    with ExitStack() as stack:
        ours, theirs = _post(matched, alice, stack), _post(matched, bob, stack)
        theirs.agree(ours.wish(_shared()))
    engine = database.connect(matched.dbs["forum"])
    with engine.begin() as connection:
        connection.execute(sa.delete(letters).where(letters.c.kind == "given"))
    engine.dispose()
    for path in (bob.folder / "sessions").glob("*.letter"):
        if msgspec.msgpack.decode(path.read_bytes(), type=Kept).body[1:].startswith(b"\xa5given"):
            path.unlink()
    with ExitStack() as stack:
        ours, theirs = _post(matched, alice, stack), _post(matched, bob, stack)
        assert ours.read()["met"] == []
        assert [met["member"] for met in theirs.read()["met"]] == ["alice"]
        assert [met["member"] for met in ours.read()["met"]] == ["bob"]


def test_a_member_can_neither_answer_nor_open_what_is_between_two_others(
    matched: World, alice: Member, bob: Member
) -> None:
    """Carol holds the same identifier and is in nobody's conversation."""
    carol = matched.member("carol")
    matched.match(carol, addresses(50, 60))
    matched.match(alice, addresses(0, 60))
    with ExitStack() as stack:
        ours, theirs = _post(matched, alice, stack), _post(matched, bob, stack)
        theirs.agree(ours.wish(_shared()))
        ours.read()
        hers = _post(matched, carol, stack)
        with matched.holder(carol, "forum") as forum:
            assert [type(decode(body)).__name__ for body in forum.letters(0)[1]] == ["Wish"]
            engine = database.connect(matched.dbs["forum"])
            with engine.connect() as connection:
                (given,) = connection.execute(
                    sa.select(letters.c.body).where(letters.c.kind == "given").limit(1)
                ).scalars()
            engine.dispose()
            with pytest.raises(UsageError, match="answers no letter that was sent to you"):
                forum.post_letter(encode(msgspec.structs.replace(decode(given), code=bytes(32))))
        assert hers.read()["met"] == []


def test_the_wish_of_a_member_that_was_suspended_reaches_nobody(matched: World, alice: Member, bob: Member) -> None:
    with ExitStack() as stack:
        ours, theirs = _post(matched, alice, stack), _post(matched, bob, stack)
        ours.wish(_shared())
        founding.suspend_member(matched.dbs["forum"], "alice")
        assert theirs.read()["wishes"] == []


def test_an_identifier_to_wish_about_can_be_given_where_no_list_of_processes_shows_it(
    matched: World, alice: Member
) -> None:
    words = ("match", "wish", "ipv4", "-", "--contact", "desk", "--forum", matched.urls["forum"], "--state",
             str(alice.folder / "sessions"), "--credential", str(alice.credential_file("forum")))  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "stillwatch", *words], input=SHARED + "\n", capture_output=True, text=True, check=False
    )
    assert re.fullmatch(r"[0-9a-f]{64}\n", done.stdout), done.stderr


def test_a_member_that_poses_as_another_is_named_by_the_forum(matched: World, alice: Member, bob: Member) -> None:
    with ExitStack() as stack:
        ours = _post(matched, alice, stack)
        folder = stack.enter_context(Folder(bob.folder / "sessions"))
        forum = stack.enter_context(matched.holder(bob, "forum"))
        posing = Correspondence(folder, forum, Identity(member="carol", contact="desk@bob.example"))
        posing.agree(ours.wish(_shared()))
        (met,) = ours.read()["met"]
        assert (met["member"], met["forum_says"]) == ("carol", "bob")
