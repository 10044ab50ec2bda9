"""An environment for each peer from the registry, apart from ours: they pin what we do not want, and one is GPL-3.0.

``requirements/peers.lock`` holds a section for each, resolved by itself, under a line ``# peer: NAME``. An environment
is made once and again when its section changes. Nothing of them is imported here; they read and write JSON.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

MARK = "# peer: "


def sections(lock: str) -> dict[str, str]:
    """Name of a peer -> the text of its hash-locked requirements."""
    found: dict[str, str] = {}
    for part in lock.split(MARK)[1:]:
        name, _, text = part.partition("\n")
        found[name.strip()] = text
    return found


def ready(name: str, lock: Path, root: Path) -> tuple[Path | None, str]:
    """The interpreter of the peer's environment below ``root``; or ``None`` and why it can't be had."""
    text = sections(lock.read_text("utf-8")).get(name)
    if text is None:
        return None, f"{lock.name} has no section for {name}"
    folder = root / name
    stamp, python = folder / "locked", folder / "bin" / "python"
    wanted = hashlib.sha256(text.encode()).hexdigest()
    if stamp.exists() and stamp.read_text("ascii") == wanted:
        return python, ""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    requirements = folder / "requirements.txt"
    requirements.write_text(text, "utf-8")
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    done = subprocess.run(
        [*command, "--require-hashes", "-r", str(requirements)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = next(
            (line for line in reversed(done.stderr.splitlines()) if line.startswith("ERROR")), "no reason given"
        )
        return None, f"could not be installed ({last.removeprefix('ERROR: ')})"
    stamp.write_text(wanted, "ascii")
    return python, ""
