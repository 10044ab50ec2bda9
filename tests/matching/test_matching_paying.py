"""A member that wants more of running holders than it pays for, each way tried for real."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from matching_world import EPOCH, Member, Party, World, addresses, evaluation, opened, posted, sighted

from stillwatch.adapters.stores.matching import shares
from stillwatch.apps.forum import founding
from stillwatch.match.holder import Holder
from stillwatch.match.wire import Refused, Upload, encode, reply

BOTH: list[Party] = ["forum", "trustee"]


def _upload(session: bytes, count: int) -> Upload:
    columns = (bytes(range(256))[:16] * count, bytes(32 * count), bytes(12 * count), bytes(16 * count))
    return Upload(session, EPOCH, "ipv4", *columns, bytes(39 * count))


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One for each time that a holder computes an answer."""
    found: list[int] = []
    honest = Holder.answer

    def answer(self: Holder, *words: Any, **more: Any) -> Any:
        found.append(1)
        return honest(self, *words, **more)

    monkeypatch.setattr(Holder, "answer", answer)
    return found


@pytest.mark.parametrize("party", BOTH)
def test_a_batch_with_one_bad_point_is_computed_once_however_often_it_is_sent(
    world: World, alice: Member, party: Party, computed: list[int]
) -> None:
    """One charge must not buy any number of computations that end in a refusal."""
    asked = evaluation(world, alice)
    body = encode(msgspec.structs.replace(asked, points=asked.points[:-32] + b"\xff" * 32))
    answers = [posted(world, alice, party, body) for _ in range(4)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(422, answers[0].content)}
    assert len(computed) == 1
    assert world.used(party, "alice") == 3


def test_the_same_batch_many_times_at_once_is_computed_once(world: World, alice: Member, computed: list[int]) -> None:
    body = encode(evaluation(world, alice, count=200))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: posted(world, alice, "forum", body).content, range(16)))
    assert len(set(answers)) == 1
    assert len(computed) == 1


def test_uploads_cost_a_session_each_so_the_ledger_can_not_be_filled_for_nothing(world: World, alice: Member) -> None:
    world.match(alice, addresses(0, 20))
    before = len(world.leaves("forum"))
    for number in range(5):
        said = reply(posted(world, alice, "forum", encode(_upload(number.to_bytes(16, "big"), 1))).content)
        assert isinstance(said, Refused)
        assert said.code == "upload"
    assert len(world.leaves("forum")) == before


def test_a_session_can_not_upload_more_labels_than_it_had_evaluated_whatever_the_member_has_left(
    world: World, alice: Member
) -> None:
    world.match(alice, addresses(100, 160))
    asked = evaluation(world, alice, count=3)
    assert posted(world, alice, "forum", encode(asked)).status_code == 200
    many = msgspec.structs.replace(_upload(asked.session, 4), labels=bytes(range(64)))
    said = reply(posted(world, alice, "forum", encode(many)).content)
    assert isinstance(said, Refused)
    assert "this session" in said.why


def test_a_session_of_one_type_or_epoch_pays_for_no_upload_of_another(world: World, alice: Member) -> None:
    opened(world, "2026-w48")
    asked = evaluation(world, alice)
    assert posted(world, alice, "forum", encode(asked)).status_code == 200
    for other in ({"kind": "domain"}, {"epoch": "2026-w48"}):
        upload = msgspec.structs.replace(_upload(asked.session, 1), **other)
        said = reply(posted(world, alice, "forum", encode(upload)).content)
        assert isinstance(said, Refused)
        assert said.code == "upload"


@pytest.mark.parametrize("party", BOTH)
def test_a_request_moved_to_another_epoch_type_or_rotation_is_another_request(
    world: World, alice: Member, party: Party
) -> None:
    opened(world, "2026-w48")
    asked = evaluation(world, alice)
    assert posted(world, alice, party, encode(asked)).status_code == 200
    for other in ({"epoch": "2026-w48"}, {"kind": "domain"}, {"since": "2026-w48"}, {"audit": True}):
        said = reply(posted(world, alice, party, encode(msgspec.structs.replace(asked, **other))).content)
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
        flood = [pool.submit(posted, world, alice, "forum", body) for _ in range(12)]
        started = time.monotonic()
        assert sighted(world.match(bob, addresses(10, 13))) == []
        assert time.monotonic() - started < 1.5
        assert not all(each.done() for each in flood)
        assert {each.result().status_code for each in flood} == {200}
    assert max(most) == 1
