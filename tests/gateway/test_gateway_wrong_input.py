"""Whatever is sent, the service answers, says what is wrong, and is well afterwards."""

import json
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import quote

import httpx
import pytest
from gateway_world import CHAT, MESSAGES, Running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SHAPES = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON, "occurred_at": JSON, "account": JSON | st.just("refused"), "organization": JSON, "credential": JSON,
        "client": JSON, "status": JSON, "duration_ms": JSON, "response": JSON,
        "request": JSON | st.fixed_dictionaries({"model": JSON, "messages": JSON | st.lists(
            st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": JSON}), max_size=3)}),
    },
)  # fmt: skip


@SHAPES
@given(body=RECORDS.map(lambda found: json.dumps(found).encode()) | JSON.map(lambda found: json.dumps(found).encode()))
def test_records_of_any_shape_are_decided_or_refused_with_a_reason(http: httpx.Client, body: bytes) -> None:
    for path in ("/v1/decide", "/v1/served"):
        answer = http.post(path, content=body)
        assert answer.status_code in (200, 204, 400)
        if answer.status_code == 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"]


@SHAPES
@given(body=st.binary(max_size=300))
def test_any_bytes_are_answered(http: httpx.Client, body: bytes) -> None:
    assert http.post("/v1/decide", content=body).status_code in (200, 400)
    assert http.post("/v1/served", content=body).status_code in (204, 400)
    assert http.post("/v1/appeals", content=body).status_code in (400, 404)
    assert http.post("/v1/appeals/A-1", content=body).status_code == 404
    assert http.post(f"/v1/ext-authz{CHAT}", content=body).status_code == 200


@SHAPES
@given(
    path=st.text(max_size=30).map(lambda text: text.encode("utf-8", "replace")),
    account=st.binary(max_size=60).map(lambda value: bytes(byte for byte in value if byte >= 32 and byte != 127)),
)
def test_any_path_and_any_name_of_an_account_are_answered(http: httpx.Client, path: bytes, account: bytes) -> None:
    for before in ("/", "/v1/", "/v1/ext-authz", "/v1/ext-authz/", "/cases/", "/reasons/", "/v1/appeals/"):
        answer = http.get(before + quote(path), headers=[(b"x-stillwatch-account", account.strip())])
        assert answer.status_code < 500
        assert answer.status_code != 307


@pytest.mark.parametrize("depth", [500, 100_000])
def test_what_is_nested_too_deep_is_answered(http: httpx.Client, depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    record = b'{"account": "nobody", "request": {"model": "m", "messages": ' + nested + b"}}"
    for body in (nested, record):
        assert http.post("/v1/decide", content=body).status_code in (200, 400)
        assert http.post(f"/v1/ext-authz{CHAT}", content=body).status_code == 200


def test_a_body_that_is_too_large_is_refused_in_words(http: httpx.Client) -> None:
    answer = http.post("/v1/decide", content=b'{"account": "a", "request": {"user": "' + b"x" * (33 << 20) + b'"}}')
    assert (answer.status_code, answer.json()["title"]) == (413, "Content too large")
    assert http.post(f"/v1/ext-authz{CHAT}", content=b"x" * (33 << 20)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/decide", 405), ("PUT", "/v1/served", 405), ("DELETE", "/v1/appeals", 405), ("GET", "/nothing", 404)],
)
def test_a_wrong_method_or_path_is_a_problem_too(http: httpx.Client, method: str, path: str, status: int) -> None:
    answer = http.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_connections_that_say_nothing_or_half_block_nobody(running: Running, http: httpx.Client) -> None:
    half = b"POST /v1/decide HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n{"
    waiting = []
    try:
        for said in (b"", b"GET ", half, b"\x16\x03\x01", b"GET / HTTP/9.9\r\n\r\n") * 20:
            waiting.append(socket.create_connection(("127.0.0.1", running.port), 5))
            waiting[-1].sendall(said)
        assert http.post("/v1/decide", json={"account": "refused"}, timeout=10).json()["course"] == "refuse"
    finally:
        for one in waiting:
            one.close()
    assert http.get("/healthz", timeout=10).status_code == 200


def test_many_who_ask_at_once_are_all_answered(running: Running) -> None:
    answers: list[int] = []

    def ask() -> None:
        with running.client() as http:
            for _ in range(20):
                answer = http.post("/v1/decide", json={"account": "told", "request": {"messages": MESSAGES}})
                answers.append(answer.status_code)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [200] * 400


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        (["check", "http://a\nb"], 2, "is no address"),
        (["check", "{url}/reasons/no-such?"], 6, "no gateway answers"),
        (["envoy", "--upstream", "a:1", "--timeout", "-1"], 2, "is no time to wait"),
        (["envoy", "--upstream", "a:1", "--timeout", "nan"], 2, "is no time to wait"),
        (["envoy", "--upstream", "a:1", "--account-header", "x y"], 2, "is no name of a header"),
        (["serve", "--table", "none", "--organization-header", "x\ny"], 2, "is no name of a header"),
    ],
)
def test_what_was_mistyped_ends_in_one_line(running: Running, said: list[str], code: int, words: str) -> None:
    told = [one.replace("{url}", running.url.rstrip("/")) for one in said]
    ended = subprocess.run(
        [sys.executable, "-m", "stillwatch", "gateway", *told], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, len(ended.stderr.splitlines())) == (code, 1), ended.stderr
    assert words in ended.stderr


@pytest.mark.parametrize("answer", [b"[1]", b"{}", b'{"alarms": [1]}', b"\xff", b""])
def test_an_answer_that_is_no_gateways_is_an_alarm(answer: bytes) -> None:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.handle_request).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        command = [sys.executable, "-m", "stillwatch", "gateway", "check", url]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 6
    assert ended.stderr.startswith(f"stillwatch: alarm: no gateway answers at {url}: "), ended.stderr


def test_nothing_above_was_a_failure_of_ours(http: httpx.Client) -> None:
    found = dict(line.rsplit(" ", 1) for line in http.get("/metrics").text.splitlines() if not line.startswith("#"))
    assert int(found["stillwatch_failures_total"]) == 0
    assert http.get("/healthz").json()["alarms"] == []
