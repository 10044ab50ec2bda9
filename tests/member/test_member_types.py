"""The transport takes releases of the guard and nothing else: an unguarded send does not pass the type checker."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """\
from collections.abc import Sequence
from typing import Any
from stillwatch.adapters.transports.taxii import TaxiiForum
from stillwatch.guard.release import Refusal, Release

def send(forum: TaxiiForum, what: {kind}) -> None:
    list(forum.add("collection", {argument}))
"""


def checked(tmp_path: Path, kind: str, argument: str) -> tuple[int, str]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(kind=kind, argument=argument))
    words = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml"), str(program)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout


def test_a_release_may_be_sent(tmp_path):
    code, said = checked(tmp_path, "Release", "[what]")
    assert code == 0, said


@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        ("dict[str, object]", "[what]"),
        ("bytes", "[what]"),
        ("str", "what"),
        ("Refusal", "[what]"),
        ("Release | Refusal", "[what]"),
        ("Sequence[dict[str, Any]]", "what"),
    ],
)
def test_what_the_guard_did_not_release_is_a_type_error(tmp_path, kind, argument):
    code, said = checked(tmp_path, kind, argument)
    assert code == 1
    assert "program.py:7: error" in said
    assert "Release" in said
