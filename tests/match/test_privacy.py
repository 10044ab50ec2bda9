"""What each party could find out is tried: nothing alone, everything together, and no more than the budget buys."""

import msgspec
import pytest

from bench.privacy import experiments as do
from bench.privacy.attacks import Reader
from bench.privacy.world import NOBODYS, World, addresses
from stillwatch.match.audit import escape
from stillwatch.match.budget import ALLOWANCES, SPACES
from stillwatch.match.canary import chance, from_pool, suspects
from stillwatch.match.faults import RefusedError
from stillwatch.match.group import columns
from stillwatch.match.identifiers import TYPES, Identifier, canonical
from stillwatch.match.wire import Evaluate, Refused, Upload, reply, request

SIZE = 1 << 11
NO_LIMIT = {"forum": do.NO_LIMIT, "trustee": do.NO_LIMIT}


@pytest.fixture(scope="module")
def world():
    return do.matched(1, do.members(1, 100, NOBODYS, SIZE))


@pytest.mark.parametrize("who", do.READERS[:-1])
def test_a_dictionary_that_holds_every_true_value_recovers_nothing_without_both_keys(world, who):
    result = do.dictionary(who, world, do.every(NOBODYS, SIZE))
    assert (result.recovered, result.held) == (0, 300)


def test_the_same_search_recovers_everything_once_both_holders_break_their_word(world):
    result = do.dictionary("both holders", world, do.every(NOBODYS, SIZE))
    assert (result.recovered, result.held) == (300, 300)


def test_members_are_told_exactly_of_what_enough_of_them_hold(world):
    holders = {}
    for session in world.sessions:
        for item in session.items:
            holders.setdefault(item.value, set()).add(session.member)
    for member, told in world.found().items():
        assert told == {value for value, who in holders.items() if member in who and len(who) > 1}
        assert len(told) == 10


@pytest.mark.parametrize("threshold", [2, 3])
def test_nothing_that_did_not_match_shows_in_any_transcript(threshold):
    """Every type; each member holds one value alone, each pair shares one, and all three share one."""
    world = World(4, TYPES, allowed=NO_LIMIT, threshold=threshold)
    for kind in TYPES:
        alone, pairs, everybodys = _values(kind)
        for number in range(3):
            held = [alone[number], pairs[number], pairs[(number + 1) % 3], everybodys]
            world.match(f"member-{number}", held)
    world.ask_again()
    shown = do.revealed(world)
    assert set(shown) == {"forum", "trustee", "member-0", "member-1", "member-2"}
    assert not any(shown.values()), shown
    assert all(len(told) == (3 if threshold == 2 else 1) for told in world.found().values())


def test_the_search_of_transcripts_sees_what_is_sent_in_the_clear_or_merely_hashed(world):
    """A control: had a member sent the text, a bare digest or an unblinded element, the search would say so."""
    held = addresses(3, NOBODYS, SIZE, world.dice)
    for trace in Reader([], [], place=b"", threshold=2).traces(held[0]):
        reader = Reader([msgspec.msgpack.encode(trace)], [], place=b"", threshold=2)
        assert reader.search(held) == {held[0]}


def test_the_same_identifiers_in_two_sessions_have_no_point_in_common(world):
    asked = [request(out.body) for _, out, _ in world.both.transcript]
    points = [set(columns(each.points)) for each in asked if isinstance(each, Evaluate)]
    again = world.begun("member-1", [_message(item.value) for item in world.sessions[0].items])
    assert not set(columns(again.points)) & set().union(*points)


def test_labels_of_another_type_or_epoch_share_nothing():
    """The same bytes in two types: keys differ, so nobody joins them."""
    worlds = World(7, ("ipv4", "domain"), allowed=NO_LIMIT), World(8, ("ipv4",), allowed=NO_LIMIT)
    labels = []
    for place, kind in ((0, "ipv4"), (0, "domain"), (1, "ipv4")):
        labels.append(set(worlds[place].match("member-1", [Identifier(kind, b"198.51.100.7")]).labels))
    assert not labels[0] & labels[1]
    assert not labels[0] & labels[2]


def test_a_whole_budget_of_guesses_over_all_of_ipv4_learns_nothing_that_was_not_held():
    result = do.asking(5, allowed=2_000)
    assert (result.told, result.tried, result.space) == (0, 1_999, SPACES["ipv4"])


def test_guesses_near_what_others_hold_do_hit_which_audits_and_canaries_are_for():
    """Honest about what a budget does not stop: who knows the neighbourhood learns what it guesses right."""
    result = do.asking(5, near=4_096, allowed=1_000)
    assert result.told == pytest.approx(result.tried * result.others_hold / result.space, rel=0.35)
    assert escape(result.tried, result.tried - result.told, 50) < 1e-50
    assert chance(result.space, 16, result.tried) > 0.97


def test_a_member_that_counts_through_a_range_meets_the_canaries_in_it_and_the_forum_sees_no_address():
    world = do.matched(2, do.members(2, 60, NOBODYS, SIZE))
    dark = from_pool(b"auditor" * 5, "w27", do.every(NOBODYS + SIZE, 64), 8)
    canaries = frozenset(world.match("auditor", dark).labels)
    world.match("searching", do.every(NOBODYS + SIZE - 100, 164))
    uploads = {}
    for member, out, _ in world.both.transcript:
        if isinstance(upload := request(out.body), Upload) and member != "auditor":
            cut = range(0, len(upload.labels), 16)
            uploads.setdefault(member, []).extend(upload.labels[start : start + 16] for start in cut)
    assert [(hit.member, hit.canaries) for hit in suspects(uploads, canaries)] == [("searching", 8)]


@pytest.mark.parametrize("broken", ["forum", "trustee"])
def test_one_holder_that_does_not_count_helps_nobody_past_the_others_budget(broken):
    assert do.past_its_budget(3, broken) <= 100


def test_a_request_past_the_budget_is_refused_whole_and_by_whichever_holder_counts_less():
    world = World(6, allowed={"forum": ALLOWANCES["ipv4"], "trustee": 10})
    with pytest.raises(RefusedError, match="10 are left"):
        world.match("member-1", addresses(11, NOBODYS, SIZE, world.dice))
    assert world.spent == {("forum", "member-1"): 11}
    assert not any(isinstance(reply(said), Refused) for _, _, said in world.both.transcript)
    assert world.transcript("trustee") == []


def _message(message: bytes) -> Identifier:
    _, _, kind, value = message.split(b"/", 3)
    return Identifier(kind.decode(), value)


def _values(kind: str) -> tuple[list[Identifier], list[Identifier], Identifier]:
    """Seven identifiers of a type: three that one member holds, three for pairs, one for all."""
    shapes = {
        "ipv4": "198.51.100.{}",
        "ipv4-24": "198.51.{}.0/24",
        "ipv6-64": "2001:db8:0:{}::/64",
        "asn": "6450{}",
        "domain": "name-{}.example",
        "email": "name-{}@mail.example",
        "payment-fingerprint": "fp_{}f3a91",
        "client-shape": "t13d15{}6h2|host,user-agent,accept",
        "signup-print": "dev_{}f3a91",
        "template": "00ff00ff00ff00f{}",
    }
    found = [canonical(kind, shapes[kind].format(number)) for number in range(1, 8)]
    assert all(isinstance(each, Identifier) for each in found)
    return found[:3], found[3:6], found[6]
