"""The guardrail inside LiteLLM's real proxy, before a small model server. Run by ``make test-litellm``."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway_world import (
    ANSWER,
    CHAT,
    COURSES,
    COVERT,
    MESSAGES,
    REASONING,
    Upstream,
    World,
    case_of,
    chunks,
    environment,
    free_port,
    until_open,
    upstream,
    world,
)

pytest.importorskip("litellm", reason="LiteLLM is not installed here: make test-litellm")

PAUSE_S = 0.02
#: Seconds that the model server takes for a streamed answer, no less: it pauses after each event.
STREAMED_S = PAUSE_S * len(list(chunks(ANSWER, REASONING)))
BODY = {"model": "m-large", "messages": MESSAGES}
MASTER = "sk-master-of-these-tests"
#: LiteLLM's keys stand in a database that these tests do without: its own hook for authentication says who asks.
AUTHENTICATION = """
from litellm.proxy._types import UserAPIKeyAuth

async def known(request, api_key):
    name = api_key.removeprefix("sk-")
    return UserAPIKeyAuth(api_key=api_key, user_id=name, org_id=f"org of {name}")
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("litellm"))


@pytest.fixture(scope="module")
def model() -> Iterator[Upstream]:
    with upstream(pause=PAUSE_S) as found:
        yield found


@pytest.fixture(scope="module")
def proxy(made: World, model: Upstream) -> Iterator[str]:
    """Where the proxy listens."""
    folder, port = made.folder, free_port()
    (folder / "authentication.py").write_text(AUTHENTICATION)
    settings = {**made.settings(), "keys": [str(made.public)]}
    guardrail = {
        "guardrail": "stillwatch.apps.gateway.litellm.Guardrail",
        "mode": ["pre_call", "post_call"],
        "default_on": True,
        **settings,
    }
    upstream_ = {"model": "openai/m-large", "api_base": f"{model.url}/v1", "api_key": "none"}
    config = {
        "model_list": [{"model_name": "m-large", "litellm_params": upstream_}],
        "guardrails": [{"guardrail_name": "stillwatch", "litellm_params": guardrail}],
        "general_settings": {"custom_auth": "authentication.known", "master_key": MASTER},
        "litellm_settings": {"callbacks": []},
    }
    (folder / "config.yaml").write_text(json.dumps(config))  # JSON is YAML
    log = (folder / "litellm.log").open("w")
    command = [Path(sys.executable).with_name("litellm"), "--config", str(folder / "config.yaml"), "--port", str(port)]
    told = {**environment(made), "LITELLM_LOCAL_MODEL_COST_MAP": "True", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen([*command, "--host", "127.0.0.1"], stdout=log, stderr=log, cwd=folder, env=told)
    try:
        until_open(port, 120)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)
        log.close()
        print((folder / "litellm.log").read_text()[-8000:])


def ask(proxy: str, account: str, **more: object) -> httpx.Response:
    return httpx.post(
        proxy + CHAT, json={**BODY, **more}, headers={"authorization": f"Bearer sk-{account}"}, timeout=60
    )


def test_who_stands_in_no_table_is_answered_as_ever(proxy: str) -> None:
    answer = ask(proxy, "nobody")
    message = answer.json()["choices"][0]["message"]
    assert (message["content"], message["reasoning_content"]) == (ANSWER, REASONING)
    assert "stillwatch-course" not in answer.headers


@pytest.mark.parametrize(("account", "status"), [("refused", 403), ("asked", 403), ("slowed", 429)])
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_not_answered_says_why_and_never_reaches_the_model(
    proxy: str, model: Upstream, account: str, status: int, stream: bool
) -> None:
    before = len(model.seen)
    answer = ask(proxy, account, stream=stream)
    assert (answer.status_code, len(model.seen)) == (status, before)
    assert answer.headers.get("retry-after") == ("17" if status == 429 else None)
    assert answer.headers["stillwatch-case"] == case_of(account)
    assert case_of(account) in answer.text
    assert "usage-under-review" in answer.text


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/responses"])
def test_other_dialects_are_refused_in_words_too(proxy: str, path: str) -> None:
    body = {"model": "m-large", "max_tokens": 9, "messages": MESSAGES, "input": "What is the capital of Peru?"}
    answer = httpx.post(proxy + path, json=body, headers={"authorization": "Bearer sk-refused"}, timeout=60)
    assert answer.status_code == 403
    assert case_of("refused") in answer.text


@pytest.mark.parametrize("account", ["told", "held", "reduced"])
def test_what_goes_on_under_a_course_says_so_in_headers(proxy: str, account: str) -> None:
    answer = ask(proxy, account)
    assert (answer.status_code, answer.headers["stillwatch-course"]) == (200, COURSES[account])
    assert answer.headers["stillwatch-case"] == case_of(account)


def streamed(proxy: str, account: str) -> tuple[str, str, float]:
    """Content and reasoning of a streamed answer, and the seconds from the question to its first event."""
    content, reasoning, times = "", "", []
    asked = time.monotonic()
    headers = {"authorization": f"Bearer sk-{account}"}
    with httpx.stream("POST", proxy + CHAT, json={**BODY, "stream": True}, headers=headers, timeout=60) as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            if line.startswith("data: {"):
                times.append(time.monotonic())
                delta = json.loads(line[6:])["choices"][0]["delta"]
                content += delta.get("content") or ""
                reasoning += delta.get("reasoning_content") or ""
    return content.strip(), reasoning.strip(), times[0] - asked


@pytest.mark.parametrize("account", COVERT)
def test_no_header_says_that_a_covert_course_was_carried_out(proxy: str, account: str) -> None:
    for stream in (False, True):
        answer, ordinary = ask(proxy, account, stream=stream), ask(proxy, "nobody", stream=stream)
        assert (answer.status_code, set(answer.headers)) == (200, set(ordinary.headers))
        assert case_of(account) not in answer.text + str(answer.headers)
        assert not {"hold", "reduce-reasoning"} & set(answer.headers.values())


@pytest.mark.parametrize("account", ["reduced", "reduced-unsaid"])
def test_reasoning_is_taken_out_of_answers_and_the_answer_stays(proxy: str, account: str) -> None:
    message = ask(proxy, account).json()["choices"][0]["message"]
    assert (message["content"], message.get("reasoning_content") or "") == (ANSWER, "")
    assert streamed(proxy, account)[:2] == (ANSWER, "")
    assert streamed(proxy, "nobody")[:2] == (ANSWER, REASONING)


@pytest.mark.parametrize("account", ["held", "held-unsaid"])
def test_a_streamed_answer_flows_and_one_that_is_held_comes_at_the_end(proxy: str, account: str) -> None:
    assert min(streamed(proxy, "nobody")[2] for _ in range(5)) < STREAMED_S
    content, reasoning, waited = streamed(proxy, account)
    assert (content, reasoning) == (ANSWER, REASONING)
    assert waited >= STREAMED_S  # nothing before the last word was made


def test_what_passes_is_tapped_and_scan_reads_it(proxy: str, made: World) -> None:
    ask(proxy, "nobody", user="tapped whole")
    ask(proxy, "nobody", user="tapped stream", stream=True)
    ask(proxy, "refused", user="tapped refused")
    records: list[dict[str, Any]] = []
    ends = time.monotonic() + 30
    while len(records) < 3 and time.monotonic() < ends:  # LiteLLM tells of what it served when it has the time
        time.sleep(0.2)
        records = [one for one in made.tapped() if str(one["request"].get("user")).startswith("tapped")]
    found = {one["request"]["user"]: one for one in records}
    assert len(records) == 3, records
    for how in ("whole", "stream"):
        one = found[f"tapped {how}"]
        assert (one["account"], one["organization"]) == ("nobody", "org of nobody")
        assert ANSWER in json.dumps(one["response"])
    assert found["tapped refused"]["status"] == 403
    assert "sk-nobody" not in json.dumps(records)
    out, copy = made.folder / "out", made.folder / "copy"
    shutil.copytree(made.folder / "tapped", copy)  # records of the tests above may still come in
    command = [sys.executable, "-m", "stillwatch", "scan", str(copy), "--out", str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment(made), timeout=300)
    assert ended.returncode == 0, ended.stderr
    scanned = json.loads((out / "campaigns.json").read_text())["scanned"]
    lines = sum(len(file.read_bytes().splitlines()) for file in copy.iterdir())
    assert (scanned["exchanges"], scanned["quarantined"]) == (lines, 0)
