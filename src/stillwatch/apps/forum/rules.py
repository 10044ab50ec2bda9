"""What each agreement asks of an object on arrival. The guard decides; this only asks it, once more.

A member's own guard is not trusted: the closed schema is applied again here (DESIGN section 7). Under the shipped
``open-stix`` agreement any valid STIX 2.1 object may come in.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stillwatch.adapters.stores.forum.records import Collection
from stillwatch.adapters.stores.forum.times import microseconds
from stillwatch.apps.forum.admission import Objection, Rule
from stillwatch.guard.agreement import Agreement, load
from stillwatch.guard.clear import admissible
from stillwatch.share.stix import problems
from stillwatch.share.stix.extension import EXTENSION_ID


class OpenStix:
    """Any valid STIX 2.1 object. Nothing expires by itself; whoever brought an object decides how long it stays."""

    owned = False

    def objection(self, item: Mapping[str, Any], now: datetime) -> Objection | None:
        if item.get("type") == "bundle":
            return Objection(("a bundle is no object: send what is in it",), ("open-stix/valid-stix",))
        found = problems(item)
        return Objection(tuple(found), ("open-stix/valid-stix",)) if found else None

    def expires_us(self, item: Mapping[str, Any]) -> int | None:
        return None


class Closed:
    """A closed schema: what the guard lets out, and nothing else. Who brought an object alone may change it."""

    owned = True

    def __init__(self, agreement: Agreement) -> None:
        self._agreement = agreement

    def objection(self, item: Mapping[str, Any], now: datetime) -> Objection | None:
        refusal = admissible(item, self._agreement, now)
        if refusal is None:
            return None
        return Objection(refusal.reasons, (f"{self._agreement.name}/admissible",), bool(refusal.held))

    def expires_us(self, item: Mapping[str, Any]) -> int | None:
        record = item.get("extensions", {}).get(EXTENSION_ID, {}).get("release")
        if record is None and item["type"] in self._agreement.public:
            return None  # what everybody knows (identities, markings) ends with the collection
        return microseconds(record["expires_at"])


class Rules:
    """The rule of each collection, made once from the text that it is bound to."""

    def __init__(self) -> None:
        self._found: dict[int, Rule] = {}

    def of(self, place: Collection) -> Rule:
        if place.id not in self._found:
            agreement = load(place.agreement_text)
            self._found[place.id] = OpenStix() if agreement.schema == "open-stix" else Closed(agreement)
        return self._found[place.id]
