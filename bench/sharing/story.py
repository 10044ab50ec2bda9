"""The story of three providers, one forum and one trustee, all on this machine: ``python -m bench.sharing.story``.

Every step is a command as a person would give it, in a process of its own; forum and trustee are servers with a
database, keys and credentials of their own. The logs are composed from built-in words, with one campaign over all of
them.
What is printed at the end, and written to ``who-knew-what.md``, is read off the files that the commands left.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bench.compose import material, write
from bench.sharing.worlds import PROVIDERS, Split, weeks

ROOT = Path(__file__).resolve().parents[2]
EPOCH = "demo"
TYPES = ("payment-fingerprint", "domain", "ipv4", "ipv6-64", "client-shape", "template")
SPLIT = Split("operator-1", 14, ("SW-T16",), 0.3)
SEED = 7


class Party:
    """Somebody with a folder: commands are given there, and answer text."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        folder.mkdir(parents=True)

    def run(self, *words: object) -> str:
        """One ``stillwatch`` command; ends the story where it fails."""
        command = [sys.executable, "-m", "stillwatch", *map(str, words)]
        done = subprocess.run(command, cwd=self.folder, env=_environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{self.name}: stillwatch {words[0]} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def secret(self, name: str, text: str) -> Path:
        """A file for its owner alone."""
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text.strip(), "utf-8")
        return path

    def read(self, *parts: str) -> Any:
        """A JSON file of this party's."""
        return json.loads(self.folder.joinpath(*parts).read_text("utf-8"))


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STILLWATCH_")}
    return kept | {"NO_COLOR": "1", "STILLWATCH_MEMBER": "member.toml"}


def told(out: Path) -> list[str]:
    """Tell the story below ``out`` (made anew); returns the lines of its end."""
    shutil.rmtree(out, ignore_errors=True)
    _say("Three providers' weeks are composed; one campaign is split over all of them ...")
    truths = _composed(out)
    providers = [Party(out / name / "desk", name) for name in PROVIDERS]
    for provider in providers:
        _say(f"{provider.name} scans its own log ...")
        _scan(provider, "alone")
    _say("A forum and a trustee start, each with keys, members and a ledger of its own ...")
    with _holders(out) as (forum, trustee):
        for party in providers:
            for holder, url in ((forum, forum.name), (trustee, trustee.name)):
                words = ["forum" if holder is forum else "trustee", "member", "add", party.name, "--db", _DB]
                party.secret(f"{words[0]}.credential", holder.run(*words))
                party.secret(f"{words[0]}.url", url)
        for again in (False, True):
            for provider in providers:
                _say(f"{provider.name} {'asks again, now that all have asked' if again else 'asks'} ...")
                _match(provider)
        leaves = {holder: _leaves(holder, what) for holder, what in ((forum, "forum"), (trustee, "trustee"))}
        for provider in providers:
            _say(f"{provider.name} scans again, with what others look for too ...")
            _scan(provider, "together", "--sightings", "sightings.json")
        _share(providers, forum)
    lines = _report(providers, truths, leaves[forum], leaves[trustee])
    (out / "who-knew-what.md").write_text("\n".join(lines) + "\n", "utf-8")
    return lines


_DB = "sqlite:///holder.db"


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


def _composed(out: Path) -> list[dict[str, Any]]:
    populations = weeks(material("builtin", "all"), SEED, 60, [SPLIT])
    for population, name in zip(populations, PROVIDERS, strict=True):
        write(population, out / name / "log")
    return [population.truth()["accounts"] for population in populations]


def _scan(provider: Party, out: str, *options: object) -> None:
    log = provider.folder.parent / "log"
    provider.run(
        "scan", log / "exchanges.jsonl.zst", "--accounts", log / "accounts.jsonl", "--permits", log / "permits.jsonl",
        "--out", out, *options,
    )  # fmt: skip


def _match(provider: Party) -> None:
    urls = {side: (provider.folder / f"{side}.url").read_text("utf-8") for side in ("forum", "trustee")}
    provider.run(
        "match", "--forum", urls["forum"], "--trustee", urls["trustee"], "--credential", "forum.credential",
        "--trustee-credential", "trustee.credential", "--identifiers", "alone/watchlist.jsonl",
        "--out", "sightings.json",
    )  # fmt: skip


def _share(providers: Sequence[Party], forum: Party) -> None:
    """What each found leaves through its guard, under the closed agreement; the others receive and verify it."""
    collection = forum.read("founded.json")["collections"][0]["id"]
    keys = [provider.run("share", "key") for provider in _set_up(providers, forum, collection, [])]
    for provider in _set_up(providers, forum, collection, keys):
        for campaign in provider.read("together", "campaigns.json")["campaigns"]:
            if campaign["level"] in ("act", "review"):
                _say(f"{provider.name} shares {campaign['name']} through its guard ...")
                provider.run("share", campaign["id"], "--to", "peers", "--campaigns", "together/campaigns.json")
    for provider in providers:
        provider.run("receive", "--into", "received")


def _set_up(providers: Sequence[Party], forum: Party, collection: str, keys: Sequence[str]) -> Sequence[Party]:
    """The members' settings, with the lines that the others' ``share key`` printed."""
    for provider in providers:
        lines = [
            f'name = "{provider.name}"', f'forum = "{forum.name}stillwatch/"', 'credential = "forum.credential"',
            'signing_key = "signing.pem"', 'outbox = "outbox"', "[groups.peers]", f'collection = "{collection}"',
            'agreement = "threat-signatures"', 'element = "fraud"',
        ]  # fmt: skip
        others = [line for key in keys if f'"{provider.name}"' not in key for line in key.splitlines()[:2]]
        (provider.folder / "member.toml").write_text("\n".join([*lines, *others]) + "\n", "utf-8")
    return providers


@contextmanager
def _holders(out: Path) -> Iterator[tuple[Party, Party]]:
    """The forum and the trustee, founded, with one open epoch, serving; ended whatever happens."""
    ports = _free_ports(2)
    forum, trustee = (
        Party(out / side, f"http://127.0.0.1:{port}/") for side, port in zip(("forum", "trustee"), ports, strict=True)
    )
    (forum.folder / "founded.json").write_text(forum.run("forum", "init", "--db", _DB), "utf-8")
    forum.run("forum", "match", "init", "--db", _DB, "--keys", "keys")
    trustee.run("trustee", "init", "--db", _DB, "--keys", "keys")
    kinds = [word for kind in TYPES for word in ("--type", kind)]
    theirs = trustee.run("trustee", "epoch", "draw", EPOCH, "--db", _DB, *kinds)
    forum.run("forum", "match", "epoch", "draw", EPOCH, "--db", _DB, *kinds)
    (forum.folder / "trustee.json").write_text(theirs, "utf-8")
    today = datetime.now(UTC).date()
    opened = forum.run(
        "forum", "match", "epoch", "open", "--db", _DB, "--trustee", "trustee.json",
        "--opens", today - timedelta(days=1), "--closes", today + timedelta(days=6),
    )  # fmt: skip
    (trustee.folder / "epoch.json").write_text(opened, "utf-8")
    trustee.run("trustee", "epoch", "open", "epoch.json", "--db", _DB)
    running = [_served(forum, "forum", ports[0]), _served(trustee, "trustee", ports[1])]
    try:
        for holder in (forum, trustee):
            _wait(holder.name)
        yield forum, trustee
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=20)


def _served(holder: Party, side: str, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "stillwatch", side, "serve", "--db", _DB, "--listen", f"127.0.0.1:{port}"]
    with (holder.folder / "serve.log").open("wb") as log:
        return subprocess.Popen(command, cwd=holder.folder, env=_environment(), stdout=log, stderr=log)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _wait(url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            httpx.get(url, timeout=2)
            return
        except httpx.TransportError:
            time.sleep(0.2)
    raise SystemExit(f"{url} did not begin to serve")


def _leaves(holder: Party, side: str) -> int:
    """How many commitments to questions the holder's ledger has."""
    exported = holder.run(side, "ledger", "export", "--db", _DB)
    return exported.count('"step":"evaluate"') + exported.count('"step":"check"')


def _report(
    providers: Sequence[Party], truths: Sequence[dict[str, Any]], forum_leaves: int, trustee_leaves: int
) -> list[str]:
    lines = [
        "# Who knew what, and what left whom",
        "",
        f"One operator, {SPLIT.accounts} accounts at each of three providers; each account has words of its own, half "
        f"of its requests are cover, and {SPLIT.shared:.0%} of its cards, sign-up addresses, ways out and domains are "
        "used at all three.",
        "",
        "| | alone | asked | others look for | together | accounts found | strangers in it | wrong reports | got |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for provider, truth in zip(providers, truths, strict=True):
        guilty = {account for account, known in truth.items() if known["campaign"]}
        alone, together = (provider.read(which, "campaigns.json")["campaigns"] for which in ("alone", "together"))
        found = _best(together, guilty)
        sightings = provider.read("sightings.json")
        own, all_ = (len(_members(found) & guilty), len(_members(found))) if found else (0, 0)
        lines.append(
            f"| {provider.name} | {_level(_best(alone, guilty))} | {sightings['asked']} "
            f"| {len(sightings['sightings'])} | {_level(found)} | {own} of {len(guilty)} | {all_ - own} "
            f"| {_wrong(alone, guilty)} before, {_wrong(together, guilty)} after "
            f"| {len((provider.folder / 'received' / 'indicators.jsonl').read_bytes().splitlines())} indicators |"
        )
    return [*lines, "", *_known(forum_leaves, trustee_leaves)]


def _known(forum_leaves: int, trustee_leaves: int) -> list[str]:
    return [
        "- **Each provider** knows its own log, its own watch-list, and which lines of it others look for too. It does "
        "not know who they are, nor what they look for and it does not.",
        "- **The forum** saw blinded points, labels and ciphertexts, and who asked how much: its ledger has "
        f"{forum_leaves} commitments.",
        f"- **The trustee** saw blinded points and who asked how much: its ledger has {trustee_leaves} commitments. "
        "Only both together could search.",
        "- **What left a provider**: for each line of its watch-list some 260 bytes that mean nothing without both "
        "keys. No log, no account, no prompt, no line that nobody shares.",
        "- **What was shared**: each campaign found, as its guard let it out under the agreement (counts in buckets, "
        "hours, techniques; no account, no word of another member), signed; the others checked it and hold it.",
        "- **What was decided**: nothing. A sighting is another member's word; what is found with it stands at review, "
        "for a person.",
    ]


def _members(campaign: dict[str, Any]) -> set[str]:
    return {member["account"] for member in campaign["accounts"]}


def _best(campaigns: Sequence[dict[str, Any]], guilty: set[str]) -> dict[str, Any] | None:
    """The report at review or act that holds at least half of the campaign and is mostly it."""
    right = [
        one for one in campaigns
        if one["level"] in ("act", "review") and 2 * len(_members(one) & guilty) >= max(len(guilty), len(_members(one)))
    ]  # fmt: skip
    return max(right, key=lambda one: len(_members(one) & guilty), default=None)


def _level(found: dict[str, Any] | None) -> str:
    return f"{found['level']}, {found['weight_bits']} bits" if found else "not found"


def _wrong(campaigns: Sequence[dict[str, Any]], guilty: set[str]) -> int:
    return sum(
        one["level"] in ("act", "review") and 2 * len(_members(one) & guilty) <= len(_members(one)) for one in campaigns
    )


def main() -> None:
    """Tell it."""
    parser = argparse.ArgumentParser(prog="python -m bench.sharing.story", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "demo" / "three-providers")
    out = parser.parse_args().out.resolve()
    print("\n".join(["", *told(out), "", f"The same in a file: {out / 'who-knew-what.md'}"]))


if __name__ == "__main__":
    main()
