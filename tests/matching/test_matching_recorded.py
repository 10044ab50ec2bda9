"""Real members, a real forum, a real trustee, over HTTP: every byte is recorded, on every link and on both disks, and
what did not match is looked for in all of it."""

import logging
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from matching_world import EPOCH, Party, World, addresses, founded, running, sighted

from bench.privacy.attacks import Reader, alone, place_of, together
from bench.privacy.recording import Bytes, Tap
from stillwatch.adapters.stores.matching import keyfiles
from stillwatch.apps.matching.consenting import Correspondence
from stillwatch.apps.matching.keeping import Folder
from stillwatch.match.consent import Identity
from stillwatch.match.group import ONE, Scalar
from stillwatch.match.identifiers import Identifier, canonical
from stillwatch.match.keys import HolderKey

BOTH: tuple[Party, Party] = ("forum", "trustee")
HELD = {"alice": (0, 30), "bob": (25, 55), "carol": (50, 80)}
SHARED = set(addresses(25, 30)) | set(addresses(50, 55))


@dataclass(frozen=True)
class Recorded:
    """``seen``: what went over a holder's links and what lies on its disk; ``log``: what all parties logged."""

    seen: dict[Party, Bytes]
    links: Bytes
    log: str
    keys: dict[Party, Scalar]
    forum: str


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("recorded")
    world = founded(folder, f"sqlite:///{folder}/forum.db", f"sqlite:///{folder}/trustee.db")
    heard = _Heard()
    logging.getLogger().addHandler(heard)
    with ExitStack() as stack:
        stack.enter_context(running(world))
        taps = {party: stack.enter_context(Tap(urlsplit(world.urls[party]).port or 0)) for party in BOTH}
        world.urls = {party: tap.url for party, tap in taps.items()}
        members = {name: world.member(name) for name in HELD}
        for _ in range(2):
            found = {name: sighted(world.match(members[name], addresses(*HELD[name]))) for name in HELD}
        assert set().union(*found.values()) == SHARED
        _meet(world, members["alice"], members["bob"])
        disks = {party: b"".join(path.read_bytes() for path in sorted(folder.glob(f"{party}.db*"))) for party in BOTH}
    logging.getLogger().removeHandler(heard)
    links = {party: tap.recorded for party, tap in taps.items()}
    assert all(len(each) > 20_000 for each in (*disks.values(), *links.values()))
    seeds = {party: keyfiles.load(folder / f"{party}-keys", EPOCH) or {} for party in BOTH}
    return Recorded(
        seen={party: Bytes(links[party] + disks[party]) for party in BOTH},
        links=Bytes(b"".join(links.values())),
        log="\n".join(heard.lines),
        keys={party: HolderKey.generated(EPOCH, "ipv4", seeds[party]["ipv4"]).secret for party in BOTH},
        forum=_origin(world),
    )


@pytest.mark.slow
@pytest.mark.parametrize("party", BOTH)
def test_no_identifier_that_did_not_match_shows_on_a_holders_links_or_disk(recorded: Recorded, party: Party) -> None:
    reader = _reader(recorded, alone(recorded.keys[party]))
    assert recorded.seen[party].showing(_identifiers(matched=False), reader) == set()


@pytest.mark.slow
def test_one_that_did_match_shows_no_more(recorded: Recorded) -> None:
    for party in BOTH:
        reader = _reader(recorded, alone(recorded.keys[party]))
        assert recorded.seen[party].showing(_identifiers(matched=True), reader) == set()


@pytest.mark.slow
def test_whoever_listens_on_all_links_sees_no_identifier(recorded: Recorded) -> None:
    assert recorded.links.showing(_all(), _reader(recorded, [ONE])) == set()


@pytest.mark.slow
def test_with_both_keys_the_same_search_finds_every_one_on_the_forums_side(recorded: Recorded) -> None:
    """A control: the search works, and this is what collusion breaks."""
    reader = _reader(recorded, together(*recorded.keys.values()))
    assert recorded.seen["forum"].showing(_all(), reader) == set(_all())


@pytest.mark.slow
def test_the_search_finds_an_identifier_in_whatever_way_it_is_written(recorded: Recorded) -> None:
    (held, *_) = _all()
    reader = _reader(recorded, [ONE])
    for form in (held.value, held.message.hex().encode(), b'{"a":"' + _base64(b"x" + held.message) + b'"}'):
        assert Bytes(bytes(100) + form + bytes(100)).showing([held], reader) == {held}


@pytest.mark.slow
def test_who_met_shows_on_no_link_and_no_key_or_credential_in_any_log(recorded: Recorded) -> None:
    for party in BOTH:
        assert not recorded.seen[party].hold(b"desk@alice.example")
        assert not recorded.seen[party].hold(b"desk@bob.example")
        for key in recorded.keys.values():
            assert not recorded.seen[party].hold(key)
            assert not recorded.seen[party].hold(key.hex().encode())
    assert "/match/" in recorded.log
    assert "Bearer" not in recorded.log
    assert not any(value in recorded.log for value in addresses(0, 80))


class _Heard(logging.Handler):
    """Keeps every line that anything logs."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        for name in ("httpx", "httpcore", "uvicorn", "uvicorn.access", "stillwatch", "sqlalchemy.engine"):
            logging.getLogger(name).setLevel(logging.DEBUG if name != "sqlalchemy.engine" else logging.INFO)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def _meet(world: World, alice: object, bob: object) -> None:
    with ExitStack() as stack:
        ours, theirs = (
            Correspondence(
                stack.enter_context(Folder(member.folder / "sessions")),  # type: ignore[attr-defined]
                stack.enter_context(world.holder(member, "forum")),  # type: ignore[arg-type]
                Identity(member=member.name, contact=f"desk@{member.name}.example"),  # type: ignore[attr-defined]
            )
            for member in (alice, bob)
        )
        shared = canonical("ipv4", addresses(25, 26)[0])
        assert isinstance(shared, Identifier)
        theirs.agree(ours.wish(shared))
        assert [met["member"] for met in ours.read()["met"]] == ["bob"]
        assert [met["member"] for met in theirs.read()["met"]] == ["alice"]


def _origin(world: World) -> str:
    from stillwatch.adapters.stores.forum import database
    from stillwatch.adapters.stores.matching import epochs

    engine = database.connect(world.dbs["forum"])
    with engine.connect() as connection:
        found = epochs.described(connection)[EPOCH].forum
    engine.dispose()
    return found


def _reader(recorded: Recorded, factors: list[Scalar]) -> Reader:
    return Reader([], factors, place=place_of(recorded.forum, EPOCH, "ipv4"), threshold=2)


def _identifiers(*, matched: bool) -> list[Identifier]:
    return [each for each in _all() if (each.text in SHARED) == matched]


def _all() -> list[Identifier]:
    found = [canonical("ipv4", value) for value in addresses(0, 80)]
    return [each for each in found if isinstance(each, Identifier)]


def _base64(data: bytes) -> bytes:
    from base64 import b64encode

    return b64encode(data)
