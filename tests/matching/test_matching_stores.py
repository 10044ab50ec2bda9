"""The tables are what the migration makes; budgets hold under many requests at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from matching_world import EPOCH, Member, World, addresses, question

from stillwatch.adapters.stores.forum import database
from stillwatch.adapters.stores.matching.database import VERSION_TABLE
from stillwatch.adapters.stores.matching.tables import METADATA
from stillwatch.apps.forum import matching_keys
from stillwatch.apps.matching.asking import item
from stillwatch.guard.ledger.leaves import MatchingCommitted
from stillwatch.match.session import begin
from stillwatch.match.wire import Refused, reply


def _ours(thing: Any, name: str | None, kind: str, _reflected: bool, _against: Any) -> bool:
    return kind != "table" or name in METADATA.tables


def test_the_migration_makes_exactly_the_tables_of_the_code(founded_world: World) -> None:
    engine = database.connect(founded_world.dbs["trustee"])
    options = {"version_table": VERSION_TABLE, "include_object": _ours}
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []
    engine.dispose()


@pytest.mark.parametrize("party", ["forum", "trustee"])
def test_a_budget_holds_under_many_requests_at_once(world: World, alice: Member, party: Any) -> None:
    matching_keys.allow(world.dbs[party], "alice", "ipv4", 50)
    with world.holder(alice, "forum") as forum:
        epoch = forum.announced().epochs[EPOCH]
    listed = question(addresses(0, 10)).listed
    bodies = [
        begin(
            id=number.to_bytes(16, "big"), secret=number.to_bytes(32, "big"), pseudonym=bytes(32), member_name="alice",
            epoch=epoch, kind="ipv4", items=[item(each, bytes(32)) for each in listed], now=datetime.now(UTC),
        ).outgoing().body
        for number in range(12)
    ]  # fmt: skip

    def ask(body: bytes) -> str:
        with world.holder(alice, party) as holder:
            said = reply(holder.ask(body))
        return said.code if isinstance(said, Refused) else "answered"

    with ThreadPoolExecutor(8) as pool:
        fates = Counter(pool.map(ask, [*bodies, *bodies]))
    assert fates == {"answered": 10, "budget": 14}
    assert world.used(party, "alice") == 50
    assert sum(leaf.units for leaf in world.leaves(party) if isinstance(leaf, MatchingCommitted)) == 50
