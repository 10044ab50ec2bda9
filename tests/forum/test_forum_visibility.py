"""Nobody sees what they may not: not the object, its id, a count, a token, nor a difference between two errors."""

import json
from typing import Any

from forum_world import AMBER, AMBER_STRICT, GREEN, RED, Client, World, indicator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillwatch.apps.forum import founding

OPEN = "/stillwatch/collections/open-stix/"


def marked(marking: str, **more: Any) -> dict[str, Any]:
    return indicator(object_marking_refs=[marking], **more)


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in found]


def test_red_is_seen_by_its_sender_and_the_members_it_named_alone(world: World, alice: Client, bob: Client) -> None:
    carol = world.member("carol")
    secret = marked(RED)
    alice.add(secret, recipients="bob")
    assert ids(alice.objects()) == ids(bob.objects()) == [secret["id"]]
    assert carol.objects() == []
    assert carol.get(f"{OPEN}manifest/").json() == {}


def test_red_without_recipients_is_for_its_sender_alone(alice: Client, bob: Client) -> None:
    alice.add(marked(RED))
    assert len(alice.objects()) == 1
    assert bob.objects() == []


def test_a_red_part_makes_the_whole_object_red(alice: Client, bob: Client) -> None:
    part = {"marking_ref": RED, "selectors": ["pattern"]}
    alice.add(indicator(granular_markings=[part]))
    assert bob.objects() == []


def test_a_recipient_that_nobody_knows_is_refused_and_nothing_is_kept(alice: Client) -> None:
    assert alice.post([marked(RED)], recipients="nobody").status_code == 422
    assert alice.objects() == []


def test_amber_strict_is_hidden_from_those_who_oversee_the_forum(world: World, alice: Client, bob: Client) -> None:
    auditor = world.member("otto", "auditor")
    founding.grant(world.db, "open-stix", "otto", can_read=True, can_write=False)
    strict, amber = marked(AMBER_STRICT), marked(AMBER)
    alice.add(strict, amber)
    assert ids(bob.objects()) == [strict["id"], amber["id"]]
    assert ids(auditor.objects()) == [amber["id"]]


def test_every_answer_about_a_hidden_object_is_that_of_one_that_never_was(alice: Client, bob: Client) -> None:
    hidden, never = marked(RED), indicator()
    alice.add(hidden)
    for path in ("objects/{}/", "objects/{}/versions/"):
        one, other = (bob.get(OPEN + path.format(item["id"])) for item in (hidden, never))
        assert one.status_code == 404
        assert (one.status_code, one.content) == (other.status_code, other.content)
    one, other = (bob.http.delete(f"{OPEN}objects/{item['id']}/") for item in (hidden, never))
    assert (one.status_code, one.content) == (other.status_code, other.content)
    one, other = (bob.get("/forum/why-can/", object=item["id"], member="alice") for item in (hidden, never))
    assert one.status_code == 404
    assert one.content == other.content
    one, other = (bob.get("/forum/ledger/forum/inclusion/", object=item["id"]) for item in (hidden, never))
    assert one.status_code == 404
    assert one.content == other.content
    assert bob.objects(match_id=hidden["id"]) == []


def test_adding_what_is_hidden_from_the_sender_works_as_if_it_were_not_there(alice: Client, bob: Client) -> None:
    hidden = marked(RED)
    alice.add(hidden)
    own = {key: value for key, value in hidden.items() if key != "object_marking_refs"}
    status = bob.add(own)
    assert "message" not in status["successes"][0]
    assert bob.objects() == [own]


def test_a_hidden_newer_version_does_not_make_the_older_one_vanish(alice: Client, bob: Client) -> None:
    item = marked(GREEN)
    alice.add(item)
    alice.add({**item, "modified": "2027-01-01T00:00:00.000Z", "object_marking_refs": [RED]})
    assert bob.objects() == [item]
    assert bob.get(f"{OPEN}objects/{item['id']}/versions/").json()["versions"] == [item["modified"]]
    assert [found["modified"][:4] for found in alice.objects()] == ["2027"]


def test_more_and_next_say_nothing_of_hidden_objects(alice: Client, bob: Client) -> None:
    shown = [indicator() for _ in range(3)]
    alice.add(*shown)
    alice.add(*(marked(RED) for _ in range(50)))
    found = bob.get(f"{OPEN}objects/", limit=3).json()
    assert ids(found["objects"]) == ids(shown)
    assert "more" not in found


def test_counters_do_not_count_what_was_for_named_members_only(alice: Client, bob: Client) -> None:
    before = bob.get("/forum/counters/").content
    alice.add(*(marked(RED) for _ in range(5)))
    assert bob.get("/forum/counters/").content == before
    (own,) = alice.get("/forum/counters/").json()["counters"]
    assert (own["given"], own["given_to_named"]) == (0, 5)


def test_give_and_take_are_counted_and_others_take_in_orders_of_magnitude(alice: Client, bob: Client) -> None:
    alice.add(*(indicator() for _ in range(12)))
    alice.post([indicator(confidence="much")])
    assert len(bob.objects()) == 12
    given, taken = bob.get("/forum/counters/").json()["counters"]
    assert (given["member"], given["given"], given["taken"]) == ("alice", 12, "0")
    assert (taken["member"], taken["given"], taken["taken"]) == ("bob", 0, 12)
    own, other = alice.get("/forum/counters/").json()["counters"]
    assert (own["given"], own["refused"]) == (12, 1)
    assert other["taken"] == "10-99"


#: One object of a story: which member sends it, where, with which marking, named to whom, as a version of which id.
POSTS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["open", "closed"]),
        st.sampled_from([None, GREEN, AMBER, AMBER_STRICT, RED]),
        st.sets(st.integers(0, 3), max_size=2),
        st.integers(0, 3),
        st.integers(2026, 2029),
    ),
    min_size=1,
    max_size=14,
)
ROLES = ("member", "analyst", "counsel", "auditor")


class Expected:
    """What each member may see, kept by hand: the simplest program that could be right."""

    def __init__(self, grants: list[bool]) -> None:
        self.grants = grants
        self.kept: list[tuple[int, str, str | None, frozenset[int], str, str]] = []

    def readers(self, place: str) -> set[int]:
        if place == "closed":
            return {at for at, allowed in enumerate(self.grants) if allowed}
        return {0, 1, 2}

    def may_write(self, who: int, place: str) -> bool:
        # Who oversees the forum never writes, whatever was granted.
        return self.grants[who] and ROLES[who] != "auditor" if place == "closed" else who in (0, 1)

    def add(self, who: int, place: str, marking: str | None, named: set[int], stix_id: str, modified: str) -> None:
        scope = who if marking == RED else None
        for sender, where, kind, _, other, version in self.kept:
            own = sender if kind == RED else None
            if (where, other, version, own) == (place, stix_id, modified, scope):
                return
        self.kept.append((who, place, marking, frozenset(named), stix_id, modified))

    def visible(self, who: int, place: str) -> set[tuple[str, str]]:
        found = set()
        for sender, where, marking, named, stix_id, modified in self.kept:
            if where != place or who not in self.readers(place):
                continue
            if marking == RED and who != sender and who not in named:
                continue
            if marking == AMBER_STRICT and ROLES[who] == "auditor":
                continue
            found.add((stix_id, modified))
        return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(posts=POSTS, grants=st.lists(st.booleans(), min_size=4, max_size=4))
def test_over_random_members_and_markings_each_sees_exactly_its_own(
    world: World, posts: list[Any], grants: list[bool]
) -> None:
    tag = len(world.clients)
    clients = [world.member(f"{role} {tag}", role) for role in ROLES]
    places = {
        "open": world.collection(f"Open {tag}"),
        "closed": world.collection(f"Closed {tag}", private=True),
    }
    for client, allowed in zip(clients, grants, strict=True):
        if allowed:
            founding.grant(world.db, places["closed"], client.name, can_read=True, can_write=True)
    expected = Expected(grants)
    items = [indicator() for _ in range(4)]
    for who, place, marking, named, which, year in posts:
        item = {**items[which], "modified": f"{year}-01-01T00:00:00.000Z"}
        if marking:
            item["object_marking_refs"] = [marking]
        recipients = ",".join(clients[at].name for at in named)
        response = clients[who].post([item], places[place], recipients)
        if expected.may_write(who, place):
            assert response.status_code == 202
            expected.add(who, place, marking, named, item["id"], item["modified"])
        else:
            assert response.status_code in (403, 404)
    for who, client in enumerate(clients):
        for place, name in places.items():
            look(client, name, expected.visible(who, place), who in expected.readers(place))


def look(client: Client, place: str, visible: set[tuple[str, str]], reads: bool) -> None:
    """Everything that a member can ask about a collection shows exactly what is visible to it."""
    path = f"/stillwatch/collections/{place}/"
    if not reads:
        assert client.get(f"{path}objects/").status_code in (403, 404)
        return
    every = {(item["id"], item["modified"]) for item in client.objects(place, match_version="all")}
    assert every == visible
    assert len(client.objects(place, match_version="all")) == len(visible)
    last = {stix_id: max(version for other, version in visible if other == stix_id) for stix_id, _ in visible}
    assert {(item["id"], item["modified"]) for item in client.objects(place)} == set(last.items())
    first = {stix_id: min(version for other, version in visible if other == stix_id) for stix_id, _ in visible}
    found = client.objects(place, match_version="first")
    assert sorted((item["id"], item["modified"]) for item in found) == sorted(first.items())
    paged: list[str] = []
    more: dict[str, Any] = {}
    while True:
        answer = client.get(f"{path}manifest/", limit=1, match_version="all", **more).json()
        paged += [json.dumps([record["id"], record["version"]]) for record in answer.get("objects", [])]
        if not answer.get("more"):
            break
        assert answer["objects"], "a page that says more but shows nothing counts what is hidden"
        more = {"next": answer["next"]}
    assert sorted(paged) == sorted(json.dumps(list(pair)) for pair in visible)
