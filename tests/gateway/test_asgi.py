"""The middleware in a real model server: Starlette on uvicorn, answers streamed."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest
from gateway_world import ANSWER, CHAT, COVERT, MESSAGES, REASONING, Running, World, case_of, chunks, environment

from bench.gateway.running import uvicorn

#: Seconds that the model server takes for a streamed answer, no less.
STREAMED_S = 0.02 * len(list(chunks(ANSWER, REASONING)))
BODY = {"model": "m-large", "messages": MESSAGES}


@pytest.fixture(scope="module")
def server(shared_world: World) -> Iterator[Running]:
    with model_server(shared_world) as found:
        yield found


def model_server(made: World, *options: str, **gate: object) -> AbstractContextManager[Running]:
    told = {**environment(made), "GATE": json.dumps(made.settings(**gate))}
    return uvicorn("gateway_model_server:application", Path(__file__).parent, *options, env=told)


@pytest.fixture
def http(server: Running) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def ask(http: httpx.Client, account: str, **more: object) -> httpx.Response:
    return http.post(CHAT, json={**BODY, **more}, headers={"x-stillwatch-account": account})


def test_who_stands_in_no_table_is_answered_as_ever(http: httpx.Client) -> None:
    answer = ask(http, "nobody")
    assert answer.json()["choices"][0]["message"]["content"] == ANSWER
    assert (answer.headers["course-told"], answer.headers["course-state"]) == ("", "allow")


@pytest.mark.parametrize(("account", "status"), [("refused", 403), ("asked", 403), ("slowed", 429)])
def test_what_is_not_answered_is_a_problem_that_the_caller_can_read(
    http: httpx.Client, account: str, status: int
) -> None:
    answer = ask(http, account)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["case"] == case_of(account)
    assert "course-state" not in answer.headers


def test_the_application_is_told_the_course_and_nobody_else_can_tell_it(http: httpx.Client) -> None:
    answer = ask(http, "reduced")
    assert (answer.headers["course-told"], answer.headers["stillwatch-course"]) == ("reduce-reasoning",) * 2
    assert answer.json()["choices"][0]["message"]["reasoning_content"] == ""
    forged = http.post(CHAT, json=BODY, headers={"x-stillwatch-account": "nobody", "Stillwatch-Course": "hold"})
    assert forged.headers["course-told"] == ""


@pytest.mark.parametrize("account", COVERT)
def test_the_application_hears_of_a_covert_course_and_the_caller_does_not(http: httpx.Client, account: str) -> None:
    answer, ordinary = ask(http, account), ask(http, "nobody")
    assert set(answer.headers) == set(ordinary.headers)
    assert (answer.headers["course-told"], answer.headers["course-state"]) == (COVERT[account],) * 2


def test_a_server_whose_gate_can_not_open_does_not_start_and_says_why(made: World) -> None:
    with (
        pytest.raises(AssertionError, match="no table can be read"),
        model_server(made, table=str(made.folder / "none")),
    ):
        pass


def pieces(http: httpx.Client, account: str) -> tuple[list[bytes], float]:
    """A streamed answer as it comes, and the seconds from the question to its first piece."""
    headers = {"x-stillwatch-account": account}
    found, times = [], []
    asked = time.monotonic()
    with http.stream("POST", CHAT, json={**BODY, "stream": True}, headers=headers) as answer:
        for piece in answer.iter_raw():
            found.append(piece)
            times.append(time.monotonic())
    return found, times[0] - asked


@pytest.mark.parametrize("account", ["held", "held-unsaid"])
def test_a_streamed_answer_flows_and_one_that_is_held_comes_whole_at_the_end(http: httpx.Client, account: str) -> None:
    flowing, _ = pieces(http, "nobody")
    held, waited = pieces(http, account)
    assert len(flowing) > 5
    assert waited >= STREAMED_S  # nothing before the last word was made
    assert b"".join(held) == b"".join(flowing)


def test_other_paths_and_methods_pass_untouched(http: httpx.Client) -> None:
    answer = http.get("/v1/models", headers={"x-stillwatch-account": "refused"})
    assert (answer.status_code, "stillwatch-version" in answer.headers) == (200, False)
    assert http.get(CHAT, headers={"x-stillwatch-account": "refused"}).status_code == 405


def test_a_body_larger_than_is_read_reaches_the_application_whole(http: httpx.Client) -> None:
    answer = ask(http, "nobody", user="x" * (33 << 20))
    assert int(answer.headers["body-bytes"]) > 33 << 20
    assert ask(http, "refused", user="x" * (33 << 20)).status_code == 403


def test_wrong_bodies_are_the_applications_own_business(server: Running) -> None:
    for body in (b"", b"{", b"[1]", b"\xff\xfe", b"{" * 100_000):
        for account, status in (("nobody", 500), ("refused", 403)):
            with server.client() as http:  # uvicorn closes a connection on which the application failed
                headers = {"x-stillwatch-account": account}
                assert http.post(CHAT, content=body, headers=headers).status_code == status


def test_an_application_that_fails_still_fails_and_is_tapped_so(http: httpx.Client, shared_world: World) -> None:
    assert ask(http, "nobody", model="broken", user="failing").status_code == 500
    ends = time.monotonic() + 20
    found: list[dict[str, object]] = []
    while not found and time.monotonic() < ends:
        found = [one for one in shared_world.tapped(1) if (one.get("request") or {}).get("user") == "failing"]
    assert [one["status"] for one in found] == [500]


def test_a_caller_that_hangs_up_leaves_the_server_well(http: httpx.Client) -> None:
    for account in ("nobody", "held") * 5:
        with http.stream(
            "POST", CHAT, json={**BODY, "stream": True}, headers={"x-stillwatch-account": account}
        ) as answer:
            assert answer.status_code == 200
    assert ask(http, "nobody").status_code == 200


@pytest.mark.slow
def test_scan_reads_what_was_tapped(made: World) -> None:
    with model_server(made, "--workers", "2") as server:
        with server.client() as http:
            ask(http, "nobody")
            ask(http, "nobody", stream=True)
            ask(http, "held", stream=True)
            ask(http, "refused")
            ask(http, "slowed")
        records = made.tapped(5)
    assert sorted(one["status"] for one in records) == [200, 200, 200, 403, 429]
    for one in records:
        if one["status"] == 200:
            message = one["response"]["choices"][0]["message"]
            assert (message["content"].strip(), message["reasoning_content"].strip()) == (ANSWER, REASONING)
    out = made.folder / "out"
    command = [sys.executable, "-m", "stillwatch", "scan", str(made.folder / "tapped"), "--out", str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment(made), timeout=300)
    assert ended.returncode == 0, ended.stderr
    scanned = json.loads((out / "campaigns.json").read_text())["scanned"]
    assert (scanned["exchanges"], scanned["accounts"], scanned["quarantined"]) == (5, 4, 0)
