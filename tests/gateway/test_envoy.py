"""The real Envoy asks the real gateway, in front of a small model server."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from gateway_envoy import Envoy, envoy, key
from gateway_world import (
    ANSWER,
    CHAT,
    COURSES,
    COVERT,
    MESSAGES,
    SIGNATURE,
    Running,
    Upstream,
    World,
    case_of,
    gateway,
    upstream,
)

BODY = {"model": "m-large", "messages": MESSAGES}


@pytest.fixture(scope="module")
def model() -> Iterator[Upstream]:
    with upstream() as found:
        yield found


@pytest.fixture(scope="module")
def asked(shared_world: World) -> Iterator[Running]:
    folder = shared_world.folder
    with gateway(shared_world, "--tap", str(folder / "tapped"), "--appeals", str(folder / "appeals")) as found:
        yield found


@pytest.fixture(scope="module")
def front(shared_world: World, asked: Running, model: Upstream) -> Iterator[Envoy]:
    with envoy(shared_world.folder, model.port, asked.port) as found:
        yield found


def post(front: Envoy, account: str, body: object = BODY, **headers: str) -> httpx.Response:
    return httpx.post(front.url + CHAT, json=body, headers={**key(account), **headers}, timeout=60)


def test_a_request_goes_on_with_its_whole_body(front: Envoy, model: Upstream) -> None:
    answer = post(front, "nobody")
    assert answer.json()["choices"][0]["message"]["content"] == ANSWER
    assert json.loads(model.seen[-1][1]) == BODY
    assert answer.headers["stillwatch-version"].startswith("1-")
    assert "stillwatch-course" not in answer.headers


@pytest.mark.parametrize(("account", "status"), [("refused", 403), ("asked", 403), ("slowed", 429)])
def test_what_is_not_answered_is_a_problem_that_the_caller_can_read(
    front: Envoy, model: Upstream, account: str, status: int
) -> None:
    before = len(model.seen)
    answer = post(front, account)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["case"] == answer.headers["stillwatch-case"] == case_of(account)
    assert answer.headers.get("retry-after") == ("17" if status == 429 else None)
    assert len(model.seen) == before


@pytest.mark.parametrize("account", ["told", "held", "reduced"])
def test_what_goes_on_under_a_course_says_so_to_the_caller_and_to_the_upstream(
    front: Envoy, model: Upstream, account: str
) -> None:
    answer = post(front, account)
    assert (answer.status_code, answer.headers["stillwatch-course"]) == (200, COURSES[account])
    assert answer.headers["stillwatch-case"] == case_of(account)
    assert model.seen[-1][0]["stillwatch-course"] == COURSES[account]


@pytest.mark.parametrize("account", COVERT)
def test_the_upstream_hears_of_a_covert_course_and_the_caller_does_not(
    front: Envoy, model: Upstream, account: str
) -> None:
    answer, ordinary = post(front, account), post(front, "nobody")
    assert set(answer.headers) == set(ordinary.headers)
    assert [seen["stillwatch-course"] for seen, _ in model.seen[-2:-1]] == [COVERT[account]]
    assert not {"stillwatch-course", "x-stillwatch-course"} & set(model.seen[-1][0])
    assert "x-stillwatch-course" not in model.seen[-2][0]


def test_a_caller_can_not_choose_whom_to_be_nor_what_the_upstream_is_told(front: Envoy, model: Upstream) -> None:
    claimed = {"X-Stillwatch-Account": "nobody", "x-stillwatch-organization": "org_p", "x-envoy-auth-partial-body": "1"}
    assert post(front, "refused", **claimed).status_code == 403
    forged = ("stillwatch-course", "x-stillwatch-course", "x-envoy-auth-failure-mode-allowed")
    said = {"x-stillwatch-account": "refused", **dict.fromkeys(forged, "hold")}
    assert post(front, "nobody", **said).status_code == 200
    assert not set(forged) & set(model.seen[-1][0])
    assert model.seen[-1][0]["x-stillwatch-account"] == "nobody"


def test_who_is_refused_can_read_why_and_appeal(front: Envoy) -> None:
    problem = post(front, "refused").json()
    for link in (problem["type"], problem["instance"]):
        assert httpx.get(front.url + link, headers=key("refused"), timeout=30).status_code == 200
    asked = {"case": problem["case"], "statement": "We teach arithmetic."}
    filed = httpx.post(front.url + problem["appeal"], json=asked, headers=key("refused"), timeout=30)
    assert filed.status_code == 201
    link = f"{front.url}/v1/appeals/{filed.json()['reference']}"
    assert httpx.get(link, headers=key("refused"), timeout=30).status_code == 200
    forged = {**key("told"), "x-stillwatch-account": "refused"}
    assert httpx.get(link, headers=forged, timeout=30).status_code == 404


def test_a_query_of_the_caller_changes_no_answer(front: Envoy) -> None:
    answer = httpx.post(f"{front.url}{CHAT}?only=403&key=secret", json=BODY, headers=key("slowed"), timeout=30)
    assert answer.status_code == 429


def test_other_paths_of_the_gateway_are_not_reached_from_outside(front: Envoy, model: Upstream) -> None:
    for path in ("/healthz", "/metrics", "/v1/decide", "/v1/served", "/v1/ext-authz", "/cases/../metrics"):
        assert httpx.get(front.url + path, headers=key("nobody"), timeout=30).json()["object"] == "chat.completion"


def test_a_body_of_three_megabytes_is_seen_and_one_of_twelve_is_decided_by_its_account(
    front: Envoy, model: Upstream, shared_world: World
) -> None:
    for megabytes in (3, 12):
        long = {**BODY, "user": "x" * (megabytes << 20)}
        assert post(front, "nobody", long, **{f"x-megabytes-{megabytes}": "1"}).status_code == 200
        assert len(model.seen[-1][1]) > megabytes << 20
        assert post(front, "refused", long).status_code == 403
    for megabytes, seen in ((3, 3), (12, 0)):
        (record,) = tapped(shared_world, lambda one, n=megabytes: f"x-megabytes-{n}" in one["client"]["headers"])
        assert len(record.get("request", {}).get("user", "")) >> 20 == seen


def tapped(made: World, which: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """These records, once there is one."""
    ends = time.monotonic() + 20
    found: list[dict[str, Any]] = []
    while not found and time.monotonic() < ends:
        time.sleep(0.05)
        found = [one for one in made.tapped() if which(one)]
    return found


def test_the_tap_sees_the_request_and_the_address_of_the_caller(front: Envoy, shared_world: World) -> None:
    post(front, "nobody", {**BODY, "user": "tapped"}, **{"user-agent": "probe/1", "accept-language": "qya"})
    (record,) = tapped(shared_world, lambda one: one.get("request", {}).get("user") == "tapped")
    assert (record["account"], record["endpoint"]) == ("nobody", CHAT)
    client = record["client"]
    assert (client["ip"], client["user_agent"]) == ("127.0.0.1", "probe/1")
    assert {"accept", "accept-language", "content-type"} <= set(client["headers"])
    assert "key-of" not in json.dumps(record)


def test_an_inline_rule_sees_the_request(front: Envoy) -> None:
    thought = {"type": "thinking", "thinking": "", "signature": SIGNATURE}
    shown = {
        "model": "m",
        "messages": [
            {"role": "user", "content": "What is seven times eight?"},
            {"role": "assistant", "content": [thought, {"type": "text", "text": "56"}]},
            {"role": "user", "content": "And nine times eight?"},
        ],
    }
    assert "stillwatch-course" not in post(front, "nobody", shown).headers
    second = post(front, "in-shadow", shown)
    assert (second.status_code, second.headers["stillwatch-course"]) == (200, "notice")
    assert second.headers["stillwatch-reason"] == "signature-replay" or second.headers["stillwatch-case"][:2] == "C-"


class Load:
    """Callers who ask without a pause, on connections that they keep."""

    def __init__(self, front: Envoy, callers: int = 6) -> None:
        self._url, self._stop = front.url + CHAT, threading.Event()
        self.statuses: list[Counter[str]] = [Counter() for _ in range(callers)]
        self._pool = ThreadPoolExecutor(callers)
        self._work = [self._pool.submit(self._ask, one) for one in self.statuses]

    def _ask(self, statuses: Counter[str]) -> None:
        with httpx.Client(timeout=30, headers=key("nobody")) as client:
            while not self._stop.is_set():
                answer = client.post(self._url, json=BODY)
                reason = answer.json().get("reason", "") if answer.status_code != 200 else ""
                statuses[f"{answer.status_code} {reason}".strip()] += 1

    def counted(self) -> Counter[str]:
        return sum(map(Counter, self.statuses), Counter())

    def end(self) -> Counter[str]:
        self._stop.set()
        for work in self._work:
            work.result(60)
        self._pool.shutdown()
        return self.counted()


@pytest.mark.slow
@pytest.mark.parametrize("fail", ["open", "closed"])
def test_a_gateway_that_is_killed_under_load_fails_as_it_was_told_and_the_alarm_fires(made: World, fail: str) -> None:
    with (
        upstream() as model,
        gateway(made) as asked,
        envoy(made.folder, model.port, asked.port, "--fail", fail) as front,
    ):
        check = [sys.executable, "-m", "stillwatch", "gateway", "check", asked.url]
        assert subprocess.run(check, capture_output=True).returncode == 0
        load = Load(front)
        time.sleep(2)
        before = load.counted()
        asked.process.kill()
        time.sleep(3)
        counted = load.end()
        alarm = subprocess.run(check, capture_output=True, text=True)
        assert before["200"] > 10
        assert before.total() == before["200"]
        assert (alarm.returncode, "alarm: no gateway answers" in alarm.stderr) == (6, True)
        if fail == "open":
            assert counted.total() == counted["200"] > before["200"] + 10
            assert front.counter("ext_authz.stillwatch.failure_mode_allowed") > 10
        else:
            assert set(counted) == {"200", "503 gateway-unavailable"}
            assert counted["503 gateway-unavailable"] > 10
            answer = post(front, "nobody")
            assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
            assert answer.headers["retry-after"] == "5"
            assert front.counter("ext_authz.stillwatch.error") > 10
        with gateway(made, listen=f"127.0.0.1:{asked.port}"):
            assert "stillwatch-version" in post(front, "told").headers
