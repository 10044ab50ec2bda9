"""What an epoch's description says must be what a member can keep to; what a hostile one says does no harm."""

from datetime import datetime
from typing import Any

import msgspec
import pytest
from protocol_world import NOW, items, world

from stillwatch.match.epochs import Epoch
from stillwatch.match.faults import MalformedError, RefusedError, SpellingError
from stillwatch.match.identifiers import VERSION, list_version
from stillwatch.match.session import begin
from stillwatch.match.wire import Answers, Found, Refused, encode, reply


def _begun(**other: Any) -> None:
    epoch = msgspec.structs.replace(world().epoch, **other)
    begin(id=bytes(16), secret=bytes(32), pseudonym=bytes(32), member_name="member-1", epoch=epoch, kind="domain",
          items=items("one.example"), now=NOW)  # fmt: skip


def test_an_epoch_names_how_its_identifiers_are_spelt_and_its_digest_covers_it() -> None:
    epoch = world().epoch
    assert (epoch.spelling, epoch.suffixes) == (VERSION, list_version())
    for other in ({"spelling": VERSION + 1}, {"suffixes": "1.0"}):
        assert msgspec.structs.replace(epoch, **other).digest() != epoch.digest()


def test_a_member_that_spells_otherwise_is_told_so_before_it_asks() -> None:
    _begun()
    with pytest.raises(SpellingError, match=f"this release by {VERSION}"):
        _begun(spelling=VERSION + 1)
    with pytest.raises(SpellingError, match="install publicsuffixlist=="):
        _begun(suffixes="1.0")


def test_a_type_that_follows_no_list_of_suffixes_does_not_mind_another_list() -> None:
    msgspec.structs.replace(world().epoch, suffixes="1.0").check_spelling("ipv4")


@pytest.mark.parametrize(
    "other",
    [
        {"id": "../../key"}, {"id": ""}, {"id": "a\x1b[2J"}, {"id": "a" * 65}, {"threshold": 1}, {"threshold": 10**9},
        {"opens": datetime(2026, 1, 1)}, {"closes": datetime(2026, 1, 1)},
    ],
)  # fmt: skip
def test_a_description_that_would_reach_into_the_disk_or_the_memory_of_a_member_is_none(other: dict[str, Any]) -> None:
    said = msgspec.to_builtins(world().epoch) | msgspec.to_builtins(other)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(said, type=Epoch)


@pytest.mark.parametrize(
    "told",
    [(3, 1, 1, 1, 1), (-1, 1, 1, 1, 1), (0, 10, 1, 1, 1), (0, 1, -1, 1, 1), (0, 1, 1, 2, 1), (0, 1, 1, 1, 2**16)],
)
def test_buckets_and_days_that_cant_be_are_refused(told: tuple[int, ...]) -> None:
    found = msgspec.structs.replace(Found(bytes(16), 0, 1, 1, 1, 1))
    raw = msgspec.msgpack.decode(encode(Answers(bytes(16), "w", "ipv4", (found,))))
    raw[-1][0][1:] = told
    with pytest.raises(MalformedError):
        reply(msgspec.msgpack.encode(raw))


def test_a_refusal_can_move_no_cursor_and_fills_no_screen() -> None:
    parties = world()
    session = begin(id=bytes(16), secret=bytes(32), pseudonym=bytes(32), member_name="member-1", epoch=parties.epoch,
                    kind="domain", items=items("one.example"), now=NOW)  # fmt: skip
    with pytest.raises(RefusedError) as caught:
        session.received(encode(Refused(bytes(16), "co\x1bde" * 100, "first\nsecond\x1b[2J\u009b" + "x" * 10_000)))
    assert caught.value.code.isprintable()
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= 300
