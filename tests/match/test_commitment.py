"""Two ledgers tell one story of each session, or the difference is named."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from stillwatch.guard.ledger.leaves import MatchingCommitted, decode, encode
from stillwatch.match import commitment as rules
from stillwatch.match.commitment import Difference
from stillwatch.match.identifiers import Identifier
from stillwatch.match.local import BothHoldersInOneProcess
from stillwatch.match.payload import Note
from stillwatch.match.session import Item, begin
from stillwatch.match.wire import Evaluate, commitment, request

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
HELD = [Identifier("ipv4", f"198.51.100.{host}".encode()) for host in range(6)]


def _chance():
    count = 0

    def draw(size: int) -> bytes:
        nonlocal count
        count += 1
        return sha256(b"commitments" + count.to_bytes(4, "big")).digest()[:size]

    return draw


@pytest.fixture(scope="module")
def session():
    chance = _chance()
    world = BothHoldersInOneProcess("w27", ["ipv4"], opens=NOON, closes=NOON + timedelta(7), chance=chance)
    items = [Item(held.message, Note.of(2, 30, 20_000, 20_001)) for held in HELD]
    return begin(id=chance(16), secret=chance(32), pseudonym=chance(32), member_name="member-1", epoch=world.epoch,
                 kind="ipv4", items=items, now=NOON)  # fmt: skip


@pytest.fixture(scope="module")
def asked(session):
    body = request(session.outgoing().body)
    assert isinstance(body, Evaluate)
    return body


def _leaf(asked, **other):
    said = {"epoch": asked.epoch, "type": asked.kind, "session": asked.session.hex(), "step": "evaluate"}
    said |= {"units": asked.units, "batch": f"sha256:{commitment(asked).hex()}"}
    return decode(encode(MatchingCommitted(time=NOON, actor="member-1", **(said | other))))


def _session(asked, *steps, session="aa" * 16):
    """The leaves of one holder about one session."""
    units = {"evaluate": 6, "check": 1, "upload": 0}
    return [_leaf(asked, session=session, step=step, units=units[step]) for step in steps]


def test_two_ledgers_of_an_honest_run_tell_the_same_whatever_their_order(asked):
    forum = _session(asked, "evaluate", "check", "upload")
    assert rules.compare(forum, _session(asked, "check", "evaluate")) == ()


@pytest.mark.parametrize(
    ("forum", "trustee", "unfinished"),
    [
        (["evaluate"], [], True),
        (["evaluate", "check"], ["evaluate"], True),
        ([], ["evaluate"], False),
        (["evaluate"], ["evaluate", "check"], False),
        (["evaluate", "check"], [], False),
        (["evaluate", "upload"], [], False),
        (["evaluate", "check", "upload"], ["evaluate"], False),
    ],
    ids=[
        "killed before the trustee", "killed before the trustee's check", "the forum wrote nothing",
        "the forum left out the check", "the trustee wrote nothing", "the trustee wrote nothing in an audit",
        "the trustee left out the check",
    ],
)  # fmt: skip
def test_a_step_that_one_ledger_leaves_out_is_named_and_told_from_a_session_that_was_broken_off(
    asked, forum, trustee, unfinished
):
    (found,) = rules.compare(_session(asked, *forum), _session(asked, *trustee))
    units = {"evaluate": 6, "check": 1, "upload": 0}
    cost = [sum(units[step] for step in steps) for steps in (forum, trustee)]
    assert found == Difference("aa" * 16, "w27", "ipv4", *cost, unfinished)


def test_a_holder_that_charged_less_than_the_other_is_named(asked):
    cheap = [_leaf(asked, step="evaluate", units=1), _leaf(asked, step="check", units=1)]
    dear = [_leaf(asked, step="evaluate", units=6), _leaf(asked, step="check", units=1)]
    assert rules.compare(dear, cheap) == (Difference(asked.session.hex(), "w27", "ipv4", 7, 2, False),)


def test_what_else_stands_under_the_same_kind_of_leaf_is_no_session(asked):
    letter = _leaf(asked, session="ff" * 32, step="letter/wish", units=0)
    audit = _leaf(asked, session="ee" * 32, step="audit", units=0)
    assert rules.compare([letter, audit], []) == ()
