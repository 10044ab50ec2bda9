"""What is malformed, stale, replayed, falsely proven or searching is refused or told, by both holders alike."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
from matching_world import (
    CLOSES,
    EPOCH,
    OPENS,
    Member,
    Party,
    World,
    addresses,
    founded,
    opened,
    question,
    running,
    sighted,
)

from stillwatch.adapters.stores.matching import keyfiles
from stillwatch.apps.forum import matching_keys, matching_watch
from stillwatch.apps.matching.asking import item
from stillwatch.errors import IntegrityError, StateError, UsageError
from stillwatch.guard.ledger.leaves import MatchingAlarmed, MatchingKeyChanged
from stillwatch.match.epochs import Epoch
from stillwatch.match.faults import ProofError, StaleEpochError
from stillwatch.match.keys import HolderKey
from stillwatch.match.session import Session, begin
from stillwatch.match.wire import Evaluate, Refused, Upload, encode, reply, request

BOTH: list[Party] = ["forum", "trustee"]


def _epoch(world: World, member: Member, name: str = EPOCH) -> Epoch:
    with world.holder(member, "forum") as forum:
        return forum.announced().epochs[name]


def _session(world: World, member: Member, count: int = 3, name: str = EPOCH) -> Session:
    listed = question(addresses(0, count)).listed
    return begin(id=bytes(range(16)), secret=bytes(32), pseudonym=bytes(32), member_name=member.name,
                 epoch=_epoch(world, member, name), kind="ipv4", items=[item(each, bytes(32)) for each in listed],
                 now=datetime.now(UTC))  # fmt: skip


def _said(world: World, member: Member, party: Party, body: bytes) -> Refused:
    with world.holder(member, party) as holder:
        said = reply(holder.ask(body))
    assert isinstance(said, Refused)
    return said


def _asked(world: World, member: Member) -> Evaluate:
    found = request(_session(world, member).outgoing().body)
    assert isinstance(found, Evaluate)
    return found


@pytest.mark.parametrize("party", BOTH)
@pytest.mark.parametrize("point", [bytes(32), b"\xff" * 32, (1).to_bytes(32, "little")], ids=["identity", "ff", "one"])
def test_a_point_that_is_none_is_refused_by_name(world: World, alice: Member, party: Party, point: bytes) -> None:
    asked = _asked(world, alice)
    said = _said(world, alice, party, encode(msgspec.structs.replace(asked, points=asked.points[:32] + point)))
    assert said.code == "malformed"


@pytest.mark.parametrize("party", BOTH)
@pytest.mark.parametrize("body", [b"", b"\x00", b"\x93\xa8evaluate", b"{}", bytes(1_000)])
def test_bytes_that_are_no_message_are_refused_and_cost_nothing(
    world: World, alice: Member, party: Party, body: bytes
) -> None:
    headers = {"Authorization": f"Bearer {alice.credentials[party]}"}
    answer = httpx.post(f"{world.urls[party]}/match/", content=body, headers=headers)
    assert answer.status_code == 422
    assert world.used(party, "alice") == 0


@pytest.mark.parametrize("party", BOTH)
def test_a_replay_gets_the_same_bytes_and_another_request_under_its_name_is_refused(
    world: World, alice: Member, party: Party
) -> None:
    asked = _asked(world, alice)
    with world.holder(alice, party) as holder:
        first, again = holder.ask(encode(asked)), holder.ask(encode(asked))
    assert first == again
    other = msgspec.structs.replace(asked, points=asked.points[:64])
    assert _said(world, alice, party, encode(other)).code == "replay"
    assert world.used(party, "alice") == 3


@pytest.mark.parametrize("party", BOTH)
def test_one_members_session_is_nothing_to_another(world: World, alice: Member, bob: Member, party: Party) -> None:
    asked = _asked(world, alice)
    with world.holder(alice, party) as holder:
        holder.ask(encode(asked))
    with world.holder(bob, party) as holder:
        holder.ask(encode(asked))
    assert (world.used(party, "alice"), world.used(party, "bob")) == (3, 3)


@pytest.mark.parametrize("party", BOTH)
def test_an_epoch_that_is_closed_or_destroyed_is_stale_and_costs_nothing(
    world: World, alice: Member, party: Party
) -> None:
    asked = _asked(world, alice)
    for end in (matching_keys.close_epoch, matching_keys.destroy_epoch):
        end(world.dbs[party], EPOCH)
        assert _said(world, alice, party, encode(asked)).code == "stale-epoch"
    assert world.used(party, "alice") == 0
    changes = [leaf.change for leaf in world.leaves(party) if isinstance(leaf, MatchingKeyChanged)]
    assert changes == ["opened"] * 2 + ["closed"] * 2 + ["destroyed"] * 2
    assert not (world.folder / f"{party}-keys" / f"{EPOCH}.json").exists()


def test_an_epoch_that_is_over_by_the_clock_is_stale(world: World, alice: Member) -> None:
    opened(world, "2026-w40", OPENS - timedelta(days=9), OPENS - timedelta(days=2))
    asked = msgspec.structs.replace(_asked(world, alice), epoch="2026-w40")
    assert _said(world, alice, "forum", encode(asked)).code == "stale-epoch"
    with pytest.raises(StaleEpochError):
        _session(world, alice, name="2026-w40")


@pytest.mark.parametrize("party", BOTH)
def test_consent_to_another_description_of_the_epoch_is_refused(world: World, alice: Member, party: Party) -> None:
    asked = msgspec.structs.replace(_asked(world, alice), consent=bytes(32))
    assert _said(world, alice, party, encode(asked)).code == "consent"
    assert world.used(party, "alice") == 0


def test_labels_beyond_what_was_evaluated_are_not_taken(world: World, alice: Member) -> None:
    count = 5
    upload = Upload(bytes(16), EPOCH, "ipv4", bytes(range(16 * count)), bytes(32 * count), bytes(12 * count),
                    bytes(16 * count), bytes(39 * count))  # fmt: skip
    assert _said(world, alice, "forum", encode(upload)).code == "upload"


@pytest.mark.parametrize("party", BOTH)
def test_a_holder_with_another_key_than_the_published_one_is_caught_and_named(
    world: World, alice: Member, party: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = HolderKey.generated

    def other(epoch: str, kind: str, seed: bytes) -> HolderKey:
        key = honest(epoch, kind, seed)
        if (world.folder / f"{party}-keys" / f"{epoch}.json").read_bytes().find(_base64(seed)) >= 0:
            key._secret[:] = honest(epoch, kind, bytes(32))._secret
        return key

    monkeypatch.setattr(HolderKey, "generated", other)
    with pytest.raises(ProofError, match=f"the {party} gave a proof that does not hold"):
        world.match(alice, addresses(0, 5))


def test_a_description_that_names_other_keys_is_not_adopted(tmp_path: Path) -> None:
    world = founded(tmp_path, f"sqlite:///{tmp_path}/forum.db", f"sqlite:///{tmp_path}/trustee.db", epochs=())
    theirs = matching_keys.draw_epoch(world.dbs["trustee"], EPOCH, ["ipv4"])
    matching_keys.draw_epoch(world.dbs["forum"], EPOCH, ["ipv4"])
    theirs["keys"]["ipv4"] = HolderKey.generated(EPOCH, "ipv4", bytes(32)).public.hex()
    description = matching_keys.describe_epoch(
        world.dbs["forum"],
        json.dumps(theirs).encode(),
        opens=OPENS,
        closes=CLOSES,
        threshold=2,
        agreement="threat-signatures",
    )
    with pytest.raises(UsageError, match="other keys than the trustee's own"):
        matching_keys.adopt_epoch(world.dbs["trustee"], json.dumps(description).encode())


def test_a_member_stops_where_an_epoch_is_described_differently_than_before(world: World, alice: Member) -> None:
    world.match(alice, addresses(0, 3))
    pin = alice.folder / "sessions" / f"epoch-{EPOCH}.pin"
    pin.write_text("0" * 64)
    with pytest.raises(IntegrityError, match="described differently"):
        world.match(alice, addresses(0, 3))


def test_a_forums_database_is_no_trustees_and_the_other_way_round(world: World) -> None:
    from stillwatch.apps.trustee import founding

    with pytest.raises(UsageError, match="no trustee's"):
        founding.check(world.dbs["forum"])
    with pytest.raises(UsageError, match="forum and trustee are never one"):
        matching_keys.prepare(world.dbs["trustee"], world.folder / "more", "forum")


def test_a_forum_that_never_matched_is_not_turned_into_a_trustee(tmp_path: Path) -> None:
    from stillwatch.apps.forum import founding
    from stillwatch.apps.trustee import founding as trustee

    db = f"sqlite:///{tmp_path}/forum.db"
    founding.found(db, "A forum for tests")
    with pytest.raises(UsageError, match="forum and trustee are never one"):
        trustee.found(db, "A trustee for tests", tmp_path / "keys")
    matching_keys.prepare(db, tmp_path / "keys", "forum")
    assert matching_keys.status(db)["holder"] == "forum"


def test_a_key_file_that_others_may_read_is_refused(world: World) -> None:
    keyfile = world.folder / "trustee-keys" / f"{EPOCH}.json"
    assert keyfile.stat().st_mode & 0o777 == 0o600
    keyfile.chmod(0o644)
    with pytest.raises(StateError, match="may be read by others"):
        keyfiles.load(keyfile.parent, EPOCH)


def test_a_folder_for_keys_that_others_may_read_is_refused(world: World) -> None:
    loose = world.folder / "loose"
    loose.mkdir()
    loose.chmod(0o750)
    with pytest.raises(UsageError, match="may be read by others"):
        matching_keys.prepare(world.dbs["forum"], loose, "forum")


def test_no_secret_key_stands_in_either_database(world: World, alice: Member) -> None:
    world.match(alice, addresses(0, 3))
    for party in BOTH:
        seeds = keyfiles.load(world.folder / f"{party}-keys", EPOCH)
        assert seeds
        for file in world.folder.glob(f"{party}.db*"):
            body = file.read_bytes()
            for kind, seed in seeds.items():
                secret = HolderKey.generated(EPOCH, kind, seed).secret
                assert not any(each in body for each in (seed, secret, _base64(seed), secret.hex().encode()))


def test_a_canary_is_answered_to_nobody_and_rings_where_a_member_meets_two(
    world: World, alice: Member, bob: Member
) -> None:
    (auditor,) = world.match(bob, addresses(0, 5)).sessions
    matching_watch.set_canaries(world.dbs["forum"], EPOCH, "ipv4", [label.hex() for label in auditor.labels[:2]])
    assert sighted(world.match(alice, addresses(0, 5))) == addresses(2, 5)
    alarms = {(one["member"], one["rule"], one["new"]) for one in matching_watch.watch(world.dbs["forum"])}
    assert ("alice", "canaries", True) in alarms
    assert not any(one["new"] for one in matching_watch.watch(world.dbs["forum"]))
    assert "alice" in {leaf.member for leaf in world.leaves("forum") if isinstance(leaf, MatchingAlarmed)}


def test_who_spends_its_budget_and_finds_next_to_nothing_is_noticed(world: World) -> None:
    honest = [world.member(name) for name in ("ann", "ben", "cleo", "dora")]
    searcher = world.member("searcher")
    for member in [*honest, searcher]:
        for party in BOTH:
            matching_keys.allow(world.dbs[party], member.name, "ipv4", 401)
    for member in honest:
        world.match(member, addresses(0, 400))
    world.match(searcher, addresses(10_000, 10_400))
    alarms = matching_watch.watch(world.dbs["forum"])
    assert [(one["member"], one["rule"]) for one in alarms] == [("searcher", "low-hit-rate")]


def test_holders_that_are_founded_but_not_serving_say_nothing(tmp_path: Path) -> None:
    world = founded(tmp_path, f"sqlite:///{tmp_path}/forum.db", f"sqlite:///{tmp_path}/trustee.db", epochs=())
    member = world.member("alice")
    with running(world), pytest.raises(StaleEpochError, match="no epoch is open"):
        world.match(member, addresses(0, 3))


def _base64(data: bytes) -> bytes:
    import base64

    return base64.b64encode(data)
