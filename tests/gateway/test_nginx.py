"""nginx's ``auth_request`` as docs/gateway.md has it, on the real nginx where one is installed."""

import contextlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from gateway_world import (
    ANSWER,
    CHAT,
    COVERT,
    MESSAGES,
    Running,
    Upstream,
    World,
    case_of,
    free_port,
    gateway,
    until_open,
    upstream,
)

BODY = {"model": "m-large", "messages": MESSAGES}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "gateway.md"
#: What nginx needs around the part that the page shows.
AROUND = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    {shown}
}}
"""


def shown() -> str:
    """The configuration on the page."""
    found = re.search(r"```nginx\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None, "docs/gateway.md shows no configuration of nginx"
    return found[1]


@pytest.fixture
def model() -> Iterator[Upstream]:
    with upstream() as found:
        yield found


@contextlib.contextmanager
def nginx(made: World, model: Upstream, change: Callable[[str], str]) -> Iterator[tuple[str, Running]]:
    """nginx before the model server, told what the page shows after ``change``; and the gateway that it asks."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("no nginx is installed here (Debian: apt-get install nginx)")
    port = free_port()
    with gateway(made, "--tap", str(made.folder / "tapped"), "--appeals", str(made.folder / "appeals")) as asked:
        text = change(shown()).replace("127.0.0.1:8085", f"127.0.0.1:{asked.port}")
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{model.port}").replace("listen 80;", f"listen {port};")
        text = text.replace("$authenticated_account", "$http_authorization")  # whoever authenticates knows it
        file = made.folder / "nginx.conf"
        file.write_text(AROUND.format(folder=made.folder, shown=text))
        process = subprocess.Popen([program, "-c", str(file), "-p", str(made.folder), "-e", str(made.folder / "e.log")])
        try:
            until_open(port)
            yield f"http://127.0.0.1:{port}{CHAT}", asked
        finally:
            process.terminate()
            process.wait(10)


def ask(front: str, account: str, **headers: str) -> httpx.Response:
    return httpx.post(front, json=BODY, headers={"authorization": account, **headers}, timeout=30)


def test_nginx_lets_go_on_refuses_and_throttles_with_429(model: Upstream, made: World) -> None:
    with nginx(made, model, str) as (front, _):
        answered(front, model, made)


def answered(front: str, model: Upstream, made: World) -> None:
    assert ask(front, "nobody").json()["choices"][0]["message"]["content"] == ANSWER
    before = len(model.seen)
    refused = ask(front, "refused", **{"x-stillwatch-account": "nobody"})
    assert (refused.status_code, refused.headers["stillwatch-case"]) == (403, case_of("refused"))
    slowed = ask(front, "slowed")
    assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "17")
    assert slowed.headers["stillwatch-case"] == case_of("slowed")
    assert len(model.seen) == before
    for answer in (refused, slowed):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["case"] == answer.headers["stillwatch-case"]
    told = ask(front, "told", **{"stillwatch-course": "hold"})
    assert (told.status_code, told.headers["stillwatch-course"]) == (200, "notice")
    assert model.seen[-1][0]["stillwatch-course"] == "notice"
    for account, course in COVERT.items():
        hidden, ordinary = ask(front, account), ask(front, "nobody")
        assert set(hidden.headers) == set(ordinary.headers)
        assert model.seen[-2][0]["stillwatch-course"] == course
        assert "stillwatch-course" not in model.seen[-1][0]
    assert {one["endpoint"] for one in made.tapped(8)} == {CHAT}
    base = front.removesuffix(CHAT)
    asked = {"case": case_of("refused"), "statement": "We teach arithmetic."}
    assert httpx.post(f"{base}/v1/appeals", json=asked, headers={"authorization": "refused"}).status_code == 201
    assert httpx.get(f"{base}/cases/{case_of('refused')}").status_code == 200


@pytest.mark.parametrize("fail", ["open", "closed"])
def test_nginx_fails_as_it_was_told(model: Upstream, made: World, fail: str) -> None:
    def closed(text: str) -> str:
        lines = [line for line in text.splitlines() if "=200 @stillwatch_open" not in line]
        return "\n".join(lines).replace("# error_page 500", "error_page 500")

    with nginx(made, model, str if fail == "open" else closed) as (front, asked):
        assert ask(front, "refused").status_code == 403
        asked.process.kill()
        asked.process.wait()
        answer = ask(front, "refused")
    if fail == "open":
        assert (answer.status_code, answer.json()["object"]) == (200, "chat.completion")
    else:
        assert (answer.status_code, answer.json()["reason"]) == (503, "gateway-unavailable")
        assert answer.headers["retry-after"] == "5"
