"""Credentials, rates, what a server refuses to do in the clear, and the life of an object after it was sent."""

import hashlib
import sqlite3
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from forum_world import TAXII, Client, World, indicator, running

from stillwatch.adapters.stores.forum import database, directory
from stillwatch.adapters.stores.forum import objects as store
from stillwatch.adapters.stores.forum.records import Arrival, Audience
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.apps.forum import founding, serving
from stillwatch.apps.forum.gate import Buckets
from stillwatch.apps.forum.server import server
from stillwatch.apps.forum.service import Service, now_us
from stillwatch.errors import StateError, UsageError
from stillwatch.share.stix.extension import EXTENSION_ID

OPEN = "/stillwatch/collections/open-stix/"


def test_a_credential_is_kept_as_a_hash_alone(world: World, alice: Client) -> None:
    for path in Path(world.db.removeprefix("sqlite:///")).parent.iterdir():
        assert alice.credential.encode() not in path.read_bytes()


def test_a_suspended_member_is_kept_out_and_let_in_again(world: World, alice: Client) -> None:
    founding.suspend_member(world.db, "alice")
    assert alice.get("/taxii2/").status_code == 401
    founding.suspend_member(world.db, "alice", restore=True)
    assert alice.get("/taxii2/").status_code == 200


def test_rotating_makes_the_old_credential_worthless(world: World, alice: Client) -> None:
    fresh = founding.rotate_member(world.db, "alice")
    assert alice.get("/taxii2/").status_code == 401
    assert httpx.get(f"{world.base}/taxii2/", headers={"Authorization": f"Bearer {fresh}"}).status_code == 200


def test_a_member_that_calls_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    with running(f"sqlite:///{tmp_path / 'forum.db'}", rate=2, burst=3) as world:
        alice, bob = world.member("alice"), world.member("bob")
        answers = [alice.get("/taxii2/") for _ in range(5)]
        assert [answer.status_code for answer in answers[:3]] == [200, 200, 200]
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert bob.get("/taxii2/").status_code == 200
        time.sleep(1)
        assert alice.get("/taxii2/").status_code == 200


@pytest.mark.parametrize("address", ["0.0.0.0:8080", "192.0.2.1:80", "forum.example:8080", "[::]:8080"])
def test_plain_http_beyond_loopback_is_refused_unless_a_proxy_is_declared(address: str) -> None:
    with pytest.raises(UsageError, match="--tls-cert"):
        serving.listening(address, None, None, None, behind_proxy=False)
    assert serving.listening(address, None, None, None, behind_proxy=True).behind_proxy


@pytest.mark.parametrize("address", ["127.0.0.1:0", "localhost:8080", "[::1]:8080"])
def test_plain_http_on_loopback_is_allowed(address: str) -> None:
    assert serving.listening(address, None, None, None, behind_proxy=False).tls_cert is None


def certificate(folder: Path, name: str, issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None) -> Path:
    """A certificate and its key in one PEM file; self-signed without an issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    made = builder.sign(issuer[1] if issuer else key, hashes.SHA256())
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


def test_tls_is_served_from_1_2_up_and_a_client_certificate_is_asked_for(tmp_path: Path) -> None:
    authority_path = certificate(tmp_path, "authority", None)
    authority = x509.load_pem_x509_certificate(authority_path.read_bytes())
    private = serialization.load_pem_private_key(authority_path.read_bytes(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    own = certificate(tmp_path, "localhost", (authority, private))
    member = certificate(tmp_path, "member", (authority, private))
    db = f"sqlite:///{tmp_path / 'forum.db'}"
    founding.found(db, "TLS")
    credential = founding.add_member(db, "alice", "member")
    listening = serving.listening("localhost:0", own, own, authority_path, behind_proxy=False)
    running_server = server(Service(database.connect(db), Buckets(0, 1)), listening)
    thread = threading.Thread(target=running_server.run, daemon=True)
    thread.start()
    while not running_server.started:
        time.sleep(0.01)
    port = running_server.servers[0].sockets[0].getsockname()[1]
    url = f"https://localhost:{port}/taxii2/"
    headers = {"Authorization": f"Bearer {credential}"}
    try:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.create_default_context(cafile=str(authority_path))
            context.minimum_version = context.maximum_version = version
            context.load_cert_chain(str(member))
            assert httpx.get(url, headers=headers, verify=context).status_code == 200
        without = ssl.create_default_context(cafile=str(authority_path))
        with pytest.raises(httpx.TransportError):
            httpx.get(url, headers=headers, verify=without)
    finally:
        running_server.should_exit = True
        thread.join(30)


def test_serving_a_database_without_a_forum_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    sqlite3.connect(path).close()
    engine = database.connect(f"sqlite:///{path}")
    with pytest.raises(StateError, match="forum init"):
        database.check_version(engine)
    engine.dispose()


def test_init_again_keeps_everything(world: World, alice: Client) -> None:
    item = indicator()
    alice.add(item)
    before = founding.found(world.db, "other title")
    assert before == founding.found(world.db, "another")
    assert alice.objects() == [item]


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "nonsense://", "sqlite:///:memory:"])
def test_a_database_that_cannot_keep_a_forum_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        database.address(url)


def add_expiring(world: World, versions: dict[int, int]) -> str:
    """Store versions of one indicator as alice, each to expire after so many milliseconds. Its id."""
    item = indicator()

    def work(transaction: Transaction) -> None:
        found = directory.load(transaction.connection)
        member = found.named("alice")
        assert member is not None
        arrivals = []
        for year, milliseconds in versions.items():
            body = b'{"id":"%s","year":%d}' % (item["id"].encode(), year)
            expires = now_us() + milliseconds * 1000
            version = f"{year}-01-01T00:00:00.000Z"
            arrivals.append(
                Arrival(
                    item["id"],
                    "indicator",
                    version,
                    year,
                    Audience.COLLECTION,
                    frozenset(),
                    expires,
                    hashlib.sha256(body).digest(),
                    body,
                )
            )
        store.add(transaction, found.collections["open-stix"], member, arrivals, owned=True)

    founding.changed(world.db, work)
    return str(item["id"])


def test_what_expired_is_seen_by_nobody_and_then_really_gone(world: World, alice: Client) -> None:
    stix_id = add_expiring(world, {2026: 300})
    assert len(alice.objects()) == 1
    time.sleep(0.4)
    assert alice.objects() == []
    assert alice.get(f"{OPEN}objects/{stix_id}/").status_code == 404
    deadline = time.monotonic() + 20
    files = [path for path in Path(world.db.removeprefix("sqlite:///")).parent.iterdir() if "forum.db" in path.name]
    while any(b'"year":2026' in path.read_bytes() for path in files):
        assert time.monotonic() < deadline, "the sweep left the bytes in the database"
        time.sleep(0.2)


def test_what_expired_while_the_server_was_down_is_gone_before_it_answers(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'forum.db'}"
    with running(db) as world:
        world.member("alice")
        add_expiring(world, {2026: 100})
    time.sleep(0.2)
    with running(db):
        with sqlite3.connect(db.removeprefix("sqlite:///")) as connection:
            assert connection.execute("SELECT count(*) FROM objects").fetchone() == (0,)
        connection.close()


def test_an_expiring_newest_version_takes_the_older_ones_with_it(world: World, alice: Client) -> None:
    add_expiring(world, {2026: 3_600_000, 2027: 200})
    assert len(alice.objects(match_version="all")) == 2
    time.sleep(0.3)
    assert alice.objects() == []
    deadline = time.monotonic() + 20
    while alice.objects(match_version="all"):
        assert time.monotonic() < deadline, "the sweep brought back what a newer version had replaced"
        time.sleep(0.2)


def test_a_version_of_another_member_that_expires_leaves_what_its_owner_brought(
    world: World, alice: Client, bob: Client
) -> None:
    item = indicator()
    alice.add(item)
    soon = (datetime.now(UTC) + timedelta(milliseconds=500)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    record = {"extension_type": "property-extension", "release": {"expires_at": soon}}
    bob.add({**item, "modified": "2027-01-01T00:00:00.000Z", "extensions": {EXTENSION_ID: record}})
    deadline = time.monotonic() + 20
    with sqlite3.connect(world.db.removeprefix("sqlite:///")) as connection:
        while connection.execute("SELECT count(*) FROM objects").fetchone() == (2,):
            assert time.monotonic() < deadline, "what expired is still there"
            time.sleep(0.2)
    connection.close()
    assert [found["modified"] for found in alice.objects()] == [item["modified"]]


def test_a_retraction_reaches_who_polls_by_date(alice: Client, bob: Client) -> None:
    item = indicator()
    alice.add(item)
    after = bob.get(f"{OPEN}objects/").headers["x-taxii-date-added-last"]
    alice.add({**item, "modified": "2027-01-01T00:00:00.000Z", "revoked": True})
    (found,) = bob.objects(added_after=after)
    assert (found["id"], found["revoked"]) == (item["id"], True)


def test_why_can_says_the_reasons_that_decide(world: World, alice: Client, bob: Client) -> None:
    item = indicator()
    alice.add(item)
    told = bob.get("/forum/why-can/", object=item["id"]).json()
    assert told["may_see"] is True
    assert "the role member reads" in told["versions"][0]["because"][0]
    founding.grant(world.db, "open-stix", "bob", can_read=False, can_write=True)
    assert bob.get("/forum/why-can/", object=item["id"]).status_code == 404
    asked = alice.get("/forum/why-can/", object=item["id"], member="bob").json()
    assert asked["may_see"] is False
    assert "a grant says" in asked["versions"][0]["because"][0]
    assert founding.why_can(world.db, "bob", item["id"]) == asked


def test_the_government_route_is_off_until_two_people_open_it(world: World) -> None:
    with pytest.raises(UsageError, match="government"):
        world.collection("To the ministry", "government")
    with pytest.raises(UsageError, match="two different people"):
        founding.open_government_route(world.db, ("Ann", "ann "))
    founding.open_government_route(world.db, ("Ann", "Ben"))
    place = world.collection("To the ministry", "government")
    assert set(founding.found(world.db, "x")["logs"]) == {"forum", "government"}
    alice = world.member("alice")
    assert alice.get(f"/stillwatch/collections/{place}/").status_code == 404
    founding.close_government_route(world.db)
    with pytest.raises(UsageError, match="government"):
        world.collection("Once more", "government")


def test_an_object_beyond_the_largest_size_fails_alone(alice: Client) -> None:
    response = alice.http.post(
        f"{OPEN}objects/",
        json={"objects": [indicator(description="x" * 2_000_000), indicator()]},
        headers={"Content-Type": TAXII},
    )
    assert response.status_code == 202
    assert (response.json()["success_count"], response.json()["failure_count"]) == (1, 1)
