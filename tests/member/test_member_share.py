"""Sharing from end to end: a campaign of a scan, the guard, the queue, a real forum that is killed, another member."""

import json
import random
import re
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from member_world import Forum, Someone

from stillwatch.apps.member.acts import Acts
from stillwatch.apps.member.outbox import Outbox
from stillwatch.apps.member.settings import load
from stillwatch.apps.member.sharing import Queued, approvers, submit
from stillwatch.guard.clear import to_approve
from stillwatch.share.stix import problems, say
from stillwatch.vocabulary.campaigns import Campaign, EvidenceShown, Exposure, Membership, Scan, Scanned, TechniqueShare

TODAY = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
SEEN = [TODAY - timedelta(days=3), TODAY - timedelta(days=1)]
GROUP = ("--to", "peers", "--campaigns", "campaigns.json")


def campaign(number: int, accounts: int = 40) -> Campaign:
    """A campaign as a scan concludes it, with what must never leave: accounts and sentences."""
    lines = [("shared-rare-fingerprint", "structure", 18.4), ("payload-partition", "coordination", 9.1)]
    return Campaign(
        id=say.object_id("campaign", str(number)),
        name=f"Campaign {number}",
        rank=number,
        weight_bits=31.0,
        p_value=1e-6,
        level="act",
        accounts=tuple(Membership(account=f"acct_secret{one}", membership=0.99) for one in range(accounts)),
        exchanges=13_610,
        first_exchange_at=say.timestamp(SEEN[0]),
        last_exchange_at=say.timestamp(SEEN[1]),
        noticed_at=say.timestamp(SEEN[1]),
        noticed_after_exchanges=91,
        techniques=(TechniqueShare(id="SW-T16", atlas="AML.T0024.002", share=0.93),),
        capabilities={"maths": 0.9},
        exposure=(
            Exposure(
                capability="maths", low=700, mid=812, high=900, unit="distinct reasoning traces",
                nearest_public_scale="LIMO (817)",
            ),
        ),
        evidence=tuple(
            EvidenceShown(
                id=id_, family=family, axis="structure", observed="13,610 of 13,611", ordinary="2", weight_bits=bits,
                text="a sentence about acct_secret1",
            )
            for id_, family, bits in lines
        ),
        could_be_wrong=("an agent framework that strangers share",),
    )  # fmt: skip


@pytest.fixture
def members(forum: Forum, pair: tuple[Someone, Someone]) -> tuple[Someone, Someone]:
    """Two members of a group under the agreement that founding members sign, Ada with a scan of hers."""
    ada, bea = pair
    ada.knows(bea, agreement="threat-signatures")
    bea.knows(ada, agreement="threat-signatures")
    scanned = Scanned(exchanges=98_765, accounts=500, quarantined=0, first=None, last=None, seconds=1.0)
    # Numbers of their own, since the forum is shared between tests and a campaign's id belongs to who brought it.
    numbers = [10 * int(ada.name.removeprefix("Ada ")) + rank for rank in (1, 2)]
    found = tuple(
        msgspec.structs.replace(campaign(number), name=f"Campaign {rank}", rank=rank)
        for rank, number in enumerate(numbers, start=1)
    )
    (ada.folder / "campaigns.json").write_bytes(msgspec.json.encode(Scan(scanned=scanned, campaigns=found)))
    return ada, bea


def shared(ada: Someone, *words: str) -> str:
    """Share Campaign 1, with the approvals that the agreement asks for; what the last command said."""
    run = ada.run("share", "Campaign 1", *GROUP, *words)
    assert run.returncode == 0, run.stderr
    for person in ("Counsel 1", "Counsel 2"):
        draft = re.search(r"draft (\w+) waits", run.stderr)
        if draft is None:
            break
        run = ada.run("share", "approve", draft[1], "--as", person, *words)
        assert run.returncode == 0, run.stderr
    return run.stderr


def objects_of(ada: Someone, reader: Someone) -> list[dict]:
    maker = say.member_id(ada.name)
    return [one for one in reader.at_forum("threat-signatures") if one.get("created_by_ref") == maker]


def versions(objects: list[dict]) -> list[tuple[str, str]]:
    return sorted((one["id"], one["modified"]) for one in objects)


def indicator_id(objects: list[dict]) -> str:
    return next(one["id"] for one in objects if one["type"] == "indicator")


def received(us: Someone) -> list[dict]:
    run = us.run("receive", "--into", "in")
    assert run.returncode == 0, run.stderr
    return [line for line in us.feed(us.folder / "in") if line["member"] != us.name]


def test_a_campaign_reaches_the_other_member_signed_and_feeds_its_next_scan(members):
    ada, bea = members
    assert "sent" in shared(ada)
    assert json.loads(ada.run("share", "status").stdout)["held"] == []
    lines = [line for line in received(bea) if line["member"] == ada.name]
    assert [line["techniques"] for line in lines] == [["SW-T16"]]
    assert lines[0]["campaigns"]
    assert lines[0]["seen_by"] == []
    assert all(problems(one) == [] for one in objects_of(ada, bea))


def test_nothing_that_names_an_account_or_counts_exactly_leaves(members):
    ada, bea = members
    shared(ada)
    sent = json.dumps(objects_of(ada, bea))
    for secret in ("acct_secret", "13,610", "13610", "98765", "812", "0.93", "sentence"):
        assert secret not in sent


def test_the_preview_is_what_arrives_byte_for_byte_but_for_the_time_of_sharing(members):
    ada, bea = members
    run = ada.run("share", "preview", "Campaign 1", *GROUP, "--bytes")
    previewed = [json.loads(line) for line in run.stdout.splitlines()]
    shared(ada)
    arrived = {one["id"]: one for one in objects_of(ada, bea)}

    def timeless(item: dict) -> str:
        text = json.dumps(item, sort_keys=True)
        return re.sub(r'"(modified|valid_until|expires_at|created|sig)": "[^"]+"', "", text)

    mine = [one for one in previewed if one["id"] in arrived]
    assert len(mine) >= 3
    for one in mine:
        assert timeless(one) == timeless(arrived[one["id"]])


def test_the_preview_names_a_clause_for_every_field_and_sends_nothing(members):
    ada, bea = members
    run = ada.run("share", "preview", "Campaign 1", *GROUP)
    assert "indicator-pattern" in run.stdout
    assert "expires_at" in run.stdout
    assert objects_of(ada, bea) == []
    assert json.loads(ada.run("share", "status").stdout)["queued"] == []


def test_a_campaign_that_has_not_changed_is_not_shared_twice(members):
    ada, bea = members
    shared(ada)
    before = versions(objects_of(ada, bea))
    assert "shared before" in ada.run("share", "Campaign 1", *GROUP).stderr
    assert versions(objects_of(ada, bea)) == before


def test_while_the_forum_is_down_nothing_is_lost_and_nothing_is_sent_twice(forum: Forum, members):
    """The server process is killed, three acts are queued, it is started again, and killed again during a flush."""
    ada, bea = members
    forum.kill()
    try:
        assert "did not answer" in shared(ada)
        second = ada.run("share", "Campaign 2", *GROUP)
        assert second.returncode == 0
        waiting = json.loads(ada.run("share", "status").stdout)
        assert len(waiting["queued"]) + len(waiting["drafts"]) == 2
        assert "parcels wait" in ada.run("share", "flush").stderr
    finally:
        forum.start()
    assert objects_of(ada, bea) == []
    queued = list((ada.folder / "outbox" / "queued").glob("*.json"))
    kept = {path: path.read_bytes() for path in queued}
    assert ada.run("share", "flush").returncode == 0
    first = versions(objects_of(ada, bea))
    assert first
    # As if the machine had stopped between the forum's answer and our note of it.
    for path, body in kept.items():
        path.write_bytes(body)
        (ada.folder / "outbox" / "sent" / path.name).unlink()
    forum.kill()
    assert "parcels wait" in ada.run("share", "flush").stderr
    forum.start()
    assert ada.run("share", "flush").returncode == 0
    assert versions(objects_of(ada, bea)) == first
    assert len(set(first)) == len(first)
    assert json.loads(ada.run("share", "status").stdout)["queued"] == []


def sent_since(outbox: Outbox, flushing: "subprocess.Popen[bytes]", waiting: int) -> None:
    """Return as soon as no more than ``waiting`` parcels wait, or the flush is over."""
    deadline = time.monotonic() + 60
    while len(list((outbox.folder / "queued").glob("*.json"))) > waiting and flushing.poll() is None:
        assert time.monotonic() < deadline, "the flush sends nothing"
        time.sleep(0.001)


@pytest.mark.slow
def test_a_flush_and_a_forum_that_are_killed_again_and_again_lose_nothing_and_send_nothing_twice(forum: Forum, members):
    ada, bea = members
    shared(ada)
    (line,) = received(bea)
    settings, draw = load(bea.settings), random.Random(4)
    outbox = Outbox(bea.folder / "outbox")
    moment = TODAY - timedelta(hours=1)
    for number in range(150):
        of = say.object_id("indicator", line["id"], str(number))
        parcel = Acts(settings, outbox, "peers", moment + timedelta(seconds=number)).sighting(of, *SEEN)
        assert isinstance(submit(outbox, settings, parcel, bea.key, datetime.now(UTC)), Queued)
    left, in_the_middle = [], set()
    for kill_the_forum in (True, False, True, False, True, False):
        before = len(outbox.waiting())
        flushing = bea.start("share", "flush")
        # By progress, not by the clock: how long a flush takes to begin says the machine's load, not the program.
        sent_since(outbox, flushing, before - draw.randint(1, 12))
        time.sleep(draw.uniform(0, 0.02))
        if kill_the_forum:
            forum.kill()
            flushing.wait(60)
            forum.start()
        else:
            flushing.kill()
            flushing.wait(60)
        left.append(len(outbox.waiting()))
        if 0 < left[-1] < before:
            in_the_middle.add(kill_the_forum)
    assert bea.run("share", "flush").returncode == 0
    arrived = versions([one for one in objects_of(bea, ada) if one["type"] == "sighting"])
    assert len(arrived) == len(set(arrived)) == 150, left
    assert outbox.waiting() == []
    assert len([one for whole, one in outbox.settled() if whole]) == 150
    assert in_the_middle == {True, False}, f"of {left}, too few came in the middle: this run shows nothing"


def test_a_file_that_somebody_edited_in_the_queue_does_not_leave(forum: Forum, members):
    ada, bea = members
    shared(ada, "--later")
    (path,) = (ada.folder / "outbox" / "queued").glob("*.json")
    path.write_text(path.read_text().replace("SW-T16", "SW-T17"))
    run = ada.run("share", "flush")
    assert run.returncode == 2
    assert "held" in run.stderr
    assert objects_of(ada, bea) == []


def test_a_retraction_reaches_whoever_received_it(members):
    ada, bea = members
    shared(ada)
    (line,) = received(bea)
    run = ada.run("share", "retract", line["id"], "--to", "peers")
    assert run.returncode == 0, run.stderr
    assert received(bea) == []
    assert ada.run("share", "retract", line["id"], "--to", "peers").returncode == 2


def test_a_correction_reaches_whoever_received_it(members):
    ada, bea = members
    shared(ada)
    (line,) = received(bea)
    run = ada.run("share", "correct", line["id"], "--confidence", 32, "--to", "peers")
    assert run.returncode == 0, run.stderr
    assert [one["confidence"] for one in received(bea)] == [32]


def test_nobody_retracts_what_another_shared(members):
    ada, bea = members
    shared(ada)
    (line,) = received(bea)
    run = bea.run("share", "retract", line["id"], "--to", "peers")
    assert run.returncode == 2
    assert "only its maker" in run.stderr


def test_a_sighting_and_a_dispute_come_back_to_who_shared_it(forum: Forum, members):
    ada, bea = members
    cleo = forum.member(f"Cleo {ada.name}")
    cleo.knows(ada, bea, agreement="threat-signatures")
    shared(ada)
    (line,) = received(bea)
    day = f"{TODAY:%Y-%m-%d}"
    for words in (
        ("sighting", line["id"], "--first", day, "--last", day),
        ("dispute", line["id"], "--because", "stale"),
    ):
        run = bea.run("share", *words, "--to", "peers")
        assert run.returncode == 0, run.stderr
    (seen,) = [one for one in received(cleo) if one["member"] == ada.name]
    assert seen["seen_by"] == [bea.name]
    assert seen["disputes"] == [{"member": bea.name, "opinion": "disagree", "reasons": ["stale"]}]


def test_an_advisory_waits_for_two_people_and_then_goes_out(members):
    ada, bea = members
    text = "The access rule for verified partners changes; the text is public."
    words = ("--kind", "access-policy", "--text", text, "--author", "Counsel 3", "--to", "peers")
    run = ada.run("share", "advisory", "Access rule changes", *words)
    draft = re.search(r"draft (\w+) waits", run.stderr)
    assert draft, run.stderr
    shown = ada.run("share", "preview", draft[1]).stdout
    item, _, clauses = shown.partition("\n")
    assert json.loads(item)["description"] == text
    fields = ("description", "created_by_ref", "object_refs[0]", "report_types[0]")
    assert {field: re.search(rf"^{re.escape(field)} +([a-z-]+)", clauses, re.M)[1] for field in fields} == {
        "description": "free-text",
        "created_by_ref": "identifiers",
        "object_refs[0]": "identifiers",
        "report_types[0]": "advisories",
    }
    once = ada.run("share", "approve", draft[1], "--as", "Counsel 1")
    again = re.search(r"draft (\w+) waits", once.stderr)
    assert again, once.stderr
    assert objects_of(ada, bea) == []
    done = ada.run("share", "approve", again[1], "--as", "Counsel 2")
    assert "sent 1 objects" in done.stderr, done.stderr
    assert [one["type"] for one in objects_of(ada, bea)] == ["report"]


def test_a_yes_to_a_draft_that_was_edited_since_is_told_as_one_that_no_longer_counts(members):
    ada, _ = members
    words = ("--kind", "access-policy", "--text", "The text is public.", "--author", "Counsel 3", "--to", "peers")
    draft = re.search(r"draft (\w+) waits", ada.run("share", "advisory", "Access rule changes", *words).stderr)
    once = ada.run("share", "approve", draft[1], "--as", "Counsel 1")
    name = re.search(r"draft (\w+) waits", once.stderr)[1]
    (waits,) = json.loads(ada.run("share", "status").stdout)["drafts"].values()
    assert (waits["approved_by"], "approved_and_no_longer_counted" in waits) == (["Counsel 1"], False)
    path = ada.folder / "outbox" / "drafts" / f"{name}.json"
    path.write_text(path.read_text().replace("The text is public.", "The text is not public."))
    (waits,) = json.loads(ada.run("share", "status").stdout)["drafts"].values()
    assert ("approved_by" in waits, waits["approved_and_no_longer_counted"]) == (False, ["Counsel 1"])


def test_a_yes_that_is_too_old_or_the_authors_own_is_not_counted(members):
    ada, _ = members
    words = ("--kind", "access-policy", "--text", "The text is public.", "--author", "Counsel 3", "--to", "peers")
    ada.run("share", "advisory", "Access rule changes", *words)
    (parcel,) = Outbox(ada.folder / "outbox").drafts().values()
    settings = load(ada.folder / "member.toml")
    said = [
        {"person": person, "at": at, "digest": to_approve(item)}
        for item in parcel.items
        for person, at in (
            ("Counsel 1", TODAY), ("Counsel 2", TODAY - timedelta(days=400)), ("counsel-3", TODAY),
        )
    ]  # fmt: skip
    parcel = msgspec.structs.replace(parcel, approvals=tuple(said))
    assert approvers(settings, parcel, datetime.now(UTC)) == (["Counsel 1"], ["Counsel 2", "counsel-3"])


def test_the_transparency_export_lists_what_left_with_its_grounds_and_no_content(members, tmp_path: Path):
    ada, bea = members
    shared(ada)
    received(bea)
    run = ada.run("share", "transparency", "--out", tmp_path / "export.json")
    made = json.loads(run.stdout)
    given = {one["object"]["id"]: one["object"] for one in made["given"]}
    for one in objects_of(ada, bea):
        assert given[one["id"]]["version"] == one["modified"]
        assert given[one["id"]]["clauses"]
    assert "pattern" not in run.stdout.replace("indicator-pattern", "").replace("attack-pattern", "")
    assert json.loads((tmp_path / "export.json").read_text())["signatures"]
    theirs = json.loads(bea.run("share", "transparency", "--received", "in").stdout)
    assert theirs["received"] == {ada.name: len(objects_of(ada, bea))}


def test_a_decision_is_written_down_with_what_we_had_heard(members):
    ada, bea = members
    shared(ada)
    received(bea)
    scan = (ada.folder / "campaigns.json").read_bytes()
    (bea.folder / "campaigns.json").write_bytes(scan)
    run = bea.run("share", "decision", "Campaign 1", "--action", "throttle", "--by", "Counsel 2", "--received", "in")
    assert run.returncode == 0, run.stderr
    made = json.loads(run.stdout)
    assert [one["member"] for one in made["heard"]] == [ada.name]
    assert made["own_evidence"]
    assert "acct_secret" not in run.stdout
