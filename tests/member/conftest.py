from collections.abc import Iterator

import pytest
from member_world import Forum, Someone


@pytest.fixture(scope="module")
def forum(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forum]:
    """A running forum, killed at the end however the tests went."""
    made = Forum(tmp_path_factory.mktemp("forum"))
    made.found()
    made.start()
    yield made
    made.kill()


@pytest.fixture
def pair(forum: Forum, request: pytest.FixtureRequest) -> tuple[Someone, Someone]:
    """Two members that know each other's keys; their names carry the test's, so that tests share a forum."""
    first = forum.member(f"Ada {request.node.name[:80]}")
    second = forum.member(f"Bea {request.node.name[:80]}")
    first.knows(second)
    second.knows(first)
    return first, second
