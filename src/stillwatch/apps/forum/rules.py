"""What each agreement asks of an object on arrival. The guard decides; this only asks it, once more.

A member's own guard is not trusted: the closed schema is applied again here (DESIGN section 7). Under the shipped
``open-stix`` agreement any valid STIX 2.1 object may come in.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stillwatch.adapters.stores.forum.records import Collection
from stillwatch.adapters.stores.forum.times import microseconds, moment
from stillwatch.apps.forum.admission import Objection, Rule
from stillwatch.errors import StateError, UsageError
from stillwatch.guard.agreement import Agreement, load
from stillwatch.guard.clear import admissible
from stillwatch.share.stix import problems
from stillwatch.share.stix.extension import EXTENSION_ID


def release_record(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The guard's record on an object (``extensions`` of STIX), empty where there is none."""
    found = item.get("extensions")
    for part in (EXTENSION_ID, "release"):
        found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _expiry(item: Mapping[str, Any]) -> int | None:
    value = release_record(item).get("expires_at")
    return None if value is None else microseconds(str(value))


class OpenStix:
    """Any valid STIX 2.1 object. It stays until its sender deletes it, or until its release record says."""

    owned = False

    def objection(self, item: Mapping[str, Any], now: datetime, sender: str) -> Objection | None:
        if item.get("type") == "bundle":
            return Objection(("a bundle is no object: send what is in it",), ("open-stix/valid-stix",))
        found = problems(item)
        if not found and _is_over(item, now):
            found = ["it has expired: its release record says until when it may be kept"]
        return Objection(tuple(found), ("open-stix/valid-stix",)) if found else None

    def expires_us(self, item: Mapping[str, Any]) -> int | None:
        return _expiry(item)


def _is_over(item: Mapping[str, Any], now: datetime) -> bool:
    try:
        expires_us = _expiry(item)
    except ValueError:
        return False  # `expires_us` is asked again when the object is taken, and says what is wrong
    return expires_us is not None and moment(expires_us) <= now


class Closed:
    """A closed schema: what the guard lets out, and nothing else. Who brought an object alone may change it."""

    owned = True

    def __init__(self, agreement: Agreement) -> None:
        self._agreement = agreement

    def objection(self, item: Mapping[str, Any], now: datetime, sender: str) -> Objection | None:
        refusal = admissible(item, self._agreement, now, sender=sender)
        if refusal is None:
            return None
        return Objection(refusal.reasons, (f"{self._agreement.name}/admissible",), bool(refusal.held))

    def expires_us(self, item: Mapping[str, Any]) -> int | None:
        expires_us = _expiry(item)
        if expires_us is None and item["type"] not in self._agreement.public:
            raise ValueError("it carries no expiry")
        return expires_us  # None for what everybody knows (identities, markings): it ends with the collection


class Rules:
    """The rule of each collection, made once from the text that it is bound to."""

    def __init__(self) -> None:
        self._found: dict[int, Rule] = {}

    def of(self, place: Collection) -> Rule:
        """Raises ``StateError`` where the text in the database is no agreement: nothing comes in by a guess."""
        if place.id not in self._found:
            agreement = _agreed(place)
            self._found[place.id] = OpenStix() if agreement.schema == "open-stix" else Closed(agreement)
        return self._found[place.id]


def _agreed(place: Collection) -> Agreement:
    try:
        return load(place.agreement_text)
    except UsageError as error:
        raise StateError(
            f"the collection {place.title} ({place.alias}) can take nothing: its agreement {place.agreement} is "
            f"damaged in the database ({error}); restore the database from a back-up, or put the text back with "
            f"`stillwatch forum collection restore {place.alias} --agreement {place.agreement}` "
            "(or the .toml that was signed)"
        ) from error
