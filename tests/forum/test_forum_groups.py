"""Requests that wait at the same moment share one transaction; each must find what it would have found alone."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from forum_world import RED, indicator

from stillwatch.adapters.stores.forum import database, directory, objects, tables
from stillwatch.adapters.stores.forum.records import Arrival, Outcome
from stillwatch.adapters.stores.forum.tables import leaves
from stillwatch.adapters.stores.forum.times import moment
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.forum.writer import Writer
from stillwatch.apps.forum import founding
from stillwatch.apps.forum.admission import check
from stillwatch.apps.forum.rules import OpenStix
from stillwatch.apps.forum.service import now_us

Job = Callable[[Transaction], Any]


class Group:
    """Jobs that the writer finds waiting together, because the one before them holds it up."""

    def __init__(self, db: str) -> None:
        self.engine = database.connect(db)
        with database.reading(self.engine) as connection:
            self.known = directory.load(connection)
        self.place = self.known.collections["open-stix"]

    def adding(self, by: str, *items: dict[str, Any], to: str = "", owned: bool = True) -> Job:
        member = self.known.named(by)
        reader = self.known.named(to)
        assert member is not None
        named = frozenset({reader.id}) if reader else frozenset()
        body = json.dumps({"objects": items}).encode()
        found = check(body, OpenStix(), named, moment(now_us()), by).objects
        arrivals = [one for one in found if isinstance(one, Arrival)]
        return lambda transaction: objects.add(transaction, self.place, member, arrivals, owned)

    def deleting(self, by: str, stix_id: str) -> Job:
        member = self.known.named(by)
        assert member is not None
        return lambda transaction: objects.delete(transaction, self.place, member, stix_id, ("all",), ())

    def run(self, *jobs: Job) -> list[Any]:
        writer, held = Writer(self.engine, now_us), threading.Event()
        answers: list[Future[Any]] = [Future() for _ in jobs]
        writer.submit(lambda _: held.wait(30), Future())
        for job, answer in zip(jobs, answers, strict=True):
            writer.submit(job, answer, (self.place.id, []))
        held.set()
        writer.close()
        return [answer.result(30) for answer in answers]


def founded(tmp_path: Path) -> Group:
    db = f"sqlite:///{tmp_path / 'forum.db'}"
    founding.found(db, "A forum for tests")
    for name in ("alice", "bob"):
        founding.add_member(db, name, "member")
    return Group(db)


def receipts(group: Group) -> int:
    with database.reading(group.engine) as connection:
        kinds = [json.loads(body)["kind"] for body in connection.execute(sa.select(leaves.c.body)).scalars()]
    return kinds.count("receipt")


def test_the_same_object_from_two_members_at_once_is_added_once_and_proved_once(tmp_path: Path) -> None:
    group, item = founded(tmp_path), indicator()
    first, second = group.run(group.adding("alice", item), group.adding("bob", item))
    assert (first[0].present_before, second[0].present_before) == (False, True)
    assert receipts(group) == 1


def test_another_version_by_another_member_at_once_is_refused_where_objects_have_owners(tmp_path: Path) -> None:
    group, item = founded(tmp_path), indicator()
    newer = {**item, "modified": "2026-02-01T00:00:00.000Z"}
    _, second = group.run(group.adding("alice", item), group.adding("bob", newer))
    assert "another member" in second[0].reason


def test_what_was_added_a_moment_before_in_the_same_transaction_can_be_deleted_and_added_again(tmp_path: Path) -> None:
    group, item = founded(tmp_path), indicator()
    add, delete = group.adding("alice", item), group.deleting("alice", item["id"])
    assert group.run(add, delete, delete, add)[1:3] == ["deleted", "absent"]
    again: list[Outcome] = group.run(add)[0]
    assert again[0].present_before


def test_an_object_for_named_members_stays_hidden_from_who_adds_in_the_same_transaction(tmp_path: Path) -> None:
    group, item = founded(tmp_path), indicator()
    secret = {**item, "object_marking_refs": [RED]}
    _, second = group.run(group.adding("alice", secret, to="alice"), group.adding("bob", item))
    assert second[0].reason is None
    assert not second[0].present_before


def test_versions_that_arrive_together_are_first_and_last_as_if_alone(tmp_path: Path) -> None:
    group, item = founded(tmp_path), indicator()
    versions = [{**item, "modified": f"2026-0{month}-01T00:00:00.000Z"} for month in (3, 1, 2)]
    group.run(*(group.adding("alice", version) for version in versions))
    table = tables.objects
    with database.reading(group.engine) as connection:
        rows = connection.execute(sa.select(table.c.version, table.c.is_first, table.c.is_last)).all()
    assert {row.version[6:7]: (row.is_first, row.is_last) for row in rows} == {
        "1": (True, False), "2": (False, False), "3": (False, True),
    }  # fmt: skip


def test_a_job_that_fails_harms_nobody_in_its_group(tmp_path: Path) -> None:
    group, item = founded(tmp_path), indicator()
    fails: Future[Any] = Future()
    writer, held = Writer(group.engine, now_us), threading.Event()
    good: Future[Any] = Future()
    writer.submit(lambda _: held.wait(30), Future())
    writer.submit(group.adding("alice", item), good)
    writer.submit(lambda _: 1 // 0, fails)
    held.set()
    writer.close()
    assert isinstance(fails.exception(30), ZeroDivisionError)
    assert good.result(30)[0].reason is None
