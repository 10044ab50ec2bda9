from collections.abc import Iterator
from pathlib import Path

import pytest
from forum_world import Client, World, running


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running(f"sqlite:///{tmp_path / 'forum.db'}") as found:
        yield found


@pytest.fixture
def alice(world: World) -> Client:
    return world.member("alice")


@pytest.fixture
def bob(world: World) -> Client:
    return world.member("bob")
