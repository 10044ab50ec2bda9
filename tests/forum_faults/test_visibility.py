"""Nobody learns of what they may not see: not by lists, counts, pages, headers, errors, or what adding answers."""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from seen import GREEN, RED, ROLES, STRICT, Forum, Place, Post, forum

IDS = [
    "indicator--00000000-0000-4000-8000-00000000000a",
    "campaign--00000000-0000-4000-8000-00000000000b",
    "indicator--00000000-0000-4000-8000-00000000000c",
]
#: An id that nobody ever adds: what is hidden must look like it, to the letter.
NOBODYS = {
    "indicator": "indicator--00000000-0000-4000-8000-0000000000ff",
    "campaign": "campaign--00000000-0000-4000-8000-0000000000ff",
}
NO_COLLECTION = "00000000-0000-4000-8000-0000000000ff"
VERSIONS = ["2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"]
MEMBERS = sorted(ROLES)
OVERSEERS = {name for name, role in ROLES.items() if role in {"operator", "auditor"}}
EXAMPLES = int(os.environ.get("STILLWATCH_EXAMPLES", "15"))

posts = st.builds(
    Post,
    sender=st.sampled_from(MEMBERS),
    stix_id=st.sampled_from(IDS),
    modified=st.sampled_from(VERSIONS),
    marking=st.sampled_from([None, GREEN, STRICT, STRICT, RED, RED, RED]),
    granular=st.booleans(),
    named=st.frozensets(st.sampled_from(MEMBERS), max_size=2),
)
rights = st.dictionaries(st.sampled_from(MEMBERS), st.tuples(st.booleans(), st.booleans()), max_size=5)


def _strict(sender: str) -> Post:
    """The same object from anybody, for organisations only: who oversees the forum may not know of it."""
    return Post(sender, IDS[0], VERSIONS[0], STRICT, granular=False, named=frozenset())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forum]:
    with forum(tmp_path_factory.mktemp("forum")) as found:
        yield found


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.generate],  # an example takes seconds: shrinking would take minutes
)
@given(everyone=st.booleans(), grants=rights, added=st.lists(posts, min_size=1, max_size=8), limit=st.integers(1, 3))
def test_nobody_learns_of_what_they_may_not_see(
    world: Forum, everyone: bool, grants: dict[str, tuple[bool, bool]], added: list[Post], limit: int
) -> None:
    # Who oversees the forum only reads here: what it may learn by writing and by counters has tests of its own below.
    grants = {name: (read, write and name not in OVERSEERS) for name, (read, write) in grants.items()}
    place = world.place(everyone, grants)
    # Examples share a forum: each has objects of its own.
    ids = {stix_id: stix_id.replace("00000000-", f"{place.number:08x}-", 1) for stix_id in IDS}
    place.ids = list(ids.values())
    for post in added:
        _add(world, place, replace(post, stix_id=ids[post.stix_id]))
    for member in MEMBERS:
        read, write = place.standing(member)
        if not (read or write):
            _is_not_there(world, place, member)
        elif not read:
            _is_not_readable(world, place, member)
        else:
            _shows_what_is_theirs(world, place, member, limit)
            _hides_the_rest(world, place, member)
            if member not in OVERSEERS:
                _counts_what_is_theirs(world, place, member)
    _tokens_are_their_owners(world, place)


def _add(world: Forum, place: Place, post: Post) -> None:
    """Adding what is there already, but hidden, is answered as if it were new."""
    read, write = place.standing(post.sender)
    response = world.post(place, [post])
    if not (read or write):
        assert response.status_code == 404
    elif not write:
        assert response.status_code == 403
    else:
        assert response.status_code == 202
        known = place.add(post)
        (success,) = response.json()["successes"]
        assert ("message" in success) == known, f"told {success} of what it may {'' if known else 'not '}see"


def _paths(place: str, stix_id: str) -> list[tuple[str, str]]:
    root = f"/stillwatch/collections/{place}"
    return [
        ("GET", f"{root}/"),
        ("GET", f"{root}/objects/"),
        ("GET", f"{root}/manifest/"),
        ("GET", f"{root}/objects/{stix_id}/"),
        ("GET", f"{root}/objects/{stix_id}/versions/"),
        ("DELETE", f"{root}/objects/{stix_id}/"),
    ]


def _is_not_there(world: Forum, place: Place, member: str) -> None:
    for own, other in zip(_paths(place.uuid, place.ids[0]), _paths(NO_COLLECTION, place.ids[0]), strict=True):
        _same(world, member, own, other, 404)
    shown = world.call(member, "GET", "/stillwatch/collections/").json().get("collections", [])
    assert place.uuid not in {found["id"] for found in shown}


def _is_not_readable(world: Forum, place: Place, member: str) -> None:
    for stix_id in place.ids:
        twin = NOBODYS[stix_id.partition("--")[0]]
        for own, other in zip(_paths(place.uuid, stix_id)[1:], _paths(place.uuid, twin)[1:], strict=True):
            _same(world, member, own, other, 403)


def _same(world: Forum, member: str, own: tuple[str, str], other: tuple[str, str], status: int) -> None:
    found, twin = world.call(member, *own), world.call(member, *other)
    assert found.status_code == status, f"{member} {own}: {found.status_code}"
    assert (found.status_code, found.content, found.headers) == (twin.status_code, twin.content, twin.headers)


def _shows_what_is_theirs(world: Forum, place: Place, member: str, limit: int) -> None:
    root = f"/stillwatch/collections/{place.uuid}"
    for versions in ("all", "last", "first"):
        expected = place.listed(member, versions)
        sizes = [min(limit, len(expected) - start) for start in range(0, len(expected), limit)] or [0]
        asked = {"match[version]": versions, "limit": limit}
        for path, version in (("objects", "modified"), ("manifest", "version")):
            pages = list(world.pages(member, f"{root}/{path}/", asked))
            rows = [row for page, _ in pages for row in page.get("objects", ())]
            assert [(row["id"], row[version]) for row in rows] == expected, f"{member} {path} {versions}"
            assert [len(page.get("objects", ())) for page, _ in pages] == sizes, "pages tell of hidden rows"
            if path == "manifest" and rows:
                ends = [response.headers["X-TAXII-Date-Added-Last"] for _, response in pages]
                assert ends[-1] == rows[-1]["date_added"], "a header tells when something hidden was added"
    for stix_id in place.ids:
        expected_versions = [version for found, version in place.listed(member, "all") if found == stix_id]
        response = world.call(member, "GET", f"{root}/objects/{stix_id}/versions/")
        assert response.json().get("versions", []) == expected_versions


def _hides_the_rest(world: Forum, place: Place, member: str) -> None:
    """For an object that is hidden, everything answers as for one that does not exist, byte for byte."""
    _, write = place.standing(member)
    seen = {stix_id for stix_id, _ in place.listed(member, "all")}
    for stix_id in set(place.ids) - seen:
        twin = NOBODYS[stix_id.partition("--")[0]]
        own, other = _paths(place.uuid, stix_id), _paths(place.uuid, twin)
        for number in (3, 4):
            _same(world, member, own[number], other[number], 404)
        _same(world, member, own[5], other[5], 404 if write else 403)
        if member not in OVERSEERS:  # they may ask why-can about everything
            _same(world, member, *(("GET", f"/forum/why-can/?object={each}") for each in (stix_id, twin)), status=404)
            log = "/forum/ledger/forum/inclusion/"
            _same(world, member, *(("GET", f"{log}?object={each}") for each in (stix_id, twin)), status=404)


def _counts_what_is_theirs(world: Forum, place: Place, member: str) -> None:
    counters: list[dict[str, Any]] = world.call(member, "GET", "/forum/counters/").json()["counters"]
    for row in counters:
        if row["collection"] == place.uuid and row["member"] != member:
            visible = [post for post in place.kept if post.sender == row["member"] and place.sees(member, post)]
            assert row["given"] == len([post for post in visible if post.marking != RED]), (
                f"{member} learns how much {row['member']} gave that it may not see"
            )


def _tokens_are_their_owners(world: Forum, place: Place) -> None:
    readers = [member for member in MEMBERS if place.standing(member)[0]]
    path = f"/stillwatch/collections/{place.uuid}/objects/"
    for member in readers:
        page = world.call(member, "GET", path, {"limit": 1}).json()
        if "next" in page:
            for other in readers:
                status = world.call(other, "GET", path, {"limit": 1, "next": page["next"]}).status_code
                assert status == (200 if other == member else 400)


def test_who_oversees_the_forum_never_writes_whatever_was_granted(world: Forum) -> None:
    """The answer would tell whether an object is there that overseers may not see."""
    place = world.place(True, {"emil": (True, True)})
    _add(world, place, _strict("ann"))
    assert world.post(place, [_strict("emil")]).status_code == 403


def test_an_overseers_counters_leave_out_what_it_may_not_see(world: Forum) -> None:
    place = world.place(True, {"emil": (True, False)})
    _add(world, place, _strict("ann"))
    _counts_what_is_theirs(world, place, "emil")
