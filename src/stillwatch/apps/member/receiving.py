"""Receive: read what is new in each group's collection, believe what proves itself, and write the feed for ``scan``.

Reading goes on where it stopped: the place is kept with the page it belongs to. What does not prove itself is noted
with its reason, and its content is dropped.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stillwatch.adapters.stores.received import ReceivedStore
from stillwatch.adapters.transports.taxii import Page, TaxiiForum
from stillwatch.apps.member.outbox import write_whole
from stillwatch.apps.member.settings import Settings, known_keys
from stillwatch.apps.member.watching import watch
from stillwatch.errors import StillwatchError, UnavailableError
from stillwatch.share.dsse import keyid
from stillwatch.share.life.admit import Admitted, Known, Rejected, Speaker, admit
from stillwatch.share.life.catalogue import catalogue
from stillwatch.share.life.feed import Received, feed, lines
from stillwatch.share.stix.say import Voice

STORE = "received.db"
FEED = "indicators.jsonl"
TURNED_AWAY = "quarantine.jsonl"


@dataclass
class Reception:
    """What one reading came to."""

    kept: int = 0
    retracted: int = 0
    own: int = 0
    expired: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    indicators: int = 0
    unavailable: str | None = None
    broken: StillwatchError | None = None


def receive(
    settings: Settings, own: Ed25519PublicKey, forum: TaxiiForum, into: Path, clock: Callable[[], datetime]
) -> Reception:
    """Read every group's collection into ``into``, then let go what has expired, then write the feed.

    A forum that does not answer is no error: what was received before still expires and still feeds the scan. After the
    same it raises ``IntegrityError`` where its ledger is not the one that we saw before, and ``UsageError`` where it
    refuses us; nothing is read from it then.
    """
    done = Reception()
    heard = speakers(settings, own)
    known_words = catalogue(Voice(speaker.name, clock()) for speaker in heard.values())
    with ReceivedStore(into / STORE) as store:
        try:
            watch(settings, forum, into)
            for group in settings.groups.values():
                for page in forum.pages(group.collection, store.place(group.collection, believing(heard))):
                    _take(page, group.collection, store, heard, known_words, settings.identity, clock(), done)
        except UnavailableError as error:
            done.unavailable = str(error)
        except StillwatchError as error:
            done.broken = error
        done.expired = store.expire(clock())
        done.indicators = write_feed(store, into, heard, clock())
    if done.broken is not None:
        raise done.broken
    return done


def speakers(settings: Settings, own: Ed25519PublicKey) -> dict[str, Speaker]:
    """Every key that may speak, by key id: those of the members we list, and ours."""
    found = {id_: Speaker(known.member, known.identity, known.key) for id_, known in known_keys(settings).items()}
    found[keyid(own)] = Speaker(settings.name, settings.identity, own)
    return found


def believing(heard: Mapping[str, Speaker]) -> str:
    """A name for the set of keys that we know."""
    told = "\n".join(sorted(f"{id_} {speaker.identity}" for id_, speaker in heard.items()))
    return hashlib.sha256(told.encode()).hexdigest()


def write_feed(store: ReceivedStore, into: Path, heard: Mapping[str, Speaker], now: datetime) -> int:
    """Write what ``scan --indicators`` reads, and what was turned away. How many indicators there are.

    What was signed with a key no longer in the settings is left out: who takes a key out stops believing it.
    """
    held = [
        Received(one.id, one.type, one.member, one.received_at, one.expires_at, one.body)
        for one in store.held()
        if one.expires_at > now and one.keyid in heard
    ]
    found = feed(held, now)
    write_whole(into / FEED, lines(found))
    write_whole(into / TURNED_AWAY, lines(list(store.turned_away())))
    return len(found)


def _take(
    page: Page,
    collection: str,
    store: ReceivedStore,
    heard: Mapping[str, Speaker],
    known_words: Mapping[str, bytes],
    us: str,
    now: datetime,
    done: Reception,
) -> None:
    known = store.known([item["id"] for item in page.objects if isinstance(item.get("id"), str)])
    admitted: list[Admitted] = []
    rejected: list[Rejected] = []
    for item in page.objects:
        id_ = item.get("id")
        match admit(item, heard, known_words, known.get(id_) if isinstance(id_, str) else None, now):
            case Admitted() as one:
                # A page may hold several versions: the next is judged against this one.
                known[one.id] = Known(one.version, one.digest, one.identity, one.retracted)
                admitted.append(one)
            case Rejected() as one:
                rejected.append(one)
            case _:
                pass
    store.take(collection, believing(heard), admitted, rejected, page.added_last, now)
    done.own += sum(one.identity == us for one in admitted)
    done.kept += sum(one.identity != us and not one.retracted for one in admitted)
    done.retracted += sum(one.identity != us and one.retracted for one in admitted)
    done.rejected += rejected
