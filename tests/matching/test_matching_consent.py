"""Identities are told by mutual consent alone, and the forum between carries what it can't read."""

from contextlib import ExitStack

import pytest
import sqlalchemy as sa
from matching_world import Member, World, addresses

from stillwatch.adapters.stores.forum import database
from stillwatch.adapters.stores.matching.tables import letters
from stillwatch.apps.matching.consenting import Correspondence
from stillwatch.apps.matching.keeping import Folder
from stillwatch.errors import NoInputError, UsageError
from stillwatch.match.consent import Identity
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


def test_the_forum_holds_no_identity_that_it_could_read(matched: World, alice: Member, bob: Member) -> None:
    with ExitStack() as stack:
        ours, theirs = _post(matched, alice, stack), _post(matched, bob, stack)
        theirs.agree(ours.wish(_shared()))
        ours.read()
    engine = database.connect(matched.dbs["forum"])
    with engine.connect() as connection:
        bodies = connection.execute(sa.select(letters.c.kind, letters.c.body).order_by(letters.c.id)).all()
    engine.dispose()
    assert [row.kind for row in bodies] == ["wish", "agreed", "given"]
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
