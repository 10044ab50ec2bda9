"""A world of its own for each test of the gateway, and one that those share who change nothing."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gateway_world import Running, World, gateway, world


@pytest.fixture
def made(tmp_path: Path) -> World:
    return world(tmp_path)


@pytest.fixture(scope="module")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("gateway"))


@pytest.fixture(scope="module")
def running(shared_world: World) -> Iterator[Running]:
    """A gateway of one worker, with tap and appeals."""
    folder = shared_world.folder
    with gateway(shared_world, "--tap", str(folder / "tapped"), "--appeals", str(folder / "appeals")) as found:
        yield found


@pytest.fixture
def http(running: Running) -> Iterator[httpx.Client]:
    with running.client() as client:
        yield client
