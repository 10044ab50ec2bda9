"""What a member believes of what it reads, from a real forum that also holds what should not be believed."""

import sqlite3
from datetime import UTC, datetime, timedelta

from member_world import Forum, Someone, indicator

from stillwatch.share import dsse
from stillwatch.share.life.revise import retracted
from stillwatch.share.stix import say
from stillwatch.share.stix.extension import EXTENSION_ID
from stillwatch.share.stix.markings import PAP_IDS, TLP_IDS, tlp_marking

Pair = tuple[Someone, Someone]
TODAY = datetime.now(UTC).replace(microsecond=0)


def received(us: Someone) -> list[dict]:
    run = us.run("receive", "--into", "in")
    assert run.returncode == 0, run.stderr
    return us.feed(us.folder / "in")


def reasons(us: Someone, other: Someone) -> list[str]:
    maker = say.member_id(other.name)
    return [one["reason"] for one in us.turned_away(us.folder / "in") if maker in (one["sender"], one["id"])]


def test_an_indicator_of_a_known_member_arrives_with_who_when_until_when_and_for_whose_eyes(pair: Pair):
    ada, bea = pair
    markings = [TLP_IDS["amber"], PAP_IDS["green"]]
    ada.post(ada.signed(indicator(ada.name, TODAY, object_marking_refs=markings), TODAY + timedelta(days=5)))
    (line,) = received(bea)
    assert line["member"] == ada.name
    assert (line["tlp"], line["pap"]) == ("amber", "green")
    assert line["expires_at"] == say.timestamp(TODAY + timedelta(days=5))
    assert abs(datetime.fromisoformat(line["received_at"]) - datetime.now(UTC)) < timedelta(minutes=2)
    assert line["agreement"] == "open-stix"
    assert line["key_epoch"] is None


def test_a_fingerprint_keeps_the_epoch_of_the_key_under_which_it_was_made(pair: Pair):
    ada, bea = pair
    ada.post(ada.signed(indicator(ada.name, TODAY, labels=["key-epoch-2026w47"])))
    assert received(bea)[0]["key_epoch"] == "2026w47"


def test_what_is_not_signed_is_turned_away_with_the_reason_and_its_content_is_kept_nowhere(pair: Pair):
    ada, bea = pair
    ada.post(indicator(ada.name, TODAY, name="ZQXJ-unsigned"))
    assert received(bea) == []
    assert reasons(bea, ada) == ["it has no release record"]
    assert not any(b"ZQXJ-unsigned" in file.read_bytes() for file in (bea.folder / "in").iterdir())


def test_what_was_altered_on_the_way_is_turned_away(pair: Pair):
    ada, bea = pair
    signed = ada.signed(indicator(ada.name, TODAY))
    ada.post({**signed, "pattern": "[x-stillwatch-campaign:techniques[*] = 'SW-T17']"})
    assert received(bea) == []
    assert reasons(bea, ada) == ["its signature does not hold: it was altered after it was signed"]


def test_a_member_can_not_speak_in_the_name_of_another(forum: Forum, pair: Pair):
    ada, bea = pair
    eve = forum.member(f"Eve {ada.name}")
    bea.knows(ada, eve)
    eve.post(eve.signed(indicator(ada.name, TODAY)))
    assert received(bea) == []
    assert reasons(bea, ada) == [f"{eve.name} signed it, and it says that another made it"]


def test_a_member_can_not_retract_what_another_said(forum: Forum, pair: Pair):
    ada, bea = pair
    eve = forum.member(f"Eve {ada.name}")
    bea.knows(ada, eve)
    said = indicator(ada.name, TODAY)
    ada.post(ada.signed(said))
    assert len(received(bea)) == 1
    takeover = {**retracted(said, TODAY + timedelta(seconds=5)), "created_by_ref": say.member_id(eve.name)}
    eve.post(eve.signed(takeover))
    assert len(received(bea)) == 1
    assert "another member made the object that we hold under this id" in reasons(bea, eve)


def test_a_retraction_takes_the_indicator_out_of_the_feed_and_nothing_brings_it_back(pair: Pair):
    ada, bea = pair
    said = indicator(ada.name, TODAY)
    ada.post(ada.signed(said))
    assert len(received(bea)) == 1
    gone = retracted(said, TODAY + timedelta(seconds=5))
    ada.post(ada.signed(gone))
    assert received(bea) == []
    ada.post(ada.signed({**said, "modified": say.timestamp(TODAY + timedelta(hours=1))}))
    assert received(bea) == []
    assert reasons(bea, ada) == ["it was retracted, and nothing comes after that"]


def test_a_correction_replaces_what_was_said_and_keeps_since_when_we_know(pair: Pair):
    ada, bea = pair
    said = indicator(ada.name, TODAY, confidence=80)
    ada.post(ada.signed(said))
    (before,) = received(bea)
    ada.post(ada.signed({**said, "confidence": 30, "modified": say.timestamp(TODAY + timedelta(seconds=5))}))
    (after,) = received(bea)
    assert (before["confidence"], after["confidence"]) == (80, 30)
    assert after["received_at"] == before["received_at"]


def test_an_old_version_sent_again_changes_nothing(pair: Pair):
    ada, bea = pair
    said = indicator(ada.name, TODAY, confidence=30)
    ada.post(ada.signed(said))
    received(bea)
    ada.post(ada.signed({**said, "confidence": 80, "modified": say.timestamp(TODAY - timedelta(days=1))}))
    assert [line["confidence"] for line in received(bea)] == [30]
    assert reasons(bea, ada) == ["it is older than what we hold"]


def test_what_has_expired_is_deleted_down_to_the_bytes_on_disk(pair: Pair):
    ada, bea = pair
    soon = datetime.now(UTC) + timedelta(seconds=3)
    ada.post(ada.signed(indicator(ada.name, TODAY, name="ZQXJ-expiring"), soon))
    assert len(received(bea)) == 1
    store = bea.folder / "in" / "received.db"
    assert b"ZQXJ-expiring" in store.read_bytes()
    while datetime.now(UTC) < soon:
        pass
    assert received(bea) == []
    assert b"ZQXJ-expiring" not in store.read_bytes()
    with sqlite3.connect(store) as database:
        assert database.execute("SELECT count(*) FROM object WHERE body IS NULL").fetchone() == (1,)


def test_what_names_no_expiry_is_turned_away(pair: Pair):
    ada, bea = pair
    item = ada.signed(indicator(ada.name, TODAY))
    del item["extensions"][EXTENSION_ID]["release"]["expires_at"]
    ada.post(dsse.signed(item, ada.key))
    assert received(bea) == []
    assert reasons(bea, ada) == ["it names no version or no expiry, so it could never be replaced or end"]


def test_reading_goes_on_where_it_stopped_and_loses_nothing_over_many_pages(pair: Pair):
    ada, bea = pair
    ada.post(*(ada.signed(indicator(ada.name, TODAY, number)) for number in range(1, 1201)))
    assert len(received(bea)) == 1200
    ada.post(*(ada.signed(indicator(ada.name, TODAY, number)) for number in range(1201, 1301)))
    run = bea.run("receive", "--into", "in")
    assert "100 new or corrected" in run.stderr
    assert len(bea.feed(bea.folder / "in")) == 1300


def test_a_member_whose_key_is_learnt_later_is_read_from_the_beginning(pair: Pair):
    ada, bea = pair
    bea.knows()
    ada.post(ada.signed(indicator(ada.name, TODAY)))
    assert received(bea) == []
    assert reasons(bea, ada) == ["it is signed with no key that we know"]
    bea.knows(ada)
    assert len(received(bea)) == 1
    assert reasons(bea, ada) == []


def test_taking_a_key_out_of_the_settings_takes_its_words_out_of_the_feed(pair: Pair):
    ada, bea = pair
    ada.post(ada.signed(indicator(ada.name, TODAY)))
    assert len(received(bea)) == 1
    bea.knows()
    assert received(bea) == []


def test_sightings_and_disputes_stand_beside_the_indicator_that_they_speak_of(forum: Forum, pair: Pair):
    ada, bea = pair
    cleo = forum.member(f"Cleo {ada.name}")
    bea.knows(ada, cleo)
    said = indicator(ada.name, TODAY)
    voice = say.Voice(cleo.name, TODAY)
    ada.post(ada.signed(said))
    cleo.post(
        cleo.signed(say.sighting(voice, said["id"], "2026-11-01T00:00:00.000Z", "2026-11-02T00:00:00.000Z")),
        cleo.signed({**say.opinion(voice, said["id"], "disagree"), "labels": ["public-framework"]}),
    )
    (line,) = received(bea)
    assert line["seen_by"] == [cleo.name]
    assert line["disputes"] == [{"member": cleo.name, "opinion": "disagree", "reasons": ["public-framework"]}]
    shown = bea.run("receive", "show", "--into", "in").stdout
    assert "1 indicators" in shown
    assert "public-framework" in shown.replace("\n", "")


def test_a_catalogue_object_needs_no_signature_but_must_be_exact(forum: Forum, pair: Pair):
    ada, bea = pair
    ada.post(tlp_marking("green"))
    other = forum.collections["threat-signatures"]
    assert other  # the marking itself is no news to anyone
    received(bea)
    assert not [one for one in bea.turned_away(bea.folder / "in") if one["type"] == "marking-definition"]
    wrong = {**say.identity(say.Voice(ada.name, TODAY)), "name": "Somebody else"}
    ada.post(wrong)
    received(bea)
    assert "it redefines what every member knows" in [one["reason"] for one in bea.turned_away(bea.folder / "in")]


def test_without_the_forum_what_was_received_still_feeds_the_scan(pair: Pair):
    ada, bea = pair
    ada.post(ada.signed(indicator(ada.name, TODAY)))
    assert len(received(bea)) == 1
    bea.settings.write_text(bea.settings.read_text().replace(bea.base, "http://127.0.0.1:9"))
    (bea.folder / "in" / "indicators.jsonl").unlink()
    run = bea.run("receive", "--into", "in")
    assert run.returncode == 6
    assert "did not answer" in run.stderr
    assert len(bea.feed(bea.folder / "in")) == 1
