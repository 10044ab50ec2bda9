"""The gate where something in it breaks, and the tap where the disk does."""

import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from gateway_world import COURSES, World, compiled

from stillwatch.adapters.gateways.exchanges import Naming, asked
from stillwatch.adapters.gateways.hits import HitFolder, noted
from stillwatch.adapters.gateways.problems import UNAVAILABLE, reply
from stillwatch.adapters.gateways.tap import Tap
from stillwatch.adapters.stores.table import Table
from stillwatch.adapters.stores.table_folder import TableFolder
from stillwatch.adapters.stores.table_keys import signing_key, trusted_keys
from stillwatch.adapters.stores.tables import Tables
from stillwatch.apps.gateway.gate import Fail, LocalGate
from stillwatch.decide.course import REASONS as COURSE_REASONS
from stillwatch.decide.decision import Decision
from stillwatch.decide.inline.rules import REASONS as INLINE_REASONS
from stillwatch.decide.permits import NoCounter
from stillwatch.decide.rings import Ring
from stillwatch.errors import OutputError
from stillwatch.ingest.records import Record

RECORD = Record(id="x", occurred_at=datetime(2026, 7, 1, tzinfo=UTC), account="a", request={"model": "m"})


class NoTable:
    """A table that can't be asked."""

    @property
    def current(self) -> Table:
        raise OSError("the disk is gone")

    @current.setter
    def current(self, _: Table) -> None:
        raise OSError("the disk is gone")

    def alarms(self, _: int) -> tuple[str, ...]:
        return ()


@pytest.mark.parametrize(("fail", "status"), [("open", 200), ("closed", 503)])
def test_what_can_not_be_decided_fails_as_the_operator_chose_and_is_counted(fail: Fail, status: int) -> None:
    gate = LocalGate(tables=NoTable(), counter=NoCounter(), secret=bytes(32), fail=fail)
    decision = gate.ask(RECORD)
    said = reply(decision)
    assert (decision.reason, said.status) == (UNAVAILABLE, status)
    assert gate.alarms() == ("1 decisions could not be made since the start",)
    if status == 503:
        assert msgspec.json.decode(said.body)["reason"] == UNAVAILABLE
        assert (b"retry-after", b"5") in said.headers


@pytest.mark.parametrize("reason", sorted({*COURSE_REASONS, *INLINE_REASONS}))
def test_a_refusal_says_the_sentence_of_its_reason_whoever_gave_it(reason: str) -> None:
    said = msgspec.json.decode(reply(Decision("refuse", reason, "C-1", None, "1-a")).body)
    assert said["detail"] == {**COURSE_REASONS, **INLINE_REASONS}[reason]


def test_a_covert_answer_is_that_of_a_caller_about_whom_nothing_is_decided() -> None:
    for warning in (None, "permit-used-up"):
        ordinary = Decision("allow", "ordinary", "", None, "1-a", warning=warning)
        covert = Decision("hold", "usage-under-review", "C-1", 9, "1-a", warning=warning, covert=True)
        assert reply(covert) == reply(ordinary)


def test_a_gate_in_shadow_still_fails_closed_where_it_must() -> None:
    gate = LocalGate(tables=NoTable(), counter=NoCounter(), secret=bytes(32), fail="closed", shadow=True)
    assert reply(gate.ask(RECORD)).status == 503


def test_a_tap_writes_a_file_only_its_owner_reads_and_none_before_there_is_a_record(tmp_path: Path) -> None:
    tap = Tap(tmp_path / "tapped")
    assert list(tap.folder.iterdir()) == []
    tap.put(RECORD)
    tap.close()
    (file,) = tap.folder.iterdir()
    assert (file.stat().st_mode & 0o777, tap.folder.stat().st_mode & 0o777) == (0o600, 0o700)
    (line,) = file.read_bytes().splitlines()
    assert msgspec.json.decode(line) == {
        "id": "x", "occurred_at": "2026-07-01T00:00:00Z", "account": "a", "request": {"model": "m"},
    }  # fmt: skip


def test_a_tap_that_can_not_keep_up_or_write_drops_and_counts(tmp_path: Path) -> None:
    tap = Tap(tmp_path / "tapped")
    tap.put(msgspec.structs.replace(RECORD, request={"model": object()}))
    tap.put(RECORD)
    tap.close()
    assert (tap.written, tap.dropped) == (1, 1)
    with pytest.raises(OutputError, match="can't be tapped into"):
        Tap(Path(os.devnull) / "tapped")


def test_a_caller_is_named_by_the_header_then_by_its_credential_then_not_at_all() -> None:
    naming = Naming(account="X-Who")
    key = [(b"Authorization", b"Bearer sk-1")]
    assert naming.who([*key, (b"x-who", b" a ")])[0] == "a"
    account, _, credential = naming.who(key)
    assert account == credential != "anonymous"
    assert naming.who([(b"x-api-key", b"sk-1")])[0] == account
    assert naming.who([])[0] == "anonymous"


def test_a_record_names_headers_and_holds_no_value_of_them() -> None:
    headers = [(b"Cookie", b"session=1"), (b"x-api-key", b"sk-secret"), (b"user-agent", b"probe/1")]
    record = asked("x", datetime(2026, 7, 1, tzinfo=UTC), Naming(), headers, path="/v1", body=b"{}", ip=None)
    written = msgspec.json.encode(record)
    assert b"session=1" not in written
    assert b"sk-secret" not in written
    assert record.client is not None
    assert record.client.headers == ["cookie", "x-api-key", "user-agent"]


def test_what_an_access_ring_refuses_has_a_reference_that_staff_find(tmp_path: Path) -> None:
    world, general = World(tmp_path), Ring(name="general", models=("open",))
    key, _ = signing_key(tmp_path / "table.key")
    made = replace(compiled(COURSES), rings=(general,))
    TableFolder(world.table).publish(made, key, time.time_ns() // 1000, "Engineer 1")
    tables = Tables(world.table, trusted_keys([world.public]))
    gate = LocalGate(tables=tables, counter=NoCounter(), secret=bytes(32), book=HitFolder(tmp_path / "hits"))
    decision = gate.ask(RECORD)
    assert (decision.course, decision.reason, decision.case[:2]) == ("refuse", "access-ring", "C-")
    assert gate.ask(RECORD).case == decision.case
    (noted_once,) = noted(tmp_path / "hits", decision.case)
    assert (noted_once.account, noted_once.rule) == ("a", "access-ring")
    assert gate.ask(msgspec.structs.replace(RECORD, request={"model": "open"})).case == ""
