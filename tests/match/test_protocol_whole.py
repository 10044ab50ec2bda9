"""The protocol from end to end, in one process: two holders, three members."""

from protocol_world import NOW, items, matched, world


def test_three_members_learn_exactly_what_another_one_holds_too() -> None:
    parties = world()
    first = parties.match("member-1", "domain", items("a.test", "b.test", "c.test"), NOW)
    second = parties.match("member-2", "domain", items("b.test", "d.test"), NOW)
    third = parties.match("member-3", "domain", items("b.test", "c.test", "e.test"), NOW)
    assert matched(first) == set()
    assert matched(second) == {"b.test"}
    assert matched(third) == {"b.test", "c.test"}
    again = parties.send("member-1", first.asking_again().outgoing())
    assert matched(first.asking_again().received(again)) == {"b.test", "c.test"}
