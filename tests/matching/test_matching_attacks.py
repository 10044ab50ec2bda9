"""Bytes that are meant to break a server, and holders that lie to members: each is tried, and nothing is gained."""

from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest
from matching_world import EPOCH, Member, Party, World, addresses, evaluation, posted

from stillwatch.adapters.transports.matching import KeyHolder
from stillwatch.errors import IntegrityError
from stillwatch.guard.ledger.leaves import MatchingCommitted
from stillwatch.match import epochs
from stillwatch.match.keys import HolderKey
from stillwatch.match.wire import Refused, encode, reply

BOTH: list[Party] = ["forum", "trustee"]


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
    assert posted(world, alice, party, body).status_code == 422
    assert world.used(party, "alice") == 0


def test_a_body_longer_than_any_message_is_not_even_read(world: World, alice: Member) -> None:
    assert posted(world, alice, "forum", bytes(11_000_000)).status_code == 413
    headers = {"Authorization": f"Bearer {alice.credentials['forum']}"}
    assert (
        httpx.post(f"{world.urls['forum']}/match/letters/", content=bytes(40_000), headers=headers).status_code == 413
    )


def test_a_name_that_would_be_sql_is_a_name(world: World, alice: Member) -> None:
    asked = msgspec.structs.replace(
        evaluation(world, alice), epoch="x' OR '1'='1", kind="ipv4'; DROP TABLE match_steps; --"
    )
    said = reply(posted(world, alice, "forum", encode(asked)).content)
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
