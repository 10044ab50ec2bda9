"""TAXII 2.1 sections 1.6, 2, 3 and 4: media types, sorting, filters, pages, errors, discovery, API root, status.

docs/taxii.md has a row for each MUST of the standard, and names these tests.
"""

import base64
import re
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from forum_world import TAXII, Client, World, indicator, running

OPEN = "/stillwatch/collections/open-stix/"
MICROSECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
ENDPOINTS = (
    "/taxii2/",
    "/stillwatch/",
    "/stillwatch/collections/",
    OPEN,
    f"{OPEN}manifest/",
    f"{OPEN}objects/",
)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_every_answer_says_its_media_type_and_version(alice: Client, path: str) -> None:
    response = alice.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == TAXII


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("accept", [TAXII, "application/taxii+json", "application/taxii+json; version=2.1;q=0.5"])
def test_an_accept_that_the_standard_defines_is_never_406(alice: Client, path: str, accept: str) -> None:
    assert alice.get(path, headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "accept", ["application/json", "text/html", "application/taxii+json;version=2.0", f"{TAXII};q=0", "application/xml"]
)
def test_an_accept_without_taxii_2_1_is_406(alice: Client, path: str, accept: str) -> None:
    response = alice.get(path, headers={"Accept": accept})
    assert response.status_code == 406
    assert response.json()["http_status"] == "406"


@pytest.mark.parametrize(
    "path", [*ENDPOINTS, "/stillwatch/status/1/", f"{OPEN}objects/x/", f"{OPEN}objects/x/versions/"]
)
@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic !", "Basic YWJj", "Bearer", "Digest x"])
def test_without_a_credential_it_is_401_with_a_challenge(world: World, path: str, authorization: str | None) -> None:
    headers = {"Accept": TAXII, **({"Authorization": authorization} if authorization else {})}
    response = httpx.get(world.base + path, headers=headers)
    assert response.status_code == 401
    assert "Basic" in response.headers["www-authenticate"]
    assert "Bearer" in response.headers["www-authenticate"]
    assert response.headers["content-type"] == TAXII
    assert response.json()["http_status"] == "401"


def test_basic_takes_the_credential_as_password(world: World, alice: Client) -> None:
    response = httpx.get(f"{world.base}/taxii2/", auth=("anything", alice.credential))
    assert response.status_code == 200


def test_a_post_without_a_credential_is_401_before_its_body_is_read(world: World) -> None:
    response = httpx.post(f"{world.base}{OPEN}objects/", content=b"x" * 1000, headers={"Content-Type": TAXII})
    assert response.status_code == 401


def test_an_error_names_its_own_status(alice: Client) -> None:
    found = alice.get("/stillwatch/collections/none/").json()
    assert found["title"]
    assert found["http_status"] == "404"


def test_a_method_that_an_endpoint_does_not_have_is_405(alice: Client) -> None:
    response = alice.http.put(f"{OPEN}objects/", content=b"{}")
    assert response.status_code == 405
    assert response.headers["content-type"] == TAXII


def test_a_client_without_a_user_agent_is_served(alice: Client) -> None:
    request = alice.http.build_request("GET", "/taxii2/")
    del request.headers["user-agent"]
    assert alice.http.send(request).status_code == 200


def test_discovery_lists_relative_api_roots_and_its_default_is_one(alice: Client) -> None:
    found = alice.get("/taxii2/").json()
    assert found["title"] == "A forum for tests"
    assert found["default"] in found["api_roots"]
    for root in found["api_roots"]:
        assert re.fullmatch(r"/[^/?][^?]*/", root)
        assert alice.get(root).status_code == 200


def test_the_api_root_names_the_version_and_the_longest_body(alice: Client) -> None:
    found = alice.get("/stillwatch/").json()
    assert found["title"]
    assert TAXII in found["versions"]
    assert found["max_content_length"] > 0


def test_a_body_at_max_content_length_is_taken_and_one_byte_more_is_413(tmp_path: Path) -> None:
    with running(f"sqlite:///{tmp_path / 'forum.db'}", max_content_length=4096) as world:
        alice = world.member("alice")
        body = httpx.Request("POST", "http://x", json={"objects": [indicator()]}).content
        headers = {"Content-Type": TAXII}
        exact = alice.http.post(f"{OPEN}objects/", content=body + b" " * (4096 - len(body)), headers=headers)
        assert exact.status_code == 202
        longer = alice.http.post(f"{OPEN}objects/", content=body + b" " * (4097 - len(body)), headers=headers)
        assert longer.status_code == 413
        assert longer.json()["http_status"] == "413"
        chunked = alice.http.post(f"{OPEN}objects/", content=iter([b" " * 1024] * 5), headers=headers)
        assert chunked.status_code == 413


def test_a_status_is_complete_and_counts_what_became_of_each_object(alice: Client) -> None:
    good, bad = indicator(), indicator(pattern_type=7)
    answered = alice.post([good, bad]).json()
    assert uuid.UUID(answered["id"]).version == 4
    assert answered["status"] == "complete"
    assert MICROSECONDS.fullmatch(answered["request_timestamp"])
    assert (answered["total_count"], answered["success_count"]) == (2, 1)
    assert (answered["failure_count"], answered["pending_count"]) == (1, 0)
    assert answered["successes"] == [{"id": good["id"], "version": good["modified"]}]
    assert answered["failures"][0]["id"] == bad["id"]
    assert answered["failures"][0]["version"] == bad["modified"]
    assert "pattern_type" in answered["failures"][0]["message"]
    assert "pendings" not in answered
    assert alice.get(f"/stillwatch/status/{answered['id']}/").json() == answered


def test_a_status_that_is_not_there_or_not_ones_own_is_404_in_the_same_words(alice: Client, bob: Client) -> None:
    status = alice.add(indicator())
    absent = bob.get(f"/stillwatch/status/{uuid.uuid4()}/")
    foreign = bob.get(f"/stillwatch/status/{status['id']}/")
    assert absent.status_code == foreign.status_code == 404
    assert absent.content == foreign.content


def test_objects_and_manifest_come_in_the_order_they_were_added(alice: Client) -> None:
    sent = [indicator()["id"] for _ in range(20)]
    for stix_id in sent:
        alice.add(indicator(id=stix_id))
    assert [found["id"] for found in alice.objects()] == sent
    records = alice.get(f"{OPEN}manifest/").json()["objects"]
    assert [record["id"] for record in records] == sent
    dates = [record["date_added"] for record in records]
    assert dates == sorted(dates)


def test_each_object_of_one_request_has_a_date_added_of_its_own(alice: Client) -> None:
    alice.add(*(indicator() for _ in range(300)))
    dates = [record["date_added"] for record in alice.get(f"{OPEN}manifest/").json()["objects"]]
    assert all(MICROSECONDS.fullmatch(date) for date in dates)
    assert len(set(dates)) == 300
    assert dates == sorted(dates)


def test_collections_come_in_the_same_order_each_time(world: World, alice: Client) -> None:
    for number in range(5):
        world.collection(f"Group {number}")
    first = alice.get("/stillwatch/collections/").json()
    assert all(alice.get("/stillwatch/collections/").json() == first for _ in range(5))


def test_added_after_is_exclusive(alice: Client) -> None:
    alice.add(*(indicator() for _ in range(3)))
    records = alice.get(f"{OPEN}manifest/").json()["objects"]
    later = alice.objects(added_after=records[0]["date_added"])
    assert [found["id"] for found in later] == [record["id"] for record in records[1:]]


def test_without_added_after_the_oldest_come_first(alice: Client) -> None:
    first = indicator()
    alice.add(first)
    alice.add(*(indicator() for _ in range(5)))
    assert alice.objects(limit=1) == [first]


@pytest.mark.parametrize(
    "bad",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "x"},
        {"limit": ""},
        {"limit": "1.5"},
        {"limit": "١"},
        {"added_after": "yesterday"},
        {"added_after": "2026-01-01T00:00:00"},
        {"added_after": "2026-13-01T00:00:00Z"},
        {"added_after": ""},
        {"next": "nonsense"},
        {"next": ""},
        {"next": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"match[version]": "newest"},
        {"match[version]": "all,last"},
        {"match[version]": "last,last"},
        {"match[version]": ""},
        {"match[type]": "indicator,,malware"},
        {"match[id]": ""},
        {"match[spec_version]": "two"},
    ],
)
@pytest.mark.parametrize("path", ["objects/", "manifest/"])
def test_a_malformed_parameter_is_400(alice: Client, path: str, bad: dict[str, str]) -> None:
    response = alice.http.get(OPEN + path, params=bad)
    assert response.status_code == 400
    assert response.json()["http_status"] == "400"


@pytest.mark.parametrize("name", ["added_after", "limit", "match[type]", "match[version]", "match[id]"])
def test_a_parameter_given_twice_is_400(alice: Client, name: str) -> None:
    value = {"added_after": "2026-01-01T00:00:00Z", "limit": "1", "match[version]": "all"}.get(name, "indicator")
    assert alice.http.get(f"{OPEN}objects/", params=[(name, value), (name, value)]).status_code == 400


def test_a_match_field_that_the_standard_does_not_define_is_ignored(alice: Client) -> None:
    alice.add(indicator())
    assert len(alice.objects(match_colour="red")) == 1


def test_match_fields_are_anded_and_their_values_ored(alice: Client) -> None:
    one, two = indicator(), indicator()
    malware = {**indicator(), "type": "malware", "is_family": False, "id": f"malware--{uuid.uuid4()}"}
    for name in ("pattern", "pattern_type", "valid_from"):
        del malware[name]
    alice.add(one, two, malware)
    assert alice.objects(match_type="malware") == [malware]
    assert len(alice.objects(match_type="malware,indicator")) == 3
    assert alice.objects(match_type="indicator", match_id=f"{two['id']},{malware['id']}") == [two]
    assert alice.objects(match_type="campaign") == []
    assert alice.objects(match_type="x-unheard-of") == []


def test_match_spec_version_leaves_out_what_it_does_not_list(alice: Client) -> None:
    alice.add(indicator())
    assert len(alice.objects(match_spec_version="2.0,2.1")) == 1
    assert alice.objects(match_spec_version="2.0") == []


def versions_of(found: list[dict[str, Any]]) -> list[str]:
    return [item["modified"][:4] for item in found]


def test_match_version_gives_last_first_all_or_exact_ones(alice: Client) -> None:
    item = indicator()
    for year in (2027, 2029, 2026, 2028):  # not in the order of time
        alice.add({**item, "modified": f"{year}-01-01T00:00:00.000Z"})
    assert versions_of(alice.objects()) == ["2029"]
    assert versions_of(alice.objects(match_version="last")) == ["2029"]
    assert versions_of(alice.objects(match_version="first")) == ["2026"]
    assert versions_of(alice.objects(match_version="all")) == ["2027", "2029", "2026", "2028"]
    assert versions_of(alice.objects(match_version="first,last")) == ["2029", "2026"]
    assert versions_of(alice.objects(match_version="2028-01-01T00:00:00Z")) == ["2028"]
    mixed = "first,2028-01-01T00:00:00.000Z,2030-01-01T00:00:00.000Z"
    assert versions_of(alice.objects(match_version=mixed)) == ["2026", "2028"]


def test_limit_is_never_exceeded_and_more_is_said(alice: Client) -> None:
    alice.add(*(indicator() for _ in range(5)))
    found = alice.get(f"{OPEN}objects/", limit=3).json()
    assert len(found["objects"]) == 3
    assert found["more"] is True
    assert found["next"]
    exact = alice.get(f"{OPEN}objects/", limit=5).json()
    assert len(exact["objects"]) == 5
    assert "more" not in exact
    assert "next" not in exact


@pytest.mark.parametrize("path", ["objects/", "manifest/"])
def test_next_leads_through_everything_once(alice: Client, path: str) -> None:
    sent = [indicator() for _ in range(17)]
    alice.add(*sent)
    seen: list[str] = []
    more: dict[str, Any] = {}
    while True:
        found = alice.get(OPEN + path, limit=5, match_type="indicator", **more).json()
        seen += [item["id"] for item in found["objects"]]
        if not found.get("more"):
            break
        more = {"next": found["next"]}
    assert seen == [item["id"] for item in sent]


def test_the_header_date_leads_through_everything_once_without_next(alice: Client) -> None:
    sent = [indicator() for _ in range(17)]
    alice.add(*sent)
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        response = alice.get(f"{OPEN}objects/", limit=5, **after)
        seen += [item["id"] for item in response.json()["objects"]]
        if not response.json().get("more"):
            break
        after = {"added_after": response.headers["x-taxii-date-added-last"]}
    assert seen == [item["id"] for item in sent]


def test_next_is_refused_for_another_question_another_member_or_altered(alice: Client, bob: Client) -> None:
    alice.add(*(indicator() for _ in range(3)))
    token = alice.get(f"{OPEN}objects/", limit=1).json()["next"]
    assert alice.get(f"{OPEN}objects/", limit=2, next=token).status_code == 200
    assert alice.get(f"{OPEN}objects/", next=token, match_type="malware").status_code == 400
    assert alice.get(f"{OPEN}manifest/", next=token).status_code == 400
    assert bob.get(f"{OPEN}objects/", next=token).status_code == 400
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[3] ^= 1
    altered = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    assert alice.get(f"{OPEN}objects/", next=altered).status_code == 400


@pytest.mark.parametrize("part", ["manifest/", "objects/", "objects/{id}/", "objects/{id}/versions/"])
def test_answers_carry_the_dates_of_their_first_and_last_object(alice: Client, part: str) -> None:
    items = [indicator() for _ in range(4)]
    alice.add(*items)
    response = alice.get(OPEN + part.format(id=items[1]["id"]))
    records = alice.get(f"{OPEN}manifest/").json()["objects"]
    ends = (records[1], records[1]) if "{id}" in part else (records[0], records[3])
    assert response.headers["x-taxii-date-added-first"] == ends[0]["date_added"]
    assert response.headers["x-taxii-date-added-last"] == ends[1]["date_added"]


def test_an_empty_answer_still_carries_dates_that_lose_nothing(alice: Client) -> None:
    response = alice.get(f"{OPEN}objects/")
    assert response.json() == {}
    alice.add(indicator())
    assert len(alice.objects(added_after=response.headers["x-taxii-date-added-last"])) == 1
