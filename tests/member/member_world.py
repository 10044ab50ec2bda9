"""A forum in a process of its own, which a test may kill and start again, and members with settings and keys."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.apps.member.secrets import new_signing_key
from stillwatch.share import dsse
from stillwatch.share.life.terms import Terms, with_terms
from stillwatch.share.stix import say
from stillwatch.share.stix.extension import EXTENSION_ID

COMMAND = Path(sys.executable).parent / "stillwatch"
TAXII = "application/taxii+json;version=2.1"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def released(item: dict[str, Any], expires: datetime) -> dict[str, Any]:
    """``item`` with the release record that a guard would have written."""
    made = with_terms(item, Terms("detect-adversarial-distillation", expires))
    made["extensions"][EXTENSION_ID]["release"] |= {"agreement": "open-stix", "version": "1", "clauses": []}
    return made


def indicator(by: str, modified: datetime, number: int = 1, **more: Any) -> dict[str, Any]:
    """An indicator as member ``by`` makes it, with no terms yet."""
    voice = say.Voice(by, modified)
    return {
        **voice.common,
        "type": "indicator",
        "spec_version": "2.1",
        "id": say.object_id("indicator", by, str(number)),
        "object_marking_refs": list(voice.common["object_marking_refs"]),
        "created": "2026-11-01T00:00:00.000Z",
        "name": f"Indicator {number}",
        "pattern": "[x-stillwatch-campaign:techniques[*] = 'SW-T16']",
        "pattern_type": "stix",
        "valid_from": "2026-11-01T00:00:00.000Z",
        **more,
    }


@dataclass
class Someone:
    """A member: its settings file, its key, its credential."""

    name: str
    folder: Path
    credential: str
    key: Ed25519PrivateKey
    base: str
    collections: dict[str, str]

    @property
    def settings(self) -> Path:
        return self.folder / "member.toml"

    def knows(self, *others: "Someone", agreement: str = "open-stix") -> None:
        """Write the settings: groups ``peers`` and the keys of others."""
        lines = [
            f'name = "{self.name}"',
            f'forum = "{self.base}/stillwatch/"',
            'credential = "credential"',
            'signing_key = "signing.pem"',
            "[groups.peers]",
            f'collection = "{self.collections[agreement]}"',
            f'agreement = "{agreement}"',
            'element = "fraud"',
        ]
        for other in others:
            public = b64encode(dsse.raw(other.key.public_key())).decode()
            lines += [f'[members."{other.name}"]', f'keys = ["{public}"]']
        self.settings.write_text("\n".join(lines) + "\n", "utf-8")

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        """One ``stillwatch`` command as this member gives it."""
        words = (str(COMMAND), *map(str, words))
        here = {"env": self._environment(), "cwd": self.folder}
        return subprocess.run(words, capture_output=True, text=True, timeout=120, **here)

    def start(self, *words: object) -> subprocess.Popen[bytes]:
        """The same, without waiting for its end."""
        words = (str(COMMAND), *map(str, words))
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(words, env=self._environment(), cwd=self.folder, **silent)

    def _environment(self) -> dict[str, str]:
        found = {name: value for name, value in os.environ.items() if not name.startswith("STILLWATCH_")}
        return found | {"STILLWATCH_MEMBER": str(self.settings), "NO_COLOR": "1", "COLUMNS": "200"}

    def post(self, *items: dict[str, Any], agreement: str = "open-stix") -> dict[str, Any]:
        """Post past our own guard and signature, as a broken or hostile member could."""
        answer = httpx.post(
            f"{self.base}/stillwatch/collections/{self.collections[agreement]}/objects/",
            json={"objects": list(items)},
            headers={"Authorization": f"Bearer {self.credential}", "Accept": TAXII, "Content-Type": TAXII},
        )
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def at_forum(self, agreement: str = "open-stix") -> list[dict[str, Any]]:
        """Everything this member can read there, every version."""
        answer = httpx.get(
            f"{self.base}/stillwatch/collections/{self.collections[agreement]}/objects/",
            params={"limit": 10_000, "match[version]": "all"},
            headers={"Authorization": f"Bearer {self.credential}", "Accept": TAXII},
        )
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json().get("objects", [])
        return found

    def signed(self, item: dict[str, Any], expires: datetime | None = None) -> dict[str, Any]:
        return dsse.signed(released(item, expires or datetime.now(UTC) + timedelta(days=30)), self.key)

    def feed(self, into: Path) -> list[dict[str, Any]]:
        return _lines(into / "indicators.jsonl")

    def turned_away(self, into: Path) -> list[dict[str, Any]]:
        return _lines(into / "quarantine.jsonl")


@dataclass
class Forum:
    """The server. ``start`` and ``kill`` may be called as often as a test likes: the port and the data stay."""

    folder: Path
    port: int = field(default=0)
    collections: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def db(self) -> str:
        return f"sqlite:///{self.folder / 'forum.db'}"

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def found(self) -> None:
        made = json.loads(_said("forum", "init", "--db", self.db))
        self.collections = {one["agreement"]: one["id"] for one in made["collections"]}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def start(self) -> None:
        words: Sequence[str] = [str(COMMAND), "forum", "serve", "--db", self.db, "--listen", f"127.0.0.1:{self.port}"]
        log = (self.folder / "forum.log").open("ab")
        self.process = subprocess.Popen(words, stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"{self.base}/taxii2/", timeout=2)
                return
            except httpx.HTTPError:
                assert self.process.poll() is None, (self.folder / "forum.log").read_text()
                assert time.monotonic() < deadline, "the forum did not start"
                time.sleep(0.05)

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(30)
            self.process = None

    def member(self, name: str) -> Someone:
        credential = _said("forum", "member", "add", name, "--db", self.db).strip()
        folder = self.folder / name.replace(" ", "-")
        folder.mkdir()
        (folder / "credential").write_text(credential + "\n")
        (folder / "credential").chmod(0o600)
        key = new_signing_key(folder / "signing.pem")
        return Someone(name, folder, credential, key, self.base, self.collections)


def _said(*words: str) -> str:
    done = subprocess.run([str(COMMAND), *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
