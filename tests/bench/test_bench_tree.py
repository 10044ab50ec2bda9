"""What a command costs is counted with all its children."""

import sys
import textwrap
from pathlib import Path

import pytest

from bench.tree import memory, run

linux = pytest.mark.skipif(memory(1) is None, reason="memory of a process tree is read from /proc, which is not here")


def python(source: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(source)]


@linux
def test_memory_of_a_grandchild_counts(tmp_path: Path) -> None:
    grandchild = "held = bytearray(200_000_000); import time; time.sleep(1)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}], check=True)"
    alone = run(python("import time; time.sleep(0.5)"), folder=tmp_path)
    done = run(python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"), folder=tmp_path)
    assert done.peak is not None
    assert alone.peak is not None
    assert 195_000_000 < done.peak - alone.peak < 260_000_000


@linux
def test_a_page_that_two_processes_share_counts_once(tmp_path: Path) -> None:
    done = run(
        python(
            """
            import os, time
            held = os.urandom(100_000_000)
            for _ in range(3):
                if os.fork() == 0:
                    time.sleep(1)
                    os._exit(0)
            for _ in range(3):
                os.wait()
            """
        ),
        folder=tmp_path,
    )
    assert done.peak is not None
    assert 100_000_000 < done.peak < 180_000_000


def test_cpu_seconds_of_children_count_and_waiting_does_not(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.6: pass"
    busy = run(python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"), folder=tmp_path)
    idle = run(python("import time; time.sleep(0.8)"), folder=tmp_path)
    assert busy.cpu >= 0.6
    assert idle.cpu < 0.5 <= 0.8 <= idle.seconds


def test_stages_are_timed_in_the_order_in_which_the_program_says_them(tmp_path: Path) -> None:
    source = """
        import sys, time
        for word in ("first", "noise", "second"):
            print(word, file=sys.stderr, flush=True)
            time.sleep(0.2)
        """
    done = run(python(source), folder=tmp_path, stage=lambda line: line.strip() if line.strip() != "noise" else None)
    assert list(done.stages) == ["first", "second"]
    assert done.stages["second"] - done.stages["first"] >= 0.3


def test_the_exit_code_and_the_last_errors_of_a_command_that_fails_are_kept(tmp_path: Path) -> None:
    done = run(python("import sys; sys.exit('the disk is full')"), folder=tmp_path)
    assert done.code == 1
    assert "the disk is full" in done.errors
