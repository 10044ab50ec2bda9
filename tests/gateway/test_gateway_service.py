import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from gateway_world import BODY, CHAT, COURSES, COVERT, World, case_of, decided, gateway

from stillwatch.adapters.stores.appeals import AppealStore
from stillwatch.decide.appeals import Event
from stillwatch.decide.course import REASONS

STATUS = {"told": 200, "slowed": 429, "reduced": 200, "asked": 403, "held": 200, "refused": 403, "in-shadow": 200}


@pytest.mark.parametrize("account", COURSES)
def test_a_record_in_a_decision_out(http: httpx.Client, account: str) -> None:
    found = decided(http, account, id="x-1", occurred_at="2026-07-01T12:00:00Z")
    assert (found["course"], found["status"], found["case"]) == (COURSES[account], STATUS[account], case_of(account))
    assert found["reason"] in REASONS
    assert str(found["version"]).startswith("1-")
    assert str(found["expires_at"]).endswith("Z")


def test_one_in_no_table_is_allowed_and_has_no_case(http: httpx.Client) -> None:
    found = decided(http, "nobody")
    assert (found["course"], found["case"], "expires_at" in found) == ("allow", "", False)


def test_what_is_decided_in_shadow_says_so_and_lets_go_on(http: httpx.Client) -> None:
    found = decided(http, "in-shadow")
    assert (found["course"], found["shadow"], found["status"]) == ("refuse", True, 200)
    answer = http.post(f"/v1/ext-authz{CHAT}", headers={"x-stillwatch-account": "in-shadow"}, json=BODY)
    assert answer.status_code == 200
    assert "stillwatch-course" not in answer.headers


@pytest.mark.parametrize("account", COVERT)
def test_what_is_covert_is_for_whoever_carries_it_out_and_for_no_caller(http: httpx.Client, account: str) -> None:
    found = decided(http, account)
    assert (found["course"], found["status"], found["covert"]) == (COVERT[account], 200, True)
    assert "covert" not in decided(http, "held")
    answer = http.post(f"/v1/ext-authz{CHAT}", headers={"x-stillwatch-account": account}, json=BODY)
    ours = {name for name in answer.headers if name.startswith("stillwatch")}
    assert (answer.status_code, ours) == (200, {"stillwatch-version"})
    assert answer.headers["x-stillwatch-course"] == COVERT[account]


def test_a_gateway_in_shadow_touches_nobody_and_counts_what_it_would_have_done(made: World) -> None:
    with gateway(made, "--shadow") as found, found.client() as http:
        for account in COURSES:
            answer = http.post(f"/v1/ext-authz{CHAT}", headers={"x-stillwatch-account": account}, json=BODY)
            assert (answer.status_code, "stillwatch-course" in answer.headers) == (200, False)
        assert 'stillwatch_decisions_total{course="refuse"} 1' in http.get("/metrics").text


def test_an_organisation_is_decided_as_one(http: httpx.Client) -> None:
    assert decided(http, "new-account", organization="org_r")["course"] == "refuse"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_ext_authz_answers_every_method_below_every_path(http: httpx.Client, method: str) -> None:
    for account, status in STATUS.items():
        answer = http.request(method, f"/v1/ext-authz{CHAT}", headers={"x-stillwatch-account": account})
        assert answer.status_code == status, account
        assert answer.headers["stillwatch-version"].startswith("1-")


def test_a_refusal_is_one_bit_and_a_reference(http: httpx.Client) -> None:
    answer = http.post(f"/v1/ext-authz{CHAT}", headers={"x-stillwatch-account": "refused"}, json=BODY)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance", "reason", "case", "appeal"}
    assert (problem["status"], problem["case"], problem["reason"]) == (403, case_of("refused"), "usage-under-review")
    assert problem["detail"] == REASONS["usage-under-review"]
    said = {name: value for name, value in answer.headers.items() if name.startswith("stillwatch")}
    assert said == {
        "stillwatch-version": problem_version(answer),
        "stillwatch-course": "refuse",
        "stillwatch-reason": "usage-under-review",
        "stillwatch-case": case_of("refused"),
    }


def problem_version(answer: httpx.Response) -> str:
    return answer.headers["stillwatch-version"]


def test_throttling_says_when_to_come_back(http: httpx.Client) -> None:
    answer = http.get(f"/v1/ext-authz{CHAT}", headers={"x-stillwatch-account": "slowed"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "17")


def test_the_pages_that_a_problem_names_can_be_read(http: httpx.Client) -> None:
    problem = http.get(f"/v1/ext-authz{CHAT}", headers={"x-stillwatch-account": "refused"}).json()
    for link in (problem["type"], problem["instance"]):
        page = http.get(link)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "appeal" in page.text
    assert http.get("/reasons/no-such").status_code == 404


def test_a_page_of_a_case_is_no_oracle(http: httpx.Client) -> None:
    there, not_there = http.get(f"/cases/{case_of('refused')}"), http.get("/cases/C-refusex")
    assert there.text.replace("C-refused", "") == not_there.text.replace("C-refusex", "")
    assert "<script" not in http.get("/cases/%3Cscript%3E").text


def test_an_appeal_is_filed_by_whose_case_it_is_and_by_nobody_else(http: httpx.Client) -> None:
    asked = {"case": case_of("refused"), "statement": "We teach arithmetic."}
    for stranger in ("nobody", "told"):
        answer = http.post("/v1/appeals", json=asked, headers={"x-stillwatch-account": stranger})
        assert (answer.status_code, answer.json()["title"]) == (404, "No such case")
    mine = {"x-stillwatch-account": "refused"}
    filed = http.post("/v1/appeals", json=asked, headers=mine)
    assert filed.status_code == 201
    link = f"/v1/appeals/{filed.json()['reference']}"
    assert http.get(link, headers=mine).json()["state"] == filed.json()["state"]
    assert http.get(link, headers={"x-stillwatch-account": "told"}).status_code == 404
    assert http.post("/v1/appeals", json=asked, headers=mine).status_code == 200


def test_who_is_refused_can_appeal_without_any_option_and_not_where_appeals_are_off(made: World) -> None:
    asked, mine = {"case": case_of("refused"), "statement": "We teach."}, {"x-stillwatch-account": "refused"}
    with gateway(made) as found, found.client() as http:
        filed = http.post("/v1/appeals", json=asked, headers=mine)
    assert filed.status_code == 201
    (waiting,) = AppealStore(made.folder / "state" / "appeals").every()
    assert waiting.reference == filed.json()["reference"]
    with gateway(made, "--appeals", "off") as found, found.client() as http:
        assert http.post("/v1/appeals", json=asked, headers=mine).status_code == 501


def test_a_question_is_answered_with_words_that_are_kept(made: World) -> None:
    folder, mine = made.folder / "asked", {"x-stillwatch-account": "refused"}
    with gateway(made, "--appeals", str(folder)) as found, found.client() as http:
        asked = {"case": case_of("refused"), "statement": "We teach arithmetic."}
        reference = http.post("/v1/appeals", json=asked, headers=mine).json()["reference"]
        for act in ("acknowledged", "question"):
            event = Event(act=act, at_us=time.time_ns() // 1000, actor="Reviewer 2", message="Whom?")  # type: ignore[arg-type]
            AppealStore(folder).advance(reference, event)
        for empty in ({}, {"message": " "}, {"text": "Children."}):
            assert http.post(f"/v1/appeals/{reference}", json=empty, headers=mine).status_code == 400
        answered = http.post(f"/v1/appeals/{reference}", json={"statement": "Children."}, headers=mine).json()
    assert (answered["state"], answered["messages"][-1]) == ("acknowledged", ["you", "Children."])


def test_health_says_which_table_and_metrics_count_courses(http: httpx.Client) -> None:
    health = http.get("/healthz")
    assert (health.status_code, health.json()["alarms"]) == (200, [])
    assert health.json()["accounts"] == len(COURSES) + len(COVERT) + 1
    decided(http, "refused")
    found = dict(line.rsplit(" ", 1) for line in http.get("/metrics").text.splitlines() if not line.startswith("#"))
    assert int(found['stillwatch_decisions_total{course="refuse"}']) > 0
    assert int(found["stillwatch_failures_total"]) == 0


def test_what_was_asked_and_served_is_tapped_without_a_credential(made: World) -> None:
    tap = made.folder / "tapped"
    with gateway(made, "--tap", str(tap)) as found, found.client() as http:
        asking = {"authorization": "Bearer sk-very-secret", "x-stillwatch-account": "nobody"}
        http.post(f"/v1/ext-authz{CHAT}", headers=asking, json=BODY)
        http.post("/v1/served", json={"id": "x-2", "occurred_at": 1.0, "account": "a", "request": BODY, "response": {}})
        http.post(f"/v1/ext-authz{CHAT}", headers={"x-stillwatch-account": "refused"}, json=BODY)
        records = made.tapped(3)
    assert [(one["account"], one.get("status")) for one in records] == [("nobody", None), ("a", None), ("refused", 403)]
    assert records[0]["request"] == BODY
    assert records[0]["endpoint"] == CHAT
    assert records[0]["credential"].startswith("key-")
    assert "very-secret" not in json.dumps(records)


def test_a_new_table_comes_into_force_under_way_and_a_damaged_one_does_not(made: World) -> None:
    with gateway(made) as found, found.client() as http:
        assert decided(http, "refused")["course"] == "refuse"
        version = made.publish({"refused": "notice"})
        assert wait_for_version(http, version)["course"] == "notice"
        current = made.table / "current"
        current.write_bytes(current.read_bytes()[:-40])
        alarms = wait_for_alarm(http)
        assert "is no signed manifest" in alarms[0]
        assert decided(http, "refused")["version"] == version


def test_a_stale_table_raises_the_alarm_and_still_answers(made: World) -> None:
    made.publish(stale_us=1)
    with gateway(made) as found, found.client() as http:
        assert "is stale" in wait_for_alarm(http)[0]
        assert decided(http, "refused")["course"] == "refuse"
        check = [sys.executable, "-m", "stillwatch", "gateway", "check", found.url]
        ended = subprocess.run(check, capture_output=True, text=True)
        assert (ended.returncode, ended.stderr.startswith("stillwatch: alarm: table 2-")) == (6, True)
        ends = time.monotonic() + 20
        while not any("alarm: table 2-" in line for line in found.said):
            assert time.monotonic() < ends, found.said
            time.sleep(0.1)


def wait_for_alarm(http: httpx.Client) -> list[str]:
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        answer = http.get("/healthz")
        if answer.status_code == 503:
            alarms: list[str] = answer.json()["alarms"]
            return alarms
        time.sleep(0.05)
    raise AssertionError("no alarm")


def wait_for_version(http: httpx.Client, version: str) -> dict[str, object]:
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        found = decided(http, "refused")
        if found["version"] == version:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{version} never came into force")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc")
def test_a_worker_that_is_killed_is_started_again(made: World) -> None:
    with gateway(made, "--workers", "2") as found:
        workers = children(found.process.pid)
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        ends = time.monotonic() + 30
        while len(now := children(found.process.pid)) < 2 or workers[0] in now:
            assert time.monotonic() < ends, now
            time.sleep(0.1)
        for _ in range(10):
            with found.client() as http:
                assert decided(http, "refused")["course"] == "refuse"


@pytest.mark.slow
def test_when_the_supervisor_is_killed_its_workers_stop_and_the_address_is_free(made: World) -> None:
    with gateway(made, "--workers", "2") as found:
        found.process.kill()
        found.process.wait()
    ends = time.monotonic() + 30
    while listened(found.port):
        assert time.monotonic() < ends, "the address is never free"
        time.sleep(0.1)
    with gateway(made, listen=f"127.0.0.1:{found.port}") as again, again.client() as http:
        assert decided(http, "refused")["course"] == "refuse"


def listened(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def children(parent: int) -> list[int]:
    """Processes of ``parent`` that answer: those that multiprocessing started to run our application."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            status = (process / "stat").read_text().rpartition(")")[2].split()
            if int(status[1]) == parent and b"spawn_main" in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return sorted(found)


def test_a_gateway_without_a_table_does_not_start_and_says_what_to_do(made: World) -> None:
    (made.table / "current").unlink()
    with pytest.raises(AssertionError, match="no table can be read"), gateway(made):
        pass


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_is_named(made: World, workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(AssertionError, match=f"127.0.0.1:{port} can't be listened on: address already in use"),
            gateway(made, "--workers", workers, listen=f"127.0.0.1:{port}"),
        ):
            pass


def test_a_tap_that_can_not_be_written_is_found_out_at_the_start(made: World) -> None:
    (made.folder / "file").touch()
    with (
        pytest.raises(AssertionError, match="can't be tapped into"),
        gateway(made, "--workers", "2", "--tap", str(made.folder / "file" / "in")),
    ):
        pass
