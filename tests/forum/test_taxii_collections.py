"""TAXII 2.1 section 5: collections, manifest, objects, one object, versions; who may do what."""

import json
import uuid
from typing import Any

import httpx
import pytest
from forum_world import TAXII, Client, World, indicator

from stillwatch.apps.forum import founding

OPEN = "/stillwatch/collections/open-stix/"
STIX = "application/stix+json;version=2.1"


def test_a_collection_says_what_the_caller_may_do(world: World, alice: Client) -> None:
    counsel = world.member("carol", "counsel")
    for client, write in ((alice, True), (counsel, False)):
        found = client.get(OPEN).json()
        assert uuid.UUID(found["id"]).version == 4
        assert found["title"] == "Open STIX"
        assert found["alias"] == "open-stix"
        assert (found["can_read"], found["can_write"]) == (True, write)
        assert found["media_types"] == [STIX]
        assert client.get(f"/stillwatch/collections/{found['id']}/").json() == found
        assert found in client.get("/stillwatch/collections/").json()["collections"]


def test_a_member_without_collections_gets_an_empty_object(world: World) -> None:
    auditor = world.member("otto", "auditor")
    assert auditor.get("/stillwatch/collections/").json() == {}


def test_two_collections_of_one_title_have_different_aliases(world: World, alice: Client) -> None:
    for _ in range(2):
        world.collection("Same name")
    aliases = [found["alias"] for found in alice.get("/stillwatch/collections/").json()["collections"]]
    assert len(set(aliases)) == len(aliases)


@pytest.mark.parametrize("part", ["", "manifest/", "objects/", "objects/x/", "objects/x/versions/"])
def test_a_collection_of_others_is_404_in_the_words_of_one_that_is_not_there(
    world: World, alice: Client, part: str
) -> None:
    private = world.collection("Private", private=True)
    hidden = alice.get(f"/stillwatch/collections/{private}/{part}")
    absent = alice.get(f"/stillwatch/collections/{uuid.uuid4()}/{part}")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.content == absent.content


@pytest.mark.parametrize("part", ["manifest/", "objects/", "objects/x/", "objects/x/versions/"])
def test_who_may_only_write_is_403_when_reading(world: World, alice: Client, part: str) -> None:
    founding.grant(world.db, "open-stix", "alice", can_read=False, can_write=True)
    assert alice.get(OPEN + part).status_code == 403
    alice.add(indicator())


def test_who_may_only_read_is_403_when_adding(world: World) -> None:
    counsel = world.member("carol", "counsel")
    assert counsel.post([indicator()]).status_code == 403


@pytest.mark.parametrize(
    ("read", "write", "status"), [(False, False, 404), (True, False, 403), (False, True, 403), (True, True, 200)]
)
def test_deleting_needs_both_permissions(world: World, alice: Client, read: bool, write: bool, status: int) -> None:
    item = indicator()
    alice.add(item)
    founding.grant(world.db, "open-stix", "alice", can_read=read, can_write=write)
    assert alice.http.delete(f"{OPEN}objects/{item['id']}/").status_code == status


def test_a_manifest_record_names_id_date_version_and_media_type(alice: Client) -> None:
    item = indicator()
    alice.add(item)
    (record,) = alice.get(f"{OPEN}manifest/").json()["objects"]
    assert set(record) == {"id", "date_added", "version", "media_type"}
    assert (record["id"], record["version"], record["media_type"]) == (item["id"], item["modified"], STIX)


def test_the_manifest_takes_the_filters_of_objects(alice: Client) -> None:
    item = indicator()
    alice.add(item, {**item, "modified": "2027-01-01T00:00:00.000Z"}, indicator())
    assert len(alice.get(f"{OPEN}manifest/", match_version="all").json()["objects"]) == 3
    assert len(alice.get(f"{OPEN}manifest/", match_id=item["id"]).json()["objects"]) == 1
    assert alice.get(f"{OPEN}manifest/", match_type="malware").json() == {}


def test_an_object_comes_back_as_it_was_sent(alice: Client) -> None:
    item = indicator(description='Grüße, 世界 \u2028 \\ " / \x7f', labels=["a", "b"], confidence=85, x_number=1e-7)
    alice.add(item)
    assert alice.objects() == [item]
    assert alice.get(f"{OPEN}objects/{item['id']}/").json() == {"objects": [item]}


def test_an_object_without_versions_has_one_that_stays(alice: Client) -> None:
    address = {
        "type": "ipv4-addr",
        "spec_version": "2.1",
        "id": f"ipv4-addr--{uuid.uuid4()}",
        "value": "203.0.113.9",
    }
    alice.add(address)
    alice.add(address)
    first = alice.get(f"{OPEN}objects/{address['id']}/versions/").json()["versions"]
    assert len(first) == 1
    assert alice.get(f"{OPEN}objects/{address['id']}/versions/").json()["versions"] == first
    assert alice.objects(match_version=first[0]) == [address]


def test_a_marking_definition_has_its_created_time_as_version(alice: Client) -> None:
    marking = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{uuid.uuid4()}",
        "created": "2026-02-03T04:05:06.000Z",
        "definition_type": "statement",
        "definition": {"statement": "For tests"},
    }
    alice.add(marking)
    (record,) = alice.get(f"{OPEN}manifest/").json()["objects"]
    assert record["version"] == marking["created"]


def test_a_duplicate_is_no_error_and_is_kept_once(alice: Client, bob: Client) -> None:
    item = indicator()
    for client in (alice, alice, bob):
        assert client.add(item, item)["success_count"] == 2
    assert alice.objects(match_version="all") == [item]


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/stix+json;version=2.1", "application/taxii+json;version=2.0", "", "text/plain"],
)
def test_another_content_type_is_415(alice: Client, content_type: str) -> None:
    response = alice.http.post(f"{OPEN}objects/", content=b"{}", headers={"Content-Type": content_type})
    assert response.status_code == 415
    assert response.json()["http_status"] == "415"


@pytest.mark.parametrize("content_type", [TAXII, "application/taxii+json", "application/taxii+json; version=2.1"])
def test_a_content_type_that_the_standard_defines_is_never_415(alice: Client, content_type: str) -> None:
    assert alice.post([indicator()], **{"Content-Type": content_type}).status_code == 202


def test_a_post_whose_accept_has_no_taxii_is_406(alice: Client) -> None:
    assert alice.post([indicator()], Accept="text/html").status_code == 406


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b'{"objects": {}}',
        b'{"objects": []}',
        b'{"objects": [',
        b'{"objects": "x"}',
        b"\xff\xfe",
        b'{"objects": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_a_body_that_is_no_envelope_is_422(alice: Client, body: bytes) -> None:
    response = alice.http.post(f"{OPEN}objects/", content=body, headers={"Content-Type": TAXII})
    assert response.status_code == 422
    assert response.json()["http_status"] == "422"


@pytest.mark.parametrize(
    "item",
    [
        7,
        None,
        {},
        {"type": "indicator"},
        {"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": []},
        {**indicator(), "spec_version": "2.0"},
        {**indicator(), "modified": "tomorrow"},
        {**indicator(), "modified": "2025-01-01T00:00:00.000Z"},
        {**indicator(), "id": "indicator--\u0000"},
        {**indicator(), "confidence": 10**30},
        {**indicator(), "created": 5},
    ],
)
def test_an_object_that_is_no_stix_2_1_fails_alone(alice: Client, item: Any) -> None:
    good = indicator()
    response = alice.post([item, good])
    assert response.status_code == 202
    assert (response.json()["success_count"], response.json()["failure_count"]) == (1, 1)
    assert response.json()["failures"][0]["message"]
    assert alice.objects() == [good]


def test_a_key_given_twice_cannot_hide_one_value_behind_another(alice: Client) -> None:
    item = json.dumps(indicator())[:-1] + ', "name": "first", "name": "second"}'
    body = f'{{"objects": [{item}]}}'.encode()
    response = alice.http.post(f"{OPEN}objects/", content=body, headers={"Content-Type": TAXII})
    assert response.json()["success_count"] == 1
    assert b"first" not in alice.get(f"{OPEN}objects/").content


def test_an_unknown_object_is_404_and_an_unknown_version_too(alice: Client) -> None:
    item = indicator()
    alice.add(item)
    assert alice.get(f"{OPEN}objects/{indicator()['id']}/").status_code == 404
    assert alice.get(f"{OPEN}objects/{indicator()['id']}/versions/").status_code == 404
    path = f"{OPEN}objects/{item['id']}/"
    assert alice.get(path, match_version="2099-01-01T00:00:00Z").status_code == 404
    assert alice.get(path, added_after="2099-01-01T00:00:00Z").json() == {}


@pytest.mark.parametrize(("part", "field"), [("", "type"), ("", "id"), ("versions/", "version"), ("versions/", "type")])
def test_one_object_takes_only_its_own_filters(alice: Client, part: str, field: str) -> None:
    item = indicator()
    alice.add(item)
    value = {"type": "indicator", "id": item["id"], "version": "all"}[field]
    assert alice.get(f"{OPEN}objects/{item['id']}/{part}", **{f"match_{field}": value}).status_code == 400


def test_versions_lists_every_version_in_the_order_added(alice: Client) -> None:
    item = indicator()
    years = ["2026", "2028", "2027"]
    for year in years:
        alice.add({**item, "modified": f"{year}-01-01T00:00:00.000Z"})
    path = f"{OPEN}objects/{item['id']}/versions/"
    assert alice.get(path).json() == {"versions": [f"{year}-01-01T00:00:00.000Z" for year in years]}
    first = alice.get(path, limit=2).json()
    assert first["more"] is True
    assert alice.get(path, limit=2, next=first["next"]).json()["versions"] == ["2027-01-01T00:00:00.000Z"]


def test_what_was_deleted_is_gone_from_every_endpoint(alice: Client) -> None:
    item, other = indicator(), indicator()
    alice.add(item, {**item, "modified": "2027-01-01T00:00:00.000Z"}, other)
    path = f"{OPEN}objects/{item['id']}/"
    response = alice.http.delete(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == TAXII
    assert alice.get(path).status_code == 404
    assert alice.get(f"{path}versions/").status_code == 404
    assert alice.objects(match_version="all") == [other]
    assert [record["id"] for record in alice.get(f"{OPEN}manifest/").json()["objects"]] == [other["id"]]
    assert alice.http.delete(path).status_code == 404


def test_one_version_can_be_deleted(alice: Client) -> None:
    item = indicator()
    newer = {**item, "modified": "2027-01-01T00:00:00.000Z"}
    alice.add(item, newer)
    path = f"{OPEN}objects/{item['id']}/"
    assert alice.http.delete(path, params={"match[version]": newer["modified"]}).status_code == 200
    assert alice.get(path, match_version=newer["modified"]).status_code == 404
    assert alice.objects() == [item]


def test_what_was_deleted_may_be_added_again(alice: Client) -> None:
    item = indicator()
    alice.add(item)
    alice.http.delete(f"{OPEN}objects/{item['id']}/")
    alice.add(item)
    assert alice.objects() == [item]


def test_nobody_deletes_what_another_member_brought(alice: Client, bob: Client) -> None:
    item = indicator()
    alice.add(item)
    assert bob.http.delete(f"{OPEN}objects/{item['id']}/").status_code == 403
    assert bob.objects() == [item]


def test_a_collection_can_be_asked_by_its_alias_and_without_the_last_slash(world: World, alice: Client) -> None:
    response = httpx.get(
        f"{world.base}/stillwatch/collections/open-stix/objects",
        headers={"Authorization": f"Bearer {alice.credential}"},
    )
    assert response.status_code == 200


@pytest.mark.parametrize("part", ["%00", "a%00b", "%FF", "%2e%2e%2f", "x" * 3000, "%E2%80%AE", "';--"])
def test_an_id_that_no_database_could_hold_is_just_not_found(alice: Client, part: str) -> None:
    for path in (f"{OPEN}objects/{part}/", f"{OPEN}objects/{part}/versions/", f"/stillwatch/status/{part}/"):
        assert alice.get(path).status_code == 404
    assert alice.http.delete(f"{OPEN}objects/{part}/").status_code == 404
