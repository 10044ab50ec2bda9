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
def pair(forum: Forum) -> tuple[Someone, Someone]:
    """Two members that know each other's keys; each test has its own, so that tests can share a forum."""
    number = len(list(forum.folder.iterdir()))
    first, second = forum.member(f"Ada {number}"), forum.member(f"Bea {number}")
    first.knows(second)
    second.knows(first)
    return first, second
